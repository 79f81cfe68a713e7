"""Queries: statements in order, sources, and pipes of operators."""

from dataclasses import replace

from vedette.kql import plan, syntax
from vedette.kql.bind_lambdas import called, lambda_environment
from vedette.kql.bind_lets import bind_let
from vedette.kql.bind_patterns import bind_pattern, restricted
from vedette.kql.binder import Binder
from vedette.kql.catalog import Catalog
from vedette.kql.diagnostics import KqlError
from vedette.kql.elsewhere import is_elsewhere, workspace_named
from vedette.kql.environment import (
    NOTHING,
    Environment,
    Graph,
    LambdaValue,
    PatternValue,
    RowScope,
    ScalarValue,
    TableValue,
)
from vedette.kql.open_columns import inherit_open, mark_open, open_type, with_missing
from vedette.kql.operators.external import values_of_externaldata
from vedette.kql.operators.graphs import graph_of, over_graph
from vedette.kql.operators.sources import values_of_datatable
from vedette.kql.operators.spanning import rows_of
from vedette.kql.operators.table import LAST_OPERATORS, OPERATORS, operator_name
from vedette.kql.query_now import NOW, asked_now
from vedette.kql.query_parameters import parameter_value
from vedette.kql.several_results import SEVERAL_RESULTS
from vedette.kql.tabular import called_function, is_pattern, is_table, saved_function, table_value
from vedette.kql.types import ScalarType

_OPTIONS = frozenset({"query_bin_auto_size", "query_bin_auto_at"})


def bind_query(binder: Binder, query: syntax.Query, environment: Environment) -> plan.Plan:
    """The plan of a query's last statement. Raises KqlError."""
    result: plan.Plan | None = None
    for statement in query.statements:
        match statement:
            case syntax.Let():
                environment = _let_or_go_on(binder, statement, environment)
            case syntax.ExpressionStatement():
                if result is not None:
                    binder.fail(SEVERAL_RESULTS, "Here a query gives one result; this is a second one.", statement.span)
                result = bind_result(binder, statement.expression, environment)
            case syntax.Set():
                _set(binder, statement, environment)
            case syntax.DeclareParameters():
                environment = _declare(binder, statement, environment)
            case syntax.DeclarePattern():
                environment = environment.bind(statement.name, PatternValue(statement, environment))
            case syntax.Restrict():
                environment = restricted(binder, statement, environment)
            case _:
                binder.fail(
                    "SEM0299",
                    f"The statement '{_statement_name(statement)}' is not supported: it names databases of clusters.",
                    statement.span,
                    "Name tables and functions of this workspace.",
                )
    if result is None:
        binder.fail(
            "SYN0003",
            "The query has no result: it ends after its let statements.",
            query.span,
            "Add the table to show.",
        )
    return result


def _statement_name(statement: syntax.Statement) -> str:
    names: dict[type[syntax.Statement], str] = {
        syntax.Alias: "alias",
    }
    return names.get(type(statement), type(statement).__name__.lower())


def bind_result(binder: Binder, node: syntax.Expression, environment: Environment) -> plan.Plan:
    """What a query shows: a table, or a single value as a table of one row."""
    if is_table(binder, node, RowScope((), environment)) or isinstance(node, syntax.Name):
        return bind_table(binder, node, environment)
    if is_elsewhere(node):
        return bind_table(binder, node, environment)
    value = binder.bind_scalar(binder, node, RowScope((), environment))
    field = binder.new_field("print_0", value.type)
    return plan.Values((field,), ((value,),))


def _let_or_go_on(binder: Binder, statement: syntax.Let, environment: Environment) -> Environment:
    """The scope after a let; a table that is wrong is noted, and its name means one whose columns are not known."""
    try:
        graph = graph_of(binder, statement.value, environment)
        if graph is not None:
            return environment.bind(statement.name, graph)
        return bind_let(binder, statement, RowScope((), environment))
    except KqlError as error:
        table = binder.missing_table(error)
        return environment.bind(statement.name, table_value(binder, statement.name, table))


def _set(binder: Binder, statement: syntax.Set, environment: Environment) -> None:
    """Options that steer a cluster say nothing here; `query_now` is read before the query is bound."""
    if statement.name == NOW and asked_now(statement) is None:
        binder.fail(
            "SEM0020", f"The option '{NOW}' is a datetime literal.", statement.span, "Write it as datetime(2024-05-01)."
        )
    if statement.name in _OPTIONS and statement.value is not None:
        binder.options[statement.name] = binder.bind_scalar(binder, statement.value, RowScope((), environment))


def _declare(binder: Binder, statement: syntax.DeclareParameters, environment: Environment) -> Environment:
    for parameter in statement.parameters:
        environment = environment.bind(parameter.name, ScalarValue(parameter_value(binder, parameter)))
    return environment


# --- tables --------------------------------------------------------------------------------------------------------


def bind_table(binder: Binder, node: syntax.Expression, environment: Environment) -> plan.Plan:
    """The plan of an expression that must be a table. Raises KqlError."""
    return inherit_open(binder, _table(binder, node, environment))


def _table(binder: Binder, node: syntax.Expression, environment: Environment) -> plan.Plan:
    match node:
        case syntax.Pipe():
            return bind_pipe(binder, node, environment)
        case syntax.Name():
            return _named_table(binder, node, environment)
        case syntax.DataTable():
            return values_of_datatable(binder, node, environment)
        case syntax.Call():
            return _called_table(binder, node, environment)
        case syntax.ExternalData():
            return values_of_externaldata(binder, node, environment)
        case syntax.Member() | syntax.Index() if is_pattern(node.base, environment):
            return _pattern_by_path(binder, node, environment)
        case syntax.Member():
            return table_of(binder, workspace_named(binder, node.base, environment), node.name, node)
        case _:
            binder.fail("SEM0200", "A table is expected here.", node.span)


def bind_pipe(
    binder: Binder, node: syntax.Pipe, environment: Environment, source: plan.Plan | None = None
) -> plan.Plan:
    """A pipe over `source`, or over its own source."""
    operators = node.operators
    graph = environment.lookup(node.source.name) if isinstance(node.source, syntax.Name) else None
    if isinstance(graph, Graph):
        source, operators = over_graph(binder, graph, node, environment)
    elif node.source is not None:
        source = _source_or_go_on(binder, node.source, environment)
    for operator in operators:
        if binder.render is not None and not isinstance(operator, syntax.As):
            binder.fail("SEM0203", "'render' must be the last operator.", binder.render.span)
        if isinstance(operator, syntax.As):
            environment = environment.bind(operator.name, _as(binder, operator, source))
            source = bind_table(binder, syntax.Name(operator.span, operator.name), environment)
            continue
        if isinstance(operator, syntax.Invoke):
            source = _invoke_on(binder, operator, source, environment)
            continue
        if type(operator) not in OPERATORS:
            code = SEVERAL_RESULTS if isinstance(operator, syntax.Fork | syntax.Facet) else "SEM0299"
            binder.fail(code, _refusal(operator), operator.span)
        source = _after(binder, operator, source, environment)
    if source is None:
        binder.fail("SEM0200", "A table is expected here.", node.span)
    return source


def _after(binder: Binder, operator: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """What an operator makes of `source`; one that is wrong is noted and leaves it as it is."""
    while True:
        try:
            return inherit_open(binder, OPERATORS[type(operator)](binder, operator, source, environment))
        except KqlError as error:
            widened = None if source is None else with_missing(binder, source, error)
            if widened is None:
                missing = binder.missing_table(error)
                return missing if source is None else source
            source = widened


def _source_or_go_on(binder: Binder, node: syntax.Expression, environment: Environment) -> plan.Plan:
    try:
        return bind_table(binder, node, environment)
    except KqlError as error:
        return binder.missing_table(error)


def _refusal(operator: syntax.Operator) -> str:
    reason = LAST_OPERATORS.get(type(operator))
    if reason is None:
        return f"The operator '{operator_name(operator)}' is not supported yet."
    return f"The operator '{operator_name(operator)}' cannot be used here: {reason}."


def _as(binder: Binder, operator: syntax.As, source: plan.Plan | None) -> TableValue:
    if source is None:
        binder.fail("SEM0200", "'as' needs a table before it.", operator.span)
    return table_value(binder, operator.name, source)


def _named_table(binder: Binder, node: syntax.Name, environment: Environment) -> plan.Plan:
    value = environment.lookup(node.name)
    if isinstance(value, TableValue):
        return binder.table_of(value)
    if isinstance(value, LambdaValue):
        return _invoke(binder, syntax.Call(node.span, node.name, node.span, ()), value, environment)
    if isinstance(value, ScalarValue):
        binder.fail("SEM0200", f"'{node.name}' is a single value; a table is expected here.", node.span)
    return workspace_table(binder, node.name, node, environment)


def workspace_table(binder: Binder, name: str, node: syntax.Expression, environment: Environment) -> plan.Plan:
    """The workspace's saved function or table of that name. Raises KqlError (SEM0100)."""
    return table_of(binder, binder.catalog, name, node, environment)


def table_of(
    binder: Binder, catalog: Catalog, name: str, node: syntax.Expression, environment: Environment = NOTHING
) -> plan.Plan:
    """A workspace's saved function or table of that name, the function first. Raises KqlError (SEM0100)."""
    if environment.sees_table(name):
        function = saved_function(binder, catalog, name, node)
        if function is not None:
            return _invoke(binder, syntax.Call(node.span, name, node.span, ()), function, environment)
        table = catalog.table(name)
        if table is not None:
            return rows_of(binder, table)
    binder.fail(
        "SEM0100",
        f"Failed to resolve table or column expression named '{name}'.",
        node.span,
        binder.nearest(name, environment.names(), catalog.table_names, catalog.function_names),
    )


def _called_table(binder: Binder, node: syntax.Call, environment: Environment) -> plan.Plan:
    if node.name == "materialize" and len(node.arguments) == 1:
        table = bind_table(binder, node.arguments[0].value, environment)
        return binder.table_of(table_value(binder, "materialize", table, is_materialized=True))
    if is_elsewhere(node):
        workspace_named(binder, node, environment)
        binder.fail("SEM0200", "A table of the workspace is expected here.", node.span, "Write workspace(…).Table.")
    catalog = binder.catalog if node.base is None else workspace_named(binder, node.base, environment)
    if node.name == "table" and node.arguments:
        return _table_call(binder, node, catalog, environment)
    if node.base is None:
        function = called_function(binder, node, environment)
    else:
        function = saved_function(binder, catalog, node.name, node)
    if isinstance(function, LambdaValue):
        return _invoke(binder, node, function, environment)
    if isinstance(function, PatternValue):
        return bind_pattern(binder, node, None, function, environment)
    hint = binder.nearest(node.name, environment.names(), catalog.function_names)
    binder.fail("SEM0260", f"Unknown function: '{node.name}'.", node.name_span, hint)


def _pattern_by_path(binder: Binder, node: syntax.Member | syntax.Index, environment: Environment) -> plan.Plan:
    assert isinstance(node.base, syntax.Call)
    value = environment.lookup(node.base.name)
    assert isinstance(value, PatternValue)
    path = (
        node.index if isinstance(node, syntax.Index) else syntax.Literal(node.name_span, node.name, ScalarType.string)
    )
    return bind_pattern(binder, node.base, path, value, environment)


def _table_call(binder: Binder, node: syntax.Call, catalog: Catalog, environment: Environment) -> plan.Plan:
    name = binder.bind_scalar(binder, node.arguments[0].value, RowScope((), environment))
    if not isinstance(name, plan.Constant) or not isinstance(name.value, str):
        binder.fail("SEM0111", "The table's name must be a constant text.", node.arguments[0].value.span)
    if node.base is None and isinstance(environment.lookup(name.value), TableValue | LambdaValue):
        return _named_table(binder, syntax.Name(node.span, name.value), environment)
    return table_of(binder, catalog, name.value, node, environment if node.base is None else NOTHING)


def _invoke(binder: Binder, node: syntax.Call, value: LambdaValue, environment: Environment) -> plan.Plan:
    inner = lambda_environment(binder, node, value, RowScope((), environment))
    with called(binder, node, value):
        table = bind_query(binder, value.function.body, inner)
    is_open_text = value.gives_texts and open_type(binder, table) is not None
    return mark_open(binder, table, ScalarType.string) if is_open_text else table


def _invoke_on(
    binder: Binder, operator: syntax.Invoke, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`source | invoke f(arguments)`: the source is the function's first argument."""
    if source is None:
        binder.fail("SEM0200", "'invoke' needs a table before it.", operator.span)
    name, call = "$invoked", operator.call
    first = syntax.Argument(syntax.Name(operator.span, name))
    stored = binder.catalog.function(call.name)
    if stored is not None and stored.takes_columns:
        call = replace(call, arguments=tuple(_column_named(argument, source) for argument in call.arguments))
    invoked = syntax.Call(call.span, call.name, call.name_span, (first, *call.arguments))
    return _called_table(binder, invoked, environment.bind(name, table_value(binder, "invoke", source)))


def _column_named(argument: syntax.Argument, source: plan.Plan) -> syntax.Argument:
    value = argument.value
    if isinstance(value, syntax.Name) and any(field.name == value.name for field in source.fields):
        return replace(argument, value=syntax.Literal(value.span, value.name, ScalarType.string))
    return argument
