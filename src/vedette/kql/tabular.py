"""Which expressions mean tables, and what the name of a function means."""

from collections.abc import Mapping
from functools import lru_cache

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.catalog import Catalog, StoredFunction
from vedette.kql.diagnostics import KqlError
from vedette.kql.elsewhere import is_elsewhere, workspace_named
from vedette.kql.environment import Environment, LambdaValue, LetValue, PatternValue, RowScope, TableValue
from vedette.kql.parser import parse_function

_TABLE_CALLS = frozenset({"materialize", "table", "view"})
_NONE: Mapping[str, syntax.Expression | bool] = {}

Local = Mapping[str, syntax.Expression | bool]
"""The names inside a function's body: what each is bound to, or, of a parameter, whether it is a table."""


def is_table(binder: Binder, node: syntax.Expression, scope: RowScope) -> bool:
    """Whether the expression means a table in this place; a column of the same name comes first."""
    if isinstance(node, syntax.Name) and scope.column(node.name) is not None:
        return False
    return _means_table(binder, node, scope.environment, _NONE, ())


def _means_table(
    binder: Binder, node: syntax.Expression, environment: Environment, local: Local, calls: tuple[str, ...]
) -> bool:
    match node:
        case syntax.Pipe() | syntax.DataTable() | syntax.ExternalData():
            return True
        case syntax.Name() | syntax.Call() if node.name in local:
            bound = local[node.name]
            if isinstance(bound, bool):
                return bound
            inner = {name: value for name, value in local.items() if value is not bound}
            if isinstance(bound, syntax.Lambda):
                return _gives_table(binder, bound, environment, inner, calls)
            return _means_table(binder, bound, environment, inner, calls)
        case syntax.Call(base=None) if node.name in _TABLE_CALLS:
            return True
        case syntax.Name() | syntax.Call(base=None):
            return _named_is_table(binder, node, environment, calls)
        case syntax.Member() | syntax.Index() if is_pattern(node.base, environment):
            return True
        case syntax.Member():
            return is_elsewhere(node.base)
        case syntax.Call():
            return _is_table_elsewhere(binder, node, calls)
        case _:
            return False


def is_pattern(node: syntax.Expression, environment: Environment) -> bool:
    """Whether the expression calls a declared pattern."""
    return isinstance(node, syntax.Call) and isinstance(environment.lookup(node.name), PatternValue)


def _named_is_table(
    binder: Binder, node: syntax.Name | syntax.Call, environment: Environment, calls: tuple[str, ...]
) -> bool:
    value = environment.lookup(node.name)
    if isinstance(value, PatternValue):
        return True
    if value is None and not environment.sees_table(node.name):
        return False
    if value is None and isinstance(node, syntax.Name) and binder.catalog.table(node.name) is not None:
        return True
    value = value or saved_function(binder, binder.catalog, node.name, node)
    return isinstance(value, TableValue) or (isinstance(value, LambdaValue) and is_tabular_lambda(binder, value, calls))


def is_tabular_lambda(binder: Binder, value: LambdaValue, calls: tuple[str, ...] = ()) -> bool:
    """Whether a function's body gives a table, judged by its last statement. `calls` are the functions that are being
    judged because they end in a call of this one."""
    if value.name in calls:
        return True  # a circle, which binding refuses
    return _gives_table(binder, value.function, value.environment, _NONE, (*calls, value.name))


def _gives_table(
    binder: Binder, function: syntax.Lambda, environment: Environment, outer: Local, calls: tuple[str, ...]
) -> bool:
    body = function.body.statements
    if not body or not isinstance(body[-1], syntax.ExpressionStatement):
        return False
    local = {
        **outer,
        **{parameter.name: parameter.is_tabular for parameter in function.parameters},
        **{statement.name: statement.value for statement in body if isinstance(statement, syntax.Let)},
    }
    return _means_table(binder, body[-1].expression, environment, local, calls)


def _is_table_elsewhere(binder: Binder, node: syntax.Call, calls: tuple[str, ...]) -> bool:
    if node.base is None or not is_elsewhere(node.base):
        return False
    if node.name in _TABLE_CALLS or not isinstance(node.base, syntax.Call) or node.base.name != "workspace":
        return True
    function = saved_function(binder, workspace_named(binder, node.base, Environment()), node.name, node)
    return function is None or is_tabular_lambda(binder, function, calls)


# --- names of functions --------------------------------------------------------------------------------------------


def called_function(binder: Binder, node: syntax.Name | syntax.Call, environment: Environment) -> LetValue | None:
    """The let function or the workspace's saved function of that name. Raises KqlError for one that cannot be read."""
    value = environment.lookup(node.name)
    if value is not None or not environment.sees_table(node.name):
        return value
    return saved_function(binder, binder.catalog, node.name, node)


def saved_function(binder: Binder, catalog: Catalog, name: str, node: syntax.Expression) -> LambdaValue | None:
    """A workspace's function of that name. Raises KqlError (SEM0112) for one that cannot be read."""
    stored = catalog.function(name)
    if stored is None:
        return None
    try:
        function = _parsed(stored)
    except KqlError as error:
        binder.fail("SEM0112", f"The function '{name}' cannot be read: {error.diagnostics[0].message}", node.span)
    return LambdaValue(name, function, Environment(), stored.body, catalog, stored.ignores_timespan, stored.gives_texts)


@lru_cache(maxsize=1024)
def _parsed(stored: StoredFunction) -> syntax.Lambda:
    return parse_function(stored.parameters, stored.body)


def table_value(binder: Binder, name: str, table: plan.Plan, *, is_materialized: bool = False) -> TableValue:
    """A table as the value of a name; a second name for a named table stays that table."""
    if isinstance(table, plan.Shared) and not is_materialized:
        return TableValue(table.id, table.name, table.plan, table.is_materialized)
    return TableValue(binder.new_id(), name, table, is_materialized)
