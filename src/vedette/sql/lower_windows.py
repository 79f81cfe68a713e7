"""Window functions as SQL: the rows' order becomes a column, and calls that read each other's follow each other."""

from dataclasses import replace
from typing import Protocol

from vedette.kql import plan
from vedette.sql.fragment import Fragment
from vedette.sql.lower_expressions import Expressions, references
from vedette.sql.select import Select, column_name


class Lowering(Protocol):
    """What is asked of the lowering of plans."""

    expressions: Expressions

    def lower(self, node: plan.Plan, needed: set[int]) -> Select: ...

    def wrap(self, select: Select) -> Select: ...


def lower_window(node: plan.Window, needed: set[int], lowering: Lowering) -> Select:
    """The SELECT of window functions. `row_number() OVER ()` gives the rows' present order, whatever it comes from;
    each window is ordered by that, so that all of them and the result agree on rows that sort equal."""
    pending = _needed_calls(node, needed)
    used = (needed | {id for _, call in pending for id in references(call)}) - {column.id for column, _ in node.calls}
    select = lowering.wrap(lowering.lower(node.input, used))
    if all(_only_counts(call) for _, call in pending):
        numbers = {column.id: lowering.expressions.window(call, select.columns, None) for column, call in pending}
        return lowering.wrap(replace(select, columns={**select.columns, **numbers}))
    order = column_name(node.order.id)
    select = lowering.wrap(
        replace(select, columns={**select.columns, node.order.id: Fragment("row_number() OVER ()", True)})
    )
    while pending:
        later = {column.id for column, _ in pending}
        ready = [(column, call) for column, call in pending if later.isdisjoint(references(call))]
        columns = {column.id: lowering.expressions.window(call, select.columns, order) for column, call in ready}
        select = lowering.wrap(replace(select, columns={**select.columns, **columns}))
        pending = [item for item in pending if item not in ready]
    return replace(select, order_by=(order,))


def _needed_calls(node: plan.Window, needed: set[int]) -> list[tuple[plan.Field, plan.WindowCall]]:
    """The calls that are read, and those that these read; a call reads only calls before it."""
    wanted = set(needed)
    found: list[tuple[plan.Field, plan.WindowCall]] = []
    for column, call in reversed(node.calls):
        if column.id in wanted:
            wanted.update(references(call))
            found.append((column, call))
    return found[::-1]


def _only_counts(call: plan.WindowCall) -> bool:
    return call.function.name == "row_number" and not call.partition
