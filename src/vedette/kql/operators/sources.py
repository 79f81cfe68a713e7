"""Where rows come from: tables, datatable, print, range."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.catalog import Period, Table
from vedette.kql.column_names import unique_name
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.functions.operators import FUNCTIONS
from vedette.kql.signatures import common_type, conversion_cost, is_null
from vedette.kql.spreading import Spread
from vedette.kql.types import NUMERIC, ScalarType

_AT_LEAST = next(entry for entry in FUNCTIONS if entry.name == ">=")
_BEFORE = next(entry for entry in FUNCTIONS if entry.name == "<")


def scan(binder: Binder, table: Table) -> plan.Plan:
    """All rows of a table within the request's timespan (https://learn.microsoft.com/azure/azure-monitor/logs/api/timespan)."""
    fields = tuple(binder.new_field(column.name, column.type) for column in table.columns)
    rows: plan.Plan = plan.Scan(table, tuple(column.physical for column in table.columns), fields)
    by_name = {field.name: field for field in fields}
    tests = [test for period in table.periods for test in _within(by_name[period.column], period)]
    time = by_name.get(binder.time_column)
    if binder.timespan is not None and time is not None:
        bounds = ((_AT_LEAST, plan.Instant("start")), (_BEFORE, plan.Instant("end")))
        tests.extend(
            plan.Apply(entry, (plan.Reference(time), instant), ScalarType.bool)
            for (entry, instant), bound in zip(bounds, binder.timespan, strict=True)
            if bound is not None
        )
    if not tests:
        return rows
    return plan.Filter(rows, tests[0] if len(tests) == 1 else plan.Logical("and", tuple(tests)))


def _within(field: plan.Field, period: Period) -> list[plan.Expression]:
    bounds = ((_AT_LEAST, period.start), (_BEFORE, period.end))
    return [
        plan.Apply(entry, (plan.Reference(field), plan.Constant(bound, ScalarType.datetime)), ScalarType.bool)
        for entry, bound in bounds
        if bound is not None
    ]


def values_of_datatable(binder: Binder, node: syntax.DataTable, environment: Environment) -> plan.Plan:
    """`datatable(...)[...]`. Raises KqlError when the values do not fill whole rows or do not fit their columns."""
    width = len(node.columns)
    if width == 0 or len(node.values) % width:
        binder.fail(
            "SEM0210",
            f"The datatable has {width} columns and {len(node.values)} values, which do not make whole rows.",
            node.span,
        )
    scope = RowScope((), environment)
    fields = tuple(binder.new_field(column.name, column.type) for column in node.columns)
    rows: list[tuple[plan.Expression, ...]] = []
    for start in range(0, len(node.values), width):
        row: list[plan.Expression] = []
        for column, value_node in zip(node.columns, node.values[start : start + width], strict=True):
            row.append(_cell(binder, binder.bind_scalar(binder, value_node, scope), column, value_node))
        rows.append(tuple(row))
    return plan.Values(fields, tuple(rows))


def _cell(
    binder: Binder, value: plan.Expression, column: syntax.ColumnDeclaration, node: syntax.Expression
) -> plan.Expression:
    fits = value.type in NUMERIC and column.type in NUMERIC
    if fits or value.type is column.type or is_null(value) or conversion_cost(value, column.type) is not None:
        return convert(value, column.type)
    if ScalarType.string in (value.type, column.type) or column.type is ScalarType.bool:
        return plan.Convert(value, column.type)
    binder.fail(
        "SEM0211",
        f"A {value.type.value} does not fit the column '{column.name}' of type {column.type.value}.",
        node.span,
    )


def bind_print(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`print a = 1, 2`: one row."""
    assert isinstance(node, syntax.Print)
    scope = RowScope((), environment)
    fields: list[plan.Field] = []
    row: list[plan.Expression] = []
    spread = Spread(binder)
    for position, item in enumerate(node.items):
        given = item.names if isinstance(item, syntax.Named) else ()
        value_node = item.value if isinstance(item, syntax.Named) else item
        value = binder.bind_scalar(binder, value_node, scope)
        columns = spread.columns(value_node, value, given, named_only=True)
        for name, column in columns or [(given[0] if given else None, value)]:
            taken = [field.name for field in fields]
            fields.append(binder.new_field(unique_name(name or f"print_{position}", taken), column.type))
            row.append(column)
    if spread.items:
        carriers, calls = zip(*spread.items, strict=True)
        return plan.Project(plan.Values(carriers, (calls,)), tuple(zip(fields, row, strict=True)))
    return plan.Values(tuple(fields), (tuple(row),))


def bind_range(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`range x from a to b step c`."""
    assert isinstance(node, syntax.Range)
    scope = RowScope((), environment)
    start, stop, step = (binder.bind_scalar(binder, part, scope) for part in (node.start, node.stop, node.step))
    if ScalarType.datetime in (start.type, stop.type):
        parts = (
            convert(start, ScalarType.datetime),
            convert(stop, ScalarType.datetime),
            convert(step, ScalarType.timespan),
        )
        return plan.Series(binder.new_field(node.name, ScalarType.datetime), *parts)
    type = common_type((start.type, stop.type, step.type))
    if type is None or (type not in NUMERIC and type is not ScalarType.timespan):
        binder.fail(
            "SEM0212",
            f"'range' goes over numbers, datetimes or timespans, not from {start.type.value} to {stop.type.value}.",
            node.span,
        )
    return plan.Series(
        binder.new_field(node.name, type), convert(start, type), convert(stop, type), convert(step, type)
    )
