"""Calls of let functions and saved functions: their parameters become let variables of their body."""

from vedette.kql import plan, syntax
from vedette.kql.binder import MAX_CALL_DEPTH, Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import Span, suggestion
from vedette.kql.environment import Environment, LambdaValue, LetValue, RowScope, ScalarValue
from vedette.kql.tabular import table_value


def bind_lambda_call(binder: Binder, node: syntax.Call, value: LambdaValue, scope: RowScope) -> plan.Expression:
    environment = lambda_environment(binder, node, value, scope)
    with_call = enter_call(binder, node, value)
    try:
        for statement in value.function.body.statements[:-1]:
            if isinstance(statement, syntax.Let):
                environment = environment.bind(
                    statement.name,
                    LambdaValue(statement.name, statement.value, environment, value.text)
                    if isinstance(statement.value, syntax.Lambda)
                    else ScalarValue(
                        binder.bind_scalar(binder, statement.value, RowScope((), environment, windows=scope.windows))
                    ),
                )
        last = value.function.body.statements[-1]
        if not isinstance(last, syntax.ExpressionStatement):
            binder.fail("SEM0107", f"The function '{node.name}' has no result.", node.span)
        return binder.bind_scalar(binder, last.expression, RowScope((), environment, windows=scope.windows))
    finally:
        leave_call(binder, with_call)


def enter_call(binder: Binder, node: syntax.Call | syntax.Name, value: LambdaValue) -> tuple[str, Span | None]:
    """Step into a function's body: depth is bounded, and inside a saved function errors point at the call."""
    if binder.call_depth >= MAX_CALL_DEPTH:
        binder.fail(
            "LIM0002", f"Functions call each other more than {MAX_CALL_DEPTH} deep at '{value.name}'.", node.span
        )
    saved = (binder.text, binder.call_span)
    binder.call_depth += 1
    if value.text is not None and binder.call_span is None:
        binder.call_span = node.span
    return saved


def leave_call(binder: Binder, saved: tuple[str, Span | None]) -> None:
    """Step out of a function's body."""
    binder.call_depth -= 1
    binder.call_span = saved[1]


def lambda_environment(binder: Binder, node: syntax.Call, value: LambdaValue, scope: RowScope) -> Environment:
    """The scope of a function's body: its parameters bound to the arguments. Raises KqlError for a wrong call."""
    parameters = value.function.parameters
    given: dict[str, syntax.Expression] = {}
    for position, argument in enumerate(node.arguments):
        if argument.name is not None:
            given[argument.name] = argument.value
        elif position < len(parameters):
            given[parameters[position].name] = argument.value
        else:
            binder.fail(
                "SEM0108", f"'{node.name}' takes {len(parameters)} arguments, not {len(node.arguments)}.", node.span
            )
    bound: dict[str, LetValue] = {}
    for parameter in parameters:
        argument = given.pop(parameter.name, None) or parameter.default
        if argument is None:
            binder.fail("SEM0108", f"'{node.name}' needs the argument '{parameter.name}'.", node.span)
        bound[parameter.name] = _argument(binder, node, parameter, argument, scope)
    if given:
        unknown = next(iter(given))
        binder.fail(
            "SEM0108",
            f"'{node.name}' has no parameter '{unknown}'.",
            node.span,
            suggestion(unknown, [parameter.name for parameter in parameters]),
        )
    return Environment(bound, value.environment)


def _argument(
    binder: Binder, node: syntax.Call, parameter: syntax.Parameter, argument: syntax.Expression, scope: RowScope
) -> LetValue:
    if parameter.is_tabular:
        table = binder.bind_table(binder, argument, scope.environment)
        for column in parameter.columns or ():
            if all(field.name != column.name for field in table.fields):
                binder.fail(
                    "SEM0109", f"The table given for '{parameter.name}' has no column '{column.name}'.", argument.span
                )
        return table_value(binder, parameter.name, table)
    expression = binder.bind_scalar(binder, argument, scope)
    if parameter.type is not None:
        expression = convert(expression, parameter.type)
    return ScalarValue(expression)
