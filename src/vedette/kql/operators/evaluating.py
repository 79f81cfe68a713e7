"""`evaluate`: plugins by name."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import suggestion
from vedette.kql.environment import Environment
from vedette.kql.operators.input import required
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.library import plugins, refused_plugins


def bind_evaluate(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`evaluate` (https://learn.microsoft.com/kusto/query/evaluate-operator). Its hints are for clusters."""
    assert isinstance(node, syntax.Evaluate)
    name = node.call.name
    reason = refused_plugins().get(name)
    if reason is not None:
        binder.fail("SEM0299", f"The plugin '{name}' is not supported: {reason}", node.call.name_span)
    plugin = plugins().get(name)
    if plugin is None:
        hint = suggestion(name, [*plugins(), *refused_plugins()])
        binder.fail("SEM0260", f"Unknown plugin: '{name}'.", node.call.name_span, hint)
    rows = plan.Values((), ()) if plugin.is_source and source is None else required(binder, node, source)
    table = plugin.bind(PluginCall(binder, node, rows, environment))
    return table if plugin.takes_schema or node.columns is None else _declared(binder, node, table)


def _declared(binder: Binder, node: syntax.Evaluate, table: plan.Plan) -> plan.Plan:
    """The columns in the order and of the types that the query declares. Raises KqlError where there are others."""
    assert node.columns is not None
    by_name = {field.name: field for field in table.fields}
    names = {column.name for column in node.columns}
    kept = [field for field in table.fields if field.name not in names] if node.keeps_columns else []
    items: list[tuple[plan.Field, plan.Expression]] = [(field, plan.Reference(field)) for field in kept]
    for column in node.columns:
        field = by_name.get(column.name)
        if field is None:
            there = ", ".join(f"{field.name}:{field.type.value}" for field in table.fields)
            binder.fail(
                "SEM0311", f"'{node.call.name}' gives no column '{column.name}'.", column.span, f"It gives {there}."
            )
        items.append((binder.new_field(column.name, column.type), convert(plan.Reference(field), column.type)))
    return plan.Project(table, tuple(items))
