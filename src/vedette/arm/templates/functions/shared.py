"""The functions that mean the same as in workflows: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions"""

from vedette.expressions.collections import COLLECTIONS
from vedette.expressions.functions import Function, table
from vedette.expressions.logic import LOGIC
from vedette.expressions.mathematics import MATHEMATICS
from vedette.expressions.strings import STRINGS

_ELSEWHERE = table((*COLLECTIONS, *LOGIC, *MATHEMATICS, *STRINGS))
_SAME = (
    "contains", "empty", "first", "last", "union", "intersection", "join", "skip", "take",
    "not", "equals", "greater", "greaterOrEquals", "less", "lessOrEquals",
    "add", "sub", "mul", "div", "mod", "min", "max",
    "replace", "startsWith", "endsWith", "substring", "toLower", "toUpper", "trim",
)  # fmt: skip

SHARED: tuple[Function, ...] = tuple(_ELSEWHERE[name.lower()] for name in _SAME)
