"""The definitions that are there from the start, at the tenant: files of this project, each as the API shows it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from vedette.access.scopes import folded
from vedette.sentinel.policies.types import DEFINITION
from vedette.state.documents import Document

_FOLDER: Final = Path(__file__).parent / "definitions_built_in"
_MADE: Final = datetime(2024, 1, 1, tzinfo=UTC)


@cache
def _documents() -> dict[str, Document]:
    found: dict[str, Document] = {}
    for path in sorted(_FOLDER.glob("*.json")) if _FOLDER.is_dir() else ():
        name, type = path.stem, DEFINITION
        properties: dict[str, Any] = orjson.loads(path.read_bytes())
        id = f"/providers/{type}/{name}"
        body = {"properties": {**properties, "policyType": "BuiltIn", "versions": [properties["version"]]}}
        found[folded(id)] = Document(id, type, "", name, "", body, _MADE, _MADE)
    return found


def built_in(id: str) -> Document | None:
    """The built-in definition of an id."""
    return _documents().get(folded(id))


def built_ins(type: str) -> Iterator[Document]:
    """All that are built in of a type."""
    return (each for each in _documents().values() if each.type.lower() == type.lower())
