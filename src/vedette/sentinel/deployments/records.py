"""What is kept of a deployment: its document, what it was begun with, and how each of its resources stands.

A run is kept beside the document until the next deployment of the same name, so that its template can be exported and
deployed again. Secure parameters are kept nowhere.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from vedette.access.principals import Principal, PrincipalKind
from vedette.core.durations import format_duration
from vedette.core.instants import arm_time
from vedette.sentinel.deployments.places import DEPLOYMENT, OPERATION
from vedette.state.conditions import Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

RUN: Final = "Vedette/deploymentRuns"
MOST_KEPT: Final = 800
"""Deployments of one scope: https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-history-deletions"""

ACTIVE: Final = frozenset({"Accepted", "Running", "Canceling"})
Json = dict[str, Any]


def run_id(deployment_id: str) -> str:
    """The id of the document of what a deployment was begun with, which is no address."""
    return f"{deployment_id}/vedette/run"


def run_of(state: StateStore | Transaction, deployment_id: str) -> Json | None:
    """What a deployment was begun with: `template`, `parameters` (values by name), `secure` (the names of those that
    are not kept), `mode`, `principal`, `correlation`, `parent`, `operation`, `version`, `base`, `uri`, `beside`."""
    document = state.get(run_id(deployment_id))
    return document.body if document is not None else None


def put_run(transaction: Transaction, deployment_id: str, run: Json) -> None:
    """Keep what a deployment is begun with."""
    transaction.put(id=run_id(deployment_id), type=RUN, scope=deployment_id, name="run", body=run)


def is_active(document: Document | None) -> bool:
    """Whether a deployment is still being carried out."""
    return document is not None and document.body["properties"].get("provisioningState") in ACTIVE


def put_deployment(transaction: Transaction, id: str, name: str, body: Json) -> Document:
    """Write a deployment's document."""
    scope = id.rpartition("/providers/")[0]
    document, _ = transaction.put(id=id, type=DEPLOYMENT, scope=scope, name=name, body=body)
    return document


def begin_anew(transaction: Transaction, id: str) -> None:
    """Forget how the resources of an earlier deployment of the same name stood."""
    transaction.delete_all(transaction.list(OPERATION, id))


def trim(transaction: Transaction, scope: str) -> None:
    """Let the oldest deployments of a scope go that are over, where there are too many."""
    kept = transaction.list(DEPLOYMENT, scope)
    over = sorted((each for each in kept if not is_active(each)), key=lambda each: each.modified)
    for document in over[: max(0, len(kept) - MOST_KEPT)]:
        remove(transaction, document)


def remove(transaction: Transaction, document: Document) -> None:
    """Delete a deployment with what is kept beside it; the resources that it made stay."""
    transaction.delete(document.id)
    transaction.delete_below(document.id)


def write_properties(transaction: Transaction, id: str, changes: Mapping[str, Any]) -> Document | None:
    """Write into the properties of a deployment, or of a script of one; None where it is gone."""
    document = transaction.get(id)
    if document is None:
        return None
    return transaction.change(document, document.body | {"properties": document.body["properties"] | changes})


def change_properties(state: StateStore, id: str, changes: Mapping[str, Any]) -> Document | None:
    """`write_properties` in a transaction of its own."""
    with state.transaction() as transaction:
        return write_properties(transaction, id, changes)


def standing(state: str, began: datetime, now: datetime) -> Json:
    """How far a deployment or an operation is, and for how long it has gone on."""
    return {
        "provisioningState": state,
        "timestamp": arm_time(now, "microseconds"),
        "duration": format_duration(max(now - began, now - now)),
    }


def operation_name(run: str, id: str) -> str:
    """The id of what a run does with one resource, the same each time that it is begun again."""
    return hashlib.sha256(f"{run}\x1f{id.lower()}".encode()).hexdigest()[:16].upper()


def put_operation(transaction: Transaction, deployment_id: str, name: str, properties: Json) -> None:
    """Write how one resource of a deployment stands; nothing where the deployment is gone."""
    if transaction.get(deployment_id) is None:
        return
    transaction.put(
        id=f"{deployment_id}/operations/{name}",
        type=OPERATION,
        scope=deployment_id,
        name=name,
        body={"properties": properties},
    )


def succeeded_operations(state: StateStore, deployment_id: str, run: str) -> set[str]:
    """The ids of what a run has done, in lower case, so that going on need not do it again."""
    where = Compare(("properties", "trackingId"), "eq", run)
    found = (each.body["properties"] for each in state.list(OPERATION, deployment_id, where=where))
    return {
        str(each.get("targetResource", {}).get("id", "")).lower()
        for each in found
        if each["provisioningState"] == "Succeeded"
    }


def has_begun(state: StateStore, deployment_id: str, run: str, id: str) -> bool:
    """Whether a run has begun one of its resources and not told how that ended, as a restart leaves it."""
    document = state.get(f"{deployment_id}/operations/{operation_name(run, id)}")
    return document is not None and document.body["properties"]["provisioningState"] == "Running"


def runs_below(state: StateStore, run: str, correlation: str) -> list[tuple[Document, Json]]:
    """The deployments that a run, or one that it has begun, has begun and that are not over; each with its own run."""
    begun: dict[str, list[tuple[str, Json]]] = {}
    for each in state.list(RUN, where=Compare(("correlation",), "eq", correlation)):
        begun.setdefault(each.body["parent"], []).append((each.scope, each.body))
    found: list[tuple[Document, Json]] = []
    waiting = [run]
    while waiting:
        for id, kept in begun.pop(waiting.pop(), ()):
            waiting.append(kept["operation"])
            document = state.get(id)
            if document is not None and is_active(document):
                found.append((document, kept))
    return found


def kept_principal(principal: Principal) -> Json:
    """A caller, to be remembered as long as what they asked for goes on."""
    kept = asdict(principal)
    return kept | {"kind": principal.kind.value, "groups": sorted(principal.groups), "scopes": sorted(principal.scopes)}


def principal_from(kept: Json) -> Principal:
    """The caller that was remembered."""
    return Principal(
        **{
            **kept,
            "kind": PrincipalKind(kept["kind"]),
            "groups": frozenset(kept["groups"]),
            "scopes": frozenset(kept["scopes"]),
        }
    )
