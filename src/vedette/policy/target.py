"""A resource as a policy looks at it, and the values of its fields.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#fields
https://learn.microsoft.com/azure/governance/policy/how-to/author-policies-for-arrays
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, cast

from vedette.expressions.values import property_of
from vedette.policy.aliases import EACH, Steps, alias_steps, is_alias, stands_beside

_TAG: Final = re.compile(r"tags(?:\[\s*'((?:[^']|'')*)'\s*\]|\[([^\]]+)\]|\.(.+))", re.IGNORECASE)
_OWN: Final = {
    "name": "name",
    "fullname": "fullName",
    "kind": "kind",
    "type": "type",
    "location": "location",
    "id": "id",
    "tags": "tags",
    "identity.type": "identity.type",
}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A resource: its id, its type and its names as written, and its body `{location, tags, properties, …}`."""

    id: str
    type: str
    name: str
    full_name: str
    body: Json
    folded_type: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded_type", self.type.lower())

    @property
    def location(self) -> str:
        """Where it is, `global` where it does not say."""
        return str(self.body.get("location") or "")

    @property
    def tags(self) -> Mapping[str, Any]:
        """Its tags."""
        held = self.body.get("tags")
        return cast("Json", held) if isinstance(held, dict) else {}

    def is_named(self, name: str) -> bool:
        """Whether it has a name: its last one, or all of them, in any case; `?` as the last stands for any, and so
        does no name at all."""
        if not name:
            return True
        wanted, full = name.lower(), self.full_name.lower()
        if wanted.endswith("/?"):
            return full.rpartition("/")[0] == wanted[:-2]
        return wanted == "?" or wanted in (full, self.name.lower())


@dataclass(frozen=True, slots=True)
class Tag:
    """The field of one tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Own:
    """A field that every resource has: name, fullName, kind, type, location, id, tags, identity.type."""

    name: str


@dataclass(frozen=True, slots=True)
class Alias:
    """The field of a property; both as written and folded."""

    name: str
    folded: str

    @property
    def is_array(self) -> bool:
        """Whether it names the members of an array."""
        return EACH in self.folded


Field = Tag | Own | Alias


@dataclass(frozen=True, slots=True)
class Selected:
    """The values of a field: one, or those of a collection; each with its path, as `properties.logs[0].enabled`."""

    values: tuple[Any, ...]
    paths: tuple[str, ...]
    is_collection: bool

    @property
    def value(self) -> Any:
        """The one value, or the array of all."""
        return list(self.values) if self.is_collection else self.values[0]


Scopes = Mapping[Steps, tuple[Any, str]]
"""The members that `count` expressions around are at: each by the folded steps to its array, with its path."""

_NO_SCOPES: Final[Scopes] = {}


@lru_cache(maxsize=10_000)
def read_field(text: str) -> Field | None:
    """The field of this name; None where there is none."""
    name = text.strip()
    own = _OWN.get(name.lower())
    if own is not None:
        return Own(own)
    tag = _TAG.fullmatch(name)
    if tag is not None:
        quoted, bare, dotted = tag.groups()
        return Tag(quoted.replace("''", "'") if quoted is not None else bare or dotted)
    return Alias(name, name.lower()) if is_alias(name) else None


def select(target: Target, wanted: Field, scopes: Scopes = _NO_SCOPES) -> Selected:
    """The values of a field of a resource; a missing one is None, a missing array has no members."""
    match wanted:
        case Tag(name):
            return Selected((property_of(target.tags, name)[1],), (f"tags.{name}",), False)
        case Own(name):
            return Selected((_own(target, name),), (name,), False)
        case Alias(_, folded):
            steps = alias_steps(folded, target.folded_type)
            if steps is None:
                return Selected((), ("",), True) if wanted.is_array else Selected((None,), ("",), False)
            return _walk(target, steps, scopes)


def _own(target: Target, name: str) -> Any:
    match name:
        case "name":
            return target.name
        case "fullName":
            return target.full_name
        case "type":
            return target.type
        case "id":
            return target.id
        case "identity.type":
            identity = target.body.get("identity")
            return property_of(cast("Json", identity), "type")[1] if isinstance(identity, dict) else None
        case "tags":
            return target.body.get("tags")
        case _:
            return property_of(target.body, name)[1]


def _walk(target: Target, steps: Steps, scopes: Scopes) -> Selected:
    began, values, paths, collection = _start(target, steps, scopes)
    for step in steps[began:]:
        if step == EACH:
            collection = True
            values, paths = _members(values, paths)
            continue
        if any(isinstance(each, list) for each in values):  # an alias of an older kind leaves the brackets out
            collection = True
            values, paths = _members(values, paths)
        found = [_named(each, step) for each in values]
        paths = [f"{path}.{name}" if path else name for path, (name, _) in zip(paths, found, strict=True)]
        values = [value for _, value in found]
    return Selected(tuple(values), tuple(paths), collection)


def _start(target: Target, steps: Steps, scopes: Scopes) -> tuple[int, list[Any], list[str], bool]:
    """Where the walk begins: at the member of the innermost array that is counted, else at the resource; and whether
    that is one of a collection."""
    for length in range(len(steps), 0, -1) if scopes else ():
        member = scopes.get(steps[:length])
        if member is not None:
            return length, [member[0]], [member[1]], True
    if len(steps) > 1 and steps[0] == "properties" and stands_beside(steps[1]):
        inside = target.body.get("properties")
        if not isinstance(inside, dict) or not property_of(cast("Json", inside), steps[1])[0]:
            return 1, [target.body], [""], False
    return 0, [target.body], [""], False


def _members(values: list[Any], paths: list[str]) -> tuple[list[Any], list[str]]:
    members: list[Any] = []
    places: list[str] = []
    for value, path in zip(values, paths, strict=True):
        if isinstance(value, list):
            for index, each in enumerate(cast("list[Any]", value)):
                members.append(each)
                places.append(f"{path}[{index}]")
    return members, places


def _named(value: Any, step: str) -> tuple[str, Any]:
    """The property with its published spelling, in any letter case."""
    if not isinstance(value, dict):
        return step, None
    held = cast("Json", value)
    if step in held:
        return step, held[step]
    for name, each in held.items():
        if name.lower() == step:
            return name, each
    return step, None
