"""Which logs and metrics the resources of each type have, by which groups they are asked for, and in which tables.

`resource_log_types.json` is an array of `{type, kind?, located?, azureDiagnostics?, metrics: [name], logs: [{category,
groups, table?}]}`. `table` is the resource-specific one; `azureDiagnostics` says that the logs can go to the table of
that name too, `located` (true unless it is said) that resources of the type have a location.
https://learn.microsoft.com/azure/azure-monitor/reference/logs-index
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import orjson

from vedette.core.errors import InvalidInput

AZURE_DIAGNOSTICS: Final = "AzureDiagnostics"
ALL_LOGS: Final = "allLogs"
AUDIT: Final = "audit"


@dataclass(frozen=True, slots=True)
class LogCategory:
    """A category of logs; `table` is the resource-specific one, "" where it has none."""

    name: str
    groups: tuple[str, ...] = (ALL_LOGS,)
    table: str = ""


@dataclass(frozen=True, slots=True)
class ResourceLogs:
    """What resources of a type, and of a kind if that is not empty, can be asked for."""

    type: str
    logs: tuple[LogCategory, ...]
    metrics: tuple[str, ...]
    kind: str = ""
    azure_diagnostics: bool = False
    located: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.type.lower(), self.kind.lower()

    def has_group(self, group: str) -> bool:
        """Whether a group has a category of it."""
        return any(group.lower() in map(str.lower, each.groups) for each in self.logs)


@cache
def known_types() -> Mapping[tuple[str, str], ResourceLogs]:
    """Those of this release, by their keys; read once."""
    content = (Path(__file__).parent / "resource_log_types.json").read_bytes()
    return {each.key: each for each in parse_types(content, "resource_log_types.json")}


def logs_of(type: str) -> ResourceLogs | None:
    """What resources of a type have, in any letter case."""
    return known_types().get((type.lower(), ""))


def parse_types(content: bytes, name: str) -> list[ResourceLogs]:
    """The types in a file. Raises InvalidInput (InvalidResourceLogTypes)."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _wrong(name, f"it is no JSON: {error}") from error
    if not isinstance(found, list):
        raise _wrong(name, "it must be an array")
    types = [_type(each, f"{name}[{index}]") for index, each in enumerate(cast("list[Any]", found))]
    seen: set[tuple[str, str]] = set()
    for each in types:
        if each.key in seen:
            raise _wrong(name, f"'{each.type}' is there twice")
        seen.add(each.key)
    return types


def text_of_types(types: Iterable[ResourceLogs]) -> str:
    """The text of a file with the types, a line for each category, in the order of their names."""
    return "[\n" + ",\n".join(map(_text, sorted(types, key=lambda each: each.key))) + "\n]\n"


def _text(type: ResourceLogs) -> str:
    head: dict[str, Any] = {
        "type": type.type,
        **({"kind": type.kind} if type.kind else {}),
        **({} if type.located else {"located": False}),
        "metrics": list(type.metrics),
        **({"azureDiagnostics": True} if type.azure_diagnostics else {}),
    }
    lines = [
        {"category": each.name, "groups": list(each.groups), **({"table": each.table} if each.table else {})}
        for each in type.logs
    ]
    logs = "[]" if not lines else "[\n" + ",\n".join(f"  {_json(each)}" for each in lines) + "\n ]"
    return f' {_json(head)[:-1]},"logs":{logs}}}'


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _type(value: Any, place: str) -> ResourceLogs:
    held = _object(value, place)
    type = _string(held.get("type"), f"{place}.type")
    if "/" not in type:
        raise _wrong(f"{place}.type", "it must be one such as Microsoft.KeyVault/vaults")
    return ResourceLogs(
        type,
        tuple(_category(each, f"{place}.logs[{index}]") for index, each in enumerate(_array(held, "logs", place))),
        tuple(_string(each, f"{place}.metrics") for each in _array(held, "metrics", place)),
        _string(held.get("kind", "-"), f"{place}.kind") if "kind" in held else "",
        held.get("azureDiagnostics") is True,
        held.get("located") is not False,
    )


def _category(value: Any, place: str) -> LogCategory:
    held = _object(value, place)
    groups = tuple(_string(each, f"{place}.groups") for each in _array(held, "groups", place))
    table = _string(held["table"], f"{place}.table") if "table" in held else ""
    return LogCategory(_string(held.get("category"), f"{place}.category"), groups, table)


def _array(held: Mapping[str, Any], name: str, place: str) -> Sequence[Any]:
    value = held.get(name, [])
    if not isinstance(value, list):
        raise _wrong(f"{place}.{name}", "it must be an array")
    return cast("list[Any]", value)


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "it must be an object")
    return cast("dict[str, Any]", value)


def _string(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value or len(value) > 256:
        raise _wrong(place, "it must be a text of 1 to 256 characters")
    return value


def _wrong(place: str, reason: str) -> InvalidInput:
    return InvalidInput("InvalidResourceLogTypes", f"'{place}' is wrong: {reason}.", target=place)
