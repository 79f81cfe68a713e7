"""The functions of the template language, by folded name.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
"""

from collections.abc import Callable, Mapping
from typing import Any

from vedette.arm.templates.context import Context
from vedette.arm.templates.functions.arrays import ARRAYS
from vedette.arm.templates.functions.dates import DATES
from vedette.arm.templates.functions.lambdas import LAMBDAS, lambda_alone, make_lambda
from vedette.arm.templates.functions.logic import LAZY_LOGIC, Evaluate
from vedette.arm.templates.functions.networks import NETWORKS
from vedette.arm.templates.functions.placed import PLACED
from vedette.arm.templates.functions.resources import RESOURCES
from vedette.arm.templates.functions.scopes import SCOPES
from vedette.arm.templates.functions.shared import SHARED
from vedette.arm.templates.functions.strings import STRINGS
from vedette.expressions.functions import Function, table
from vedette.expressions.syntax import Expression

__all__ = ["CONTEXTUAL", "LAMBDA_NAMES", "LAZY", "PURE", "make_lambda"]

PURE: Mapping[str, Function] = table((*SHARED, *STRINGS, *ARRAYS, *DATES, *NETWORKS, *LAMBDAS))
"""Those that give the same for the same arguments."""

LAMBDA_NAMES = frozenset(table(LAMBDAS))
"""Those that take lambda expressions."""

LAZY: Mapping[str, Callable[[Context, tuple[Expression, ...], Evaluate], Any]] = {
    **LAZY_LOGIC,
    "lambda": lambda_alone,
}
"""Those that do not evaluate all that they are given."""

CONTEXTUAL: Mapping[str, Callable[[str, Context, list[Any]], Any]] = {**PLACED, **SCOPES, **RESOURCES}
"""Those that ask the deployment, the template or a resource; `list*` stands for all of that beginning."""
