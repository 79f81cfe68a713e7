"""Scalar expressions: every name resolved, every overload chosen, every conversion made explicit."""

from collections.abc import Mapping

from vedette.kql import plan, syntax
from vedette.kql.bind_calls import bind_call
from vedette.kql.bind_membership import bind_in_list
from vedette.kql.binder import Binder
from vedette.kql.conversion import as_text, convert
from vedette.kql.diagnostics import suggestion
from vedette.kql.environment import LambdaValue, RowScope, ScalarValue
from vedette.kql.functions.operators import NOT
from vedette.kql.mixed_comparison import CASTS, comparable_or_warned
from vedette.kql.open_columns import is_surely_dynamic, unknown_column
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.types import ScalarType

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def bind_scalar(binder: Binder, node: syntax.Expression, scope: RowScope) -> plan.Expression:
    """The typed expression that `node` means in `scope`. Raises KqlError."""
    match node:
        case syntax.Literal():
            return _constant(binder, node)
        case syntax.Name():
            return _name(binder, node, scope)
        case syntax.Member():
            return _member(binder, node, scope)
        case syntax.Index():
            return _index(binder, node, scope)
        case syntax.Unary():
            return _unary(binder, node, scope)
        case syntax.Binary():
            return _binary(binder, node, scope)
        case syntax.InList():
            return bind_in_list(binder, node, scope)
        case syntax.Between():
            return _between(binder, node, scope)
        case syntax.Call():
            return bind_call(binder, node, scope)
        case syntax.Named():
            binder.fail("SYN0002", "A name cannot be given to a value here.", node.span)
        case syntax.Star():
            binder.fail("SYN0002", "'*' does not stand for a value here.", node.span)
        case syntax.Pipe() | syntax.DataTable() | syntax.ExternalData():
            binder.fail(
                "SEM0002", "A table stands where a single value is expected.", node.span, "Wrap it in toscalar(...)."
            )
        case _:
            binder.fail("SYN0002", "An expression is expected here.", node.span)


def _constant(binder: Binder, node: syntax.Literal) -> plan.Expression:
    """A number after a minus is read without it, so the least long is too large."""
    if node.type is ScalarType.long and isinstance(node.value, int) and node.value >= 2**63:
        binder.fail("SEM0112", f"{node.value} does not fit into a long.", node.span, f"Write long(-{node.value}).")
    return plan.Constant(node.value, node.type)


# --- names and paths -----------------------------------------------------------------------------------------------


def _name(binder: Binder, node: syntax.Name, scope: RowScope) -> plan.Expression:
    column = scope.column(node.name)
    if column is not None:
        return plan.Reference(column)
    value = scope.environment.lookup(node.name)
    if isinstance(value, ScalarValue):
        return value.expression
    if isinstance(value, LambdaValue) and not value.function.parameters:
        return bind_call(binder, syntax.Call(node.span, node.name, node.span, ()), scope)
    if value is not None:
        kind = "function" if isinstance(value, LambdaValue) else "table"
        binder.fail("SEM0100", f"'{node.name}' is a {kind}; a single value is expected here.", node.span)
    candidates = [*(field.name for field in scope.fields), *scope.environment.names()]
    raise unknown_column(
        binder,
        node.name,
        scope.fields,
        f"Failed to resolve scalar expression named '{node.name}'.",
        node.span,
        suggestion(node.name, candidates),
    )


def _member(binder: Binder, node: syntax.Member, scope: RowScope) -> plan.Expression:
    record = scope.records.get(node.base.name) if isinstance(node.base, syntax.Name) else None
    if record is not None:
        return plan.Reference(_of_record(binder, node, record))
    property = scope.graph.member(binder, node) if scope.graph is not None else None
    if property is not None:
        return property
    base = binder.bind_scalar(binder, node.base, scope)
    if base.type is not ScalarType.dynamic:
        binder.fail(
            "SEM0101",
            f"'.{node.name}' needs a dynamic value; this is a {base.type.value}.",
            node.name_span,
            "Use parse_json() on a text first." if base.type is ScalarType.string else None,
        )
    return plan.Extract(base, plan.Constant(node.name, ScalarType.string))


def _of_record(binder: Binder, node: syntax.Member, record: Mapping[str, plan.Field]) -> plan.Field:
    if node.name not in record:
        binder.fail(
            "SEM0100",
            f"Failed to resolve column named '{node.name}'.",
            node.name_span,
            suggestion(node.name, list(record)),
        )
    return record[node.name]


def _index(binder: Binder, node: syntax.Index, scope: RowScope) -> plan.Expression:
    base = binder.bind_scalar(binder, node.base, scope)
    if base.type is not ScalarType.dynamic:
        binder.fail(
            "SEM0101",
            f"'[…]' needs a dynamic value; this is a {base.type.value}.",
            node.span,
            "Use parse_json() on a text first." if base.type is ScalarType.string else None,
        )
    key = binder.bind_scalar(binder, node.index, scope)
    if key.type is ScalarType.int:
        key = convert(key, ScalarType.long)
    if key.type is ScalarType.dynamic:
        key = convert(key, ScalarType.string)
    if key.type not in (ScalarType.string, ScalarType.long):
        binder.fail("SEM0102", f"An index is a string or an integer, not a {key.type.value}.", node.index.span)
    return plan.Extract(base, key)


# --- operators -----------------------------------------------------------------------------------------------------


def _unary(binder: Binder, node: syntax.Unary, scope: RowScope) -> plan.Expression:
    operand = binder.bind_scalar(binder, node.operand, scope)
    if node.operator == "+":
        return operand
    if isinstance(operand, plan.Constant) and isinstance(operand.value, int | float) and operand.type.value != "bool":
        return plan.Constant(-operand.value, operand.type)
    return apply_entries(binder, "-", OPERATOR_ENTRIES["negate"], (operand,), node.span)


def _binary(binder: Binder, node: syntax.Binary, scope: RowScope) -> plan.Expression:
    if node.operator in ("and", "or"):
        return _logical(binder, node, scope)
    left = binder.bind_scalar(binder, node.left, scope)
    right = binder.bind_scalar(binder, node.right, scope)
    if node.operator in _COMPARISONS:
        return _comparison(binder, node, left, right)
    entries = OPERATOR_ENTRIES.get(node.operator)
    if entries is None:
        binder.fail("SEM0103", f"The operator '{node.operator}' cannot stand here.", node.operator_span)
    if entries[0].params.startswith("text: string"):
        left, right = as_text(left), as_text(right)
    return apply_entries(binder, node.operator, entries, (left, right), node.operator_span)


def _logical(binder: Binder, node: syntax.Binary, scope: RowScope) -> plan.Expression:
    operands: list[plan.Expression] = []
    pending: list[syntax.Expression] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, syntax.Binary) and current.operator == node.operator:
            pending.extend((current.right, current.left))
        else:
            operands.append(bind_predicate(binder, current, scope))
    return plan.Logical(node.operator, tuple(operands))


def bind_predicate(binder: Binder, node: syntax.Expression, scope: RowScope) -> plan.Expression:
    """An expression that must be true or false. Raises KqlError (SEM0104) for another type."""
    expression = binder.bind_scalar(binder, node, scope)
    if expression.type is ScalarType.bool:
        return expression
    if expression.type is ScalarType.dynamic or expression.type.is_numeric:
        return plan.Convert(expression, ScalarType.bool)
    binder.fail(
        "SEM0104",
        f"A condition must be a bool; this is a {expression.type.value}.",
        node.span,
        "Compare it with something.",
    )


def _comparison(binder: Binder, node: syntax.Binary, left: plan.Expression, right: plan.Expression) -> plan.Expression:
    if left.type is right.type is ScalarType.dynamic and not (
        is_surely_dynamic(binder, left) and is_surely_dynamic(binder, right)
    ):
        left = as_text(left)
    pair = comparable_or_warned(binder, node.operator, left, right, node.operator_span)
    if pair is None:
        binder.fail(
            "SEM0064",
            f"Cannot compare values of types {left.type.value} and {right.type.value}.",
            node.operator_span,
            f"Convert one side, for example with {CASTS[left.type]}().",
        )
    return plan.Apply(OPERATOR_ENTRIES[node.operator][0], pair, ScalarType.bool)


def _between(binder: Binder, node: syntax.Between, scope: RowScope) -> plan.Expression:
    operand = binder.bind_scalar(binder, node.operand, scope)
    low = binder.bind_scalar(binder, node.low, scope)
    high = binder.bind_scalar(binder, node.high, scope)
    if high.type is ScalarType.timespan and low.type is ScalarType.datetime:
        high = apply_entries(binder, "+", OPERATOR_ENTRIES["+"], (low, high), node.high.span)
    ends: list[plan.Expression] = []
    for operator, bound, bound_node in ((">=", low, node.low), ("<=", high, node.high)):
        pair = comparable_or_warned(binder, operator, operand, bound, bound_node.span)
        if pair is None:
            binder.fail(
                "SEM0064",
                f"Cannot compare values of types {operand.type.value} and {bound.type.value}.",
                bound_node.span,
            )
        ends.append(plan.Apply(OPERATOR_ENTRIES[operator][0], pair, ScalarType.bool))
    inside = plan.Logical("and", tuple(ends))
    return plan.Apply(NOT, (inside,), ScalarType.bool) if node.negated else inside
