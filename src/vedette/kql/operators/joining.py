"""Operators that bring tables together: join, lookup, union."""

from collections.abc import Sequence
from dataclasses import dataclass

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import unique_name
from vedette.kql.conversion import comparable, convert
from vedette.kql.diagnostics import KqlError, suggestion
from vedette.kql.environment import Environment
from vedette.kql.open_columns import with_missing
from vedette.kql.operators.input import required
from vedette.kql.operators.shaping import column_named
from vedette.kql.operators.wildcards import tables_like
from vedette.kql.types import ScalarType

_KINDS = {
    "innerunique": "innerunique",
    "inner": "inner",
    "leftouter": "leftouter",
    "rightouter": "rightouter",
    "fullouter": "fullouter",
    "leftsemi": "leftsemi",
    "rightsemi": "rightsemi",
    "leftanti": "leftanti",
    "anti": "leftanti",
    "leftantisemi": "leftanti",
    "rightanti": "rightanti",
    "rightantisemi": "rightanti",
}


def bind_join(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`join` and `lookup` (https://learn.microsoft.com/kusto/query/join-operator)."""
    assert isinstance(node, syntax.Join)
    left = required(binder, node, source)
    right = binder.bind_table(binder, node.right, environment)
    kind = _kind(binder, node)
    right, pairs = _with_keys(binder, node, left, right, environment)
    keys = tuple((one, other) for one, other in pairs)
    if kind == "innerunique":
        left = plan.DistinctOn(left, tuple(one for one, _ in keys))
        kind = "inner"
    sources = _sources(left, right, kind)
    if node.is_lookup:
        dropped = {other.field.id for _, other in keys if isinstance(other, plan.Reference)}
        sources = [field for field in sources if field.id not in dropped]
    taken: list[str] = []
    fields: list[plan.Field] = []
    for column in sources:
        taken.append(unique_name(column.name, taken))
        fields.append(binder.new_field(taken[-1], column.type))
    return plan.Join(left, right, kind, keys, tuple(fields), tuple(sources))


def _kind(binder: Binder, node: syntax.Join) -> str:
    allowed = {"leftouter": "leftouter", "inner": "inner"} if node.is_lookup else _KINDS
    text = node.kind or ("leftouter" if node.is_lookup else "innerunique")
    kind = allowed.get(text.lower())
    if kind is None:
        what = "lookup" if node.is_lookup else "join"
        binder.fail(
            "SEM0240",
            f"'{text}' is not a kind of {what}.",
            node.kind_span,
            suggestion(text, allowed) or f"The kinds are {', '.join(allowed)}.",
        )
    return kind


def _sources(left: plan.Plan, right: plan.Plan, kind: str) -> list[plan.Field]:
    if kind in ("leftsemi", "leftanti"):
        return list(left.fields)
    if kind in ("rightsemi", "rightanti"):
        return list(right.fields)
    return [*left.fields, *right.fields]


def _with_keys(
    binder: Binder, node: syntax.Join, left: plan.Plan, right: plan.Plan, environment: Environment
) -> tuple[plan.Plan, list[tuple[plan.Expression, plan.Expression]]]:
    """The right side and the pairs to compare; a right side that is open gets the columns that are missing."""
    while True:
        try:
            return right, _key_pairs(binder, node, left, right, environment)
        except KqlError as error:
            widened = with_missing(binder, right, error)
            if widened is None:
                raise
            right = widened


def _key_pairs(
    binder: Binder, node: syntax.Join, left: plan.Plan, right: plan.Plan, environment: Environment
) -> list[tuple[plan.Expression, plan.Expression]]:
    if not node.conditions:
        binder.fail("SEM0241", "A join needs 'on' with the columns to compare.", node.span, "Write 'on Key'.")
    pairs: list[tuple[plan.Expression, plan.Expression]] = []
    for condition in node.conditions:
        for one, other in _equalities(binder, condition, left, right):
            pair = comparable(one, other)
            if pair is None and binder.open_ids and one.type is other.type:
                pair = convert(one, ScalarType.string), convert(other, ScalarType.string)  # both may be unknown as yet
            if pair is None:
                binder.fail(
                    "SEM0064",
                    f"Cannot join on values of types {one.type.value} and {other.type.value}.",
                    condition.span,
                )
            pairs.append(pair)
    return pairs


def _equalities(
    binder: Binder, condition: syntax.Expression, left: plan.Plan, right: plan.Plan
) -> list[tuple[plan.Expression, plan.Expression]]:
    if isinstance(condition, syntax.Name):
        return [
            (
                plan.Reference(column_named(binder, condition, left.fields)),
                plan.Reference(column_named(binder, condition, right.fields)),
            )
        ]
    if isinstance(condition, syntax.Binary) and condition.operator == "and":
        return [
            *_equalities(binder, condition.left, left, right),
            *_equalities(binder, condition.right, left, right),
        ]
    if isinstance(condition, syntax.Binary) and condition.operator == "==":
        sides = {side: column for side, column in (_side(condition.left), _side(condition.right)) if side and column}
        if set(sides) == {"$left", "$right"}:
            return [
                (
                    plan.Reference(column_named(binder, sides["$left"], left.fields)),
                    plan.Reference(column_named(binder, sides["$right"], right.fields)),
                )
            ]
    binder.fail(
        "SEM0242",
        "A join compares columns for equality only.",
        condition.span,
        "Write 'on Key' or 'on $left.A == $right.B', and filter after the join.",
    )


def _side(node: syntax.Expression) -> tuple[str | None, syntax.Name | None]:
    if isinstance(node, syntax.Member) and isinstance(node.base, syntax.Name) and node.base.name in ("$left", "$right"):
        return node.base.name, syntax.Name(node.name_span, node.name)
    if (
        isinstance(node, syntax.Index)
        and isinstance(node.base, syntax.Name)
        and node.base.name in ("$left", "$right")
        and isinstance(node.index, syntax.Literal)
        and isinstance(node.index.value, str)
    ):
        return node.base.name, syntax.Name(node.index.span, node.index.value)
    return None, None


# --- union ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Branch:
    """A table of a union and its name."""

    name: str
    plan: plan.Plan


def bind_union(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`union`: columns pair by name; a name with two types becomes one column a type (https://learn.microsoft.com/kusto/query/union-operator)."""
    assert isinstance(node, syntax.Union)
    branches = [] if source is None else [Branch(_given_name(source) or "union_arg0", source)]
    for table in node.tables:
        branches.extend(branches_of(binder, node, table, environment, len(branches)))
    if not branches:
        binder.fail("SEM0250", "None of the tables of this union exists.", node.span)
    return unite(binder, branches, node.with_source, inner=(node.kind or "outer") == "inner")


def unite(binder: Binder, branches: Sequence[Branch], source: str | None, *, inner: bool = False) -> plan.Plan:
    """The rows of all branches: a column `source` with their names where one is wanted, then the columns of any (of
    all, where `inner`)."""
    columns = _columns(branches, inner=inner)
    fields = tuple(binder.new_field(name, type) for name, type, _ in columns)
    source_field = (binder.new_field(source, ScalarType.string),) if source else ()
    inputs: list[plan.Plan] = []
    for branch in branches:
        own = {field.name: field for field in branch.plan.fields}
        values = [_value(own.get(original), type) for _, type, original in columns]
        if source_field:
            values.insert(0, plan.Constant(branch.name, ScalarType.string))
        items = zip((*source_field, *fields), values, strict=True)
        inputs.append(plan.Project(branch.plan, tuple((binder.new_field(f.name, f.type), value) for f, value in items)))
    return plan.Union(tuple(inputs), (*source_field, *fields))


def branches_of(
    binder: Binder, node: syntax.Union, table: syntax.Expression, environment: Environment, position: int
) -> list[Branch]:
    """The tables that one operand of a union means; a wildcard means many, and a fuzzy union may lack one, as it
    may a saved function that cannot be bound, for that is mostly because what it reads is not there."""
    if isinstance(table, syntax.Star | syntax.Wildcard):
        pattern = "*" if isinstance(table, syntax.Star) else table.pattern
        return [Branch(name, rows) for name, rows in tables_like(binder, pattern, table, environment)]
    is_workspace_table = isinstance(table, syntax.Name) and environment.lookup(table.name) is None
    name = table.name if isinstance(table, syntax.Name) and is_workspace_table else f"union_arg{position}"
    if not node.is_fuzzy:
        return [_branch(binder, name, table, environment)]
    try:
        with binder.trying():
            return [_branch(binder, name, table, environment)]
    except KqlError as error:
        if error.code.startswith("LIM") or (error.code != "SEM0100" and error.function is None):
            raise
        binder.warn("WRN0001", error.message, table.span, "The union is fuzzy, so this part is left out.")
        return []


def _branch(binder: Binder, name: str, table: syntax.Expression, environment: Environment) -> Branch:
    rows = binder.bind_table(binder, table, environment)
    is_named = isinstance(table, syntax.Pipe) and isinstance(table.operators[-1], syntax.As)
    return Branch((_given_name(rows) if is_named else None) or name, rows)


def _given_name(rows: plan.Plan) -> str | None:
    """The name that `as` gave to a table."""
    return rows.name if isinstance(rows, plan.Shared) else None


def _columns(branches: Sequence[Branch], *, inner: bool) -> list[tuple[str, ScalarType, str]]:
    """Output columns as (name, type, name in the branches), in order of first appearance."""
    types: dict[str, list[ScalarType]] = {}
    for branch in branches:
        for column in branch.plan.fields:
            known = types.setdefault(column.name, [])
            if column.type not in known:
                known.append(column.type)
    if inner:
        common = [{(column.name, column.type) for column in branch.plan.fields} for branch in branches]
        shared = set(common[0]).intersection(*common[1:])
        return [(name, type, name) for name, known in types.items() for type in known if (name, type) in shared]
    columns: list[tuple[str, ScalarType, str]] = []
    for name, known in types.items():
        if len(known) == 1:
            columns.append((name, known[0], name))
        else:
            columns.extend((f"{name}_{type.value}", type, name) for type in known)
    return columns


def _value(column: plan.Field | None, type: ScalarType) -> plan.Expression:
    if column is not None and column.type is type:
        return plan.Reference(column)
    return plan.Constant("" if type is ScalarType.string else None, type)
