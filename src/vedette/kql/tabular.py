"""Which expressions mean tables."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment, LambdaValue, LetValue, RowScope, ScalarValue, TableValue
from vedette.kql.parser import parse_function


def is_table(binder: Binder, node: syntax.Expression, scope: RowScope) -> bool:
    """Whether the expression means a table in this place; a column of the same name comes first."""
    match node:
        case syntax.Pipe() | syntax.DataTable() | syntax.ExternalData():
            return True
        case syntax.Name():
            if scope.column(node.name) is not None:
                return False
            value = scope.environment.lookup(node.name)
            if value is not None:
                return not isinstance(value, ScalarValue | LambdaValue) or (
                    isinstance(value, LambdaValue) and is_tabular_lambda(binder, value)
                )
            return binder.catalog.table(node.name) is not None or binder.catalog.function(node.name) is not None
        case syntax.Call():
            if node.name in ("materialize", "table", "view"):
                return True
            value = called_function(binder, node.name, scope.environment)
            return isinstance(value, LambdaValue) and is_tabular_lambda(binder, value)
        case _:
            return False


def is_tabular_lambda(binder: Binder, value: LambdaValue) -> bool:
    """Whether a function's body gives a table, judged by its last statement."""
    body = value.function.body.statements
    if not body or not isinstance(body[-1], syntax.ExpressionStatement):
        return False
    last = body[-1].expression
    local = {statement.name: statement.value for statement in body if isinstance(statement, syntax.Let)}
    if isinstance(last, syntax.Name):
        if last.name in local:
            return isinstance(local[last.name], syntax.Pipe | syntax.DataTable | syntax.ExternalData)
        for parameter in value.function.parameters:
            if parameter.name == last.name:
                return parameter.is_tabular
    return is_table(binder, last, RowScope((), value.environment))


def called_function(binder: Binder, name: str, environment: Environment) -> LetValue | None:
    """The let function or the workspace's saved function of that name."""
    value = environment.lookup(name)
    if value is not None:
        return value
    stored = binder.catalog.function(name)
    if stored is None:
        return None
    return LambdaValue(name, parse_function(stored.parameters, stored.body), Environment(), stored.body)


def table_value(binder: Binder, name: str, table: plan.Plan, *, is_materialized: bool = False) -> TableValue:
    """A table as the value of a name; a second name for a named table stays that table."""
    if isinstance(table, plan.Shared) and not is_materialized:
        return TableValue(table.id, table.name, table.plan, table.is_materialized)
    return TableValue(binder.new_id(), name, table, is_materialized)
