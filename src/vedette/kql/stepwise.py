"""Functions in Python that go from row to row, and their results beside the rows that they were made of."""

from collections.abc import Sequence

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.functions.library import window_functions
from vedette.kql.tabular import table_value
from vedette.kql.types import ScalarType

STEPWISE = frozenset({"py_windows_sessions", "py_scan_run"})
"""Table functions whose first column says in which rows they begin anew, and whose second is the row's position."""

Item = tuple[plan.Field, plan.Expression]


def beside(
    binder: Binder,
    rows: plan.Plan,
    function: str,
    arguments: tuple[plan.Expression, ...],
    begins: plan.Expression,
    columns: Sequence[plan.Expression],
    results: Sequence[plan.Field],
) -> plan.Plan:
    """The rows, once for each row that the function gives for them, with its `results`: the function gets whether to
    begin anew, the row's position, and `columns`; it gives positions and results, in the order of the rows wanted.

    The rows themselves do not pass through Python: they are joined to the results by their position.
    """
    position = binder.new_field("position", ScalarType.long)
    order = binder.new_field("order", ScalarType.long)
    count = plan.WindowCall(
        window_functions()["row_number"][0], (plan.Constant(1, ScalarType.long),), ScalarType.long
    )
    given = [(binder.new_field(f"given{number}", value.type), value) for number, value in enumerate(columns)]
    anew = binder.new_field("begins", ScalarType.bool)
    numbered = plan.Project(
        plan.Window(rows, ((position, count),), order),
        (*binder.keep(rows.fields), *binder.keep((position,)), (anew, begins), *given),
    )
    shared = table_value(binder, "rows", numbered, is_materialized=True)
    left, right = binder.table_of(shared), binder.table_of(shared)
    first = len(rows.fields)
    at, *_ = left.fields[first:]
    taken = right.fields[first:]
    back = binder.new_field("position", ScalarType.long)
    sequence = binder.new_field("sequence", ScalarType.long)
    made = plan.TableFunction(
        plan.Sort(right, (plan.SortKey(plan.Reference(taken[0]), False, True),)),
        function,
        arguments,
        (taken[1], taken[0], *taken[2:]),
        (back, *results),
    )
    numbers = plan.Window(made, ((sequence, count),), binder.new_field("order", ScalarType.long))
    fields = (*left.fields[:first], *results, sequence)
    joined = plan.Join(
        left, numbers, "inner", ((plan.Reference(at), plan.Reference(back)),), fields, fields
    )
    ordered = plan.Sort(joined, (plan.SortKey(plan.Reference(sequence), False, True),))
    kept: list[Item] = [
        (own, plan.Reference(copy)) for own, copy in zip(rows.fields, left.fields[:first], strict=True)
    ]
    return plan.Project(ordered, (*kept, *binder.keep(results)))
