"""Calls: special forms, let and saved functions, aggregates, and the library's functions, in that order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from vedette.kql import plan, syntax
from vedette.kql.bind_lambdas import bind_lambda_call
from vedette.kql.bind_windows import bind_window_call
from vedette.kql.binder import Binder
from vedette.kql.elsewhere import workspace_named
from vedette.kql.environment import GRAPH_CALLS, LambdaValue, RowScope
from vedette.kql.functions.entry import AggregateFunction
from vedette.kql.functions.library import aggregate_functions, refused_names, scalar_functions, window_functions
from vedette.kql.overloads import apply_entries, convert_arguments, positional
from vedette.kql.signatures import choose
from vedette.kql.special_calls import SPECIAL_CALLS
from vedette.kql.spreading import first_column
from vedette.kql.tabular import called_function, saved_function


def bind_call(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    if node.base is not None:
        return _call_elsewhere(binder, node, node.base, scope)
    if scope.graph is not None and node.name in GRAPH_CALLS:
        return scope.graph.call(binder, node, scope)
    special = SPECIAL_CALLS.get(node.name)
    if special is not None:
        return special(binder, node, scope)
    function = called_function(binder, node, scope.environment)
    if isinstance(function, LambdaValue):
        return bind_lambda_call(binder, node, function, scope)
    aggregates = aggregate_functions().get(node.name)
    if aggregates is not None and (scope.aggregates is not None or node.name not in scalar_functions()):
        return bind_aggregate(binder, node, aggregates, scope)
    if node.name in window_functions():
        return bind_window_call(binder, node, scope)
    entries = scalar_functions().get(node.name)
    if entries is None:
        _unknown_function(binder, node, scope)
    arguments = tuple(binder.bind_scalar(binder, positional(binder, argument), scope) for argument in node.arguments)
    call = apply_entries(binder, f"{node.name}()", entries, arguments, node.span)
    if isinstance(call, plan.Apply) and call.function.columns:
        return first_column(call.function, call)
    return call


def _call_elsewhere(binder: Binder, node: syntax.Call, base: syntax.Expression, scope: RowScope) -> plan.Expression:
    catalog = workspace_named(binder, base, scope.environment)
    function = saved_function(binder, catalog, node.name, node)
    if function is not None:
        return bind_lambda_call(binder, node, function, scope)
    hint = binder.nearest(node.name, (), catalog.function_names)
    binder.fail("SEM0260", f"Unknown function: '{node.name}'.", node.name_span, hint)


def _unknown_function(binder: Binder, node: syntax.Call, scope: RowScope) -> NoReturn:
    reason = refused_names().get(node.name)
    if reason is not None:
        binder.fail("SEM0299", f"The function '{node.name}' is not supported: {reason}", node.name_span)
    known = (*scalar_functions(), *aggregate_functions(), *window_functions(), *scope.environment.names())
    hint = binder.nearest(node.name, known, binder.catalog.function_names)
    binder.fail("SEM0260", f"Unknown function: '{node.name}'.", node.name_span, hint)


def bind_aggregate(
    binder: Binder, node: syntax.Call, entries: Sequence[AggregateFunction], scope: RowScope
) -> plan.Expression:
    collector = scope.aggregates
    if collector is None:
        binder.fail(
            "SEM0110",
            f"The aggregate '{node.name}' can only stand in summarize, make-series and the like.",
            node.name_span,
        )
    inner = replace(scope, aggregates=None)
    arguments = tuple(binder.bind_scalar(binder, positional(binder, argument), inner) for argument in node.arguments)
    chosen = choose(entries, arguments)
    if chosen is None:
        given = ", ".join(argument.type.value for argument in arguments)
        forms = " or ".join(f"({entry.params})" for entry in entries)
        binder.fail("SEM0061", f"'{node.name}()' cannot take ({given}).", node.span, f"It takes {forms}.")
    entry, matched = chosen
    call = plan.AggregateCall(entry, convert_arguments(entry, matched, arguments), matched.returns)
    field = binder.new_field(node.name, matched.returns)
    collector.items.append((field, call))
    return plan.Reference(field)
