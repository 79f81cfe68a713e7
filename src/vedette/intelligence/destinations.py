"""Which workspaces get the indicators that are sent to the tenant, and not to one of them.

Azure gives them to the workspaces where the connector of threat intelligence platforms is on:
https://learn.microsoft.com/azure/sentinel/connect-threat-intelligence-tip. Here it takes no connector: without one in
the whole tenant, every workspace with Sentinel gets them. One whose connector is off gets none.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from vedette.access.workspaces import Workspace
from vedette.state.documents import Document
from vedette.state.store import Transaction

CONNECTOR: Final = "Microsoft.SecurityInsights/dataConnectors"
_ONBOARDED: Final = "Microsoft.SecurityInsights/onboardingStates"
_KIND: Final = "threatintelligence"


def destinations(transaction: Transaction, workspaces: Iterable[Workspace]) -> list[Workspace]:
    """The workspaces that get what is sent to the tenant now."""
    onboarded = {each.scope for each in transaction.list(_ONBOARDED)}
    switches = {
        each.scope: _is_on(each)
        for each in transaction.list(CONNECTOR)
        if str(each.body.get("kind", "")).lower() == _KIND
    }
    any_on = any(switches.values())
    return [
        each
        for each in workspaces
        if each.resource_id.lower() in onboarded and switches.get(each.resource_id.lower(), not any_on)
    ]


def _is_on(connector: Document) -> bool:
    types: Any = connector.body.get("properties", {}).get("dataTypes")
    indicators = cast("dict[str, Any]", types).get("indicators") if isinstance(types, dict) else None
    state = cast("dict[str, Any]", indicators).get("state") if isinstance(indicators, dict) else None
    return str(state or "Enabled").lower() != "disabled"
