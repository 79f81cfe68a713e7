"""The columns of tables that are not built in: as a test file says them, as schema files do, or as its rows show."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import orjson

from vedette.kql.diagnostics import suggestion_or_all
from vedette.kql.types import ScalarType, type_named
from vedette.rule_tests.moments import distance_of
from vedette.rule_tests.node import Node

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def read_columns(node: Node) -> Mapping[str, ScalarType]:
    """`{column: type}`, or the name of a schema file. Raises WrongTestFile."""
    if isinstance(node.value, str):
        return _of_file(node, node.named_path(node.value))
    return {name: _type(each, each.text()) for name, each in node.entries()}


def _type(node: Node, told: str) -> ScalarType:
    name = told.strip().lower()
    found = ScalarType.dynamic if name == "object" else type_named(name)
    if found is None:
        raise node.wrong(f"there is no type '{told}'. {suggestion_or_all(told, ScalarType.__members__)}")
    return found


def _of_file(node: Node, path: Path) -> Mapping[str, ScalarType]:
    """The columns in a file of one of the forms that repositories of detections have: `Name` and `Properties`, each
    with `Name` and `Type`, or the body of a table of the management API."""
    try:
        told: Any = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise node.wrong(f"the schema file '{node.value}' cannot be read: {error}.") from error
    if isinstance(told, dict):
        whole = cast("dict[str, Any]", told)
        schema = (whole.get("properties") or {}).get("schema") if isinstance(whole.get("properties"), dict) else None
        listed: Any = schema.get("columns") if isinstance(schema, dict) else whole.get("Properties")
    else:
        listed = told
    if not isinstance(listed, list):
        raise node.wrong(f"the schema file '{node.value}' has neither 'Properties' nor 'properties.schema.columns'.")
    columns: dict[str, ScalarType] = {}
    for each in cast("list[Any]", listed):
        column = {str(key).lower(): str(value) for key, value in each.items()} if isinstance(each, dict) else {}
        if "name" not in column or "type" not in column:
            raise node.wrong(f"the schema file '{node.value}' has a column without a name or a type.")
        columns[column["name"]] = _type(node, column["type"])
    return columns


def shown_columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, ScalarType]:
    """The columns that rows show, each of the type that all its values have; text where they differ."""
    found: dict[str, ScalarType] = {}
    for row in rows:
        for name, value in row.items():
            if value is None:
                continue
            shown = _shown(value)
            known = found.setdefault(name, shown)
            if known is not shown:
                number = {known, shown} == {ScalarType.long, ScalarType.real}
                found[name] = ScalarType.real if number else ScalarType.string
    return found


def _shown(value: Any) -> ScalarType:
    match value:
        case bool():
            return ScalarType.bool
        case int():
            return ScalarType.long
        case float():
            return ScalarType.real
        case datetime():
            return ScalarType.datetime
        case dict() | list():
            return ScalarType.dynamic
        case str() if _INSTANT.fullmatch(value) or (value[:1] in "+-" and distance_of(value) is not None):
            return ScalarType.datetime
        case _:
            return ScalarType.string
