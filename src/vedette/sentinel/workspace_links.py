"""What is written down below a workspace about services that are not here: data sources of agents, exports, links to
storage accounts and to other services. It is checked, kept and shown; nothing is fetched from there or sent there.

https://learn.microsoft.com/rest/api/loganalytics
"""

import re
from dataclasses import replace
from email.utils import format_datetime

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, list_documents
from vedette.arm.envelope import envelope
from vedette.arm.resource import Body, Resource
from vedette.arm.shapes import any_text, anything, arm_id, fields, list_of, map_of, one_of, text, truth, wrong
from vedette.core.errors import InvalidInput
from vedette.sentinel.workspaces import WORKSPACE
from vedette.state.documents import Document
from vedette.state.store import Transaction

_KINDS = (
    "WindowsEvent",
    "WindowsPerformanceCounter",
    "IISLogs",
    "LinuxSyslog",
    "LinuxSyslogCollection",
    "LinuxPerformanceObject",
    "LinuxPerformanceCollection",
    "CustomLog",
    "CustomLogCollection",
    "AzureAuditLog",
    "AzureActivityLog",
    "GenericDataSource",
    "ChangeTrackingCustomPath",
    "ChangeTrackingPath",
    "ChangeTrackingServices",
    "ChangeTrackingDataTypeConfiguration",
    "ChangeTrackingDefaultRegistry",
    "ChangeTrackingRegistry",
    "ChangeTrackingLinuxPath",
    "LinuxChangeTrackingPath",
    "ChangeTrackingContentLocation",
    "WindowsTelemetry",
    "Office365",
    "SecurityWindowsBaselineConfiguration",
    "SecurityCenterSecurityWindowsBaselineConfiguration",
    "SecurityEventCollectionConfiguration",
    "SecurityInsightsSecurityEventCollectionConfiguration",
    "ImportComputerGroup",
    "NetworkMonitoring",
    "Itsm",
    "DnsAnalytics",
    "ApplicationInsights",
    "SqlDataClassification",
)
_kind = one_of(*_KINDS)
_KIND_FILTER = re.compile(r"\s*kind\s*(?:eq|=)\s*'(\w+)'\s*", re.IGNORECASE)


def _data_source(_context: Context, _call: Call, body: Body) -> Body:
    if not body.get("kind"):
        raise wrong("kind", "is missing")
    properties = {name[:1].lower() + name[1:]: value for name, value in body["properties"].items()}
    return body | {"kind": _kind("kind", body["kind"]), "properties": properties}


def _data_sources_of_kind(context: Context, call: Call) -> Answer:
    """The list must be asked for one kind; clients write `kind eq 'X'` and `kind='X'`."""
    match = _KIND_FILTER.fullmatch(call.query.get("$filter", ""))
    if match is None:
        raise InvalidInput("InvalidFilter", "'$filter' is missing or not of the form: kind eq 'WindowsEvent'.")
    filtered = {**call.query, "$filter": f"kind eq '{_kind('$filter', match[1])}'"}
    return list_documents(context, DATA_SOURCES, replace(call, query=filtered))


_linked_service = fields({"resourceId": arm_id, "writeAccessResourceId": arm_id, "provisioningState": anything})


def _link(_context: Context, _call: Call, body: Body) -> Body:
    properties = _linked_service("properties", body["properties"])
    if not {"resourceId", "writeAccessResourceId"} & properties.keys():
        raise wrong("properties.resourceId", "is missing, and so is 'writeAccessResourceId'")
    return body | {"properties": properties | {"provisioningState": "Succeeded"}}


def _unlink(context: Context, call: Call) -> Answer:
    """Deletes the link and shows what it was, as the poller of the SDKs expects it."""
    document = context.state.get(call.path.id)
    answer = delete(context, LINKED_SERVICES, call)
    if document is None:
        return answer
    properties = document.body["properties"] | {"provisioningState": "Deleting"}
    return replace(answer, body=envelope(replace(document, body=document.body | {"properties": properties})))


_storage_kind = one_of("CustomLogs", "AzureWatson", "Query", "Ingestion", "Alerts")
_linked_storage = fields(
    {"dataSourceType": anything, "storageAccountIds": list_of(arm_id, least=1)}, required=("storageAccountIds",)
)


def _link_storage(_context: Context, call: Call, body: Body) -> Body:
    kind = _storage_kind("dataSourceType", call.path.name)
    properties = _linked_storage("properties", body["properties"])
    return body | {"properties": properties | {"dataSourceType": kind}}


_destination = fields(
    {"resourceId": arm_id, "type": anything, "metaData": fields({"eventHubName": text})}, required=("resourceId",)
)
_export = fields(
    {"tableNames": list_of(text, least=1), "destination": _destination, "enable": truth},
    required=("tableNames", "destination"),
    others=anything,
)
_DESTINATIONS = {"/providers/microsoft.eventhub/": "EventHub", "/providers/microsoft.storage/": "StorageAccount"}


def _data_export(_context: Context, _call: Call, body: Body) -> Body:
    properties = _export("properties", body["properties"])
    destination = properties["destination"]
    id = destination["resourceId"].lower()
    type = next((type for provider, type in _DESTINATIONS.items() if provider in id), None)
    if type is None:
        raise wrong("properties.destination.resourceId", "is the id of an event hub namespace or a storage account")
    return body | {"properties": {"enable": True} | properties | {"destination": destination | {"type": type}}}


def _fill_export(
    context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None
) -> Body:
    now = format_datetime(context.clock.now(), usegmt=True)
    known = existing.body["properties"] if existing else {}
    own = {
        "dataExportId": known.get("dataExportId") or context.new_id(),
        "createdDate": known.get("createdDate", now),
        "lastModifiedDate": now,
    }
    return body | {"properties": body["properties"] | own}


_storage_account = fields({"id": arm_id, "key": any_text}, required=("id", "key"))
_insight = fields(
    {
        "containers": list_of(text),
        "tables": list_of(text),
        "storageAccount": _storage_account,
        "status": anything,
    },
    required=("storageAccount",),
)
_strings = map_of(text)


def _storage_insight(_context: Context, _call: Call, body: Body) -> Body:
    """The key of the storage account is of no use here, so it is not kept."""
    properties = _insight("properties", body["properties"])
    account = properties["storageAccount"] | {"key": ""}
    kept = properties | {"storageAccount": account, "status": {"state": "OK"}}
    tags = _strings("tags", body["tags"]) if body.get("tags") else {}
    return {name: value for name, value in body.items() if name != "tags"} | {"properties": kept, "tags": tags}


def _delete_gateway(_context: Context, _call: Call) -> Answer:
    """No gateway is ever registered here; the API answers the same for one that is not there."""
    return Answer(200)


def _in_workspace(noun: str) -> str:
    return f"{WORKSPACE}/{noun}"


DATA_SOURCES = Resource(
    _in_workspace("dataSources"),
    key="dataSourceName",
    parent=WORKSPACE,
    validate=_data_source,
    handlers={"LIST": _data_sources_of_kind},
)
LINKED_SERVICES = Resource(
    _in_workspace("linkedServices"),
    key="linkedServiceName",
    parent=WORKSPACE,
    validate=_link,
    handlers={"DELETE": _unlink},
)
LINKED_STORAGE_ACCOUNTS = Resource(
    _in_workspace("linkedStorageAccounts"),
    key="dataSourceType",
    parent=WORKSPACE,
    validate=_link_storage,
    created_status=200,
    deleted_once=True,
)
DATA_EXPORTS = Resource(
    _in_workspace("dataExports"),
    key="dataExportName",
    parent=WORKSPACE,
    read_only=frozenset({"dataExportId", "createdDate", "lastModifiedDate"}),
    validate=_data_export,
    fill=_fill_export,
    deleted_once=True,
)
STORAGE_INSIGHT_CONFIGS = Resource(
    _in_workspace("storageInsightConfigs"),
    key="storageInsightName",
    parent=WORKSPACE,
    validate=_storage_insight,
)
GATEWAYS = Resource(
    _in_workspace("gateways"),
    key="gatewayId",
    parent=WORKSPACE,
    methods=frozenset({"DELETE"}),
    handlers={"DELETE": _delete_gateway},
)
