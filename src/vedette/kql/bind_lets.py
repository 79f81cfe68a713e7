"""Let statements: the scope in which a name means its value."""

from vedette.kql import syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment, LambdaValue, RowScope, ScalarValue
from vedette.kql.tabular import called_function, is_table, table_value


def bind_let(binder: Binder, statement: syntax.Let, scope: RowScope) -> Environment:
    """The scope in which the statement's name means its value; the scope's columns are not seen. Raises KqlError."""
    value, name, environment = statement.value, statement.name, scope.environment
    if isinstance(value, syntax.Lambda):
        return environment.bind(name, LambdaValue(name, value, environment))
    if isinstance(value, syntax.Name):
        known = environment.lookup(value.name)
        if known is None and binder.catalog.table(value.name) is None:
            known = called_function(binder, value, environment)
        if known is not None:
            return environment.bind(name, known)
    inner = RowScope((), environment, windows=scope.windows)
    if is_table(binder, value, inner):
        materialized = isinstance(value, syntax.Call) and value.name == "materialize"
        table = binder.bind_table(binder, value, environment)
        return environment.bind(name, table_value(binder, name, table, is_materialized=materialized))
    return environment.bind(name, ScalarValue(binder.bind_scalar(binder, value, inner)))
