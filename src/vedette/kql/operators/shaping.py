"""Operators that change columns: extend, the project family, serialize, getschema."""

import re
from collections.abc import Sequence

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import naming, unique_name
from vedette.kql.diagnostics import suggestion
from vedette.kql.environment import Environment, RowScope
from vedette.kql.open_columns import open_type, unknown_column
from vedette.kql.operators.input import required
from vedette.kql.operators.ordering import windows_over, with_windows
from vedette.kql.spreading import Spread
from vedette.kql.types import ScalarType

Item = tuple[plan.Field, plan.Expression]


def bind_items(
    binder: Binder, items: Sequence[syntax.Expression], scope: RowScope, spread: Spread
) -> list[tuple[str | None, plan.Expression]]:
    """List items as (name or None, value); `(a, b) = array` gives one item a name, and so do the calls that are
    gathered in `spread`. Raises KqlError."""
    bound: list[tuple[str | None, plan.Expression]] = []
    for item in items:
        names, value_node = naming(item)
        value = binder.bind_scalar(binder, value_node, scope)
        columns = spread.columns(value_node, value, names if isinstance(item, syntax.Named) else ())
        if columns is not None:
            bound.extend(columns)
            continue
        if isinstance(item, syntax.Named) and len(names) > 1:
            if value.type is not ScalarType.dynamic:
                binder.fail("SEM0230", "Several names need a dynamic array on the right.", item.span)
            bound.extend(
                (name, plan.Extract(value, plan.Constant(position, ScalarType.long)))
                for position, name in enumerate(names)
            )
            continue
        bound.append((names[0] if names else None, value))
    return bound


def bind_extend(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`extend a = x`: a column of that name is replaced in its place, a new one goes last."""
    assert isinstance(node, syntax.Extend | syntax.Serialize)
    rows = required(binder, node, source)
    if isinstance(node, syntax.Serialize):
        rows = plan.Sort(rows, ())
    windows = windows_over(rows)
    scope = RowScope(rows.fields, environment, windows=windows)
    items = list(binder.keep(rows.fields))
    taken = [field.name for field, _ in items]
    number = 0
    spread = Spread(binder)
    for name, value in bind_items(binder, node.items, scope, spread):
        if name is None:
            number += 1
            name = unique_name(f"Column{number}", taken)
        field = binder.new_field(name, value.type)
        if name in taken:
            items[taken.index(name)] = (field, value)
        else:
            items.append((field, value))
            taken.append(name)
    return plan.Project(spread.over(with_windows(binder, rows, windows)), tuple(items)) if node.items else rows


def bind_project(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`project` and its variants."""
    assert isinstance(node, syntax.Project)
    rows = required(binder, node, source)
    match node.variant:
        case "":
            return _project(binder, node, rows, environment)
        case "-away":
            unwanted = set(_matching(binder, node, rows))
            return _select(binder, rows, [field for field in rows.fields if field not in unwanted])
        case "-keep":
            wanted = set(_matching(binder, node, rows))
            return _select(binder, rows, [field for field in rows.fields if field in wanted])
        case "-rename":
            return _rename(binder, node, rows)
        case "-reorder":
            return _reorder(binder, node, rows)
        case _:
            return _select(binder, rows, _by_names(binder, node, rows, environment))


def _project(binder: Binder, node: syntax.Project, rows: plan.Plan, environment: Environment) -> plan.Plan:
    items: list[Item] = []
    windows = windows_over(rows)
    spread = Spread(binder)
    bound = bind_items(binder, node.items, RowScope(rows.fields, environment, windows=windows), spread)
    for number, (name, value) in enumerate(bound, start=1):
        taken = [field.name for field, _ in items]
        items.append((binder.new_field(unique_name(name or f"Column{number}", taken), value.type), value))
    return plan.Project(spread.over(with_windows(binder, rows, windows)), tuple(items))


def _select(binder: Binder, rows: plan.Plan, fields: Sequence[plan.Field]) -> plan.Plan:
    return plan.Project(rows, binder.keep(fields))


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern with `*`."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name) is not None


def _matching(binder: Binder, node: syntax.Project, rows: plan.Plan) -> list[plan.Field]:
    """The columns that the items name, in the items' order. A pattern may fit none; a plain name must exist."""
    found: list[plan.Field] = []
    fields = rows.fields
    for item in node.items:
        target = item.value if isinstance(item, syntax.Ordered) else item
        match target:
            case syntax.Star():
                found.extend(fields)
            case syntax.Wildcard():
                found.extend(field for field in fields if matches(target.pattern, field.name))
            case syntax.Name():
                found.append(column_named(binder, target, fields))
            case _:
                binder.fail("SEM0231", f"'project{node.variant}' takes column names and patterns.", target.span)
    return found


def _by_names(binder: Binder, node: syntax.Project, rows: plan.Plan, environment: Environment) -> list[plan.Field]:
    """The columns of `project-by-names`, each once, where it is named first; a name that is no column is passed over.

    https://learn.microsoft.com/kusto/query/project-by-names-operator
    """
    found: dict[int, plan.Field] = {}
    for item in node.items:
        for name in _names(binder, item, rows, environment):
            fields = [field for field in rows.fields if matches(name, field.name)]
            if not fields and "*" not in name and open_type(binder, rows) is not None:
                binder.fail(
                    "SEM0299",
                    f"'{name}' may be a column here or not: the table's columns depend on its data, which "
                    "'project-by-names' does not support.",
                    item.span,
                    "Use 'project' for a column that is there.",
                )
            found.update((field.id, field) for field in fields if field.id not in found)
    if not found:
        binder.fail(
            "SEM0299",
            "'project-by-names' names no column of the table, and a result without columns is not supported.",
            node.span,
        )
    return list(found.values())


def _names(binder: Binder, item: syntax.Expression, rows: plan.Plan, environment: Environment) -> Sequence[str]:
    """The names and patterns that an item of `project-by-names` gives: a column, a constant text or array of texts."""
    match item:
        case syntax.Star():
            return ("*",)
        case syntax.Wildcard():
            return (item.pattern,)
        case syntax.Name() if RowScope(rows.fields, Environment()).column(item.name) is not None:
            return (item.name,)
        case _:
            value = binder.bind_scalar(binder, item, RowScope((), environment))
    names: object = value.value if isinstance(value, plan.Constant) else None
    given: list[object] = [*names] if isinstance(names, list) else [names]
    texts = [name for name in given if isinstance(name, str)]
    if len(texts) < len(given):
        binder.fail(
            "SEM0231", "'project-by-names' takes names of columns: constant texts and arrays of them.", item.span
        )
    return texts


def column_named(binder: Binder, node: syntax.Name, fields: tuple[plan.Field, ...]) -> plan.Field:
    """The column of that name. Raises KqlError (SEM0100)."""
    field = RowScope(fields, Environment()).column(node.name)
    if field is None:
        raise unknown_column(
            binder,
            node.name,
            fields,
            f"Failed to resolve column named '{node.name}'.",
            node.span,
            suggestion(node.name, [field.name for field in fields]),
        )
    return field


def _rename(binder: Binder, node: syntax.Project, rows: plan.Plan) -> plan.Plan:
    new_names: dict[int, str] = {}
    fields = rows.fields
    for item in node.items:
        if not isinstance(item, syntax.Named) or not isinstance(item.value, syntax.Name):
            binder.fail("SEM0232", "'project-rename' takes 'NewName = OldName'.", item.span)
        new_names[column_named(binder, item.value, fields).id] = item.names[0]
    items: list[Item] = []
    for field in fields:
        name = new_names.get(field.id)
        renamed = field if name is None else binder.new_field(name, field.type)
        items.append((renamed, plan.Reference(field)))
    return plan.Project(rows, tuple(items))


def _reorder(binder: Binder, node: syntax.Project, rows: plan.Plan) -> plan.Plan:
    ordered: list[plan.Field] = []
    for item in node.items:
        target = item.value if isinstance(item, syntax.Ordered) else item
        group = [field for field in _matching(binder, _only(node, target), rows) if field not in ordered]
        if isinstance(item, syntax.Ordered) and item.descending is not None:
            key = _name_with_numbers if item.is_granny else _name
            group.sort(key=key, reverse=item.descending)
        ordered.extend(group)
    rest = [field for field in rows.fields if field not in ordered]
    return _select(binder, rows, [*ordered, *rest])


def _name(field: plan.Field) -> list[tuple[int, str]]:
    return [(-1, field.name)]


def _name_with_numbers(field: plan.Field) -> list[tuple[int, str]]:
    """The name as texts and numbers in turn, so that `a2` comes before `a10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", field.name)
    return [(int(part), "") if part[0] in "0123456789" else (-1, part) for part in parts]


def _only(node: syntax.Project, item: syntax.Expression) -> syntax.Project:
    return syntax.Project(node.span, node.variant, (item,))


_NET_TYPES = {
    ScalarType.bool: "System.SByte",
    ScalarType.int: "System.Int32",
    ScalarType.long: "System.Int64",
    ScalarType.real: "System.Double",
    ScalarType.decimal: "System.Data.SqlTypes.SqlDecimal",
    ScalarType.string: "System.String",
    ScalarType.datetime: "System.DateTime",
    ScalarType.timespan: "System.TimeSpan",
    ScalarType.guid: "System.Guid",
    ScalarType.dynamic: "System.Object",
}


def bind_getschema(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`getschema`: a row for each column (https://learn.microsoft.com/kusto/query/getschema-operator)."""
    rows = required(binder, node, source)
    fields = tuple(
        binder.new_field(name, type)
        for name, type in (
            ("ColumnName", ScalarType.string),
            ("ColumnOrdinal", ScalarType.int),
            ("DataType", ScalarType.string),
            ("ColumnType", ScalarType.string),
        )
    )
    values: list[tuple[plan.Expression, ...]] = []
    for ordinal, column in enumerate(rows.fields):
        cells = (column.name, ordinal, _NET_TYPES[column.type], column.type.value)
        values.append(tuple(plan.Constant(cell, field.type) for cell, field in zip(cells, fields, strict=True)))
    return plan.Sort(plan.Values(fields, tuple(values)), ())
