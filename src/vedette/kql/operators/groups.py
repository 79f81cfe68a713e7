"""The order of groups, which Kusto does not promise and still has: that of their first rows, as long as they are few.

Here the groups of rows that the query itself holds (datatable, print, range) come so, for queries that gather groups
into lists show it. Those of tables come as the engine finds them: to count all their rows would cost too much.
"""

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.types import ScalarType


def grouped(
    binder: Binder,
    rows: plan.Plan,
    keys: tuple[tuple[plan.Field, plan.Expression], ...],
    aggregates: tuple[tuple[plan.Field, plan.Aggregate], ...],
) -> plan.Summarize:
    """The groups of rows, in order where the rows are the query's own."""
    if not keys or not is_written(rows):
        return plan.Summarize(rows, keys, aggregates)
    number = binder.new_field("number", ScalarType.long)
    return plan.Summarize(plan.Numbered(rows, number), keys, aggregates, number)


def is_written(rows: plan.Plan) -> bool:
    """Whether all the rows are written in the query."""
    match rows:
        case plan.Values() | plan.Series():
            return True
        case plan.Join() | plan.Union():
            return all(is_written(part) for part in plan.inputs(rows))
        case plan.Shared():
            return is_written(rows.plan)
        case plan.Filter() | plan.Project() | plan.Sort() | plan.Limit() | plan.Expand() | plan.Summarize():
            return is_written(rows.input)
        case plan.Numbered() | plan.Window() | plan.DistinctOn():
            return is_written(rows.input)
        case _:
            return False
