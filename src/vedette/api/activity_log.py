"""The activity log: the events of all writes of the management plane, newest first, read from the audit.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list and /tenant-activity-logs/list
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.arm import query_parameters
from vedette.api.authentication import authenticate, authorize
from vedette.api.json_response import JsonResponse
from vedette.api.request_addresses import base_of
from vedette.api.services import Services
from vedette.arm.odata import parse_filter
from vedette.arm.paging import Page, next_link, requested_page
from vedette.arm.resource_ids import parse_id
from vedette.arm.versions import require_version
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.log_management.activity import ADMINISTRATIVE, CATEGORIES, Activity, Event, activity_of, events_of
from vedette.state.audit_chain import AuditRecord
from vedette.state.audit_reading import AuditFilter
from vedette.state.conditions import And, Compare, Condition

READ: Final = "Microsoft.Insights/eventtypes/values/read"
_VALUES: Final = "/providers/Microsoft.Insights/eventtypes/management/values"
_PAGE: Final = 100  # records, each of which is two events
_FILTERS: Final = "eventTimestamp, resourceGroupName, resourceUri, resourceProvider, correlationId, caller and status"


def routes(services: Services) -> list[BaseRoute]:
    """The events of a subscription, those of no subscription, and the names of the categories."""

    async def of_subscription(request: Request) -> Response:
        return await listed(request, f"/subscriptions/{request.path_params['subscription']}")

    async def of_tenant(request: Request) -> Response:
        return await listed(request, "")

    async def listed(request: Request, scope: str) -> Response:
        principal = await authenticate(request, services)
        query = query_parameters(request)
        require_version(query.get("api-version"))
        authorize(services, principal, action=READ, scope=scope or "/")
        base = base_of(request, services)
        return JsonResponse(await run_sync(_page, services, scope, query, base))

    async def categories(request: Request) -> Response:
        await authenticate(request, services)
        require_version(query_parameters(request).get("api-version"))
        return JsonResponse({"value": [_named(name) for name in CATEGORIES]})

    return [
        Route(f"/subscriptions/{{subscription}}{_VALUES}", of_subscription, methods=["GET"]),
        Route(_VALUES, of_tenant, methods=["GET"]),
        Route("/providers/Microsoft.Insights/eventcategories", categories, methods=["GET"]),
    ]


def _page(services: Services, scope: str, query: Mapping[str, str], base: str) -> dict[str, Any]:
    asked = _Asked(query.get("$filter"), scope)
    select = _selected(query.get("$select"))
    if query.get("$skip"):
        raise InvalidInput("BadRequest", "The query parameter '$skip' is not taken: follow 'nextLink'.")
    page = requested_page(query, default=_PAGE, largest=_PAGE)
    before = page.offset or None
    found = services.state.audit_records(asked.records, before=before, limit=page.size + 1)
    events = [shown for record in found[: page.size] for shown in _events(record, asked, select)]
    body: dict[str, Any] = {"value": events}
    if len(found) > page.size:
        last = found[page.size - 1].sequence  # the next page is of what was recorded before it
        body["nextLink"] = next_link(base, parse_id(f"{scope}{_VALUES}").id, query, Page(last - page.size, page.size))
    return body


class _Asked:
    """What a `$filter` asks for. Raises InvalidInput for anything but the patterns that are documented."""

    def __init__(self, text: str | None, scope: str) -> None:
        if not text:
            raise _wrong("it is required, with at least the time from which on events are wanted")
        self.caller = self.status = ""
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._group = self._resource = self._provider = self._correlation = ""
        for each in _compared(parse_filter(text)):
            self._take(each)
        if self._since is None:
            raise _wrong("it needs the time from which on events are wanted: eventTimestamp ge '2024-01-01T00:00:00Z'")
        self.records = AuditFilter(
            since=self._since,
            until=self._until,
            below=f"{scope}/resourcegroups/{self._group}".lower() if self._group else scope.lower(),
            subject=self._resource.rstrip("/").lower(),
            provider=self._provider.lower(),
            correlation=self._correlation.lower(),
            writes_only=True,
        )

    def _take(self, each: Compare) -> None:
        name, value = "/".join(each.path).lower().removeprefix("properties/"), each.value
        if name == "eventtimestamp" and each.operator in ("ge", "gt"):
            self._since = _instant(value)
        elif name == "eventtimestamp" and each.operator in ("le", "lt"):
            self._until = _instant(value)
        elif each.operator != "eq" or not isinstance(value, str):
            raise _wrong(f"'{name}' can only be compared by eq with a text")
        elif name == "resourcegroupname":
            self._group = value
        elif name in ("resourceuri", "resourceid"):
            self._resource = value
        elif name == "resourceprovider":
            self._provider = value
        elif name == "correlationid":
            self._correlation = value
        elif name == "caller":
            self.caller = value.lower()
        elif name == "status":
            self.status = value.lower()
        elif name not in ("eventchannels", "levels"):
            raise _wrong(f"it cannot name '{name}': there are {_FILTERS}")

    def holds(self, activity: Activity, event: Event) -> bool:
        """Whether an event of a record is asked for."""
        return self.caller in ("", activity.caller.lower()) and self.status in ("", event.status.lower())


def _compared(condition: Condition) -> Iterator[Compare]:
    match condition:
        case And(conditions):
            for each in conditions:
                yield from _compared(each)
        case Compare():
            yield condition
        case _:
            raise _wrong("it is a list of comparisons with 'and' between them")


def _instant(value: Any) -> datetime:
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise _wrong(f"'{str(value)[:40]}' is no time, such as 2024-01-01T00:00:00Z") from error


def _wrong(reason: str) -> InvalidInput:
    return InvalidInput("BadRequest", f"The query parameter '$filter' is not right: {reason}.")


def _selected(text: str | None) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip()) if text else frozenset()


def _events(record: AuditRecord, asked: _Asked, select: frozenset[str]) -> Iterator[dict[str, Any]]:
    content = record.content
    activity = activity_of(content)
    begun, ended = events_of(content)
    for event in (ended, begun):
        if asked.holds(activity, event):
            shown = _shown(activity, event)
            yield {name: value for name, value in shown.items() if not select or name.lower() in select}


def _shown(activity: Activity, event: Event) -> dict[str, Any]:
    at = arm_time(event.at, "microseconds")
    return {
        "authorization": activity.authorization,
        "caller": activity.caller,
        "channels": "Operation",
        "claims": activity.claims,
        "correlationId": activity.correlation_id,
        "description": "",
        "eventDataId": event.id,
        "eventName": {"value": event.name, "localizedValue": event.name.replace("Request", " request").capitalize()},
        "category": _named(ADMINISTRATIVE),
        "httpRequest": activity.http_request,
        "id": f"{activity.resource_id}/events/{event.id}/ticks/{_ticks(event.at)}",
        "level": event.level,
        "resourceGroupName": activity.resource_group,
        "resourceProviderName": _named(activity.provider),
        "resourceId": activity.resource_id,
        "resourceType": _named(activity.type),
        "operationId": activity.operation_id,
        "operationName": _named(activity.operation),
        "properties": {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in event.properties.items()
        },
        "status": _named(event.status),
        "subStatus": {"value": event.sub_status, "localizedValue": event.sub_status_text},
        "eventTimestamp": at,
        "submissionTimestamp": at,
        "subscriptionId": activity.subscription_id,
        "tenantId": activity.tenant_id,
    }


def _named(name: str) -> dict[str, str]:
    return {"value": name, "localizedValue": name}


def _ticks(instant: datetime) -> int:
    """Tenths of microseconds since the year 1, as .NET counts time."""
    days = instant.toordinal() - 1
    seconds = days * 86_400 + instant.hour * 3600 + instant.minute * 60 + instant.second
    return seconds * 10_000_000 + instant.microsecond * 10
