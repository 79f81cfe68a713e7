"""Calls of window functions: they need rows in order, and some begin anew where a condition is true."""

from collections.abc import Mapping

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.environment import RowScope, WindowCollector
from vedette.kql.functions.entry import WindowFunction
from vedette.kql.functions.library import window_functions
from vedette.kql.functions.windows import CHANGED, RESTARTED, RUN_START, SESSION
from vedette.kql.overloads import convert_arguments, positional
from vedette.kql.plan_expressions import reads_columns
from vedette.kql.signatures import choose, conversion_cost, parse_parameters
from vedette.kql.types import ScalarType

_RANKED_BY: Mapping[str, WindowFunction] = {"row_rank_dense": CHANGED, "row_rank_min": RUN_START}


def bind_window_call(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """A window function's call (https://learn.microsoft.com/kusto/query/window-functions), as a reference to the field
    that will carry it. Raises KqlError (SEM0120) where the rows have no order, or the operator gives no columns."""
    windows = _collector(binder, node, scope)
    arguments = tuple(binder.bind_scalar(binder, positional(binder, argument), scope) for argument in node.arguments)
    entries = window_functions()[node.name]
    chosen = choose(entries, arguments)
    if chosen is None:
        given = ", ".join(argument.type.value for argument in arguments)
        forms = " or ".join(f"({entry.params})" for entry in entries)
        binder.fail("SEM0061", f"'{node.name}()' cannot take ({given}).", node.span, f"It takes {forms}.")
    entry, matched = chosen
    bound = convert_arguments(entry, matched, arguments)
    if entry.name in ("prev", "next"):
        return _collect(binder, windows, _neighbour(binder, node, bound))
    if entry is SESSION:
        if any(map(reads_columns, bound[1:3])):
            binder.fail("SEM0121", f"The lengths that '{node.name}()' takes are the same for all rows.", node.span)
        return _collect(binder, windows, plan.WindowCall(entry, bound, matched.returns))
    partition: tuple[plan.Expression, ...] = ()
    if parse_parameters(entry.params)[-1].name == "restart":
        *bound, restart = bound
        partition = _restarted(binder, windows, restart)
    inner = _RANKED_BY.get(entry.name)
    if inner is not None:
        term = convert(bound[0], ScalarType.string) if bound[0].type is ScalarType.dynamic else bound[0]
        bound = (_collect(binder, windows, plan.WindowCall(inner, (term,), ScalarType.long, partition)),)
    return _collect(binder, windows, plan.WindowCall(entry, tuple(bound), matched.returns, partition))


def _collector(binder: Binder, node: syntax.Call, scope: RowScope) -> WindowCollector:
    if scope.windows is None:
        binder.fail(
            "SEM0120",
            f"The function '{node.name}' cannot stand here.",
            node.name_span,
            "Compute it with 'extend' in a step before this one.",
        )
    if not scope.windows.is_ordered:
        binder.fail(
            "SEM0120",
            f"The function '{node.name}' needs rows in order, and here they are in none.",
            node.name_span,
            "Write '| sort by …' or '| serialize' before this step.",
        )
    return scope.windows


def _collect(binder: Binder, windows: WindowCollector, call: plan.WindowCall) -> plan.Reference:
    for field, known in windows.items:
        if known == call:
            return plan.Reference(field)
    field = binder.new_field(call.function.name, call.type)
    windows.items.append((field, call))
    return plan.Reference(field)


def _neighbour(binder: Binder, node: syntax.Call, bound: tuple[plan.Expression, ...]) -> plan.WindowCall:
    value, offset, *default = bound
    if not isinstance(offset, plan.Constant) or not isinstance(offset.value, int) or offset.value < 1:
        binder.fail("SEM0121", f"The offset of '{node.name}()' is a constant from 1 on.", node.span)
    other = default[0] if default else plan.Constant("" if value.type is ScalarType.string else None, value.type)
    if reads_columns(other):
        binder.fail("SEM0121", f"The default of '{node.name}()' is a constant, the same for all rows.", node.span)
    if conversion_cost(other, value.type) is None:
        binder.fail(
            "SEM0061", f"The default of '{node.name}()' is a {other.type.value} and no {value.type.value}.", node.span
        )
    entry = window_functions()[node.name][-1]
    return plan.WindowCall(entry, (value, offset, convert(other, value.type)), value.type)


def _restarted(binder: Binder, windows: WindowCollector, restart: plan.Expression) -> tuple[plan.Expression, ...]:
    if isinstance(restart, plan.Constant) and not restart.value:
        return ()
    return (_collect(binder, windows, plan.WindowCall(RESTARTED, (restart,), ScalarType.long)),)
