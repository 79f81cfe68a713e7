"""Functions whose value depends on where in the template they stand: parameters, variables, loops, the time.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-deployment
"""

from collections.abc import Callable, Mapping
from typing import Any

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.errors import EXPRESSIONS
from vedette.arm.templates.functions.dates import formatted
from vedette.expressions.errors import ExpressionError, about


def not_here(name: str, why: str = "", page: str = EXPRESSIONS) -> ExpressionError:
    """The error of a function that cannot be called where it stands."""
    return ExpressionError(
        f"The template function '{name}' is not expected at this location.{why} Please see {page} for usage details."
    )


def _text(name: str, given: list[Any]) -> str:
    if len(given) != 1 or not isinstance(given[0], str):
        raise about(name, "expects one parameter, which is a string.")
    return given[0]


def _parameters(name: str, context: Context, given: list[Any]) -> Any:
    wanted = _text("parameters", given)
    if wanted.lower() not in context.parameters:
        raise ExpressionError(
            f"The template parameter '{wanted[:200]}' is not found. Please see https://aka.ms/arm-template/#parameters "
            "for usage details."
        )
    value = context.parameters[wanted.lower()]
    found = value.value() if isinstance(value, Unresolved) else value
    if wanted.lower() in context.secure:
        context.budget.secret = True
    return found


class Unresolved:
    """A parameter whose default is evaluated when it is first asked for."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.value = work


def _variables(name: str, context: Context, given: list[Any]) -> Any:
    wanted = _text("variables", given)
    if context.variable is None:
        raise not_here("variables")
    value = context.variable(wanted)
    if context.is_secret is not None and context.is_secret(wanted):
        context.budget.secret = True
    return value


def _copy_index(name: str, context: Context, given: list[Any]) -> int:
    loop, offset = "", 0
    match given:
        case []:
            pass
        case [str(named)]:
            loop = named
        case [int(number)]:
            offset = number
        case [str(named), int(number)]:
            loop, offset = named, number
        case _:
            raise about("copyIndex", "expects the name of a loop, an offset, or both in this order.")
    if loop.lower() not in context.copies:
        if loop and context.copies:
            raise ExpressionError(
                f"The template function 'copyIndex' refers to the loop '{loop[:100]}', which does not surround it. "
                "Please see https://aka.ms/arm-copy for usage details."
            )
        raise not_here(
            "copyIndex", " The function can only be used in a resource with copy specified.", "https://aka.ms/arm-copy"
        )
    return context.copies[loop.lower()] + offset


def _utc_now(name: str, context: Context, given: list[Any]) -> str:
    if context.place is not Place.DEFAULT:
        raise not_here("utcNow", " It can be used in the default value of a parameter only.")
    if len(given) > 1 or not all(isinstance(each, str) for each in given):
        raise about("utcNow", "expects at most one parameter, which is a format.")
    return formatted(context.facts.now, given[0] if given else "yyyyMMddTHHmmssZ")


def _new_guid(name: str, context: Context, given: list[Any]) -> str:
    if context.place is not Place.DEFAULT:
        raise not_here("newGuid", " It can be used in the default value of a parameter only.")
    if given:
        raise about("newGuid", "expects no parameters.")
    return context.facts.new_id()


def _lambda_variables(name: str, context: Context, given: list[Any]) -> Any:
    wanted = _text("lambdaVariables", given)
    if wanted.lower() not in context.bound:
        raise ExpressionError(f"The lambda variable '{wanted[:100]}' is not found.")
    return context.bound[wanted.lower()]


PLACED: Mapping[str, Callable[[str, Context, list[Any]], Any]] = {
    "parameters": _parameters,
    "variables": _variables,
    "copyindex": _copy_index,
    "utcnow": _utc_now,
    "newguid": _new_guid,
    "lambdavariables": _lambda_variables,
}
