"""What a playbook is given of the incident, alert or entity that it is started on.

https://learn.microsoft.com/connectors/azuresentinel/#triggers
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from vedette.access.workspaces import Workspace
from vedette.arm.envelope import envelope
from vedette.detect.entity_documents import alert_entities, incident_entities
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.incidents import BOOKMARK_KIND, COMMENT, RELATION, incident_alerts
from vedette.detect.relations import related_documents
from vedette.state.documents import Document
from vedette.state.store import StateStore

Json = dict[str, Any]

INCIDENT_PATH = "/incident-creation"
ALERT_PATH = "/subscribe"
ENTITY_PATH = "/entity/"


def incident_outputs(
    state: StateStore,
    workspace: Workspace,
    incident: Document,
    event: str,
    event_id: str,
    updates: Mapping[str, Any] | None = None,
) -> Json:
    """The outputs of a trigger that fires on an incident; `event` is `Create`, `Update` or `Manual`."""
    shown = envelope(incident)
    shown["properties"] = {
        **incident.body["properties"],
        "relatedEntities": [envelope(each) for each in incident_entities(state, incident.id)],
        "Alerts": [_alert_of_incident(each) for each in incident_alerts(state, incident.id)],
        "Bookmarks": [envelope(each) for each in related_documents(state, incident.id, RELATION, BOOKMARK_KIND)],
        "Comments": [envelope(each) for each in state.list(COMMENT, incident.id)],
    }
    body: Json = {
        "eventUniqueId": event_id,
        "objectSchemaType": "Incident",
        "objectEventType": event,
        "workspaceInfo": workspace_info(workspace),
        "workspaceId": workspace.id,
        "object": shown,
    }
    if updates is not None:
        body["incidentUpdates"] = dict(updates)
    return _called_with(body)


def _alert_of_incident(alert: Document) -> Json:
    """An alert inside an incident: its custom details are told beside its other properties too."""
    return envelope(alert) | {"properties": {**alert.body["properties"]}}


def alert_outputs(state: StateStore, workspace: Workspace, alert: Document) -> Json:
    """The outputs of a trigger that fires on an alert."""
    known = alert.body["properties"]
    info = workspace_info(workspace)
    body: Json = {
        "WorkspaceSubscriptionId": info["SubscriptionId"],
        "WorkspaceResourceGroup": info["ResourceGroupName"],
        "WorkspaceId": workspace.id,
        "TenantId": workspace.id,
        **{name[:1].upper() + name[1:]: value for name, value in known.items() if name in _OF_ALERT},
        "ExtendedProperties": orjson.dumps(known.get("additionalData") or {}).decode(),
        "Entities": [alert_entity(each) for each in alert_entities(state, alert.id)],
        "Tactics": ",".join(known.get("tactics") or ()),
    }
    return _called_with(body)


_OF_ALERT = frozenset(
    (
        "systemAlertId",
        "providerAlertId",
        "alertDisplayName",
        "alertType",
        "alertLink",
        "compromisedEntity",
        "confidenceLevel",
        "confidenceScore",
        "description",
        "endTimeUtc",
        "startTimeUtc",
        "timeGenerated",
        "processingEndTime",
        "productName",
        "productComponentName",
        "vendorName",
        "severity",
        "status",
        "remediationSteps",
    )
)


def entity_outputs(workspace: Workspace, entity: Document, incident_id: str | None) -> Json:
    """The outputs of a trigger that fires on an entity, of an incident or for itself."""
    names = {arm: own for own, arm in _identifiers(entity).items()}
    properties = {names.get(name, name): value for name, value in entity.body["properties"].items()}
    body: Json = {
        "workspaceInfo": workspace_info(workspace),
        "workspaceId": workspace.id,
        "Entity": envelope(entity) | {"properties": properties},
    }
    if incident_id is not None:
        body["IncidentArmID"] = incident_id
    return _called_with(body)


def alert_entity(entity: Document | Mapping[str, Any]) -> Json:
    """An entity as alerts have it: names of identifiers as mappings write them, and `Type`."""
    kind = str(entity.body.get("kind") if isinstance(entity, Document) else entity.get("kind"))
    properties = entity.body["properties"] if isinstance(entity, Document) else entity.get("properties") or {}
    known = _type_of(kind)
    if known is None:
        return {name[:1].upper() + name[1:]: value for name, value in properties.items()} | {"Type": kind.lower()}
    names = {arm: own for own, arm in known.shown.items()}
    shown = {names.get(name, name[:1].upper() + name[1:]): value for name, value in properties.items()}
    shown.pop("FriendlyName", None)
    return {**shown, "Type": known.type}


def _identifiers(entity: Document) -> dict[str, str]:
    known = _type_of(str(entity.body.get("kind")))
    return {} if known is None else dict(known.shown)


def _type_of(kind: str) -> Any:
    return next(
        (each for name, each in ENTITY_TYPES.items() if kind.lower() in (name.lower(), each.arm_kind.lower())), None
    )


def workspace_info(workspace: Workspace) -> Json:
    """Where a workspace is."""
    parts = workspace.resource_id.split("/")
    return {"SubscriptionId": parts[2], "ResourceGroupName": parts[4], "WorkspaceName": workspace.name}


def _called_with(body: Json) -> Json:
    return {"headers": {"Content-Type": "application/json; charset=utf-8"}, "body": body}


def sentinel_trigger(workflow: Document, fits: Callable[[str], bool]) -> str | None:
    """The name of the workflow's trigger of Sentinel's connector whose path fits; None when it has none."""
    triggers = workflow.body["properties"].get("definition", {}).get("triggers") or {}
    for name, trigger in triggers.items():
        if not isinstance(trigger, dict) or str(trigger.get("type", "")).lower() != "apiconnectionwebhook":
            continue
        path = "/" + str((trigger.get("inputs") or {}).get("path", "")).strip("/")
        if fits(path.lower()):
            return name
    return None
