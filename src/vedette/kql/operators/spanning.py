"""The rows of a table that a name means: of one, or of those of one name in all workspaces that a query is asked of."""

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.catalog import Table
from vedette.kql.functions.entry import Function
from vedette.kql.functions.operators import FUNCTIONS
from vedette.kql.operators.joining import Branch, unite
from vedette.kql.operators.sources import scan
from vedette.kql.types import ScalarType

_RESOURCE_COLUMN = "_ResourceId"
_EQUAL = next(entry for entry in FUNCTIONS if entry.name == "=~")
_STARTS_WITH = next(entry for entry in FUNCTIONS if entry.name == "startswith")


def rows_of(binder: Binder, table: Table) -> plan.Plan:
    """All rows of a table within the request's timespan; of a table with parts, those of its parts one after the other
    (https://learn.microsoft.com/azure/azure-monitor/logs/api/cross-workspace-queries)."""
    if not table.parts:
        return scan(binder, table)
    branches = [Branch(part.name, _under(scan(binder, part), table.under)) for part in table.parts]
    return branches[0].plan if len(branches) == 1 else unite(binder, branches, None)


def _under(rows: plan.Plan, resource_id: str) -> plan.Plan:
    """The rows of a resource and of what is below it; none of a table that does not say whose its rows are."""
    if not resource_id:
        return rows
    column = next((field for field in rows.fields if field.name == _RESOURCE_COLUMN), None)
    if column is None:
        return plan.Filter(rows, plan.Constant(False, ScalarType.bool))
    own = _test(_EQUAL, column, resource_id)
    below = _test(_STARTS_WITH, column, f"{resource_id}/")
    return plan.Filter(rows, plan.Logical("or", (own, below)))


def _test(entry: Function, column: plan.Field, text: str) -> plan.Expression:
    return plan.Apply(entry, (plan.Reference(column), plan.Constant(text, ScalarType.string)), ScalarType.bool)
