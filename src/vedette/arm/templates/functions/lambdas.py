"""Functions of lambda expressions: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda"""

from dataclasses import dataclass
from typing import Any

from vedette.arm.templates.context import Context
from vedette.arm.templates.functions.logic import Evaluate
from vedette.expressions.errors import about
from vedette.expressions.functions import Function
from vedette.expressions.syntax import Expression, Literal

LAMBDAS: tuple[Function, ...] = ()


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
        return self.evaluate(self.body, self.context.binding(bound))


def make_lambda(context: Context, given: tuple[Expression, ...], evaluate: Evaluate) -> Lambda:
    """The value of `lambda('a', 'b', body)`."""
    if not given:
        raise about("lambda", "expects at least one parameter.")
    names = [each.value for each in given[:-1] if isinstance(each, Literal) and isinstance(each.value, str)]
    if len(names) != len(given) - 1:
        raise about("lambda", "expects the names of its variables to be string literals.")
    return Lambda(tuple(name.lower() for name in names), given[-1], context, evaluate)
