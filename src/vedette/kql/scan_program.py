"""Expressions of `scan` as a program: what reads the state of its steps is told in a few words that a function in
Python runs; everything else is computed before, as columns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.diagnostics import Span
from vedette.kql.plan_expressions import operands
from vedette.kql.types import ScalarType

Code = list[Any]
"""`[kind, …]`: given column, state cell, constant, function, and, or, conversion, in."""

FUNCTIONS = frozenset(
    {
        *("==", "!=", "<", "<=", ">", ">=", "=~", "!~", "+", "-", "*", "/", "%", "negate", "not"),
        *("iff", "case", "coalesce", "isnull", "isnotnull", "isempty", "isnotempty", "max_of", "min_of", "abs"),
        *("strcat", "strlen", "tolower", "toupper", "startswith", "endswith", "contains"),
        *("startswith_cs", "endswith_cs", "contains_cs", "array_concat", "array_length", "replace_string"),
        *("tostring", "tolong", "todouble"),
    }
)
"""The functions that may be called with what a step's state holds."""

CONVERSIONS = frozenset(
    {
        *((ScalarType.int, each) for each in (ScalarType.long, ScalarType.real, ScalarType.string)),
        *((ScalarType.long, each) for each in (ScalarType.int, ScalarType.real, ScalarType.string)),
        (ScalarType.string, ScalarType.dynamic),
        (ScalarType.long, ScalarType.dynamic),
        (ScalarType.bool, ScalarType.string),
    }
)
"""The conversions of the same."""

_TAKEN = {
    **dict.fromkeys(("strcat", "strlen", "tostring"), frozenset({"string", "int", "long", "bool"})),
    **dict.fromkeys(("tolong", "todouble"), frozenset({"int", "long", "real"})),
}
"""The types that are taken where a function takes any."""

_EPOCH = datetime(1970, 1, 1)
_NO_TYPES = frozenset({ScalarType.decimal})


@dataclass(slots=True)
class Program:
    """The program of one `scan`. `cells` says for a field which step's state it reads and which column of it."""

    binder: Binder
    cells: dict[int, tuple[int, int]]
    given: list[plan.Expression] = field(default_factory=list[plan.Expression])
    read: set[int] = field(default_factory=set[int])
    """The columns of records that are read."""

    def code(self, node: plan.Expression, span: Span) -> Code:
        """The words for an expression. Raises KqlError (SEM0299) for what cannot be done with a state."""
        if isinstance(node, plan.Constant):
            return ["constant", constant_value(node)]
        if not self._reads_state(node):
            return ["given", self.column(node)]
        if node.type in _NO_TYPES:
            self._refuse(f"a {node.type.value}", span)
        match node:
            case plan.Reference():
                step, column = self.cells[node.field.id]
                self.read.add(column)
                return ["state", step, column]
            case plan.Apply():
                if node.function.name not in FUNCTIONS:
                    self._refuse(f"'{node.function.name}'", span)
                types = [argument.type.value for argument in node.arguments]
                if not _TAKEN.get(node.function.name, frozenset(types)).issuperset(types):
                    self._refuse(f"'{node.function.name}' of {', '.join(types)}", span)
                return ["call", node.function.name, types, self._codes(node.arguments, span)]
            case plan.Logical():
                return [node.operator, self._codes(node.operands, span)]
            case plan.Convert():
                if (node.operand.type, node.type) not in CONVERSIONS:
                    self._refuse(f"a conversion from {node.operand.type.value} to {node.type.value}", span)
                return ["convert", node.operand.type.value, node.type.value, self.code(node.operand, span)]
            case plan.InValues():
                words = self._codes(node.values, span)
                return ["in", node.negated, node.folded, self.code(node.operand, span), words]
            case _:
                self._refuse("this", span)

    def column(self, node: plan.Expression) -> int:
        """The number of the column that holds the value of an expression without state."""
        if node not in self.given:
            self.given.append(node)
        return self.given.index(node)

    def _codes(self, nodes: Sequence[plan.Expression], span: Span) -> list[Code]:
        return [self.code(node, span) for node in nodes]

    def _reads_state(self, node: plan.Expression) -> bool:
        if isinstance(node, plan.Reference):
            return node.field.id in self.cells
        return any(map(self._reads_state, operands(node)))

    def _refuse(self, what: str, span: Span) -> NoReturn:
        self.binder.fail(
            "SEM0299",
            f"In 'scan', {what} is not supported on values of a step's state.",
            span,
            "What reads the present row only can be computed in any way.",
        )


def constant_value(node: plan.Constant) -> Any:
    """A constant as JSON has it: datetimes as ticks since 1970."""
    value = node.value
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1) * 10
    return value if node.type is not ScalarType.guid or value is None else str(value)


def program_text(program: dict[str, Any]) -> str:
    """The text of a program."""
    return json.dumps(program, separators=(",", ":"))
