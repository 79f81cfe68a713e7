"""Calls about the columns of the row: pack_all, bag_pack_columns, pack_array(*), estimate_data_size, iscolumnexists,
column_names_of; and assert, which looks at none."""

from collections.abc import Iterator, Sequence

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import implied_name
from vedette.kql.environment import RowScope
from vedette.kql.functions.columns import PACK_FILLED
from vedette.kql.functions.library import scalar_functions
from vedette.kql.overloads import apply_entries, positional
from vedette.kql.plan_expressions import reads_columns
from vedette.kql.types import ScalarType

NamedValues = Sequence[tuple[str, plan.Expression]]


def bind_pack_all(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`pack_all([ignore_null_empty])` (https://learn.microsoft.com/kusto/query/pack-all-function)."""
    if len(node.arguments) > 1:
        binder.fail("SEM0061", f"'pack_all()' takes at most one argument, not {len(node.arguments)}.", node.span)
    columns = tuple((column.name, plan.Reference(column)) for column in scope.fields)
    if not node.arguments:
        return pack_columns(binder, node, columns)
    ignored = binder.bind_scalar(binder, positional(binder, node.arguments[0]), scope)
    if not isinstance(ignored, plan.Constant) or not isinstance(ignored.value, bool):
        binder.fail("SEM0111", "Whether nulls are left out must be true or false.", node.arguments[0].value.span)
    return pack_columns(binder, node, columns, only_filled=ignored.value)


def bind_bag_pack_columns(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`bag_pack_columns(column, …)` (https://learn.microsoft.com/kusto/query/bag-pack-columns-function)."""
    if not node.arguments:
        binder.fail("SEM0061", "'bag_pack_columns()' takes at least one column.", node.span)
    packed: list[tuple[str, plan.Expression]] = []
    for argument in node.arguments:
        value = positional(binder, argument)
        name = implied_name(value)
        if name is None:
            binder.fail("SEM0111", "Only a column can be packed under its name.", value.span)
        packed.append((name, binder.bind_scalar(binder, value, scope)))
    return pack_columns(binder, node, packed)


def bind_pack_array(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`pack_array(value, …)` or `pack_array(*)`."""
    values = tuple(_values(binder, node, scope))
    return apply_entries(binder, "pack_array()", scalar_functions()["pack_array"], values, node.span)


def bind_estimate_data_size(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`estimate_data_size(column, …)` or `estimate_data_size(*)`."""
    if not node.arguments:
        binder.fail("SEM0061", "'estimate_data_size()' takes at least one column, or '*'.", node.span)
    values = tuple(_values(binder, node, scope))
    return apply_entries(binder, "estimate_data_size()", scalar_functions()["estimate_data_size"], values, node.span)


def bind_iscolumnexists(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`iscolumnexists(name)`: whether the table has a column of that name."""
    if len(node.arguments) != 1:
        binder.fail("SEM0061", f"'iscolumnexists()' takes one name, not {len(node.arguments)}.", node.span)
    name = binder.bind_scalar(binder, positional(binder, node.arguments[0]), scope)
    if not isinstance(name, plan.Constant) or not isinstance(name.value, str):
        binder.fail("SEM0111", "The column's name must be a constant text.", node.arguments[0].value.span)
    return plan.Constant(scope.column(name.value) is not None, ScalarType.bool)


def bind_column_names_of(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`column_names_of(table)` (https://learn.microsoft.com/kusto/query/column-names-of-function)."""
    if len(node.arguments) != 1:
        binder.fail("SEM0061", f"'column_names_of()' takes one table, not {len(node.arguments)}.", node.span)
    table = binder.bind_table(binder, positional(binder, node.arguments[0]), scope.environment)
    return plan.Constant([column.name for column in table.fields], ScalarType.dynamic)


def bind_assert(binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
    """`assert(condition, message)`: the condition may not differ from row to row."""
    arguments = tuple(binder.bind_scalar(binder, positional(binder, argument), scope) for argument in node.arguments)
    if arguments and reads_columns(arguments[0]):
        binder.fail(
            "SEM0111",
            "'assert()' needs a condition that is the same for all rows.",
            node.arguments[0].value.span,
            "Test a column with 'where'.",
        )
    return apply_entries(binder, "assert()", scalar_functions()["assert"], arguments, node.span)


def pack_columns(
    binder: Binder, node: syntax.Call, columns: NamedValues, *, only_filled: bool = False
) -> plan.Expression:
    """A bag of named values, with or without those that are null or ''."""
    pairs: list[plan.Expression] = []
    for name, value in columns:
        pairs.extend((plan.Constant(name, ScalarType.string), value))
    entries = (PACK_FILLED,) if only_filled else scalar_functions()["bag_pack"]
    return apply_entries(binder, f"{node.name}()", entries, pairs, node.span)


def _values(binder: Binder, node: syntax.Call, scope: RowScope) -> Iterator[plan.Expression]:
    """The arguments, `*` standing for all columns."""
    for argument in node.arguments:
        if isinstance(argument.value, syntax.Star):
            yield from map(plan.Reference, scope.fields)
        else:
            yield binder.bind_scalar(binder, positional(binder, argument), scope)
