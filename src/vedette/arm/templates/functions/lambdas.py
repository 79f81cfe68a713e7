"""Functions of lambda expressions: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, cast

from vedette.arm.templates.context import Context
from vedette.arm.templates.facts import Json
from vedette.arm.templates.functions.logic import Evaluate
from vedette.expressions.errors import about
from vedette.expressions.functions import function
from vedette.expressions.syntax import Expression, Literal
from vedette.expressions.values import type_name

Work = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function without a name, as `lambda` gives it to `map` and its like."""

    names: tuple[str, ...]
    body: Expression
    context: Context
    evaluate: Evaluate

    def __call__(self, *values: Any) -> Any:
        """Its value for these, of which it takes as many as it has names for."""
        bound = dict(zip(self.names, values, strict=False))
        made = self.evaluate(self.body, self.context.binding(bound))
        self.context.budget.made(made)
        return made


def make_lambda(context: Context, given: tuple[Expression, ...], evaluate: Evaluate) -> Lambda:
    """The value of `lambda('a', 'b', body)`."""
    if not given:
        raise about("lambda", "expects at least one parameter.")
    names = [each.value for each in given[:-1] if isinstance(each, Literal) and isinstance(each.value, str)]
    if len(names) != len(given) - 1:
        raise about("lambda", "expects the names of its variables to be string literals.")
    return Lambda(tuple(name.lower() for name in names), given[-1], context, evaluate)


def lambda_alone(_context: Context, _given: tuple[Expression, ...], _evaluate: Evaluate) -> Any:
    """Raises ExpressionError: a lambda expression is no value."""
    raise about("lambda", "is only for the parameters of functions that take lambda expressions.")


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise about(name, f"expects a lambda expression that gives a boolean, not '{type_name(value)}'.")
    return value


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise about(name, f"expects a lambda expression that gives a string as a key, not '{type_name(value)}'.")
    return value


def _filter(items: list[Any], keep: Work) -> list[Any]:
    return [each for at, each in enumerate(items) if _truth("filter", keep(each, at))]


def _map(items: list[Any], make: Work) -> list[Any]:
    return [make(each, at) for at, each in enumerate(items)]


def _map_values(value: Json, make: Work) -> Json:
    return {name: make(each) for name, each in value.items()}


def _reduce(items: list[Any], initial: Any, step: Work) -> Any:
    found = initial
    for at, each in enumerate(items):
        found = step(found, each, at)
    return found


def _sort(items: list[Any], before: Work) -> list[Any]:
    """In the order that the expression says: true where the first belongs before the second."""

    def order(one: Any, other: Any) -> int:
        if _truth("sort", before(one, other)):
            return -1
        return 1 if _truth("sort", before(other, one)) else 0

    return sorted(items, key=cmp_to_key(order))


def _to_object(items: list[Any], key: Work, value: Work | None = None) -> Json:
    return {_name("toObject", key(each)): value(each) if value else each for each in items}


def _group_by(items: list[Any], key: Work) -> Json:
    found: dict[str, list[Any]] = {}
    for each in items:
        found.setdefault(_name("groupBy", key(each)), []).append(each)
    return cast("Json", found)


LAMBDAS = (
    function("filter", "inputArray: array, predicate: lambda", _filter),
    function("map", "inputArray: array, predicate: lambda", _map),
    function("mapValues", "inputObject: object, predicate: lambda", _map_values),
    function("reduce", "inputArray: array, initialValue: any, predicate: lambda", _reduce),
    function("sort", "inputArray: array, predicate: lambda", _sort),
    function("toObject", "inputArray: array, keyPredicate: lambda, valuePredicate?: lambda", _to_object),
    function("groupBy", "inputArray: array, keyPredicate: lambda", _group_by),
)
