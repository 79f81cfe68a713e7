"""`partition`: a sub-query over the rows of each key."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment, ScalarValue, TableValue
from vedette.kql.functions.windows import ROW_NUMBER
from vedette.kql.operators.input import required
from vedette.kql.operators.ordering import is_serialized
from vedette.kql.operators.shaping import column_named
from vedette.kql.partitioned import Partition, partitioned
from vedette.kql.types import ScalarType

_ONE = plan.Constant(1, ScalarType.long)
_ROWS = "$partition"


def bind_partition(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`partition by key (steps)` and `partition by key { query }`; strategies differ in speed only, and none is told
    apart (https://learn.microsoft.com/kusto/query/partition-operator)."""
    assert isinstance(node, syntax.Partition)
    rows = required(binder, node, source)
    if not isinstance(node.key, syntax.Name):
        binder.fail("SEM0260", "'partition' goes by a column.", node.key.span, "Make it one with 'extend' before.")
    key = column_named(binder, node.key, rows.fields)
    query = node.subquery if isinstance(node.subquery, syntax.Pipe) else syntax.Pipe(node.span, node.subquery, ())
    steps = syntax.Pipe(query.span, syntax.Name(query.span, _ROWS), query.operators)
    if query.source is None:
        return _over_rows(binder, steps, rows, key, environment)
    table = binder.bind_table(binder, query.source, environment)
    return _over_keys(binder, steps, rows, key, table, environment)


def _over_rows(
    binder: Binder, steps: syntax.Pipe, rows: plan.Plan, key: plan.Field, environment: Environment
) -> plan.Plan:
    seen = TableValue(binder.new_id(), _ROWS, rows)
    bound = binder.bind_table(binder, steps, environment.bind(_ROWS, seen))
    place = binder.new_field("place", ScalarType.long) if is_serialized(rows) else None
    numbered = rows
    if place is not None:
        call = plan.WindowCall(ROW_NUMBER, (_ONE,), ScalarType.long)
        numbered = plan.Window(rows, ((place, call),), binder.new_field("order", ScalarType.long))
    own = Partition(binder.new_field(key.name, key.type), place, ())
    items = (*binder.keep(rows.fields), (own.key, plan.Reference(key)), *binder.keep(own.fields[1:]))
    made, _ = partitioned(binder, bound, seen.id, plan.Project(numbered, items), own, steps.span)
    return plan.Project(made, binder.keep(bound.fields))


def _over_keys(
    binder: Binder,
    steps: syntax.Pipe,
    rows: plan.Plan,
    key: plan.Field,
    table: plan.Plan,
    environment: Environment,
) -> plan.Plan:
    """A query with a table of its own, which knows the key only, as a value by the column's name."""
    outer, own = binder.new_field(key.name, key.type), Partition(binder.new_field(key.name, key.type), None, ())
    keys = plan.Summarize(rows, ((own.key, plan.Reference(key)),), ())
    seen = TableValue(binder.new_id(), _ROWS, table)
    inner = environment.bind(_ROWS, seen).bind(key.name, ScalarValue(plan.Reference(outer)))
    bound = binder.bind_table(binder, steps, inner)
    fields = (*table.fields, own.key)
    each = plan.Join(table, keys, "inner", ((_ONE, _ONE),), fields, fields)
    made, _ = partitioned(binder, bound, seen.id, each, own, steps.span, outer=outer)
    return plan.Project(made, binder.keep(bound.fields))
