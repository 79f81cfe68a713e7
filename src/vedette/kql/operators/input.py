"""The rows that an operator works on."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder


def required(binder: Binder, node: syntax.Operator, source: plan.Plan | None) -> plan.Plan:
    """The input of an operator that cannot start a query. Raises KqlError (SEM0200) where there is none."""
    if source is None:
        binder.fail("SEM0200", "This operator needs a table before it.", node.span, "Write 'Table | …'.")
    return source
