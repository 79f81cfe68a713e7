"""A request's body held against its published shape, and brought into the form that the service would keep.

Names and enum members are taken in any letter case and kept in the published one; truths and numbers may be written as
texts, and numbers where a text is asked for. What is null counts as absent, what only the server may set is dropped,
and what is not published is kept as it is.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from vedette.arm.published_shapes import Definition, Operation, Schema, Shapes, nearest, operation_name
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput

_MOST_TOLD = 20
_MOST_SHOWN = 40
_LARGEST = 10**308
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d)?)([.,]\d{1,9})?\s?(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
_DURATION = re.compile(
    r"-?P(?!$)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?"
    r"(T(?!$)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?",
    re.ASCII | re.IGNORECASE,
)
_UUID = re.compile(r"\{?[0-9a-z]{8}-?([0-9a-z]{4}-?){3}[0-9a-z]{12}\}?", re.ASCII | re.IGNORECASE)
"""The published examples have letters beyond f too."""

_RANGES = {"int32": 2**31, "int64": 2**63}

_CODES = {"microsoft.securityinsights": "BadRequest"}
_EXCUSED = frozenset({"location", "properties.itemsSearchKey"})
"""What the resources themselves ask for: with an error code of its own, or not in the oldest versions."""

_OPEN = frozenset({"ConnectivityType", "ContentType", "SettingType", "metadataKind", "sourceKind"})
"""Enums that the published examples go beyond: a value that is not a member is kept as it is."""

_LONE = frozenset({"keywords"})
"""Lists of texts for which msticpy's `query_indicators` documents, and sends, one text."""

Problem = tuple[str, str]
"""A property's place, such as `properties.sku.name`, and what is wrong there."""


def published_body(path: ResourcePath, method: str, version: str, body: Any) -> Any:
    """The body as it is kept; unchanged where the operation has no published body.

    With method PATCH nothing is required, nothing is filled in, and nulls stay. Raises InvalidInput with the place of
    the first problem as `target` and the first 20 problems in `details`.
    """
    found = _operation(path, method, version)
    if found is None:
        return body
    shapes, operation = found
    assert operation.body is not None
    if body is None and operation.optional:
        return None
    reading, kept = _Reading(shapes, method, version), body
    with suppress(_Enough):
        kept = reading.value(operation.body, "", body)
    if reading.problems:
        raise _refusal(path.namespace, reading.problems)
    return kept


def _operation(path: ResourcePath, method: str, version: str) -> tuple[Shapes, Operation] | None:
    name = operation_name(path, method)
    for shapes in nearest(path.namespace, version):
        operation = shapes.operation(name, method, path.scope)
        if operation is not None and operation.body is not None:
            return shapes, operation
    return None


class _Enough(Exception):
    """As many problems are known as are told."""


@dataclass(slots=True)
class _Reading:
    """One body being read; problems are gathered, so that all are told at once."""

    shapes: Shapes
    method: str
    version: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def value(self, schema: Schema, place: str, value: Any) -> Any:
        """A value as it is kept."""
        if schema.ref:
            return self._defined(schema, place, value)
        match schema.kind:
            case "string":
                return self._text(schema, place, value)
            case "boolean":
                return self._truth(place, value)
            case "integer" | "number":
                return self._number(schema, place, value)
            case "array":
                return self._list(schema, place, value)
            case "object" if schema.values is not None:
                return self._map(schema.values, place, value)
            case "object" if not isinstance(value, dict):
                return self._wrong(place, "is an object", value)
            case _:
                return cast("object", value)

    def _defined(self, schema: Schema, place: str, value: Any) -> Any:
        definition = self.shapes.definition(schema.ref)
        assert definition is not None, f"{self.shapes.provider} {self.shapes.version}: no definition '{schema.ref}'"
        if definition.members:
            return self._member(schema.ref, definition.members, place, value)
        if not isinstance(value, dict):
            return self._wrong(place, "is an object", cast("object", value))
        sent = cast("dict[str, Any]", value)
        if definition.kinds:
            return self._kind(schema.ref, definition, place, sent)
        return self._fields(definition, place, sent)

    def _kind(self, name: str, base: Definition, place: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """An object whose published properties depend on the value of one of them."""
        asked = next((each for key, each in sent.items() if key.lower() == base.by.lower() and each is not None), None)
        if asked is None:
            return self._fields(base, place, sent)
        found = self._subtype(name, asked)
        if found is None:
            member = self._kind_without_shape(base, asked)
            if member is not None:
                return self._fields(base, place, _with(sent, base.by, member))
            self._wrong(_inside(place, base.by), f"is one of {', '.join(self._kinds(name))}", asked)
            return dict(sent)
        shapes, kind, definition = found
        reading = self if shapes is self.shapes else _Reading(shapes, self.method, self.version, self.problems)
        return reading._fields(definition, place, _with(sent, base.by, kind))

    def _subtype(self, name: str, asked: Any) -> tuple[Shapes, str, Definition] | None:
        """The definition of a kind, in this version's shapes or else in the nearest that have it."""
        folded = (_as_text(asked) or "").lower()
        for shapes in (self.shapes, *nearest(self.shapes.provider, self.version)):
            base = shapes.definition(name)
            for kind, ref in base.kinds.items() if base else ():
                definition = shapes.definition(ref)
                if kind.lower() == folded and definition is not None:
                    return shapes, kind, definition
        return None

    def _kind_without_shape(self, base: Definition, asked: Any) -> str | None:
        """A kind that the enum of kinds has, and for which no version publishes more than what all have."""
        schema = base.properties.get(base.by.lower(), ("", None))[1]
        members = self._members(schema.ref) if schema is not None and schema.ref else []
        folded = (_as_text(asked) or "").lower()
        return next((each for each in members if each.lower() == folded), None)

    def _members(self, name: str) -> list[str]:
        """The members of an enum in every version, those of this one first."""
        found = (shapes.definition(name) for shapes in (self.shapes, *nearest(self.shapes.provider, self.version)))
        return list(dict.fromkeys(member for each in found if each for member in each.members))

    def _kinds(self, name: str) -> list[str]:
        found = (shapes.definition(name) for shapes in (self.shapes, *nearest(self.shapes.provider, self.version)))
        return list(dict.fromkeys(kind for each in found if each for kind in each.kinds))

    def _fields(self, definition: Definition, place: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, each in sent.items():
            published, schema = definition.properties.get(name.lower(), (name, definition.values))
            if schema is None:
                kept[name] = each
            elif schema.read_only or (published in kept and name != published):
                continue
            elif each is not None and not (each == "" and self._is_never_blank(schema)):
                kept[published] = self.value(schema, _inside(place, published), each)
            elif self.method == "PATCH":
                kept[published] = None
        if self.method != "PATCH":
            self._complete(definition, place, kept)
        return kept

    def _complete(self, definition: Definition, place: str, kept: dict[str, Any]) -> None:
        """What is required is there, and published defaults are filled in by a PUT."""
        for name in definition.required:
            schema, where = definition.properties.get(name.lower(), (name, None))[1], _inside(place, name)
            if schema is not None and not schema.read_only and name not in kept and where not in _EXCUSED:
                self._found(where, "is missing")
        if self.method != "PUT":
            return
        for published, schema in definition.properties.values():
            if schema.default is not None and not schema.read_only and published not in kept:
                kept[published] = copy.deepcopy(schema.default)

    def _is_never_blank(self, schema: Schema) -> bool:
        """Whether an empty text can only mean that there is no value."""
        if schema.ref:
            definition = self.shapes.definition(schema.ref)
            return definition is not None and bool(definition.members)
        return bool(schema.form) or schema.kind in ("boolean", "integer", "number")

    def _member(self, name: str, members: tuple[str, ...], place: str, value: Any) -> Any:
        """A member of an enum; the versions of a provider have some of different length."""
        folded = (_as_text(value) or "").lower()
        for each in members:
            if each.lower() == folded:
                return each
        known = self._members(name)
        for each in known:
            if each.lower() == folded:
                return each
        if name in _OPEN and isinstance(value, str):
            return value
        return self._wrong(place, f"is one of {', '.join(known)}", value)

    def _text(self, schema: Schema, place: str, value: Any) -> Any:
        text = _as_text(value)
        if text is None:
            return self._wrong(place, "is a string", value)
        rule = _broken_rule(schema, text)
        if rule:
            return self._wrong(place, rule, value)
        return text

    def _truth(self, place: str, value: Any) -> Any:
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        return value if isinstance(value, bool) else self._wrong(place, "is true or false", value)

    def _number(self, schema: Schema, place: str, value: Any) -> Any:
        number = _whole(value) if schema.kind == "integer" else _number(value)
        if number is None:
            return self._wrong(place, "is a whole number" if schema.kind == "integer" else "is a number", value)
        bound = _RANGES.get(schema.form)
        if bound is not None and not -bound <= number < bound:
            return self._wrong(place, f"is a number from {-bound} to {bound - 1}", value)
        if schema.numbers and number not in schema.numbers:
            return self._wrong(place, f"is one of {', '.join(f'{each:g}' for each in schema.numbers)}", value)
        if schema.least is not None and number < schema.least:
            return self._wrong(place, f"is at least {schema.least:g}", value)
        if schema.most is not None and number > schema.most:
            return self._wrong(place, f"is at most {schema.most:g}", value)
        return number

    def _list(self, schema: Schema, place: str, value: Any) -> Any:
        if isinstance(value, str) and place in _LONE:
            value = [value]
        if not isinstance(value, list):
            return self._wrong(place, "is a list", value)
        items = cast("list[Any]", value)
        if schema.least is not None and len(items) < schema.least:
            return self._wrong(place, f"has at least {schema.least:g} items; here are {len(items)}", value)
        if schema.most is not None and len(items) > schema.most:
            return self._wrong(place, f"has at most {schema.most:g} items; here are {len(items)}", value)
        if schema.items is None:
            return items
        return [self.value(schema.items, f"{place}[{index}]", each) for index, each in enumerate(items)]

    def _map(self, values: Schema, place: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return self._wrong(place, "is an object", value)
        fields = cast("dict[str, Any]", value).items()
        held = {name: self.value(values, _inside(place, name), each) for name, each in fields if each is not None}
        return held | {name: None for name, each in fields if each is None and self.method == "PATCH"}

    def _wrong(self, place: str, rule: str, value: Any) -> Any:
        text = _as_text(value)
        if text is not None and "," in rule:
            rule = f"{rule}, not '{text[:_MOST_SHOWN]}'"
        self._found(place, rule)
        return value

    def _found(self, place: str, rule: str) -> None:
        self.problems.append((place, rule))
        if len(self.problems) >= _MOST_TOLD:
            raise _Enough


def _inside(place: str, name: str) -> str:
    return f"{place}.{name[:60]}" if place else name[:60]


def _with(sent: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The fields with one of them, which is there in any letter case, set to a value."""
    return {key: each for key, each in sent.items() if key.lower() != name.lower()} | {name: value}


def _as_text(value: Any) -> str | None:
    """A text, or a truth or number as JSON writes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > _LARGEST:
        return None
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, int | float) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST else None


def _number(value: Any) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if re.search(r"[.eE]", value) else int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not -_LARGEST <= value <= _LARGEST:
        return None
    return value


def _broken_rule(schema: Schema, text: str) -> str | None:
    """What a text must be and is not."""
    check, rule = _FORMS.get(schema.form, (None, ""))
    if check is not None and not check(text.strip()):
        return rule
    if schema.least is not None and len(text) < schema.least:
        return f"has at least {schema.least:g} characters"
    if schema.most is not None and len(text) > schema.most:
        return f"has at most {schema.most:g} characters"
    if schema.pattern is not None and _compiled(schema.pattern).search(text) is None:
        return f"matches {schema.pattern}"
    return None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None


def _is_instant(text: str) -> bool:
    """https://datatracker.ietf.org/doc/html/rfc3339, and without a zone or the seconds, as .NET reads it."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return _is_date(text)
    try:
        datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        return False
    return True


_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "date": (_is_date, "is a date such as 2024-03-01"),
    "date-time": (_is_instant, "is a date and time such as 2024-03-01T12:00:00Z"),
    "duration": (lambda text: _DURATION.fullmatch(text) is not None, "is an ISO 8601 duration such as PT5M"),
    "uuid": (lambda text: _UUID.fullmatch(text) is not None, "is a GUID"),
}


def _refusal(namespace: str, problems: list[Problem]) -> InvalidInput:
    told = [(place, f"'{place or 'the body'}' {rule}") for place, rule in problems]
    sentence = "; ".join(text for _, text in told)
    details = [{"code": "InvalidParameter", "target": place, "message": f"{text}."} for place, text in told]
    return InvalidInput(
        _CODES.get(namespace.lower(), "InvalidParameter"), f"{sentence}.", target=told[0][0], details=details
    )
