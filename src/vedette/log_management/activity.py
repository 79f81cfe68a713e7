"""The activity log: what a record of the audit is in the words of Azure's, and as rows of AzureActivity.

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#administrative-category
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import orjson

from vedette.core.ids import derived_id

ADMINISTRATIVE: Final = "Administrative"
CATEGORIES: Final = (
    ADMINISTRATIVE,
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
)
"""The categories of a subscription's activity log. Here all events are of the first."""

_OBJECT_ID: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_TENANT: Final = "http://schemas.microsoft.com/identity/claims/tenantid"
_UPN: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_NAME: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"


@dataclass(frozen=True, slots=True)
class Activity:
    """What all events of one write have in common."""

    resource_id: str
    subscription_id: str
    resource_group: str
    provider: str
    type: str
    name: str
    operation: str
    caller: str
    ip_address: str
    claims: dict[str, str]
    authorization: dict[str, str]
    http_request: dict[str, str]
    correlation_id: str
    operation_id: str
    hierarchy: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a write: its beginning, or its end."""

    id: str
    at: datetime
    name: str  # BeginRequest or EndRequest
    status: str  # Started, Succeeded or Failed
    status_code: int | None
    properties: dict[str, Any]

    @property
    def level(self) -> str:
        """How severe it is."""
        return "Error" if self.status == "Failed" else "Informational"

    @property
    def sub_status(self) -> str:
        """The name of the HTTP status, such as Created; empty at the beginning."""
        return "" if self.status_code is None else HTTPStatus(self.status_code).phrase.replace(" ", "")

    @property
    def sub_status_text(self) -> str:
        """The same for people."""
        if self.status_code is None:
            return ""
        return f"{HTTPStatus(self.status_code).phrase} (HTTP Status Code: {self.status_code})"


def activity_of(content: dict[str, Any]) -> Activity:
    """The write that a record tells of."""
    what, who = content["what"], content["who"]
    id: str = what["resourceId"]
    parts = id.strip("/").split("/")
    lower = [part.lower() for part in parts]
    subscription = parts[1] if lower[:1] == ["subscriptions"] and len(parts) > 1 else ""
    group = parts[3] if lower[2:3] == ["resourcegroups"] and len(parts) > 3 else ""
    provider, _, type = what["operation"].rpartition("/")[0].partition("/")
    claims = {
        "aud": "https://management.azure.com/",
        "appid": who.get("applicationId", ""),
        "ipaddr": who.get("ipAddress", ""),
        "name": who.get("name", ""),
        _OBJECT_ID: who.get("objectId", ""),
        _TENANT: who.get("tenantId", ""),
        _UPN: who.get("userName", ""),
        _NAME: who.get("userName", ""),
    }
    request = {
        "clientRequestId": what.get("clientRequestId", ""),
        "clientIpAddress": who.get("ipAddress", ""),
        "method": what.get("method", ""),
        "uri": what.get("uri", ""),
    }
    tenant = who.get("tenantId", "")
    return Activity(
        resource_id=id,
        subscription_id=subscription,
        resource_group=group,
        provider=provider,
        type=f"{provider}/{type}" if type else provider,
        name=parts[-1],
        operation=what["operation"],
        caller=who.get("userName") or who.get("objectId") or who["name"],
        ip_address=who.get("ipAddress", ""),
        claims=_present(claims),
        authorization={"action": what["operation"], "scope": id},
        http_request=_present(request),
        correlation_id=what.get("correlationId", ""),
        operation_id=what.get("requestId", ""),
        hierarchy="/".join(part for part in (tenant, subscription) if part),
        tenant_id=tenant,
    )


def events_of(content: dict[str, Any]) -> tuple[Event, Event]:
    """The beginning and the end of the write."""
    ended = datetime.fromisoformat(content["at"])
    began = datetime.fromisoformat(content.get("began") or content["at"])
    outcome, what = content["outcome"], content["what"]
    told = {
        "eventCategory": ADMINISTRATIVE,
        "entity": what["resourceId"],
        "message": what["operation"],
        "hierarchy": activity_of(content).hierarchy,
    }
    code: int = outcome["code"]
    closing: dict[str, Any] = told | {
        "statusCode": HTTPStatus(code).phrase.replace(" ", ""),
        "serviceRequestId": what.get("requestId", ""),
    }
    if outcome["status"] == "Failed":
        error = {"code": outcome.get("error", ""), "message": outcome.get("message", "")}
        closing["statusMessage"] = orjson.dumps({"error": error}).decode()
    for state in ("before", "after"):
        if content.get(state) is not None:
            closing[state] = content[state]
    id = content.get("event") or what.get("requestId", "") or content["at"]
    status = outcome["status"]
    return (
        Event(derived_id("activity", id, "begin"), began, "BeginRequest", "Started", None, told),
        Event(derived_id("activity", id, "end", status), ended, "EndRequest", status, code, closing),
    )


_VALUES: Final = {"Started": "Start", "Succeeded": "Success", "Failed": "Failure"}


def activity_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of AzureActivity for a write.

    https://learn.microsoft.com/azure/azure-monitor/reference/tables/azureactivity
    """
    activity = activity_of(content)
    return [_row(activity, event) for event in events_of(content)]


def _row(activity: Activity, event: Event) -> dict[str, Any]:
    return {
        "TimeGenerated": event.at,
        "ActivityStatus": event.status,
        "ActivityStatusValue": _VALUES[event.status],
        "ActivitySubstatus": event.sub_status_text,
        "ActivitySubstatusValue": event.sub_status,
        "Authorization": _json(activity.authorization),
        "Authorization_d": activity.authorization,
        "Caller": activity.caller,
        "CallerIpAddress": activity.ip_address,
        "Category": ADMINISTRATIVE,
        "CategoryValue": ADMINISTRATIVE,
        "Claims": _json(activity.claims),
        "Claims_d": activity.claims,
        "CorrelationId": activity.correlation_id,
        "EventDataId": event.id,
        "EventSubmissionTimestamp": event.at,
        "Hierarchy": activity.hierarchy,
        "HTTPRequest": _json(activity.http_request),
        "Level": event.level,
        "OperationId": activity.operation_id,
        "OperationName": activity.operation,
        "OperationNameValue": activity.operation.upper(),
        "Properties": _json(event.properties),
        "Properties_d": event.properties,
        "Resource": activity.name,
        "ResourceGroup": activity.resource_group,
        "ResourceId": activity.resource_id,
        "ResourceProvider": activity.provider,
        "ResourceProviderValue": activity.provider.upper(),
        "SubscriptionId": activity.subscription_id,
        "_ResourceId": activity.resource_id.lower(),
    }


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _present(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
