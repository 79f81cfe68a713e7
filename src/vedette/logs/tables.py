"""The built-in tables, each read when it is first named.

A table with a file of its own, `tables/<Name>.toml`, has `note` (one line), `columns` (pairs of name and type),
`billable` (true unless said otherwise) and `sample` rows. All others stand in `tables/schemas/*.txt`: a line with the
name, then indented lines of columns, `name:type` or a bare name for a string. Columns that every log table has need not
be listed.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import vedette
from vedette.kql.types import ScalarType

_PACKAGE = Path(vedette.__file__).parent
_FOLDERS = (_PACKAGE / "_data" / "tables", _PACKAGE.parent.parent / "tables")  # in the wheel; in a checkout


@dataclass(frozen=True, slots=True)
class BuiltInTable:
    """A table that every workspace has. `samples` are invented rows."""

    name: str
    note: str
    columns: Mapping[str, ScalarType]
    billable: bool
    samples: tuple[Mapping[str, Any], ...]


@cache
def built_in_names() -> frozenset[str]:
    """The names of all built-in tables."""
    return _described_names() | _listed().keys()


@lru_cache(maxsize=256)
def built_in(name: str) -> BuiltInTable | None:
    """The built-in table of exactly this name; None when there is none."""
    if name in _described_names():
        facts = tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8"))
        columns = {column: ScalarType(type) for column, type in facts["columns"]}
        return BuiltInTable(name, facts["note"], columns, facts.get("billable", True), tuple(facts.get("sample", ())))
    listed = _listed().get(name)
    return None if listed is None else BuiltInTable(name, "", _columns(listed), True, ())


@cache
def _described_names() -> frozenset[str]:
    return frozenset(file.stem for file in _folder().glob("*.toml"))


@cache
def _listed() -> dict[str, str]:
    """The columns of each listed table as text: reading them into values waits until a table is named."""
    tables: dict[str, str] = {}
    for file in sorted((_folder() / "schemas").glob("*.txt")):
        _, *entries = re.split(r"^(?=\w)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for entry in entries:
            name, _, columns = entry.partition("\n")
            tables[name] = columns
    return tables


def _columns(text: str) -> dict[str, ScalarType]:
    columns: dict[str, ScalarType] = {}
    for word in text.split():
        name, _, type = word.partition(":")
        columns[name] = ScalarType(type or "string")
    return columns


@cache
def _folder() -> Path:
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the built-in tables are not installed: neither {_FOLDERS[0]} nor {_FOLDERS[1]} exists")
