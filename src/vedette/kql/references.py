"""Which fields an expression of the plan reads."""

from collections.abc import Iterator

from vedette.kql import plan


def references(node: plan.Expression | plan.Aggregate | plan.WindowCall) -> Iterator[int]:
    """The ids of the fields that an expression reads (not those inside its subqueries)."""
    match node:
        case plan.Reference():
            yield node.field.id
        case plan.Convert():
            yield from references(node.operand)
        case plan.Apply() | plan.AggregateCall():
            for argument in node.arguments:
                yield from references(argument)
        case plan.Extract():
            yield from references(node.base)
            yield from references(node.key)
        case plan.Logical():
            for operand in node.operands:
                yield from references(operand)
        case plan.InValues():
            yield from references(node.operand)
            for value in node.values:
                yield from references(value)
        case plan.InSubquery():
            yield from references(node.operand)
        case plan.WindowCall():
            for operand in (*node.arguments, *node.partition):
                yield from references(operand)
        case plan.ArgBest():
            yield from references(node.key)
            yield from references(node.value)
        case plan.Constant() | plan.Instant() | plan.ScalarSubquery():
            return
