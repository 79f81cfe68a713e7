"""Rows in order: which plans have one, and the window functions that an operator's expressions call over it."""

from collections.abc import Sequence

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.environment import WindowCollector
from vedette.kql.functions.windows import SESSION
from vedette.kql.types import ScalarType


def is_serialized(rows: plan.Plan) -> bool:
    """Whether the rows' order counts: `sort`, `top`, `range` and `serialize` give one, and what keeps each row by
    itself keeps it (https://learn.microsoft.com/kusto/query/serialize-operator)."""
    match rows:
        case plan.Sort() | plan.Series() | plan.Window():
            return True
        case plan.Stepwise():
            return True
        case plan.Filter() | plan.Project() | plan.Limit():
            return is_serialized(rows.input)
        case plan.Shared():
            return is_serialized(rows.plan)
        case _:
            return False


def windows_over(rows: plan.Plan) -> WindowCollector:
    """Where the calls of window functions over these rows are gathered."""
    return WindowCollector(is_serialized(rows))


def with_windows(binder: Binder, rows: plan.Plan, windows: WindowCollector) -> plan.Plan:
    """The rows with the gathered calls computed."""
    pending: list[tuple[plan.Field, plan.WindowCall]] = []
    for field, call in windows.items:
        if call.function is not SESSION:
            pending.append((field, call))
            continue
        time, longest, widest, restart = call.arguments
        rows = stepwise(
            binder,
            _windows(binder, rows, pending),
            "py_windows_sessions",
            arguments=(longest, widest),
            begins=restart,
            columns=(time,),
            results=(field,),
        )
        pending = []
    return _windows(binder, rows, pending)


def stepwise(
    binder: Binder,
    rows: plan.Plan,
    function: str,
    *,
    arguments: tuple[plan.Expression, ...],
    begins: plan.Expression,
    columns: Sequence[plan.Expression],
    results: tuple[plan.Field, ...],
) -> plan.Plan:
    """The rows with the results of a function in Python that goes from row to row, as `plan.Stepwise` says."""
    marks = (
        binder.new_field("begins", ScalarType.bool),
        binder.new_field("position", ScalarType.long),
        binder.new_field("sequence", ScalarType.long),
    )
    given = tuple((binder.new_field(f"given{number}", each.type), each) for number, each in enumerate(columns))
    return plan.Stepwise(rows, function, arguments, begins, given, results, marks)


def _windows(binder: Binder, rows: plan.Plan, calls: list[tuple[plan.Field, plan.WindowCall]]) -> plan.Plan:
    return plan.Window(rows, tuple(calls), binder.new_field("order", ScalarType.long)) if calls else rows
