"""What servers add to resources beside what is published as theirs: no file holds it, no comparison looks at it."""

from collections.abc import Mapping
from typing import Any, cast

from vedette.content.bodies import as_list, as_mapping, properties_of
from vedette.content.item import SERVER_OWNED
from vedette.content.kinds import Kind

_TIMES_AND_PEOPLE = frozenset({"created", "createdby", "updated", "updatedby"})

_OF_KIND: Mapping[str, frozenset[str]] = {
    "AlertRule": frozenset({"lastmodifiedutc"}),
    "AlertRuleAction": frozenset({"workflowid", "triggeruri"}),
    "AutomationRule": frozenset({"createdtimeutc", "lastmodifiedtimeutc", "createdby", "lastmodifiedby"}),
    "Bookmark": _TIMES_AND_PEOPLE | {"incidentinfo"},
    "Connection": frozenset(
        {"status", "statuses", "createdtime", "changedtime", "testlinks", "testrequests", "connectionstate"}
        | {"overallstatus", "authenticateduser"}
    ),
    "Playbook": frozenset(
        {"provisioningstate", "createdtime", "changedtime", "version", "accessendpoint", "endpointsconfiguration"}
        | {"workflowid", "sku"}
    ),
    "RoleAssignment": frozenset({"scope", "createdon", "createdby", "updatedon", "updatedby"}),
    "Setting": frozenset({"isenabled"}),
    "Watchlist": _TIMES_AND_PEOPLE
    | {"provisioningstate", "uploadstatus", "watchlistid", "watchlisttype", "isdeleted", "tenantid"},
    "WatchlistItem": _TIMES_AND_PEOPLE | {"watchlistitemtype", "watchlistitemid", "isdeleted", "tenantid"},
    "Workbook": frozenset({"userid", "timemodified", "revision"}),
}
"""Properties by kind, in lower case."""

_OF_TEMPLATE = frozenset({"displayname", "description", "severity", "tactics", "techniques", "subtechniques"})
_TEMPLATE_KINDS = frozenset({"fusion", "mlbehavioranalytics", "threatintelligence"})
"""Rules of these kinds say what their template says; https://learn.microsoft.com/rest/api/securityinsights/alert-rules"""

_OF_SOURCE = frozenset({"sourcesubtypedisplayname"})
_OF_IDENTITY = frozenset({"principalid", "tenantid", "clientid"})


def without_server_made(kind: Kind, told: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what its server made."""
    body = {name: value for name, value in told.items() if name not in SERVER_OWNED and value is not None}
    properties = properties_of(body)
    made = _OF_KIND.get(kind.name, frozenset())
    if kind.name == "AlertRule" and str(body.get("kind", "")).lower() in _TEMPLATE_KINDS:
        made = made | _OF_TEMPLATE
    body["properties"] = {name: value for name, value in properties.items() if name.lower() not in made}
    if isinstance(body["properties"].get("sourceSettings"), list):
        body["properties"]["sourceSettings"] = _sources(body["properties"]["sourceSettings"])
    if isinstance(body.get("identity"), dict):
        body["identity"] = _without(body["identity"], _OF_IDENTITY)
    return body


def _sources(value: Any) -> Any:
    """Fusion's sources without their display names and without what can be filtered."""
    cleaned = _without(value, _OF_SOURCE)
    for source in as_list(cleaned):
        for subtype in as_list(as_mapping(source).get("sourceSubTypes")):
            as_mapping(as_mapping(subtype).get("severityFilters")).pop("isSupported", None)
    return cleaned


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        return {name: _without(each, names) for name, each in named.items() if name.lower() not in names}
    if isinstance(value, list):
        return [_without(each, names) for each in cast("list[Any]", value)]
    return value
