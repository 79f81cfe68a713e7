"""Nested templates whose expressions belong to the template around them.

https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#expression-evaluation-scope-in-nested-templates
"""

from typing import Any, cast

from vedette.arm.templates.context import Context
from vedette.arm.templates.evaluation import evaluated, previewed
from vedette.arm.templates.facts import Json, member
from vedette.arm.templates.syntax import escaped, is_expression


def is_outer(properties: Json, template: Any) -> bool:
    """Whether a nested deployment's template is evaluated with what is around it, which is the default before 2.0."""
    options = member(properties, "expressionEvaluationOptions")
    scope = member(cast("Json", options), "scope") if isinstance(options, dict) else None
    if isinstance(scope, str) and scope.lower() in ("inner", "outer"):
        return scope.lower() == "outer"
    version = member(cast("Json", template), "languageVersion") if isinstance(template, dict) else None
    return version is None or str(version).startswith("1.")


def flattened(template: Json, context: Context, partly: bool) -> Json:
    """The template with every expression evaluated here, so that evaluating it once more changes nothing."""
    make = previewed if partly else evaluated
    return cast("Json", _closed(make(template, context), partly))


def _closed(value: Any, partly: bool) -> Any:
    if isinstance(value, str):
        return value if partly and is_expression(value) else escaped(value)
    if isinstance(value, list):
        return [_closed(each, partly) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _closed(each, partly) for name, each in cast("Json", value).items()}
    return value
