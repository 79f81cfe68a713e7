"""Names of tables outside of the workspace that a query is asked of: `workspace("…").T`, and what is refused."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.catalog import Catalog
from vedette.kql.environment import Environment, RowScope

_ELSEWHERE = {
    "app": "there are no Application Insights resources here",
    "resource": "resources have no logs of their own here; a workspace is named with workspace()",
    "cluster": "there are no Kusto clusters here",
    "database": "there are no Kusto databases here",
    "adx": "there are no Kusto clusters here",
    "arg": "there is no Resource Graph here",
    "external_table": "there are no external tables here",
    "materialized_view": "there are no materialized views here",
}
"""Functions that name what is outside of every workspace, each with why it is refused."""


def is_elsewhere(node: syntax.Expression) -> bool:
    """Whether the expression names a workspace or something else that has tables of its own."""
    return isinstance(node, syntax.Call) and (node.name == "workspace" or node.name in _ELSEWHERE)


def workspace_named(binder: Binder, node: syntax.Expression, environment: Environment) -> Catalog:
    """The names of the workspace that `workspace("…")` means. Raises KqlError: SEM0299 for what is not a workspace,
    SEM0114 for a workspace that is not there or not to be read."""
    if not isinstance(node, syntax.Call) or not is_elsewhere(node):
        binder.fail("SEM0200", "A table is expected here.", node.span)
    if environment.is_restricted:
        binder.fail("SEM0100", "Access is restricted to names of this workspace.", node.span)
    if node.name != "workspace":
        binder.fail("SEM0299", f"'{node.name}()' is not supported: {_ELSEWHERE[node.name]}.", node.span)
    if len(node.arguments) != 1:
        binder.fail("SEM0061", "'workspace()' takes the name, the GUID or the resource id of a workspace.", node.span)
    name = binder.bind_scalar(binder, node.arguments[0].value, RowScope((), environment))
    if not isinstance(name, plan.Constant) or not isinstance(name.value, str):
        binder.fail("SEM0111", "The workspace's name must be a constant text.", node.arguments[0].value.span)
    found = binder.catalog.workspace(name.value)
    if found is None:
        binder.fail("SEM0114", f"There is no workspace '{name.value}' that you may read.", node.arguments[0].value.span)
    return found
