"""`mv-expand`: arrays and bags to rows."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import implied_name
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.operators.input import required
from vedette.kql.types import ScalarType


def bind_mv_expand(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`mv-expand` (https://learn.microsoft.com/kusto/query/mv-expand-operator)."""
    assert isinstance(node, syntax.MvExpand)
    rows = required(binder, node, source)
    scope = RowScope(rows.fields, environment)
    items: list[tuple[plan.Field, plan.Expression]] = []
    replaced: dict[int, plan.Field] = {}
    added: list[plan.Field] = []
    types: dict[int, ScalarType] = {}
    for item in node.items:
        value = binder.bind_scalar(binder, item.value, scope)
        if value.type is not ScalarType.dynamic:
            binder.fail("SEM0251", f"'mv-expand' needs a dynamic value, not a {value.type.value}.", item.value.span)
        name = item.name or implied_name(item.value) or f"Column{len(items) + 1}"
        element = binder.new_field(name, ScalarType.dynamic)
        existing = scope.column(name)
        if existing is not None:
            replaced[existing.id] = element
        else:
            added.append(element)
        if item.type is not None:
            types[element.id] = item.type
        items.append((element, value))
    index = binder.new_field(node.item_index, ScalarType.long) if node.item_index else None
    carried = tuple(field for field in rows.fields if field.id not in replaced)
    fields = tuple(replaced.get(field.id, field) for field in rows.fields) + tuple(added)
    fields += (index,) if index is not None else ()
    expanded = plan.Expand(
        rows, tuple(items), carried, fields, index, _limit(binder, node), node.bag_expansion == "array"
    )
    if not types:
        return expanded
    return plan.Project(expanded, tuple(_typed(binder, field, types.get(field.id)) for field in fields))


def _typed(binder: Binder, field: plan.Field, type: ScalarType | None) -> tuple[plan.Field, plan.Expression]:
    if type is None:
        return field, plan.Reference(field)
    return binder.new_field(field.name, type), convert(plan.Reference(field), type)


def _limit(binder: Binder, node: syntax.MvExpand) -> int | None:
    if node.limit is None:
        return None
    count = binder.bind_scalar(binder, node.limit, RowScope((), Environment()))
    if not isinstance(count, plan.Constant) or not isinstance(count.value, int):
        binder.fail("SEM0220", "The limit is a constant integer.", node.limit.span)
    return count.value
