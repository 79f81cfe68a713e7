"""Which property of a resource an alias names: `Microsoft.X/type/path[*].name` is `properties.path[*].name`.

The general rule holds for almost all aliases; `aliases.json` has the others, and what stands beside the properties.
https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-alias
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import orjson

EACH: Final = "[*]"
"""The step to every member of an array."""

_STEP: Final = re.compile(r"\[\*\]|\['([^']*)'\]|\[([^\]]*)\]|[^.\[\]]+")
_BESIDE: Final = frozenset(
    {
        "sku", "kind", "identity", "plan", "zones", "location", "managedby", "extendedlocation", "scale",
        "tags", "etag", "name", "id", "type", "systemdata", "placement",
    }
)  # fmt: skip
"""What may stand beside the properties of a resource."""

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What `aliases.json` says: paths of irregular aliases by folded name, those of each type (whose alias has another
    one's before it), and for types of Azure the names that stand beside the properties."""

    paths: Mapping[str, str]
    prefixes: Mapping[str, str]


@cache
def table() -> Table:
    """The table, read once."""
    facts: Mapping[str, Any] = orjson.loads((Path(__file__).parent / "aliases.json").read_bytes())
    return Table(
        {name.lower(): path for name, path in facts["paths"].items()},
        {name.lower(): type.lower() for name, type in facts["prefixes"].items()},
    )


def steps_of(path: str) -> Steps:
    """`sources[*].eventSource` as (`sources`, `[*]`, `eventSource`)."""
    found: list[str] = []
    for match in _STEP.finditer(path):
        quoted, index = match[1], match[2]
        found.append(quoted if quoted is not None else index if index is not None else match[0])
    return tuple(found)


@lru_cache(maxsize=10_000)
def alias_steps(alias: str, type: str) -> Steps | None:
    """The steps from a resource of a type to what an alias names, `properties` first where it stands among them; None
    for an alias of another type. Both are folded."""
    irregular = table().paths.get(alias)
    if irregular is not None:
        return steps_of(irregular) if alias.startswith(_namespace(type)) else None
    of = table().prefixes.get(type, type)
    rest = next((alias[len(each) + 1 :] for each in (type, of) if alias.startswith(f"{each}/")), None)
    if rest is None or "/" in rest.partition("[")[0].partition(".")[0]:
        return None
    steps = steps_of(rest)
    return steps if not steps or steps[0] in ("properties", "systemdata") else ("properties", *steps)


def stands_beside(step: str) -> bool:
    """Whether a property of this folded name stands beside `properties` where that does not have it."""
    return step in _BESIDE


def _namespace(type: str) -> str:
    return f"{type.partition('/')[0]}/"


def is_alias(name: str) -> bool:
    """Whether a field's name is one of an alias: `Namespace/type/path`."""
    return "/" in name and "." in name.partition("/")[0]


def type_in(alias: str) -> str:
    """The resource type that an alias says, as far as its path does not begin: for messages."""
    return alias.rpartition("/")[0]
