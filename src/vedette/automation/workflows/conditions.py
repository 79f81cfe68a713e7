"""The conditions of an If, of an Until and of a trigger: an expression, or an object of comparisons around them.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#if-action
"""

from typing import Any, cast

from vedette.automation.expressions.evaluate import PURE, Environment, evaluate
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import Json, type_name

_COMPARISONS = frozenset(
    ("equals", "greater", "greaterorequals", "less", "lessorequals", "contains", "startswith", "endswith", "empty")
)


def holds(condition: Any, environment: Environment) -> bool:
    """Whether a condition is true. Raises ExpressionError."""
    if isinstance(condition, dict):
        return _object(cast("Json", condition), environment)
    value = evaluate(condition, environment)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ExpressionError(f"The result of the condition is of type '{type_name(value)}'. It must be a boolean.")


def _object(condition: Json, environment: Environment) -> bool:
    if not condition:
        return True
    if len(condition) != 1:
        raise ExpressionError("A condition is an object with one property, such as 'and' or 'equals'.")
    ((name, inner),) = condition.items()
    match name.lower():
        case "and":
            return all(holds(each, environment) for each in _several(name, inner))
        case "or":
            return any(holds(each, environment) for each in _several(name, inner))
        case "not":
            return not holds(inner, environment)
        case folded if folded in _COMPARISONS:
            given = evaluate(inner, environment)
            arguments = cast("list[Any]", given) if isinstance(given, list) and isinstance(inner, list) else [given]
            return bool(PURE[folded](arguments))
        case _:
            raise ExpressionError(f"The condition '{name[:40]}' is not known.")


def _several(name: str, inner: Any) -> list[Any]:
    if not isinstance(inner, list):
        raise ExpressionError(f"The condition '{name}' takes an array of conditions.")
    return cast("list[Any]", inner)
