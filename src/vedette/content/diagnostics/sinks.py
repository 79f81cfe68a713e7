"""Where diagnostic settings send to, and what a policy needs to know and may do for it.

https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SETTINGS: Final = "Microsoft.Insights/diagnosticSettings"
_ROLE: Final = "/providers/Microsoft.Authorization/roleDefinitions"
_MONITORING: Final = f"{_ROLE}/749f88d5-cbae-40b8-bcfc-e573ddc772fa"
_LOG_ANALYTICS: Final = f"{_ROLE}/92aaf0da-9dab-42b6-94a3-d43ce8d16293"
_EVENT_HUBS: Final = f"{_ROLE}/f526a384-b230-433a-b45c-95f59c4a2dec"
_STORAGE: Final = f"{_ROLE}/17d1049b-9a84-46fb-8f53-869881c3d3ab"


@dataclass(frozen=True, slots=True)
class Sink:
    """A kind of destination. `fields` are the properties of a setting that name it, each with the policy's parameter
    for it; `regional` ones are in the resource's own region."""

    name: str
    short: str
    noun: str
    fields: Mapping[str, str]
    parameters: Mapping[str, Any]
    roles: tuple[str, ...]
    regional: bool

    @property
    def profile(self) -> str:
        """What a setting is called unless an assignment says so."""
        return f"setByPolicy-{self.short}"

    def existence(self) -> list[dict[str, Any]]:
        """Conditions on a setting that sends there."""
        return [
            {"field": f"{_SETTINGS}/{field}", "equals": f"[parameters('{name}')]"}
            for field, name in self.fields.items()
        ]


def _text(display: str, description: str, strong_type: str = "", default: str | None = None) -> dict[str, Any]:
    metadata: dict[str, Any] = {"displayName": display, "description": description}
    if strong_type:
        metadata |= {"strongType": strong_type, "assignPermissions": True}
    return {"type": "String", "metadata": metadata, **({} if default is None else {"defaultValue": default})}


LOG_ANALYTICS: Final = Sink(
    "log-analytics",
    "LA",
    "a Log Analytics workspace",
    {"workspaceId": "logAnalytics"},
    {"logAnalytics": _text("Log Analytics workspace", "The workspace that logs go to.", "omsWorkspace")},
    (_MONITORING, _LOG_ANALYTICS),
    regional=False,
)
EVENT_HUB: Final = Sink(
    "event-hub",
    "EH",
    "a regional event hub",
    {"eventHubAuthorizationRuleId": "eventHubRuleId", "eventHubName": "eventHubName"},
    {
        "eventHubRuleId": _text(
            "Authorization rule",
            "The authorization rule of the Event Hubs namespace.",
            "Microsoft.EventHub/Namespaces/AuthorizationRules",
        ),
        "eventHubName": _text("Event hub", "The event hub that logs go to."),
    },
    (_MONITORING, _EVENT_HUBS),
    regional=True,
)
STORAGE: Final = Sink(
    "storage",
    "Storage",
    "a regional storage account",
    {"storageAccountId": "storageAccount"},
    {
        "storageAccount": _text(
            "Storage account", "The storage account that logs go to.", "Microsoft.Storage/storageAccounts"
        )
    },
    (_MONITORING, _STORAGE),
    regional=True,
)
SINKS: Final = {each.name: each for each in (LOG_ANALYTICS, EVENT_HUB, STORAGE)}
