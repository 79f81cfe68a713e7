"""The built-in tables: one data file each, read when its table is first named.

A file holds `note` (one line), `columns` (pairs of name and type), `billable` (true unless said otherwise) and
`sample` rows. Columns that every log table has need not be listed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
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
    return frozenset(file.stem for file in _folder().glob("*.toml"))


@cache
def built_in(name: str) -> BuiltInTable | None:
    """The built-in table of exactly this name; None when there is none."""
    if name not in built_in_names():
        return None
    facts = tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8"))
    columns = {column: ScalarType(type) for column, type in facts["columns"]}
    return BuiltInTable(name, facts["note"], columns, facts.get("billable", True), tuple(facts.get("sample", ())))


@cache
def _folder() -> Path:
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the built-in tables are not installed: neither {_FOLDERS[0]} nor {_FOLDERS[1]} exists")
