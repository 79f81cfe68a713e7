"""Calls whose arguments are not ordinary values: now, ago, column_ifexists, toscalar, ingestion_time, extract …"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_calls import (
    bind_assert,
    bind_bag_pack_columns,
    bind_column_names_of,
    bind_estimate_data_size,
    bind_iscolumnexists,
    bind_pack_all,
    bind_pack_array,
    pack_columns,
)
from vedette.kql.conversion import convert
from vedette.kql.environment import RowScope
from vedette.kql.functions.conditionals import case_of
from vedette.kql.functions.library import scalar_functions
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries, positional
from vedette.kql.tabular import is_table
from vedette.kql.types import ScalarType, type_named


def _now(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    now = plan.Instant("now")
    if not node.arguments:
        return now
    offset = _single(binder, node, scope)
    return apply_entries(binder, "now()", OPERATOR_ENTRIES["+"], (now, offset), node.span)


def _ago(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    offset = _single(binder, node, scope)
    if offset.type is ScalarType.dynamic:
        offset = convert(offset, ScalarType.timespan)
    if offset.type is not ScalarType.timespan:
        binder.fail(
            "SEM0061", f"'ago()' takes a timespan, not a {offset.type.value}.", node.span, "Write it as 1h, 7d or 30m."
        )
    if isinstance(offset, plan.Constant) and isinstance(offset.value, int):
        return plan.Instant("now", -offset.value)
    return apply_entries(binder, "ago()", OPERATOR_ENTRIES["-"], (plan.Instant("now"), offset), node.span)


def _bin_auto(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`bin_at` with the size and the origin that the query sets (https://learn.microsoft.com/kusto/query/bin-auto-function)."""
    value = _single(binder, node, scope)
    size, origin = (binder.options.get(f"query_bin_auto_{part}") for part in ("size", "at"))
    if size is None:
        binder.fail(
            "SEM0115",
            "'bin_auto()' needs the size of the bins.",
            node.span,
            "Write 'set query_bin_auto_size = 1h;' before the query.",
        )
    name, arguments = ("bin", (value, size)) if origin is None else ("bin_at", (value, size, origin))
    return apply_entries(binder, f"{name}()", scalar_functions()[name], arguments, node.span)


def _single(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    if len(node.arguments) != 1:
        binder.fail("SEM0061", f"'{node.name}()' takes one argument, not {len(node.arguments)}.", node.span)
    return binder.bind_scalar(binder, positional(binder, node.arguments[0]), scope)


def _column_ifexists(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    if len(node.arguments) != 2:
        binder.fail("SEM0061", f"'{node.name}()' takes a column's name and a default.", node.span)
    name = binder.bind_scalar(binder, node.arguments[0].value, replace(scope, fields=()))
    if not isinstance(name, plan.Constant) or not isinstance(name.value, str):
        binder.fail("SEM0111", "The column's name must be a constant text.", node.arguments[0].value.span)
    column = scope.column(name.value)
    if column is not None and column.id not in binder.assumed_ids:
        return plan.Reference(column)
    return binder.bind_scalar(binder, node.arguments[1].value, scope)


def _toscalar(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    if len(node.arguments) != 1:
        binder.fail("SEM0061", "'toscalar()' takes one table.", node.span)
    argument = node.arguments[0].value
    if not is_table(binder, argument, scope):
        return binder.bind_scalar(binder, argument, scope)
    table = binder.bind_table(binder, argument, scope.environment)
    return plan.ScalarSubquery(table, table.fields[0].type)


def _ingestion_time(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    column = scope.column("_TimeReceived")
    if column is not None:
        return plan.Reference(column)
    return plan.Constant(None, ScalarType.datetime)


def _typed(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`extract(…, typeof(t))`: the result in the type that the last argument names."""
    *given, last = node.arguments or (syntax.Argument(syntax.Star(node.span)),)
    type = _typeof(last.value)
    arguments = given if type is not None else node.arguments
    values = tuple(binder.bind_scalar(binder, positional(binder, argument), scope) for argument in arguments)
    text = apply_entries(binder, f"{node.name}()", scalar_functions()[node.name], values, node.span)
    return text if type is None else convert(text, type)


def _typeof(node: syntax.Expression) -> ScalarType | None:
    if isinstance(node, syntax.Call) and node.name == "typeof" and len(node.arguments) == 1:
        argument = node.arguments[0].value
        return type_named(argument.name) if isinstance(argument, syntax.Name) else None
    return None


def _pack(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    if len(node.arguments) == 1 and isinstance(node.arguments[0].value, syntax.Star):
        return pack_columns(binder, node, [(column.name, plan.Reference(column)) for column in scope.fields])
    if len(node.arguments) % 2:
        binder.fail("SEM0061", f"'{node.name}()' takes a name and a value for each property.", node.span)
    arguments = tuple(binder.bind_scalar(binder, positional(binder, argument), scope) for argument in node.arguments)
    return apply_entries(binder, f"{node.name}()", scalar_functions()["bag_pack"], arguments, node.span)


def _geo_info(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    binder.locates = binder.locates or binder.call_span or node.span
    address = _single(binder, node, scope)
    return apply_entries(binder, f"{node.name}()", scalar_functions()[node.name], (address,), node.span)


def _case(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    arguments = tuple(binder.bind_scalar(binder, positional(binder, argument), scope) for argument in node.arguments)
    is_whole = len(arguments) >= 3 and len(arguments) % 2 == 1
    entries = (case_of(len(arguments) // 2),) if is_whole else scalar_functions()["case"]
    return apply_entries(binder, "case()", entries, arguments, node.span)


SPECIAL_CALLS: Mapping[str, Callable[[Binder, syntax.Call, RowScope], plan.Expression]] = {
    "now": _now,
    "ago": _ago,
    "bin_auto": _bin_auto,
    "case": _case,
    "column_ifexists": _column_ifexists,
    "columnifexists": _column_ifexists,
    "toscalar": _toscalar,
    "ingestion_time": _ingestion_time,
    "extract": _typed,
    "extract_json": _typed,
    "extractjson": _typed,
    "percentile_tdigest": _typed,
    "pack_all": bind_pack_all,
    "pack_array": bind_pack_array,
    "bag_pack_columns": bind_bag_pack_columns,
    "estimate_data_size": bind_estimate_data_size,
    "iscolumnexists": bind_iscolumnexists,
    "column_names_of": bind_column_names_of,
    "assert": bind_assert,
    "geo_info_from_ip_address": _geo_info,
    "pack": _pack,
    "bag_pack": _pack,
    "pack_dictionary": _pack,
}
"""Calls whose arguments are not ordinary values."""
