"""What an export tells of a document: the event that rules are held against, and that playbooks are given.

An alert is told in the words of its products, everything else as the API shows it with what the export adds:
https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas,
https://learn.microsoft.com/azure/defender-for-cloud/continuous-export-view-data
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput
from vedette.sentinel.defender.assessments import links_of, metadata_of
from vedette.sentinel.defender.types import ALERT, ASSESSMENT, EXPORTED, SUB_ASSESSMENT
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

Json = dict[str, Any]

_STATUSES: Final[Mapping[str, str]] = {"Active": "New"}
_WEEK: Final = "7.00:00:00"
_AT_ONCE: Final = "00:00:00"


@dataclass(frozen=True, slots=True)
class Event:
    """What is exported of a document: `source` is the name of an automation's source, `resource` the id of what it is
    about, `body` what is told; `action` is Insert, Write or Delete."""

    document: Document
    source: str
    action: str
    resource: str
    body: Json
    is_snapshot: bool

    @property
    def properties(self) -> Json:
        """The properties of the document, an assessment's with its metadata."""
        return self.body["properties"] if "properties" in self.body else self.document.body["properties"]


def event_of(
    state: StateStore | Transaction,
    document: Document,
    subscription: str,
    tenant_id: str,
    *,
    action: str = "Insert",
    is_snapshot: bool = False,
) -> Event:
    """The event of a document, which is of an exported type; `subscription` is its resource id."""
    exported = EXPORTED[document.type.lower()]
    source = exported.snapshot if is_snapshot else exported.source
    if document.type == ALERT:
        properties: Json = document.body["properties"]
        return Event(
            document, source, action, resource_of(document), alert_body(document, properties, tenant_id), False
        )
    told: Json = {
        "action": action,
        "apiVersion": exported.version,
        "isSnapshot": is_snapshot,
        "interval": _WEEK if is_snapshot else _AT_ONCE,
    }
    body: Json = {
        "tenantId": tenant_id,
        "type": document.type,
        "id": document.id,
        "name": document.name,
        "kind": None,
        "location": None,
        "tags": None,
        "properties": _properties(state, document, subscription),
        "securityEventDataEnrichment": told,
    }
    also = {ASSESSMENT: "assessmentEventDataEnrichment", SUB_ASSESSMENT: "subAssessmentEventDataEnrichment"}
    if document.type in also:
        body[also[document.type]] = told
    return Event(document, source, action, resource_of(document), body, is_snapshot)


def resource_of(document: Document) -> str:
    """The id of the resource that a document is about: of an alert what it names, else what the document hangs on."""
    if document.type == ALERT:
        for each in document.body["properties"].get("resourceIdentifiers") or []:
            named = each.get("azureResourceId")
            if isinstance(named, str) and named.startswith("/"):
                return named
    return parse_id(document.id).scope


def alert_body(document: Document, properties: Json, tenant_id: str) -> Json:
    """An alert in the words of its products."""
    link = properties.get("alertUri") or (
        "https://portal.azure.com/#blade/Microsoft_Azure_Security_AzureDefenderForData/AlertBlade/alertId/"
        f"{document.name}/subscriptionId/{document.id.split('/')[2]}"
    )
    return {
        "VendorName": properties["vendorName"],
        "AlertType": properties["alertType"],
        "ProductName": properties["productName"],
        "ProductComponentName": properties.get("productComponentName"),
        "StartTimeUtc": properties["startTimeUtc"],
        "EndTimeUtc": properties["endTimeUtc"],
        "TimeGenerated": properties["timeGeneratedUtc"],
        "ProcessingEndTime": properties["processingEndTimeUtc"],
        "Severity": properties["severity"],
        "Status": _STATUSES.get(properties["status"], properties["status"]),
        "ProviderAlertStatus": None,
        "ConfidenceLevel": properties.get("confidenceLevel"),
        "ConfidenceScore": properties.get("confidenceScore"),
        "IsIncident": properties["isIncident"],
        "SystemAlertId": properties["systemAlertId"],
        "CorrelationKey": properties.get("correlationKey"),
        "Intent": properties.get("intent") or "Unknown",
        "Techniques": properties.get("techniques") or [],
        "SubTechniques": properties.get("subTechniques") or [],
        "AzureResourceId": resource_of(document),
        "WorkspaceId": _of_workspace(properties, "workspaceId"),
        "WorkspaceSubscriptionId": _of_workspace(properties, "workspaceSubscriptionId"),
        "WorkspaceResourceGroup": _of_workspace(properties, "workspaceResourceGroup"),
        "AgentId": _of_workspace(properties, "agentId"),
        "CompromisedEntity": properties.get("compromisedEntity"),
        "AlertDisplayName": properties["alertDisplayName"],
        "Description": properties.get("description") or "",
        "Entities": [_entity(each) for each in properties.get("entities") or []],
        "ExtendedLinks": properties.get("extendedLinks"),
        "RemediationSteps": properties.get("remediationSteps") or [],
        "ExtendedProperties": properties.get("extendedProperties") or {},
        "ResourceIdentifiers": [_capital(each) for each in properties.get("resourceIdentifiers") or []]
        + [{"AadTenantId": tenant_id, "Type": "AAD"}],
        "AlertUri": link,
    }


def region_of(state: StateStore | Transaction, resource: str) -> str:
    """Where a resource is, if it is known here."""
    try:
        known = state.get(parse_id(resource).id) if resource else None
    except InvalidInput:
        return ""
    return str(known.body.get("location") or "") if known else ""


def _properties(state: StateStore | Transaction, document: Document, subscription: str) -> Json:
    properties: Json = document.body["properties"]
    if document.type != ASSESSMENT:
        return properties
    return properties | {
        "metadata": metadata_of(state, subscription, document.name, properties),
        "links": links_of(document),
    }


def _of_workspace(properties: Json, name: str) -> Any:
    return next((each[name] for each in properties.get("resourceIdentifiers") or [] if each.get(name)), None)


def _entity(entity: Json) -> Json:
    """An entity with names as products write them."""
    return {_upper(name): _inner(each) for name, each in entity.items()}


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return _entity(value)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        return [_inner(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _capital(fields: Json) -> Json:
    return {_upper(name): each for name, each in fields.items()}


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]
