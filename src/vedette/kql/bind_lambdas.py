"""Calls of let functions and saved functions: their parameters become let variables of their body."""

from collections.abc import Generator
from contextlib import contextmanager

from vedette.kql import plan, syntax
from vedette.kql.bind_lets import bind_let
from vedette.kql.binder import MAX_CALL_DEPTH, Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import suggestion
from vedette.kql.environment import Environment, LambdaValue, LetValue, RowScope, ScalarValue
from vedette.kql.functions.library import scalar_functions
from vedette.kql.mixed_comparison import CASTS
from vedette.kql.overloads import apply_entries
from vedette.kql.signatures import conversion_cost
from vedette.kql.tabular import table_value
from vedette.kql.types import NUMERIC, ScalarType


def bind_lambda_call(binder: Binder, node: syntax.Call, value: LambdaValue, scope: RowScope) -> plan.Expression:
    """The value that a function gives. Raises KqlError."""
    environment = lambda_environment(binder, node, value, scope)
    with called(binder, node, value):
        *before, last = value.function.body.statements or (None,)
        for statement in before:
            if isinstance(statement, syntax.Let):
                environment = bind_let(binder, statement, RowScope((), environment, windows=scope.windows))
        if not isinstance(last, syntax.ExpressionStatement):
            binder.fail("SEM0107", f"The function '{node.name}' has no result.", node.span)
        return binder.bind_scalar(binder, last.expression, RowScope((), environment, windows=scope.windows))


@contextmanager
def called(binder: Binder, node: syntax.Call | syntax.Name, value: LambdaValue) -> Generator[None]:
    """Inside a function's body. Depth is bounded and circles are refused; names in a saved function are those of its
    workspace, and errors in it point at the call."""
    if binder.call_depth >= MAX_CALL_DEPTH:
        message = f"Functions call each other more than {MAX_CALL_DEPTH} deep at '{value.name}'."
        binder.fail("LIM0002", message, node.span)
    if value.catalog is not None and value.name in binder.calling:
        circle = " → ".join(f"'{name}'" for name in (*binder.calling, value.name))
        binder.fail("SEM0113", f"The functions call each other in a circle: {circle}.", node.span)
    before = (binder.call_span, binder.calling, binder.catalog, binder.timespan)
    binder.call_depth += 1
    if value.text is not None:
        binder.call_span = binder.call_span or node.span
    if value.catalog is not None:
        binder.calling = (*binder.calling, value.name)
        binder.catalog = value.catalog
        binder.bodies.append(value.text or "")
    if value.ignores_timespan:
        binder.timespan = None
    try:
        yield
    finally:
        binder.call_depth -= 1
        binder.call_span, binder.calling, binder.catalog, binder.timespan = before


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
        argument = given.pop(parameter.name, None)
        if argument is not None:
            bound[parameter.name] = _argument(binder, node, parameter, argument, scope)
        elif parameter.default is not None:
            bound[parameter.name] = _argument(
                binder, node, parameter, parameter.default, RowScope((), value.environment)
            )
        else:
            binder.fail("SEM0108", f"'{node.name}' needs the argument '{parameter.name}'.", node.span)
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
    if parameter.type is None:
        return ScalarValue(expression)
    if conversion_cost(expression, parameter.type) is not None or _narrows(expression.type, parameter.type):
        return ScalarValue(convert(expression, parameter.type))
    return ScalarValue(_cast(binder, node, parameter, parameter.type, expression, argument))


def _cast(
    binder: Binder,
    node: syntax.Call,
    parameter: syntax.Parameter,
    target: ScalarType,
    expression: plan.Expression,
    argument: syntax.Expression,
) -> plan.Expression:
    """An argument of another type, converted as by the function of the parameter's type, and warned of."""
    cast = CASTS[target]
    binder.warn(
        "WRN0006",
        f"'{node.name}' takes a {target.value} for '{parameter.name}', not a {expression.type.value}.",
        argument.span,
        f"Convert it with {cast}().",
    )
    return apply_entries(binder, f"{cast}()", scalar_functions()[cast], (expression,), argument.span)


def _narrows(source: ScalarType, target: ScalarType) -> bool:
    return source in NUMERIC and target in NUMERIC
