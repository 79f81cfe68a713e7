"""Incidents in the management API; what they are, and the rows that their changes write, is `detect.incidents`'s.

https://learn.microsoft.com/rest/api/securityinsights/incidents
"""

from collections import Counter
from collections.abc import Sequence

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import not_found, shown
from vedette.arm.envelope import envelope
from vedette.arm.resource import Body
from vedette.arm.shapes import list_of, text
from vedette.core.errors import InvalidInput, NotFound, Unsupported
from vedette.detect.entity_documents import ENTITY, incident_entities
from vedette.detect.incident_merge import merge_incidents
from vedette.detect.incident_of_alerts import told_by
from vedette.detect.incident_properties import Status, checked
from vedette.detect.incidents import (
    BOOKMARK_KIND,
    INCIDENT,
    RELATION,
    change_incident,
    create_incident,
    delete_incident,
    incident_alerts,
    update_incident,
)
from vedette.detect.relations import related_documents
from vedette.sentinel.extension import extension
from vedette.sentinel.incident_graph import incident_graph
from vedette.sentinel.incident_similarity import similar_incidents
from vedette.sentinel.incident_timeline import incident_timeline
from vedette.sentinel.people import with_owner
from vedette.sentinel.playbook_runs import run_playbook
from vedette.sentinel.time_windows import body_field
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

MOST_MERGED = 50
"""Incidents that one call merges into another."""


def _validate(context: Context, _call: Call, body: Body) -> Body:
    kept = checked(body["properties"])
    if kept["status"] == Status.Closed.value and "classification" not in kept:
        raise InvalidInput(
            "BadRequest",
            "Invalid properties for incident: 'properties.classification' is missing; an incident is closed with one "
            "of Undetermined, TruePositive, BenignPositive, FalsePositive.",
        )
    return body | {"properties": body["properties"] | {"owner": with_owner(context, kept["owner"])}}


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    workspace, now, modified_by = workspace_of(context, call.path), context.clock.now(), call.principal.name
    properties = body["properties"]
    if existing is not None:
        return update_incident(transaction, workspace, existing, properties, modified_by=modified_by, now=now)
    return create_incident(
        transaction,
        workspace,
        id=call.path.id,
        name=call.path.name,
        properties=properties,
        modified_by=modified_by,
        now=now,
    )


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    workspace = workspace_of(context, call.path)
    delete_incident(transaction, workspace, document, modified_by=call.principal.name, now=context.clock.now())


def _alerts(context: Context, _call: Call, document: Document) -> Answer:
    return Answer(200, {"value": [envelope(alert) for alert in incident_alerts(context.state, document.id)]})


def _bookmarks(context: Context, _call: Call, document: Document) -> Answer:
    """A bookmark is shown here as an entity: https://learn.microsoft.com/rest/api/securityinsights/incidents/list-bookmarks"""
    bookmarks = related_documents(context.state, document.id, RELATION, BOOKMARK_KIND)
    return Answer(200, {"value": [_as_entity(bookmark) for bookmark in bookmarks]})


def _as_entity(bookmark: Document) -> Body:
    shown = envelope(bookmark) | {"type": ENTITY, "kind": BOOKMARK_KIND}
    additional = {"ETag": shown.pop("etag"), "EntityId": bookmark.name}
    name = bookmark.body["properties"]["displayName"]
    return shown | {"properties": bookmark.body["properties"] | {"friendlyName": name, "additionalData": additional}}


def _entities(context: Context, _call: Call, document: Document) -> Answer:
    entities = incident_entities(context.state, document.id)
    kinds = Counter(str(entity.body["kind"]) for entity in entities)
    return Answer(
        200,
        {
            "entities": [envelope(entity) for entity in entities],
            "metaData": [{"entityKind": kind, "count": number} for kind, number in kinds.items()],
        },
    )


def _show(_context: Context, _call: Call, document: Document) -> Body:
    """What is not known of the owner is left out; in the log it is null."""
    properties = document.body["properties"]
    owner = {name: each for name, each in properties["owner"].items() if each is not None}
    return document.body | {"properties": properties | {"owner": owner}}


def _create_team(_context: Context, _call: Call, _document: Document) -> Answer:
    raise Unsupported("TeamCreationNotSupported", "This server has no Microsoft Teams in which to create a team.")


def take_up(
    context: Context,
    call: Call,
    transaction: Transaction,
    incident_id: str,
    *,
    alerts_changed: bool = False,
    deleted_tasks: Sequence[Document] = (),
) -> None:
    """Let an incident take up what hangs on it now: its counts, what its alerts say where `alerts_changed`, and the row
    that every change writes, in which `deleted_tasks` are shown a last time."""
    incident = transaction.get(incident_id)
    if incident is None or incident.type != INCIDENT:
        return
    workspace, now = workspace_of(context, call.path), context.clock.now()
    alerts = incident_alerts(transaction, incident_id) if alerts_changed else []
    changes = told_by(incident.body["properties"], alerts, workspace.resource_id)
    change_incident(
        transaction,
        workspace,
        incident,
        changes,
        modified_by=call.principal.name,
        now=now,
        deleted_tasks=deleted_tasks,
    )


def take_up_above(context: Context, call: Call, transaction: Transaction, _document: Document) -> None:
    """Let the incident that a changed document is under take that up."""
    take_up(context, call, transaction, call.path.parent_id)


def _merge(context: Context, call: Call, document: Document) -> Answer:
    """POST `merge` with `{"incidentIds": […]}`: this incident takes what the others are about; they are closed."""
    ids = list_of(text, least=1, most=MOST_MERGED)("incidentIds", body_field(call.body, "incidentIds"))
    workspace, now = workspace_of(context, call.path), context.clock.now()
    with context.state.transaction() as transaction:
        target = transaction.get(document.id)
        if target is None:
            raise not_found(INCIDENTS, call.path)
        others = {each.id: each for each in (_named(transaction, target, id) for id in ids)}
        if target.id in others:
            raise InvalidInput(
                "BadRequest", "'incidentIds' names the incident itself; it cannot be merged into itself."
            )
        merged = merge_incidents(
            transaction, workspace, target, list(others.values()), modified_by=call.principal.name, now=now
        )
    return Answer(200, shown(context, INCIDENTS, call, merged))


def _named(transaction: Transaction, target: Document, id: str) -> Document:
    """An incident of the same workspace by its id or name. Raises NotFound."""
    above = target.id[: -len(target.name)]
    found = transaction.get(id if "/" in id else f"{above}{id}")
    if found is None or found.type != INCIDENT or not found.id.lower().startswith(above.lower()):
        raise NotFound("NotFound", f"There is no incident '{id[:200]}' in this workspace.")
    return found


INCIDENTS = extension(
    "incident",
    INCIDENT,
    key="incidentId",
    actions={
        "merge": _merge,
        "similarIncidents": similar_incidents,
        "timeline": incident_timeline,
        "graph": incident_graph,
        "alerts": _alerts,
        "bookmarks": _bookmarks,
        "entities": _entities,
        "runPlaybook": run_playbook,
        "createTeam": _create_team,
    },
    reading=frozenset({"alerts", "bookmarks", "entities", "similarIncidents", "timeline", "graph"}),
    validate=_validate,
    write=_write,
    remove=_remove,
    show=_show,
    page=50,
    published_shape=False,
)
