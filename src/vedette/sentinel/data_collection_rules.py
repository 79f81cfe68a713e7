"""Data collection rules: what is accepted, what is filled in; `logs.collection` reads the documents.

https://learn.microsoft.com/rest/api/monitor/data-collection-rules/create
"""

from typing import Any

from vedette.access.workspaces import SEND_TO_WORKSPACE
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, Body, Resource
from vedette.core.errors import Conflict
from vedette.kql.catalog import Table
from vedette.logs.collection_flows import check_flows
from vedette.logs.collection_rule import DATA_COLLECTION_RULE, LOG_ANALYTICS, CollectionRule, Problems, parse_rule
from vedette.sentinel.data_collection_associations import associations_with
from vedette.sentinel.data_collection_endpoints import ingestion_endpoint, new_immutable_id
from vedette.state.documents import Document
from vedette.state.store import Transaction

_DIRECT = "Direct"


def _validate(context: Context, call: Call, body: Body) -> Body:
    problems = Problems()
    rule = parse_rule(body.get("kind"), body["properties"], problems)
    context.roles.check_linked(
        call.principal, f"{DATA_COLLECTION_RULE}/write", call.path.id, SEND_TO_WORKSPACE, rule.workspaces.values()
    )
    _check_endpoint(context, body["properties"].get("dataCollectionEndpointId"), problems)
    _check_workspaces(context, rule, problems)
    problems.raise_any()

    def table_of(workspace: str, name: str) -> Table | None:
        known = context.workspaces.by_resource_id(workspace)
        return None if known is None else context.catalog(known.id).table(name)

    check_flows(rule, table_of, context.clock.now(), problems)
    problems.raise_any()
    if rule.kind is not None:
        body |= {"kind": rule.kind}
    return body | {"properties": _with_workspace_ids(context, body["properties"])}


def _check_endpoint(context: Context, id: Any, problems: Problems) -> None:
    if id and (not isinstance(id, str) or context.state.get(id) is None):
        problems.add(
            "InvalidDataCollectionEndpoint",
            f"The data collection endpoint '{id}' does not exist.",
            "properties.dataCollectionEndpointId",
        )


def _check_workspaces(context: Context, rule: CollectionRule, problems: Problems) -> None:
    for name, id in rule.workspaces.items():
        if context.workspaces.by_resource_id(id) is None:
            problems.add(
                "InvalidDestination",
                f"The workspace '{id}' of the destination '{name}' does not exist.",
                "properties.destinations.logAnalytics",
            )


def _with_workspace_ids(context: Context, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties, with the GUID of each workspace beside its ARM id."""
    destinations = properties.get("destinations") or {}
    if not destinations.get(LOG_ANALYTICS):
        return properties
    named = [
        each | {"workspaceId": context.workspaces.id_of(each["workspaceResourceId"])}
        for each in destinations[LOG_ANALYTICS]
    ]
    return properties | {"destinations": destinations | {LOG_ANALYTICS: named}}


def _fill(context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    known: dict[str, Any] = existing.body["properties"] if existing else {}
    filled = {
        "immutableId": known.get("immutableId") or new_immutable_id(context, "dcr"),
        "provisioningState": "Succeeded",
    }
    return body | {"properties": body["properties"] | filled}


def _show(_context: Context, call: Call, document: Document) -> Body:
    if document.body.get("kind") != _DIRECT:
        return document.body
    address = ingestion_endpoint(call.base, document.id)
    endpoints = {"logsIngestion": address, "metricsIngestion": address}
    return document.body | {"properties": document.body["properties"] | {"endpoints": endpoints}}


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    """Delete the rule, with what associates it if that is asked for; else such a rule stays."""
    associated = associations_with(context, "dataCollectionRuleId", document.id)
    if associated and call.query.get("deleteassociations", "").lower() != "true":
        raise Conflict(
            "Conflict",
            f"The data collection rule is associated with {len(associated)} resources. Delete these associations "
            "first, or ask for it with 'deleteAssociations=true'.",
        )
    for association in associated:
        transaction.delete(association.id)
    transaction.delete(document.id)


DATA_COLLECTION_RULES = Resource(
    DATA_COLLECTION_RULE,
    key="dataCollectionRuleName",
    read_only=frozenset({"immutableId", "endpoints", "provisioningState", "metadata"}),
    tracked=True,
    methods=PATCHED_METHODS,
    validate=_validate,
    fill=_fill,
    show=_show,
    remove=_remove,
    published_shape=False,
)
