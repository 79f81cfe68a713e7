"""`in`, `!in`, `has_any`, `has_all`: a value among values, the elements of an array, or a table's first column."""

from collections.abc import Sequence
from typing import Any, cast

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import as_text, comparable, convert
from vedette.kql.environment import RowScope
from vedette.kql.functions.library import aggregate_functions
from vedette.kql.functions.operators import HAS_ALL_DYNAMIC, HAS_ANY_DYNAMIC, IN_DYNAMIC, IN_DYNAMIC_FOLDED, NOT
from vedette.kql.mixed_comparison import comparable_or_warned, compare_mixed
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.signatures import choose, common_type, is_null
from vedette.kql.tabular import is_table
from vedette.kql.types import ScalarType


def bind_in_list(binder: Binder, node: syntax.InList, scope: RowScope) -> plan.Expression:
    operand = binder.bind_scalar(binder, node.operand, scope)
    if len(node.items) == 1 and is_table(binder, node.items[0], scope):
        return _in_table(binder, node, operand, scope)
    items: list[plan.Expression] = []
    for item in node.items:
        items.extend(_elements(binder.bind_scalar(binder, item, scope)))
    if node.operator in ("has_any", "has_all"):
        return _has_terms(binder, node, operand, items)
    negated, folded = node.operator.startswith("!"), node.operator.endswith("~")
    if len(items) == 1 and items[0].type is ScalarType.dynamic:
        entry = IN_DYNAMIC_FOLDED if folded else IN_DYNAMIC
        found = plan.Apply(entry, (convert(operand, ScalarType.string), items[0]), ScalarType.bool)
        return plan.Apply(NOT, (found,), ScalarType.bool) if negated else found
    if folded:
        operand = as_text(operand)
    return _in_values(binder, node, operand, items, negated, folded)


def _in_values(
    binder: Binder,
    node: syntax.InList,
    operand: plan.Expression,
    items: Sequence[plan.Expression],
    negated: bool,
    folded: bool,
) -> plan.Expression:
    if not items:
        return plan.Constant(negated, ScalarType.bool)
    known = [item.type for item in items if item.type is not ScalarType.dynamic]
    if operand.type is ScalarType.dynamic:
        operand = convert(operand, common_type(known) or ScalarType.string)
    if any(_differs(operand, item) for item in items):
        return _any_equal(binder, node, operand, items, negated)
    values: list[plan.Expression] = []
    for item in items:
        pair = comparable(operand, item)
        if pair is None:
            binder.fail(
                "SEM0064",
                f"Cannot look for a {item.type.value} among values compared with a {operand.type.value}.",
                node.operator_span,
            )
        operand, value = pair
        values.append(value)
    target = operand.type
    folded = folded and target is ScalarType.string  # other values have no case
    return plan.InValues(operand, tuple(convert(value, target) for value in values), negated, folded)


def _differs(operand: plan.Expression, item: plan.Expression) -> bool:
    return comparable(operand, item) is None and compare_mixed("==", operand, item) is not None


def _any_equal(
    binder: Binder, node: syntax.InList, operand: plan.Expression, items: Sequence[plan.Expression], negated: bool
) -> plan.Expression:
    """A text among numbers, or a number among texts: constants are converted; beside columns each is compared."""
    pairs = [comparable_or_warned(binder, "==", operand, item, node.operator_span) for item in items]
    found = [pair for pair in pairs if pair is not None]
    if len(found) < len(items):
        binder.fail("SEM0064", f"Cannot look for a {operand.type.value} among these values.", node.operator_span)
    found = [(left, value) for left, value in found if not is_null(value)]  # a text that is no number
    if not found:
        return plan.Constant(negated, ScalarType.bool)
    if all(left == operand and value.type is operand.type for left, value in found):
        folded = node.operator.endswith("~") and operand.type is ScalarType.string
        return plan.InValues(operand, tuple(value for _, value in found), negated, folded)
    equal = OPERATOR_ENTRIES["=="][0]
    tests = tuple(plan.Apply(equal, pair, ScalarType.bool) for pair in found)
    inside = tests[0] if len(tests) == 1 else plan.Logical("or", tests)
    return plan.Apply(NOT, (inside,), ScalarType.bool) if negated else inside


def _elements(expression: plan.Expression) -> list[plan.Expression]:
    """A constant array as its elements; anything else as itself."""
    if not isinstance(expression, plan.Constant) or expression.type is not ScalarType.dynamic:
        return [expression]
    value: Any = expression.value
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [_constant_of(element) for element in values]


def _constant_of(value: Any) -> plan.Constant:
    match value:
        case bool():
            return plan.Constant(value, ScalarType.bool)
        case int():
            return plan.Constant(value, ScalarType.long)
        case float():
            return plan.Constant(value, ScalarType.real)
        case str():
            return plan.Constant(value, ScalarType.string)
        case _:
            return plan.Constant(value, ScalarType.dynamic)


def _has_terms(
    binder: Binder, node: syntax.InList, operand: plan.Expression, items: Sequence[plan.Expression]
) -> plan.Expression:
    operand = as_text(operand)
    if len(items) == 1 and items[0].type is ScalarType.dynamic:
        entry = HAS_ANY_DYNAMIC if node.operator == "has_any" else HAS_ALL_DYNAMIC
        return plan.Apply(entry, (operand, items[0]), ScalarType.bool)
    tests = tuple(
        apply_entries(
            binder,
            node.operator,
            OPERATOR_ENTRIES["has"],
            (operand, convert(item, ScalarType.string)),
            node.operator_span,
        )
        for item in items
    )
    if not tests:
        return plan.Constant(node.operator == "has_all", ScalarType.bool)
    if len(tests) == 1:
        return tests[0]
    return plan.Logical("or" if node.operator == "has_any" else "and", tests)


def _in_table(binder: Binder, node: syntax.InList, operand: plan.Expression, scope: RowScope) -> plan.Expression:
    table = binder.bind_table(binder, node.items[0], scope.environment)
    column = table.fields[0]
    if node.operator in ("has_any", "has_all"):
        entry, matched = choose(aggregate_functions()["make_set"], (plan.Reference(column),)) or binder.fail(
            "SEM0105", f"A column of {column.type.value} cannot be searched for.", node.items[0].span
        )
        array = binder.new_field("set", ScalarType.dynamic)
        call = plan.AggregateCall(entry, (plan.Reference(column),), matched.returns)
        gathered = plan.Summarize(table, (), ((array, call),))
        terms = plan.ScalarSubquery(gathered, ScalarType.dynamic)
        chosen = HAS_ANY_DYNAMIC if node.operator == "has_any" else HAS_ALL_DYNAMIC
        return plan.Apply(chosen, (as_text(operand), terms), ScalarType.bool)
    value: plan.Expression = plan.Reference(column)
    if operand.type is column.type is ScalarType.dynamic:
        operand, value = as_text(operand), as_text(value)
    pair = comparable_or_warned(binder, "==", operand, value, node.operator_span)
    if pair is None:
        binder.fail(
            "SEM0064",
            f"Cannot look for a {operand.type.value} in a column of {column.type.value}.",
            node.operator_span,
        )
    operand, value = pair
    projected = plan.Project(table, ((binder.new_field(column.name, value.type), value),))
    folded = node.operator.endswith("~") and value.type is ScalarType.string
    return plan.InSubquery(operand, projected, node.operator.startswith("!"), folded)
