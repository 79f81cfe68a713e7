"""`search` and `find`: rows that hold a term or meet a condition, in one table or in many."""

from collections.abc import Iterable, Iterator
from typing import Any

from vedette.kql import plan, syntax
from vedette.kql.bind_expressions import bind_predicate
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import Span, suggestion
from vedette.kql.environment import Environment, RowScope, ScalarValue
from vedette.kql.functions.library import scalar_functions
from vedette.kql.operators.joining import Branch, branches_of, unite
from vedette.kql.operators.searching_terms import in_any_column, in_column
from vedette.kql.operators.wildcards import tables_like
from vedette.kql.overloads import apply_entries
from vedette.kql.types import ScalarType
from vedette.kql.walk import walk

_TABLE = "$table"
_PACK = "pack_"


def bind_search(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`search [kind=case_sensitive] [in (tables)] predicate`: `$table`, then the columns of all the tables
    (https://learn.microsoft.com/kusto/query/search-operator)."""
    assert isinstance(node, syntax.Search)
    if node.kind not in (None, "case_sensitive", "case_insensitive", "default"):
        kinds = ("case_insensitive", "case_sensitive")
        binder.fail("SEM0240", f"'{node.kind}' is not a kind of search.", node.span, suggestion(node.kind, kinds))
    branches = _searched(binder, node.tables, node, source, environment)
    predicate = _Predicate(binder, branches, environment, case_sensitive=node.kind == "case_sensitive")
    return unite(binder, [predicate.filtered(branch, node.predicate) for branch in branches], _TABLE)


def bind_find(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`find [withsource=name] [in (tables)] where predicate [project …]`: the source's name, then the columns asked
    for; unasked, those in the predicate and those in every table, and a bag of the rest
    (https://learn.microsoft.com/kusto/query/find-operator)."""
    assert isinstance(node, syntax.Find)
    branches = _searched(binder, node.tables, node, source, environment)
    predicate = _Predicate(binder, branches, environment, case_sensitive=False)
    named = [name for name in _names(node.predicate) if name in predicate.columns]
    if named and not _has_term(node.predicate):
        branches = [branch for branch in branches if any(field.name in named for field in branch.plan.fields)]
    found = [predicate.filtered(branch, node.predicate) for branch in branches]
    columns, packs = _find_columns(binder, node, found, named)
    shaped = [_shaped(binder, branch, columns, packs=packs) for branch in found]
    return unite(binder, shaped, node.with_source or "source_")


def _searched(
    binder: Binder,
    tables: tuple[syntax.Expression, ...],
    node: syntax.Operator,
    source: plan.Plan | None,
    environment: Environment,
) -> list[Branch]:
    if source is not None:
        unnamed = "search_arg0" if isinstance(node, syntax.Search) else "find_arg0"
        return [Branch(_source_name(source) or unnamed, source)]
    if tables:
        union = syntax.Union(node.span, tables)
        return [
            branch
            for number, table in enumerate(tables)
            for branch in branches_of(binder, union, table, environment, number)
        ]
    return [Branch(name, rows) for name, rows in tables_like(binder, "*", syntax.Name(node.span, "*"), environment)]


def _source_name(rows: plan.Plan) -> str:
    while isinstance(rows, plan.Filter | plan.Project | plan.Sort | plan.Limit):
        rows = rows.input
    if isinstance(rows, plan.Scan):
        return rows.table.name
    return rows.name if isinstance(rows, plan.Shared) else ""


# --- predicates ----------------------------------------------------------------------------------------------------


class _Predicate:
    """A condition over several tables: a column that one of them lacks is empty there."""

    def __init__(
        self, binder: Binder, branches: Iterable[Branch], environment: Environment, *, case_sensitive: bool
    ) -> None:
        self.columns: dict[str, ScalarType] = {}
        for branch in branches:
            for field in branch.plan.fields:
                self.columns.setdefault(field.name, field.type)
        self._binder = binder
        self._environment = environment
        self._case_sensitive = case_sensitive

    def filtered(self, branch: Branch, node: syntax.Expression) -> Branch:
        """The branch's rows that meet the condition. Raises KqlError."""
        if isinstance(node, syntax.Star):
            return branch
        own = {field.name for field in branch.plan.fields}
        elsewhere = {name: _nothing(type) for name, type in self.columns.items() if name not in own}
        values = {name: ScalarValue(value) for name, value in elsewhere.items()}
        values[_TABLE] = ScalarValue(plan.Constant(branch.name, ScalarType.string))
        scope = RowScope(branch.plan.fields, Environment(values, self._environment))
        return Branch(branch.name, plan.Filter(branch.plan, self._bound(node, scope)))

    def _bound(self, node: syntax.Expression, scope: RowScope) -> plan.Expression:
        match node:
            case syntax.Literal(type=ScalarType.string):
                return in_any_column(self._binder, scope.fields, ":", node.value, node.span, cased=self._case_sensitive)
            case syntax.Binary(operator="and" | "or"):
                return plan.Logical(node.operator, (self._bound(node.left, scope), self._bound(node.right, scope)))
            case syntax.Call(name="not") if len(node.arguments) == 1:
                inner = self._bound(node.arguments[0].value, scope)
                return apply_entries(self._binder, "not()", scalar_functions()["not"], (inner,), node.span)
            case syntax.Binary() if node.operator == ":" or isinstance(node.left, syntax.Star):
                return self._term(node, scope)
            case _:
                return bind_predicate(self._binder, node, scope)

    def _term(self, node: syntax.Binary, scope: RowScope) -> plan.Expression:
        """`column:"term"`, `* has "term"`."""
        term = self._binder.bind_scalar(self._binder, node.right, RowScope((), scope.environment))
        if not isinstance(term, plan.Constant) or not isinstance(term.value, str | int | float):
            self._binder.fail("SEM0111", "The term to search for must be a constant text.", node.right.span)
        text, span, cased = str(term.value), node.operator_span, self._case_sensitive
        if isinstance(node.left, syntax.Star):
            return in_any_column(self._binder, scope.fields, node.operator, text, span, cased=cased)
        column = self._binder.bind_scalar(self._binder, node.left, scope)
        return in_column(self._binder, column, node.operator, text, span, cased=cased)


def _nothing(type: ScalarType) -> plan.Constant:
    return plan.Constant("" if type is ScalarType.string else None, type)


def _names(node: Any) -> Iterator[str]:
    """The names in an expression, in order."""
    return (part.name for part in walk(node) if isinstance(part, syntax.Name))


def _has_term(node: syntax.Expression) -> bool:
    """Whether the condition looks into columns that it does not name."""
    if isinstance(node, syntax.Literal | syntax.Star):
        return True
    if isinstance(node, syntax.Binary):
        is_logical = node.operator in ("and", "or")
        return isinstance(node.left, syntax.Star) or (is_logical and (_has_term(node.left) or _has_term(node.right)))
    return isinstance(node, syntax.Call) and node.name == "not" and any(_has_term(a.value) for a in node.arguments)


# --- the columns of find -------------------------------------------------------------------------------------------


def _find_columns(
    binder: Binder, node: syntax.Find, branches: list[Branch], named: list[str]
) -> tuple[dict[str, ScalarType], bool]:
    """The columns to give, each with its type, and whether the rest is packed."""
    types: dict[str, ScalarType] = {}
    for branch in branches:
        for field in branch.plan.fields:
            known = types.setdefault(field.name, field.type)
            types[field.name] = known if known is field.type else ScalarType.dynamic
    if node.is_away:
        away = {name for item in node.project for name in _names(item)}
        return {name: type for name, type in types.items() if name not in away}, False
    if not node.project:
        common = [name for name in types if all(_has(branch, name) for branch in branches)] if named else []
        wanted = [name for name in types if name in named or name in common]
        return {name: types[name] for name in wanted}, len(wanted) < len(types)
    columns: dict[str, ScalarType] = {}
    packs = False
    for item in node.project:
        match item:
            case syntax.ColumnDeclaration():
                columns[item.name] = item.type
            case syntax.Call():
                packs = True
            case syntax.Name():
                if item.name not in types:
                    hint = suggestion(item.name, types)
                    binder.fail("SEM0100", f"Failed to resolve column named '{item.name}'.", item.span, hint)
                columns[item.name] = types[item.name]
            case _:
                binder.fail("SEM0231", "'find' projects column names, 'name:type' and 'pack(*)'.", item.span)
    return columns, packs


def _has(branch: Branch, name: str) -> bool:
    return any(field.name == name for field in branch.plan.fields)


def _shaped(binder: Binder, branch: Branch, columns: dict[str, ScalarType], *, packs: bool) -> Branch:
    scope = RowScope(branch.plan.fields, Environment())
    items: list[tuple[plan.Field, plan.Expression]] = []
    for name, type in columns.items():
        column = scope.column(name)
        value = _nothing(type) if column is None else convert(plan.Reference(column), type)
        items.append((binder.new_field(name, type), value))
    if packs:
        arguments: list[plan.Expression] = []
        for field in branch.plan.fields:
            if field.name not in columns:
                arguments += (plan.Constant(field.name, ScalarType.string), plan.Reference(field))
        bag = apply_entries(binder, "pack()", scalar_functions()["bag_pack"], arguments, Span(0, 0))
        items.append((binder.new_field(_PACK, ScalarType.dynamic), bag))
    return Branch(branch.name, plan.Project(branch.plan, tuple(items)))
