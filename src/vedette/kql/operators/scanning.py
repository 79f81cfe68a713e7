"""`scan`: rows in order matched against steps, with values that are carried along."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette.kql import plan, syntax
from vedette.kql.bind_expressions import bind_predicate
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope, ScalarValue
from vedette.kql.functions.windows import CHANGED
from vedette.kql.operators.filtering import sort_keys
from vedette.kql.operators.input import required
from vedette.kql.operators.ordering import is_serialized, stepwise
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.scan_program import Code, Program, constant_value, program_text
from vedette.kql.signatures import conversion_cost
from vedette.kql.types import ScalarType

_FALSE = plan.Constant(False, ScalarType.bool)
_OUTPUTS = ("all", "last", "none")


def bind_scan(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`scan [with_match_id=m] [order by …] [partition by …] [declare (…)] with (steps)`
    (https://learn.microsoft.com/kusto/query/scan-operator)."""
    assert isinstance(node, syntax.Scan)
    rows, begins = _ordered(binder, node, required(binder, node, source), environment)
    seen = required(binder, node, source).fields
    matching = _Matching(binder, environment, seen, _declared(binder, node, seen, environment))
    steps = [matching.step(step, number) for number, step in enumerate(node.steps)]
    assigned = matching.assigned()
    results = tuple(binder.new_field(each.name, each.type) for each in assigned)
    match_id = binder.new_field(node.match_id, ScalarType.long) if node.match_id else None
    text = program_text(
        {
            "steps": steps,
            "cells": matching.cells(),
            "results": [matching.columns.index(each) for each in assigned],
            "with_match_id": match_id is not None,
        }
    )
    made = stepwise(
        binder,
        rows,
        "py_scan_run",
        arguments=(plan.Constant(text, ScalarType.string),),
        begins=begins,
        columns=matching.program.given,
        results=(*results, *((match_id,) if match_id is not None else ())),
    )
    by_name = {each.name: each for each in results}
    columns = [by_name.pop(each.name, each) for each in seen]
    columns += [each for each in results if each.name in by_name]
    return plan.Project(made, binder.keep([*columns, *((match_id,) if match_id is not None else ())]))


def _ordered(
    binder: Binder, node: syntax.Scan, rows: plan.Plan, environment: Environment
) -> tuple[plan.Plan, plan.Expression]:
    """The rows in the order in which they are scanned, and where the scan begins anew."""
    scope = RowScope(rows.fields, environment)
    keys = [binder.bind_scalar(binder, each, scope) for each in node.partition]
    if keys or node.order:
        order = sort_keys(binder, node.order, rows, environment)
        rows = plan.Sort(rows, (*(plan.SortKey(key, False, True) for key in keys), *order))
    elif not is_serialized(rows):
        binder.fail(
            "SEM0120",
            "'scan' needs rows in order, and here they are in none.",
            node.span,
            "Write '| sort by …' or '| serialize' before this step.",
        )
    if not keys:
        return rows, _FALSE
    changes = [(binder.new_field("changed", ScalarType.long), key) for key in keys]
    calls = tuple((mark, plan.WindowCall(CHANGED, (key,), ScalarType.long)) for mark, key in changes)
    zero = plan.Constant(0, ScalarType.long)
    tests = tuple(
        apply_entries(binder, ">", OPERATOR_ENTRIES[">"], (plan.Reference(mark), zero), node.span)
        for mark, _ in changes
    )
    marked = plan.Window(rows, calls, binder.new_field("order", ScalarType.long))
    return marked, tests[0] if len(tests) == 1 else plan.Logical("or", tests)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a step's record; `field` where the input has it, `default` what it is where no step gave it."""

    name: str
    type: ScalarType
    default: plan.Constant
    field: plan.Field | None


def _null(type: ScalarType) -> plan.Constant:
    return plan.Constant("" if type is ScalarType.string else None, type)


def _declared(binder: Binder, node: syntax.Scan, seen: Sequence[plan.Field], environment: Environment) -> list[_Column]:
    columns = [_Column(each.name, each.type, _null(each.type), each) for each in seen]
    for parameter in node.declared:
        if parameter.type is None or any(each.name == parameter.name for each in columns):
            binder.fail("SEM0280", f"'{parameter.name}' is not a new column with a type.", parameter.span)
        default = _null(parameter.type)
        if parameter.default is not None:
            value = binder.bind_scalar(binder, parameter.default, RowScope((), environment))
            given = convert(value, parameter.type)
            if not isinstance(given, plan.Constant):
                binder.fail("SEM0281", "The default is a constant of the column's type.", parameter.default.span)
            default = given
        columns.append(_Column(parameter.name, parameter.type, default, None))
    return columns


@dataclass(slots=True)
class _Matching:
    """The steps of one operator: `columns` are those of their records."""

    binder: Binder
    environment: Environment
    seen: Sequence[plan.Field]
    columns: list[_Column]
    program: Program = field(init=False)
    _records: dict[str, dict[str, plan.Field]] = field(default_factory=dict[str, dict[str, plan.Field]])
    _assigned: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        self.program = Program(self.binder, {})

    def step(self, node: syntax.ScanStep, number: int) -> dict[str, Any]:
        """The program of a step. It reads the records of those before it, and its own."""
        if node.is_optional:
            self.binder.fail("SEM0299", "In 'scan', a step that is optional is not supported.", node.span)
        if node.name in self._records:
            self.binder.fail("SEM0282", f"There are two steps '{node.name}'.", node.span)
        output = node.output or "all"
        if output not in _OUTPUTS:
            self.binder.fail("SEM0283", f"A step's output is {', '.join(_OUTPUTS)}; not '{output}'.", node.span)
        record = {each.name: self.binder.new_field(each.name, each.type) for each in self.columns}
        for position, each in enumerate(record.values()):
            self.program.cells[each.id] = (number, position)
        self._records[node.name] = record
        scope = self._scope()
        condition = bind_predicate(self.binder, node.condition, scope)
        assignments = [self._assignment(each, scope) for each in node.assignments]
        return {
            "condition": self.program.code(condition, node.condition.span),
            "assignments": assignments,
            "output": output,
        }

    def _scope(self) -> RowScope:
        return RowScope(tuple(self.seen), self._defaults(), records=dict(self._records))

    def _defaults(self) -> Environment:
        environment = self.environment
        for column in self.columns:
            if column.field is None:
                environment = environment.bind(column.name, ScalarValue(column.default))
        return environment

    def _assignment(self, node: syntax.Named, scope: RowScope) -> tuple[int, Code]:
        name = node.names[0]
        position = next((number for number, each in enumerate(self.columns) if each.name == name), None)
        if position is None:
            self.binder.fail(
                "SEM0284", f"'{name}' is no column here.", node.name_spans[0], f"Declare it: declare ({name}: …)."
            )
        column = self.columns[position]
        value = self.binder.bind_scalar(self.binder, node.value, scope)
        if conversion_cost(value, column.type) is None:
            self.binder.fail(
                "SEM0285",
                f"'{name}' is a {column.type.value}, and the value a {value.type.value}.",
                node.value.span,
            )
        self._assigned.add(position)
        return position, self.program.code(convert(value, column.type), node.value.span)

    def assigned(self) -> list[_Column]:
        """The columns whose values come from the steps: those declared, and those of the input that are assigned."""
        return [each for number, each in enumerate(self.columns) if each.field is None or number in self._assigned]

    def cells(self) -> list[Any]:
        """For each column of a record its default, its type, and which given column it is read from."""
        cells: list[Any] = []
        needed = self.program.read | self._assigned
        for number, column in enumerate(self.columns):
            field = column.field if number in needed else None
            given = None if field is None else self.program.column(plan.Reference(field))
            cells.append([constant_value(column.default), column.type.value, given])
        return cells
