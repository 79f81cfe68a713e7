"""Conditions over what Graph shows, as far as the state store itself can answer them over what documents hold.

What is left over is looked at object by object, so narrowing may let too much through, and never too little.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vedette.core.errors import InvalidInput
from vedette.state.conditions import And, Compare, Condition, In, Not, Or, Order, Path

Held = Callable[[object], Sequence[str] | None]
"""What documents hold where Graph says a value; None where that is not for the store to say."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where documents hold a property, and what of it; an instant is held as it is shown."""

    path: Path
    held: Held | None = None


Fields = Mapping[tuple[str, ...], Field]
"""By the path in Graph, in lower case."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the store is asked, None for everything; `exact` where that is all that was asked for."""

    where: Condition | None
    exact: bool


def narrowed(condition: Condition, fields: Fields) -> Narrowed:
    """The condition over documents."""
    match condition:
        case And(conditions):
            parts = [narrowed(each, fields) for each in conditions]
            kept = tuple(part.where for part in parts if part.where is not None)
            return Narrowed(And(kept) if kept else None, all(part.exact for part in parts))
        case Or(conditions):
            parts = [narrowed(each, fields) for each in conditions]
            kept = tuple(part.where for part in parts if part.where is not None)
            if len(kept) < len(parts):
                return Narrowed(None, exact=False)
            return Narrowed(Or(kept), all(part.exact for part in parts))
        case Not(inner):
            part = narrowed(inner, fields)
            return Narrowed(Not(part.where), exact=True) if part.exact and part.where else Narrowed(None, exact=False)
        case Compare(path, operator, value):
            found = fields.get(_folded(path))
            if found is not None and found.held is None and isinstance(value, datetime):
                return Narrowed(Compare(found.path, operator, value), exact=True)
            if operator in ("eq", "ne"):
                same = _one_of(found, (value,))
                return same if operator == "eq" or same.where is None else Narrowed(Not(same.where), exact=True)
        case In(path, values):
            return _one_of(fields.get(_folded(path)), values)
        case _:
            pass
    return Narrowed(None, exact=False)


def ordered(order: Sequence[Order], fields: Fields) -> tuple[Order, ...]:
    """The order over documents. Raises InvalidInput for a property by which the store cannot order."""
    made: list[Order] = []
    for each in order:
        found = fields.get(_folded(each.path))
        if found is None:
            known = ", ".join("/".join(path) for path in fields)
            raise InvalidInput("BadRequest", f"'$orderby' takes one of {known}, not '{'/'.join(each.path)}'.")
        made.append(Order(found.path, each.descending))
    return tuple(made)


def _one_of(field: Field | None, values: Sequence[object]) -> Narrowed:
    held = [None if field is None or field.held is None else field.held(value) for value in values]
    if field is None or any(each is None for each in held):
        return Narrowed(None, exact=False)
    return Narrowed(In(field.path, tuple(text for each in held if each is not None for text in each)), exact=True)


def _folded(path: Path) -> tuple[str, ...]:
    return tuple(key.lower() for key in path)
