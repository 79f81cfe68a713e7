"""What is inside dynamic values: the paths to their leaves, and the schema that many of them share."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import orjson

from vedette.engine.python.function import PythonFunction

_INDEXER = "`indexer`"
_TYPES = {bool: "bool", int: "long", float: "double", str: "string"}


def tree_paths(text: str | None) -> str | None:
    """JSON array of the paths in a bag or array, all elements of an array under `[0]`; None for other values.

    https://learn.microsoft.com/kusto/query/treepath-function
    """
    value = None if text is None else orjson.loads(text)
    if not isinstance(value, dict | list):
        return None
    return orjson.dumps(list(dict.fromkeys(_paths(value, "")))).decode()


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in cast(dict[str, Any], value).items():
            yield f"{path}['{name}']"
            yield from _paths(part, f"{path}['{name}']")
    elif isinstance(value, list):
        for part in cast(list[Any], value):
            yield f"{path}[0]"
            yield from _paths(part, f"{path}[0]")


def schema(texts: list[str | None] | None) -> str | None:
    """JSON of the least schema that admits all of the values: a type's name, a bag of the properties' schemas, an array
    under the name `indexer` in backticks, or an array of what may stand in one place; None where there is no value.

    https://learn.microsoft.com/kusto/query/buildschema-aggregation-function
    """
    values = [orjson.loads(text) for text in texts or [] if text is not None]
    found = _schema(value for value in values if value is not None)
    return None if found is None else orjson.dumps(found).decode()


def _schema(values: Iterable[Any]) -> Any:
    """Containers come before plain types, and these in the order of their names."""
    properties: dict[str, list[Any]] = {}
    plain: set[str] = set()
    has_container = False
    for value in values:
        if isinstance(value, dict):
            has_container = True
            for name, part in cast(dict[str, Any], value).items():
                properties.setdefault(name, []).append(part)
        elif isinstance(value, list):
            has_container = True
            properties.setdefault(_INDEXER, []).extend(cast(list[Any], value))
        elif value is not None:
            plain.add(_TYPES[type(value)])
    parts: list[Any] = []
    if has_container:
        schemas = {name: _schema(found) for name, found in properties.items()}
        parts.append({name: found for name, found in schemas.items() if found is not None})
    parts.extend(sorted(plain))
    return None if not parts else parts[0] if len(parts) == 1 else parts


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_dynamics_tree_paths": PythonFunction(tree_paths, ("VARCHAR",), "VARCHAR"),
    "py_dynamics_schema": PythonFunction(schema, ("VARCHAR[]",), "VARCHAR"),
}
"""By the names that SQL calls them by."""
