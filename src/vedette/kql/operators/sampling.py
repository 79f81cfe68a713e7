"""Some rows or values of many: sample, sample-distinct, top-hitters; and none of them: consume."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import implied_name, unique_name
from vedette.kql.environment import Environment, RowScope
from vedette.kql.functions.library import aggregate_functions, scalar_functions
from vedette.kql.operators.filtering import bind_item, item_name, row_count
from vedette.kql.operators.input import required
from vedette.kql.overloads import apply_entries, convert_arguments
from vedette.kql.signatures import choose
from vedette.kql.types import ScalarType


def bind_sample(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`sample n`: rows at random, others each time that the table is read; `sample-distinct n of x`: some values of x
    (https://learn.microsoft.com/kusto/query/sample-operator)."""
    assert isinstance(node, syntax.Sample)
    rows = required(binder, node, source)
    count = row_count(binder, node.count, environment)
    if node.of is None:
        chance = binder.new_field("", ScalarType.real)
        number = apply_entries(binder, "rand()", scalar_functions()["rand"], (), node.span)
        drawn = plan.Project(rows, (*binder.keep(rows.fields), (chance, number)))
        first = plan.Sort(drawn, (plan.SortKey(plan.Reference(chance), False, False),), count)
        return plan.Project(first, binder.keep(rows.fields))
    value = binder.bind_scalar(binder, node.of, RowScope(rows.fields, environment))
    key = binder.new_field(implied_name(node.of) or "Column1", value.type)
    return plan.Limit(plan.Summarize(rows, ((key, value),), ()), count)


def bind_top_hitters(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`top-hitters n of x [by weight]`, counted exactly (https://learn.microsoft.com/kusto/query/top-hitters-operator)."""
    assert isinstance(node, syntax.TopHitters)
    rows = required(binder, node, source)
    scope = RowScope(rows.fields, environment)
    value = bind_item(binder, node.key, scope)
    name = item_name(node.key, "Column1")
    function, of = "count", name
    arguments: tuple[plan.Expression, ...] = ()
    if node.weight is not None:
        function, of = "sum", implied_name(node.weight) or ""
        arguments = (binder.bind_scalar(binder, node.weight, scope),)
    chosen = choose(aggregate_functions()[function], arguments)
    if chosen is None:
        binder.fail("SEM0061", "'top-hitters' adds up numbers and timespans only.", node.span)
    entry, matched = chosen
    key = binder.new_field(name, value.type)
    total = binder.new_field(unique_name(f"approximate_{function}_{of}", (name,)), matched.returns)
    call = plan.AggregateCall(entry, convert_arguments(entry, matched, arguments), matched.returns)
    grouped = plan.Summarize(rows, ((key, value),), ((total, call),))
    order = [plan.SortKey(plan.Reference(total), True, False)]
    if key.type is not ScalarType.dynamic:
        order.append(plan.SortKey(plan.Reference(key), True, False))  # of equals the same at every run
    return plan.Sort(grouped, tuple(order), row_count(binder, node.count, environment))


def bind_consume(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`consume`: no rows (https://learn.microsoft.com/kusto/query/consume-operator)."""
    return plan.Filter(required(binder, node, source), plan.Constant(False, ScalarType.bool))
