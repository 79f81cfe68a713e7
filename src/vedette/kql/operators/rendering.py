"""`render`: how the result is meant to be drawn; the rows are as they were."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment
from vedette.kql.operators.input import required


def bind_render(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`render kind with (…)`."""
    assert isinstance(node, syntax.Render)
    binder.render = node
    return required(binder, node, source)
