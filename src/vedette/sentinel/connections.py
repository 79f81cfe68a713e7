"""Connections of workflows to other services, whose secrets are never shown, and the services that they may be of.

https://learn.microsoft.com/azure/templates/microsoft.web/connections
"""

from collections.abc import Iterable
from typing import Any

from vedette.access.workspaces import LOCATION
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Body, Resource, Source, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import arm_id, as_object
from vedette.automation.workflows.identities import CONNECTION, keep_owner
from vedette.core.instants import arm_time
from vedette.state.documents import Document
from vedette.state.store import Transaction

_LOCATIONS = "Microsoft.Web/locations"
_MANAGED_API = f"{_LOCATIONS}/managedApis"
_HIDDEN = "Vedette.Secrets/connectionParameters"
_SECRET = ("parametervalues", "parametervalueset")
_NO_CONSENT = "connections are documents here, and nobody is asked to consent to one"

_APIS = {
    "azureloganalyticsdatacollector": "Azure Log Analytics Data Collector",
    "azuremonitorlogs": "Azure Monitor Logs",
    "azuresentinel": "Microsoft Sentinel",
    "azuread": "Microsoft Entra ID",
    "azureadip": "Microsoft Entra ID Protection",
    "keyvault": "Azure Key Vault",
    "office365": "Office 365 Outlook",
    "outlook": "Outlook.com",
    "securitycenter": "Microsoft Defender for Cloud",
    "sendmail": "Mail",
    "servicenow": "ServiceNow",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "virustotal": "VirusTotal",
    "wdatp": "Microsoft Defender ATP",
}
"""Connectors that published playbooks use, with their display names."""


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    api = as_object("properties.api", body["properties"].get("api") or {})
    arm_id("properties.api.id", api.get("id"))
    return body


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = arm_time(context.clock.now(), "microseconds")
    known = existing.body["properties"] if existing else {}
    sent = body["properties"]
    api = as_object("properties.api", sent["api"])
    name = str(api["id"]).rpartition("/")[2]
    own = {
        "displayName": sent.get("displayName") or call.path.name,
        "api": {"name": name, "displayName": _APIS.get(name.lower(), name), "type": _MANAGED_API} | api,
        "createdTime": known.get("createdTime", now),
        "changedTime": now,
        "connectionState": "Enabled",
        "overallStatus": "Connected",
        "statuses": [{"status": "Connected"}],
        "testLinks": [],
    }
    before = known.get("api", {}).get("id")
    if existing is None:
        keep_owner(transaction, call.path.id, call.principal)
    _hide(transaction, call.path.id, sent, anew=before is not None and str(api["id"]).lower() != str(before).lower())
    shown = {name: value for name, value in sent.items() if name.lower() not in _SECRET}
    return {"kind": "V1"} | body | {"properties": shown | own}


def _hide(transaction: Transaction, id: str, sent: Body, *, anew: bool) -> None:
    """Keep what is secret where nothing shows it. What is not sent stays, unless the connection is `anew` of another
    service; what is sent takes its place, and is forgotten when it is empty."""
    given = {name: value for name, value in sent.items() if name.lower() in _SECRET}
    if not given and not anew:
        return
    place = f"{id}/providers/{_HIDDEN}/default"
    secret = {name: value for name, value in given.items() if value}
    if secret:
        transaction.put(id=place, type=_HIDDEN, scope=id, name="default", body=secret)
    else:
        transaction.delete(place)


def _location(context: Context, path: ResourcePath) -> Document:
    now = context.clock.now()
    return Document(path.id, _LOCATIONS, path.parent_id.lower(), path.name, "", {}, now, now)


def _api(context: Context, path: ResourcePath, name: str) -> Document:
    now = context.clock.now()
    properties = {
        "name": name,
        "generalInformation": {"displayName": _APIS[name], "description": "", "iconUrl": "", "tier": "Standard"},
        "metadata": {"source": "marketplace", "brandColor": "#ffffff"},
        "capabilities": ["actions"],
        "connectionParameters": {},
        "isReservedApi": False,
    }
    body: dict[str, Any] = {"location": path.names[0] if path.names else LOCATION, "properties": properties}
    return Document(path.id, _MANAGED_API, path.parent_id.lower(), name, "", body, now, now)


def _find_api(context: Context, path: ResourcePath) -> Document | None:
    name = path.name.lower()
    return _api(context, path, name) if name in _APIS else None


def _list_apis(context: Context, path: ResourcePath) -> Iterable[Document]:
    return [_api(context, path.item(name), name) for name in sorted(_APIS)]


CONNECTIONS = Resource(
    CONNECTION,
    key="connectionName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(CONNECTION),
    read_only=frozenset(
        {"statuses", "createdTime", "changedTime", "testLinks", "testRequests", "connectionState", "overallStatus"}
    ),
    validate=_validate,
    fill=_fill,
    refused={
        "listConsentLinks": _NO_CONSENT,
        "confirmConsentCode": _NO_CONSENT,
        "listConnectionKeys": "keys to what connections reach are not given out",
    },
)
WEB_LOCATIONS = Resource(
    _LOCATIONS,
    key="location",
    methods=frozenset({"GET"}),
    source=Source(find=_location, list=lambda _context, _path: []),
)
MANAGED_APIS = Resource(
    _MANAGED_API,
    key="apiName",
    parent=_LOCATIONS,
    methods=READ_METHODS,
    source=Source(find=_find_api, list=_list_apis),
)
