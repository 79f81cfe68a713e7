"""Operators that keep some rows: where, take, distinct, and the ones that order them: sort, top."""

from collections.abc import Sequence

from vedette.kql import plan, syntax
from vedette.kql.bind_expressions import bind_predicate
from vedette.kql.binder import Binder
from vedette.kql.column_names import naming
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.functions.library import aggregate_functions
from vedette.kql.functions.operators import NAN_TEST
from vedette.kql.open_columns import is_surely_dynamic
from vedette.kql.operators.groups import grouped
from vedette.kql.operators.input import required
from vedette.kql.operators.ordering import windows_over, with_windows
from vedette.kql.types import INTEGRAL, ScalarType

_CAST_FIRST = "Convert it, for example with tostring() or tolong()."


def bind_where(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`where predicate`."""
    assert isinstance(node, syntax.Where)
    rows = required(binder, node, source)
    windows = windows_over(rows)
    predicate = bind_predicate(binder, node.predicate, RowScope(rows.fields, environment, windows=windows))
    if not windows.items:
        return plan.Filter(rows, predicate)
    return plan.Project(plan.Filter(with_windows(binder, rows, windows), predicate), binder.keep(rows.fields))


def bind_take(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`take n`."""
    assert isinstance(node, syntax.Take)
    return plan.Limit(required(binder, node, source), row_count(binder, node.count, environment))


def row_count(binder: Binder, node: syntax.Expression, environment: Environment) -> plan.Expression:
    """A number of rows: an integer that does not depend on the row. Raises KqlError."""
    count = binder.bind_scalar(binder, node, RowScope((), environment))
    if count.type is ScalarType.dynamic:
        count = convert(count, ScalarType.long)
    if count.type not in INTEGRAL:
        binder.fail("SEM0220", f"A number of rows is an integer, not a {count.type.value}.", node.span)
    if isinstance(count, plan.Constant) and isinstance(count.value, int) and count.value < 0:
        binder.fail("SEM0220", "A number of rows cannot be negative.", node.span)
    return count


def bind_distinct(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`distinct a, b` or `distinct *`."""
    assert isinstance(node, syntax.Distinct)
    rows = required(binder, node, source)
    scope = RowScope(rows.fields, environment)
    keys: list[tuple[plan.Field, plan.Expression]] = []
    for position, item in enumerate(node.items):
        if isinstance(item, syntax.Star):
            keys.extend((binder.new_field(field.name, field.type), plan.Reference(field)) for field in rows.fields)
            continue
        name, value = item_name(item, f"Column{position + 1}"), bind_item(binder, item, scope)
        keys.append((binder.new_field(name, value.type), value))
    return grouped(binder, rows, tuple(keys), ())


def item_name(item: syntax.Expression, fallback: str) -> str:
    """The one name of a list item."""
    names, _ = naming(item)
    return names[0] if names else fallback


def bind_item(binder: Binder, item: syntax.Expression, scope: RowScope) -> plan.Expression:
    """The value of a list item."""
    return binder.bind_scalar(binder, item.value if isinstance(item, syntax.Named) else item, scope)


def sort_keys(
    binder: Binder, keys: Sequence[syntax.Ordered], rows: plan.Plan, environment: Environment
) -> tuple[plan.SortKey, ...]:
    """Keys of sort and top: descending unless told, nulls last when descending and first when ascending. NaN stands
    with the nulls, on the side of the numbers: it gets a key of its own before the value."""
    scope = RowScope(rows.fields, environment)
    bound: list[plan.SortKey] = []
    for key in keys:
        value = binder.bind_scalar(binder, key.value, scope)
        if is_surely_dynamic(binder, value):
            binder.fail("SEM0222", "Rows cannot be put in the order of a dynamic value.", key.value.span, _CAST_FIRST)
        if value.type is ScalarType.dynamic:
            value = convert(value, ScalarType.string)
        descending = key.descending is not False
        nulls_first = key.nulls_first if key.nulls_first is not None else not descending
        if value.type is ScalarType.real and not isinstance(value, plan.Constant):
            bound.append(plan.SortKey(plan.Apply(NAN_TEST, (value,), ScalarType.bool), nulls_first, nulls_first))
        bound.append(plan.SortKey(value, descending, nulls_first))
    return tuple(bound)


def bind_sort(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`sort by keys`."""
    assert isinstance(node, syntax.Sort)
    rows = required(binder, node, source)
    return plan.Sort(rows, sort_keys(binder, node.keys, rows, environment))


def bind_top(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`top n by key`."""
    assert isinstance(node, syntax.Top)
    rows = required(binder, node, source)
    keys = sort_keys(binder, node.keys, rows, environment)
    return plan.Sort(rows, keys, row_count(binder, node.count, environment))


def bind_count(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`count`: one row with the number of rows."""
    assert isinstance(node, syntax.Count)
    rows = required(binder, node, source)
    call = plan.AggregateCall(aggregate_functions()["count"][0], (), ScalarType.long)
    return plan.Summarize(rows, (), ((binder.new_field(node.name or "Count", ScalarType.long), call),))
