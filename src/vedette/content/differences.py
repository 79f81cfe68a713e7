"""What is different between two bodies, property by property."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Difference:
    """A property that differs: its place, such as `properties.entityMappings[0].entityType`, and its values.

    None is a property that is not there.
    """

    place: str
    before: Any
    after: Any


def differences(before: Any, after: Any, place: str = "") -> Iterator[Difference]:
    """What has to change so that `before` becomes `after`, in the order of `after`."""
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        for name in (*new, *(each for each in old if each not in new)):
            yield from differences(old.get(name), new.get(name), f"{place}.{name}" if place else name)
        return
    if isinstance(before, list) and isinstance(after, list):
        olds, news = cast("list[Any]", before), cast("list[Any]", after)
        if len(olds) == len(news):
            for at, (one, other) in enumerate(zip(olds, news, strict=True)):
                yield from differences(one, other, f"{place}[{at}]")
            return
    yield Difference(place, before, after)
