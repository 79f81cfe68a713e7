"""The published shapes of request bodies, read from shapes/ when a type is first written to.

A file is `shapes/PROVIDER/VERSION.json`; `tools/shapes.py` says how it is written. A version that is not there is
served with the nearest one: the newest that is not newer, else the oldest that is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import orjson

import vedette
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import InvalidInput

_PACKAGE = Path(vedette.__file__).parent
_FOLDERS = (_PACKAGE / "_data" / "shapes", _PACKAGE.parent.parent / "shapes")  # in the wheel; in a checkout
_READ_AT_A_TIME = 12


@dataclass(frozen=True, slots=True)
class Schema:
    """What a value may be. `kind` is a JSON type, `any`, or empty where `ref` names a definition.

    `numbers` are the only numbers allowed, where there are any; `least` and `most` bound a number, the length of a
    text or the number of items.
    """

    kind: str
    form: str = ""
    ref: str = ""
    read_only: bool = False
    items: "Schema | None" = None
    values: "Schema | None" = None
    default: Any = None
    least: float | None = None
    most: float | None = None
    pattern: str | None = None
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """An object's properties by folded name, each with its published name; or the members of an enum.

    `by` is the property whose value chooses one of `kinds`, the names of definitions.
    """

    properties: Mapping[str, tuple[str, Schema]]
    required: tuple[str, ...]
    members: tuple[str, ...] = ()
    by: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Schema | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A published operation: its method, its path, and the schema of its body where it has one.

    `type` is the resource type of its path, with the action's name for a POST; empty for paths of any type. `scope`
    matches what the type may hang on.
    """

    id: str
    method: str
    path: str
    type: str
    scope: re.Pattern[str]
    body: Schema | None
    optional: bool


class Shapes:
    """The shapes of one provider at one version."""

    def __init__(self, provider: str, version: str, facts: Mapping[str, Any]) -> None:
        self.provider = provider
        self.version = version
        self._facts: Mapping[str, Any] = facts["definitions"]
        self._definitions: dict[str, Definition] = {}
        self.operations = tuple(_operation(id, fact) for id, fact in facts["operations"].items())

    def definition(self, name: str) -> Definition | None:
        """The definition of this name."""
        found = self._definitions.get(name)
        if found is None and name in self._facts:
            found = self._definitions[name] = _definition(self._facts[name])
        return found

    def operation(self, type: str, method: str, scope: str) -> Operation | None:
        """The operation of a method on a resource type that hangs on a scope."""
        found = self._by_type.get((type.lower(), method), ())
        return next((each for each in found if len(found) == 1 or each.scope.fullmatch(scope)), None)

    def has(self, type: str) -> bool:
        """Whether any operation is on this resource type."""
        return type.lower() in self._types

    @cached_property
    def _types(self) -> frozenset[str]:
        return frozenset(type for type, _ in self._by_type)

    @cached_property
    def _by_type(self) -> Mapping[tuple[str, str], tuple[Operation, ...]]:
        """The narrowest scope first."""
        by_type: dict[tuple[str, str], tuple[Operation, ...]] = {}
        for operation in sorted(self.operations, key=lambda each: -len(each.path)):
            key = (operation.type.lower(), operation.method)
            by_type[key] = (*by_type.get(key, ()), operation)
        return by_type


def versions_of(provider: str) -> tuple[str, ...]:
    """The versions of which there are shapes, the oldest first; none for a provider that is not published."""
    return _folders().get(provider.lower(), ("", ()))[1]


def shapes_of(provider: str, version: str) -> Shapes:
    """The shapes of one of `versions_of`."""
    return _read(provider.lower(), version)


def nearest(provider: str, version: str) -> Iterator[Shapes]:
    """The shapes of every version of a provider, the nearest to the version asked for first.

    Those not newer come before the others, the newest of them first, and a stable version before a preview of its day.
    """
    for each in nearest_versions(provider, version):
        yield shapes_of(provider, each)


def nearest_versions(provider: str, version: str) -> tuple[str, ...]:
    """The versions of which there are shapes in the order of `nearest`."""
    known = versions_of(provider)
    older = [each for each in reversed(known) if _age(each) <= _age(version)]
    return (*older, *(each for each in known if each not in older))


def folder_of_shapes() -> Path:
    """Where the shapes are: in the wheel, or in a checkout."""
    return next(folder for folder in _FOLDERS if folder.is_dir())


def operation_name(path: ResourcePath, method: str) -> str:
    """What an operation on a path is found by: the resource type, with the action's name for a POST."""
    return f"{path.type}/{path.name}" if method == "POST" and path.is_item else path.type


def _age(version: str) -> tuple[str, bool]:
    return version[:10], len(version) == 10


@cache
def _folders() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """The folder's name and the versions of each provider, by its folded name."""
    root = folder_of_shapes()
    return {
        folder.name.lower(): (folder.name, tuple(sorted((file.stem for file in folder.glob("*.json")), key=_age)))
        for folder in root.iterdir()
        if folder.is_dir()
    }


@lru_cache(maxsize=_READ_AT_A_TIME)
def _read(provider: str, version: str) -> Shapes:
    root = folder_of_shapes()
    name = _folders()[provider][0]
    return Shapes(name, version, orjson.loads((root / name / f"{version}.json").read_bytes()))


def _operation(id: str, fact: Mapping[str, Any]) -> Operation:
    method, path = fact["method"], fact["path"]
    body = _schema(fact["body"]) if "body" in fact else None
    type, scope = _place(path, method)
    return Operation(id, method, path, type, scope, body, fact.get("optional", False))


def _place(template: str, method: str) -> tuple[str, re.Pattern[str]]:
    """The resource type of a path with `{parameters}`, and what its scope is like."""
    anywhere = re.match(r"/\{\w+\}(?=/providers/)", template)
    try:
        path = parse_id(template[anywhere.end() :] if anywhere else template)
    except InvalidInput:  # a path of any provider
        return "", re.compile("")
    type = path.type
    if method == "POST" and path.is_item and "{" not in path.name:
        type = f"{type}/{path.name}"
    pattern = ".*" if anywhere else re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.scope))
    return ("" if "{" in type else type), re.compile(pattern, re.IGNORECASE)


def _definition(fact: Mapping[str, Any]) -> Definition:
    if "enum" in fact:
        return Definition({}, (), members=(*fact["enum"], *fact.get("also", ())))
    kinds: Mapping[str, str] = fact.get("kinds", {})
    return Definition(
        properties={name.lower(): (name, _schema(each)) for name, each in fact["properties"].items()},
        required=tuple(fact.get("required", ())),
        by=fact.get("by", ""),
        kinds={kind: ref.removeprefix("#") for kind, ref in kinds.items()},
        values=_schema(fact["values"]) if "values" in fact else None,
    )


def _schema(fact: Any) -> Schema:
    if isinstance(fact, str):
        text, facts = fact, {}
    else:
        facts: dict[str, Any] = fact
        text = facts["is"]
    words = text.split(" ")
    named, _, form = words[0].partition(":")
    is_ref = named.startswith("#")
    return Schema(
        kind="" if is_ref else named,
        form=form,
        ref=named[1:] if is_ref else "",
        read_only="readOnly" in words,
        items=_schema(facts["items"]) if "items" in facts else None,
        values=_schema(facts["values"]) if "values" in facts else None,
        default=facts.get("default"),
        least=_first(facts, "minimum", "minLength", "minItems"),
        most=_first(facts, "maximum", "maxLength", "maxItems"),
        pattern=facts.get("pattern"),
        numbers=tuple(facts.get("numbers", ())),
    )


def _first(facts: Mapping[str, Any], *names: str) -> Any:
    return next((facts[name] for name in names if name in facts), None)
