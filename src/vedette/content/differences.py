"""What is different between two bodies, property by property."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from vedette.core.redaction import redacted


@dataclass(frozen=True, slots=True)
class Difference:
    """A property that differs: its place, such as `properties.entityMappings[0].entityType`, and its values, as they
    may be shown.

    None is a property that is not there.
    """

    place: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class _Value:
    """A value as it is, and without its secrets: both have the same names and lengths."""

    real: Any
    shown: Any

    def of(self, name: str) -> "_Value":
        """A property; None where it is not there."""
        return _Value(self.real.get(name), self.shown.get(name))

    def elements(self) -> Iterator["_Value"]:
        """Of a list."""
        return map(_Value, self.real, self.shown)


def differences(before: Any, after: Any) -> Iterator[Difference]:
    """What has to change so that `before` becomes `after`, in the order of `after`.

    What is secret differs like anything else, and is shown as REDACTED: by what stands around it in its whole body.
    """
    if not _same(before, after):
        yield from _between("", _Value(before, redacted(before)), _Value(after, redacted(after)))


def _between(place: str, before: _Value, after: _Value) -> Iterator[Difference]:
    old, new = before.real, after.real
    if _same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        old, new = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        for name in (*new, *(each for each in old if each not in new)):
            yield from _between(f"{place}.{name}" if place else name, before.of(name), after.of(name))
        return
    if isinstance(old, list) and isinstance(new, list) and len(cast("list[Any]", old)) == len(cast("list[Any]", new)):
        for at, (one, other) in enumerate(zip(before.elements(), after.elements(), strict=True)):
            yield from _between(f"{place}[{at}]", one, other)
        return
    yield Difference(place, before.shown, after.shown)


def _same(before: Any, after: Any) -> bool:
    return before == after and type(before) is type(after)
