"""`reduce`: texts that are alike become one pattern."""

from typing import Final

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import unique_name
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.functions.library import aggregate_functions
from vedette.kql.operators.input import required
from vedette.kql.signatures import choose, conversion_cost
from vedette.kql.types import ScalarType

_DEFAULT_THRESHOLD: Final = 0.1
_GROUPS: Final = (("Pattern", ScalarType.string), ("Count", ScalarType.long), ("Representative", ScalarType.string))


def bind_reduce(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`reduce [kind=source] by x [with threshold=…, characters=…]` (https://learn.microsoft.com/kusto/query/reduce-operator)."""
    assert isinstance(node, syntax.Reduce)
    rows = required(binder, node, source)
    value = binder.bind_scalar(binder, node.value, RowScope(rows.fields, environment))
    if value.type is not ScalarType.string:
        binder.fail("SEM0061", f"'reduce' groups texts, not values of type {value.type.value}.", node.value.span)
    threshold = _option(binder, node, "threshold", plan.Constant(_DEFAULT_THRESHOLD, ScalarType.real), environment)
    if not 0.0 <= threshold.value <= 1.0:
        binder.fail("SEM0061", "The threshold is a number from 0 to 1.", node.parameters["threshold"].span)
    arguments = (threshold, _option(binder, node, "characters", plan.Constant("", ScalarType.string), environment))
    if node.kind is not None:
        return _with_patterns(binder, rows, value, arguments)
    text, count = binder.new_field("", ScalarType.string), binder.new_field("", ScalarType.long)
    chosen = choose(aggregate_functions()["count"], ())
    assert chosen is not None
    counted = plan.AggregateCall(chosen[0], (), ScalarType.long)
    table = plan.Summarize(rows, ((text, value),), ((count, counted),))
    fields = tuple(binder.new_field(name, type) for name, type in _GROUPS)
    return plan.TableFunction(table, "py_reduction_groups", arguments, (text, count), fields)


def _with_patterns(
    binder: Binder, rows: plan.Plan, value: plan.Expression, arguments: tuple[plan.Expression, ...]
) -> plan.Plan:
    """`kind=source`: the rows, each with its pattern."""
    text = binder.new_field("", ScalarType.string)
    kept = binder.keep(rows.fields)
    table = plan.Project(rows, (*kept, (text, value)))
    name = unique_name("Pattern", tuple(field.name for field in rows.fields))
    fields = tuple(binder.new_field(field.name, field.type) for field in rows.fields)
    pattern = binder.new_field(name, ScalarType.string)
    return plan.TableFunction(table, "py_reduction_patterns", arguments, table.fields, (*fields, pattern))


def _option(
    binder: Binder, node: syntax.Reduce, name: str, default: plan.Constant, environment: Environment
) -> plan.Constant:
    given = node.parameters.get(name)
    if given is None:
        return default
    value = binder.bind_scalar(binder, given, RowScope((), environment))
    if conversion_cost(value, default.type) is not None:
        value = convert(value, default.type)
    if not isinstance(value, plan.Constant) or value.type is not default.type or value.value is None:
        binder.fail("SEM0061", f"'{name}' of 'reduce' is a constant {default.type.value}.", given.span)
    return value
