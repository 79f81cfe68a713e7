"""The tree of a rule's conditions.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#conditions
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from vedette.policy.values import Constant, Value


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of them hold."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them holds."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A field of the resource, whose name may be an expression."""

    name: Value


@dataclass(frozen=True, slots=True)
class ValueOf:
    """What an expression gives."""

    value: Value


@dataclass(frozen=True, slots=True)
class SourceOf:
    """What is known of the request beside the resource: `action`."""

    name: str


@dataclass(frozen=True, slots=True)
class CountOf:
    """How many members hold: of an array of the resource, or of an array of values, whose members have a `name`."""

    field: Value | None
    values: Value | None
    name: str
    where: "Condition | None"


Left = FieldOf | ValueOf | SourceOf | CountOf


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: what is looked at, the operator by its published name, and what it is held against."""

    left: Left
    operator: str
    expected: Value


Condition = AllOf | AnyOf | Not | Test


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every comparison of a tree, those inside counts too."""
    waiting: list[Condition] = [condition]
    while waiting:
        each = waiting.pop()
        match each:
            case AllOf(conditions) | AnyOf(conditions):
                waiting += conditions
            case Not(inside):
                waiting.append(inside)
            case Test(left=left):
                yield each
                if isinstance(left, CountOf) and left.where is not None:
                    waiting.append(left.where)


def types_named(condition: Condition) -> frozenset[str] | None:
    """The only types, folded, of which resources can fulfil a condition; None where it does not say. Patterns are
    none of them."""
    match condition:
        case AllOf(conditions):
            found = [named for each in conditions if (named := types_named(each)) is not None]
            return found[0].intersection(*found[1:]) if found else None
        case AnyOf(conditions):
            each_named = [types_named(each) for each in conditions]
            if not each_named or any(named is None for named in each_named):
                return None
            return frozenset(type for named in each_named if named is not None for type in named)
        case Test(left=FieldOf(name=Constant(value=name)), operator=operator, expected=Constant(value=expected)):
            if str(name).lower() != "type":
                return None
            if operator == "equals" and isinstance(expected, str):
                return frozenset({expected.lower()})
            if operator == "in" and isinstance(expected, list):
                return frozenset(str(each).lower() for each in cast("list[Any]", expected))
            return None
        case _:
            return None
