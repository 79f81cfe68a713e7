"""`mv-expand` and `mv-apply`: arrays and bags to rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import implied_name
from vedette.kql.environment import Environment, RowScope, TableValue
from vedette.kql.open_columns import mark_open, open_type
from vedette.kql.operators.input import required
from vedette.kql.partitioned import Partition, partitioned
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class _Expansion:
    """Expanded rows: `fields` are what KQL sees, `carried` go along unseen; `places` count the elements of a row."""

    rows: plan.Plan
    fields: tuple[plan.Field, ...]
    places: plan.Field


def bind_mv_expand(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`mv-expand` (https://learn.microsoft.com/kusto/query/mv-expand-operator)."""
    assert isinstance(node, syntax.MvExpand)
    rows = required(binder, node, source)
    expansion = _expansion(binder, node, rows, rows.fields, environment)
    return plan.Project(expansion.rows, binder.keep(expansion.fields))


def bind_mv_apply(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`mv-apply` (https://learn.microsoft.com/kusto/query/mv-apply-operator).

    The subquery runs over the expansions of all rows at once, told apart by a number that each row gets. The columns
    are the input's, without those that are expanded as they are, and then the subquery's; where one of these has the
    name of a column of the input, it takes its place.
    """
    assert isinstance(node, syntax.MvApply)
    rows = required(binder, node, source)
    number = binder.new_field("row", ScalarType.long)
    expansion = _expansion(binder, node, plan.Numbered(rows, number), rows.fields, environment)
    expanded_columns = {
        item.value.name for item in node.items if item.name is None and isinstance(item.value, syntax.Name)
    }
    outer = tuple(field for field in rows.fields if field.name not in expanded_columns)
    copies = tuple(binder.new_field(field.name, field.type) for field in outer)
    hidden = tuple((copy, plan.Reference(field)) for copy, field in zip(copies, outer, strict=True))
    own = Partition(number, expansion.places, copies)
    unseen = (number, expansion.places)
    table = plan.Project(expansion.rows, (*binder.keep(expansion.fields), *binder.keep(unseen), *hidden))
    in_order = plan.Sort(plan.Project(table, binder.keep(expansion.fields)), ())
    seen = TableValue(binder.new_id(), "rows", in_order)
    found = _bind_subquery(binder, node, seen, environment)
    result, kept = partitioned(binder, found, seen.id, table, own, node.span)
    applied = plan.Project(result, _result_columns(binder, kept.shared, found.fields))
    others = open_type(binder, rows) if binder.open_ids else None
    return applied if others is None else mark_open(binder, applied, others)


def _bind_subquery(binder: Binder, node: syntax.MvApply, seen: TableValue, environment: Environment) -> plan.Plan:
    name = "$rows"
    if not isinstance(node.subquery, syntax.Pipe) or node.subquery.source is not None:
        binder.fail(
            "SEM0256",
            "The steps of 'mv-apply' begin with an operator, for they are applied to the expanded rows.",
            node.subquery.span,
            "Write, for example, 'on (where … | summarize …)'.",
        )
    pipe = replace(node.subquery, source=syntax.Name(node.subquery.span, name))
    return binder.bind_table(binder, pipe, environment.bind(name, seen))


def _result_columns(
    binder: Binder, outer: Sequence[plan.Field], inner: Sequence[plan.Field]
) -> tuple[tuple[plan.Field, plan.Expression], ...]:
    by_name = {field.name: field for field in inner}
    columns = [by_name.pop(field.name, field) for field in outer]
    columns += [field for field in inner if field.name in by_name]
    return tuple((binder.new_field(field.name, field.type), plan.Reference(field)) for field in columns)


def _expansion(
    binder: Binder,
    node: syntax.MvExpand | syntax.MvApply,
    rows: plan.Plan,
    seen: Sequence[plan.Field],
    environment: Environment,
) -> _Expansion:
    """The rows with `seen` fields expanded; all fields of `rows` go along. Raises KqlError."""
    scope = RowScope(tuple(seen), environment)
    items: list[tuple[plan.Field, plan.Expression]] = []
    replaced: dict[int, plan.Field] = {}
    added: list[plan.Field] = []
    for item in node.items:
        value = binder.bind_scalar(binder, item.value, scope)
        if value.type is not ScalarType.dynamic:
            binder.fail("SEM0251", f"'{_name(node)}' needs a dynamic value, not a {value.type.value}.", item.value.span)
        name = item.name or implied_name(item.value) or f"Column{len(items) + 1}"
        element = binder.new_field(name, item.type or ScalarType.dynamic)
        items.append((element, value))
        existing = scope.column(name)
        if existing is not None:
            replaced[existing.id] = element
        else:
            added.append(element)
    places = binder.new_field(node.item_index or "place", ScalarType.long)
    fields = tuple(replaced.get(field.id, field) for field in seen) + tuple(added)
    fields += (places,) if node.item_index else ()
    expanded = plan.Expand(
        rows,
        tuple(items),
        rows.fields,
        (*rows.fields, *(element for element, _ in items), places),
        places,
        _limit(binder, node),
        isinstance(node, syntax.MvExpand) and node.bag_expansion == "array",
    )
    return _Expansion(expanded, fields, places)


def _name(node: syntax.MvExpand | syntax.MvApply) -> str:
    return "mv-expand" if isinstance(node, syntax.MvExpand) else "mv-apply"


def _limit(binder: Binder, node: syntax.MvExpand | syntax.MvApply) -> int | None:
    if node.limit is None:
        return None
    count = binder.bind_scalar(binder, node.limit, RowScope((), Environment()))
    if not isinstance(count, plan.Constant) or not isinstance(count.value, int):
        binder.fail("SEM0220", "The limit is a constant integer.", node.limit.span)
    return count.value
