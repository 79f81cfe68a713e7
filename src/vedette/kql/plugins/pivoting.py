"""`pivot`: the values of a column as columns, which the data says or the query declares."""

from collections.abc import Sequence
from dataclasses import replace

from vedette.kql import plan, syntax
from vedette.kql.conversion import convert
from vedette.kql.environment import AggregateCollector
from vedette.kql.open_columns import mark_open
from vedette.kql.plan_expressions import aggregate_operands, fields_read
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.plugins.unpacking import MOST_COLUMNS
from vedette.kql.types import ScalarType

Item = tuple[plan.Field, plan.Expression]

_VALUES = """
T | where isnotempty(value) | serialize position = row_number()
| summarize position = min(position) by value | sort by position asc | project value"""


def _pivot(call: PluginCall) -> plan.Plan:
    given = call.numbered(1, None, "the column to rotate, an aggregate, and the columns to group by")
    call.named()
    value = convert(call.value(given[0]), ScalarType.string)
    rest = list(given[1:])
    aggregate = syntax.Call(call.node.span, "count", call.node.span, ())
    if rest and isinstance(rest[0], syntax.Call):
        aggregate = rest.pop(0)
    collector = AggregateCollector()
    cell = call.binder.bind_scalar(call.binder, aggregate, replace(call.scope, aggregates=collector))
    if not collector.items:
        call.fail("The second argument is an aggregate, such as sum(x).", aggregate)
    groups = [call.column(node) for node in rest] or _others(call, given[0], collector)
    if call.node.columns is not None:
        return _declared(call, value, groups, collector, cell, call.node.columns)
    return mark_open(call.binder, _rotated(call, value, groups, collector, cell, _values(call, value)))


def _others(call: PluginCall, node: syntax.Expression, collector: AggregateCollector) -> list[plan.Field]:
    """Every column that is neither rotated nor aggregated."""
    used = {id for _, item in collector.items for value in aggregate_operands(item) for id in fields_read(value)}
    used |= set(fields_read(call.value(node)))
    return [field for field in call.rows.fields if field.id not in used]


def _values(call: PluginCall, value: plan.Expression) -> list[str]:
    """The values of the rotated column, in the order in which they come."""
    binder = call.binder
    if not call.can_ask():
        return []
    column = plan.Project(call.rows, ((binder.new_field("value", ScalarType.string), value),))
    values = [row[0] for row in call.ask(call.kql(_VALUES, {"T": column}))]
    if len(values) > MOST_COLUMNS:
        call.fail(f"The column has {len(values)} different values; {MOST_COLUMNS} is the most.")
    return values


def _rotated(
    call: PluginCall,
    value: plan.Expression,
    groups: Sequence[plan.Field],
    collector: AggregateCollector,
    cell: plan.Expression,
    values: Sequence[str],
) -> plan.Plan:
    """The groups' columns and one for each of the values. First an aggregate for each group and value, then these side
    by side; a value that a group has not is what the aggregate makes of no rows."""
    binder = call.binder
    keys = [(binder.new_field(f"g{number}", field.type), plan.Reference(field)) for number, field in enumerate(groups)]
    rotated = (binder.new_field("value", ScalarType.string), value)
    cells = plan.Summarize(call.rows, (*keys, rotated), tuple(collector.items))
    kept = binder.keep([field for field, _ in (*keys, rotated)])
    computed = plan.Project(cells, (*kept, (binder.new_field("cell", cell.type), cell)))
    known: dict[str, plan.Expression] = {
        f"v{number}": plan.Constant(text, ScalarType.string) for number, text in enumerate(values)
    }
    known["nothing"] = _of_nothing(call, collector, cell)
    numbers = range(len(values))
    found = ", ".join(f"n{n} = countif(value == v{n}), c{n} = take_anyif(cell, value == v{n})" for n in numbers)
    by = ", ".join(f"g{number}" for number in range(len(groups)))
    shown = ", ".join([*([by] if by else []), *(f"c{n} = iff(n{n} > 0, c{n}, nothing)" for n in numbers)])
    if not shown:  # a table has columns
        name = value.field.name if isinstance(value, plan.Reference) else "value"
        return call.renamed(call.kql("T | distinct value", {"T": computed}), [name])
    body = f"T | summarize {found} by {by} | project {shown}" if by else f"T | summarize {found} | project {shown}"
    if not values:
        body = f"T | distinct {by}"
    table = call.kql(body, {"T": computed}, known)
    return call.renamed(table, [*(field.name for field in groups), *values])


def _of_nothing(call: PluginCall, collector: AggregateCollector, cell: plan.Expression) -> plan.Expression:
    nothing = plan.Summarize(plan.Values(call.rows.fields, ()), (), tuple(collector.items))
    field = call.binder.new_field("cell", cell.type)
    return plan.ScalarSubquery(plan.Project(nothing, ((field, cell),)), cell.type)


def _declared(
    call: PluginCall,
    value: plan.Expression,
    groups: Sequence[plan.Field],
    collector: AggregateCollector,
    cell: plan.Expression,
    columns: Sequence[syntax.ColumnDeclaration],
) -> plan.Plan:
    """The columns that the query names: those of groups by their names, any other is a value of the rotated one."""
    own = {field.name for field in groups}
    values = [column.name for column in columns if column.name not in own]
    table = _rotated(call, value, groups, collector, cell, values)
    by_name = {field.name: field for field in table.fields}
    names = {column.name for column in columns}
    kept = [field for field in table.fields if field.name not in names] if call.node.keeps_columns else []
    items: list[Item] = [(field, plan.Reference(field)) for field in kept]
    items += [
        (call.binder.new_field(column.name, column.type), convert(plan.Reference(by_name[column.name]), column.type))
        for column in columns
    ]
    return plan.Project(table, tuple(items))


PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "pivot",
        "T | evaluate pivot(Column, Aggregate, GroupColumn, ...) : (schema)",
        "A column for each value of a column, with an aggregate (count() unless told) of each group's rows that have "
        "it. The groups are made by the columns named, or by all others. Without a schema the data says which values "
        "there are; a name that no row has at present is then null.",
        "datatable(user:string, act:string)['ann', 'read', 'ann', 'write', 'bob', 'read'] | evaluate pivot(act)",
        _pivot,
        takes_schema=True,
    ),
)
"""https://learn.microsoft.com/kusto/query/pivot-plugin"""
