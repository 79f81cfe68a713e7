"""The query that an alert of one event carries: the event itself, packed into the text as Sentinel packs it."""

import base64
import zlib

import orjson

from vedette.detect.results import Results, text_of
from vedette.kql.types import ScalarType

_PLAIN = frozenset({ScalarType.bool, ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.dynamic})


def query_of_event(results: Results) -> str:
    """A query that gives the first result again, each value under its column; a null one is left out."""
    (row, *_) = results.rows or [[None] * len(results.columns)]
    event = {
        name: value if type in _PLAIN else text_of(value, type)
        for (name, type), value in zip(results.columns.items(), row, strict=True)
        if value is not None
    }
    packed = base64.b64encode(zlib.compress(orjson.dumps(event))).decode()
    return (
        f"let alertedEvent = datatable(compressedRec: string)\n['{packed}']\n"
        "| extend raw = todynamic(zlib_decompress_from_base64_string(compressedRec)) | evaluate bag_unpack(raw)"
        " | project-away compressedRec;\nalertedEvent"
    )
