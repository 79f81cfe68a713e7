"""Window functions as SQL: the rows' order becomes a column, and calls that read each other's follow each other; and
functions in Python that go from row to row, joined to the rows by their position."""

from dataclasses import replace
from typing import Protocol

from vedette.kql import plan
from vedette.kql.references import references
from vedette.sql.dialects.base import Dialect
from vedette.sql.fragment import Fragment
from vedette.sql.lower_expressions import Expressions
from vedette.sql.select import Select, column_name


class Lowering(Protocol):
    """What is asked of the lowering of plans."""

    dialect: Dialect
    expressions: Expressions

    def lower(self, node: plan.Plan, needed: set[int]) -> Select: ...

    def wrap(self, select: Select) -> Select: ...

    def keep(self, select: Select) -> str: ...

    def alias(self) -> str: ...


def lower_window(node: plan.Window, needed: set[int], lowering: Lowering) -> Select:
    """The SELECT of window functions. `row_number() OVER ()` gives the rows' present order, whatever it comes from;
    each window is ordered by that, so that all of them and the result agree on rows that sort equal. Where the engine
    computes all of them while the rows stream by, they need no order but that, and no memory for more than a few."""
    pending = _needed_calls(node, needed)
    used = (needed | {id for _, call in pending for id in references(call)}) - {column.id for column, _ in node.calls}
    select = lowering.wrap(lowering.lower(node.input, used))
    order = None
    if not all(lowering.dialect.streams(call) for _, call in pending):
        order = column_name(node.order.id)
        numbered = {**select.columns, node.order.id: Fragment("row_number() OVER ()", True)}
        select = lowering.wrap(replace(select, columns=numbered))
    while pending:
        later = {column.id for column, _ in pending}
        ready = [(column, call) for column, call in pending if later.isdisjoint(references(call))]
        columns = {column.id: lowering.expressions.window(call, select.columns, order) for column, call in ready}
        select = lowering.wrap(replace(select, columns={**select.columns, **columns}))
        pending = [item for item in pending if item not in ready]
    return select if order is None else replace(select, order_by=(order,))


def _needed_calls(node: plan.Window, needed: set[int]) -> list[tuple[plan.Field, plan.WindowCall]]:
    """The calls that are read, and those that these read; a call reads only calls before it."""
    wanted = set(needed)
    found: list[tuple[plan.Field, plan.WindowCall]] = []
    for column, call in reversed(node.calls):
        if column.id in wanted:
            wanted.update(references(call))
            found.append((column, call))
    return found[::-1]


def lower_stepwise(node: plan.Stepwise, needed: set[int], lowering: Lowering) -> Select:
    """The rows, kept with their positions, joined to what the function makes of the columns it is given."""
    begins, position, sequence = node.marks
    carried = needed - {column.id for column in node.results}
    computed = ((begins, node.begins), *node.columns)
    select = lowering.wrap(
        lowering.lower(node.input, carried | {id for _, value in computed for id in references(value)})
    )
    columns = {id: value for id, value in select.columns.items() if id in carried}
    for column, value in computed:
        columns[column.id] = lowering.expressions.lower(value, select.columns)
    columns[position.id] = Fragment("row_number() OVER ()", True)
    kept = lowering.keep(replace(select, columns=columns))
    given = (begins, position, *(column for column, _ in node.columns))
    names = ", ".join(column_name(column.id) for column in given)
    made = lowering.dialect.table_function(
        node.function,
        [(lowering.expressions.lower(argument, {}), argument.type) for argument in node.arguments],
        f"SELECT {names} FROM {kept} ORDER BY {column_name(position.id)}",
        [(column_name(column.id), column.type) for column in given],
        [(column_name(column.id), column.type) for column in (position, *node.results)],
    )
    rows, results = lowering.alias(), lowering.alias()
    numbered = f"(SELECT *, row_number() OVER () AS {column_name(sequence.id)} FROM {made} AS {lowering.alias()})"
    at = column_name(position.id)
    joined = {id: Fragment(f"{rows}.{column_name(id)}", True) for id in carried}
    joined |= {column.id: Fragment(f"{results}.{column_name(column.id)}", True) for column in node.results}
    source = f"{kept} AS {rows} JOIN {numbered} AS {results} ON {rows}.{at} = {results}.{at}"
    return Select(joined, source, order_by=(f"{results}.{column_name(sequence.id)}",))
