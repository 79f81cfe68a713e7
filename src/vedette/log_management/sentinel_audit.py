"""SentinelAudit: what was changed about Sentinel's own resources, and by whom.

https://learn.microsoft.com/azure/sentinel/audit-table-reference
"""

import re
from datetime import datetime
from typing import Any, Final

from vedette.access.workspaces import Workspace

SENTINEL: Final = "/providers/microsoft.securityinsights/"
_RULES: Final = "alertrules"


def sentinel_audit_row(content: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    """The row for a record of the audit."""
    what, who, outcome = content["what"], content["who"], content["outcome"]
    type, _, verb = what["operation"].rpartition("/")
    parts = type.split("/")[1:]
    before, after = content.get("before") or {}, content.get("after") or {}
    shown = after or before
    failed = outcome["status"] == "Failed"
    noun = _noun(parts)
    name = _display_name(shown) or what["resourceId"].rpartition("/")[2]
    did = {"write": "Create or update", "delete": "Delete"}.get(verb, f"{parts[-1].capitalize()} of")
    group = workspace.resource_id.split("/")
    extended: dict[str, Any] = {
        "CallerName": who.get("userName") or who["name"],
        "CallerIpAddress": who.get("ipAddress", ""),
        "OriginalResourceState": before or None,
        "UpdatedResourceState": after or None,
        "ResourceDiffMemberNames": _differences(before, after) if before and after else [],
        "ResourceDisplayName": name,
        "ResourceGroupName": group[4],
        "ResourceId": what["resourceId"],
        "SubscriptionId": group[2],
        "Uri": what.get("uri", ""),
        "WorkspaceId": workspace.id,
        "WorkspaceName": workspace.name,
    }
    if failed:
        extended["Reason"] = outcome.get("message", "")
    return {
        "TimeGenerated": datetime.fromisoformat(content["at"]),
        "CorrelationId": what.get("correlationId", ""),
        "Description": f"{did} {noun.lower()}." + (f" {outcome.get('message', '')}" if failed else ""),
        "ExtendedProperties": extended,
        "OperationName": f"{type}/{verb.capitalize()}",
        "SentinelResourceId": what["resourceId"],
        "SentinelResourceKind": str(shown.get("kind", "")),
        "SentinelResourceName": name,
        "SentinelResourceType": "Analytic Rule" if parts and parts[0].lower() == _RULES else noun,
        "Status": "Failure" if failed else "Success",
        "WorkspaceId": workspace.id,
    }


def _noun(parts: list[str]) -> str:
    """`automationRules` as `Automation rule`, in the singular."""
    if parts and parts[0].lower() == _RULES and len(parts) == 1:
        return "Analytics rule"
    words = " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", part) for part in parts[-1:]).lower()
    if words.endswith("ies"):
        words = words[:-3] + "y"
    elif words.endswith("s") and not words.endswith("ss"):
        words = words[:-1]
    return words.capitalize()


def _display_name(state: dict[str, Any]) -> str:
    properties = state.get("properties")
    if not isinstance(properties, dict):
        return ""
    return next((str(properties[name]) for name in ("displayName", "title") if properties.get(name)), "")


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of the properties that are not as they were."""
    old, new = before.get("properties") or {}, after.get("properties") or {}
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
