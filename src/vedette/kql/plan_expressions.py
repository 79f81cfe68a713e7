"""Walks over the plan's expressions: what one is made of, and the same with its parts changed."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from vedette.kql import plan


def operands(node: plan.Expression) -> tuple[plan.Expression, ...]:
    """The expressions that an expression is made of (not those inside its subqueries)."""
    match node:
        case plan.Convert():
            return (node.operand,)
        case plan.Apply():
            return node.arguments
        case plan.Extract():
            return (node.base, node.key)
        case plan.Logical():
            return node.operands
        case plan.InValues():
            return (node.operand, *node.values)
        case plan.InSubquery():
            return (node.operand,)
        case plan.Constant() | plan.Instant() | plan.Reference() | plan.ScalarSubquery():
            return ()


def rebuilt(node: plan.Expression, change: Callable[[plan.Expression], plan.Expression]) -> plan.Expression:
    """The expression with each of its operands changed."""
    match node:
        case plan.Convert():
            return replace(node, operand=change(node.operand))
        case plan.Apply():
            return replace(node, arguments=tuple(map(change, node.arguments)))
        case plan.Extract():
            return replace(node, base=change(node.base), key=change(node.key))
        case plan.Logical():
            return replace(node, operands=tuple(map(change, node.operands)))
        case plan.InValues():
            return replace(node, operand=change(node.operand), values=tuple(map(change, node.values)))
        case plan.InSubquery():
            return replace(node, operand=change(node.operand))
        case plan.Constant() | plan.Instant() | plan.Reference() | plan.ScalarSubquery():
            return node


def aggregate_operands(node: plan.Aggregate) -> tuple[plan.Expression, ...]:
    """The expressions that an aggregate is made of."""
    return (node.key, node.value) if isinstance(node, plan.ArgBest) else node.arguments


def fields_read(node: plan.Expression) -> Iterator[int]:
    """The ids of the fields that an expression reads (not those inside its subqueries)."""
    if isinstance(node, plan.Reference):
        yield node.field.id
    for operand in operands(node):
        yield from fields_read(operand)


def reads_columns(node: plan.Expression) -> bool:
    """Whether the value can differ from row to row."""
    return isinstance(node, plan.Reference) or any(map(reads_columns, operands(node)))
