"""XML documents as JSON."""

from collections.abc import Mapping
from xml.parsers.expat import ExpatError

import orjson
import xmltodict

from vedette.engine.python.function import PythonFunction


def to_json(text: str | None) -> str | None:
    """An XML document as JSON text: attributes under `@name`, text beside them under `#text`; None for what is no XML.

    Entities beyond the five of XML itself are refused, so that a small document cannot unfold into a large one.
    """
    if not text:
        return None
    try:
        return orjson.dumps(xmltodict.parse(text, disable_entities=True)).decode()
    except (ExpatError, ValueError):
        return None


FUNCTIONS: Mapping[str, PythonFunction] = {"py_xml_to_json": PythonFunction(to_json, ("VARCHAR",), "VARCHAR")}
"""By the names that SQL calls them by."""
