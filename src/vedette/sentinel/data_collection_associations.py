"""Associations of data collection rules and endpoints with resources of any provider, known here or not.

https://learn.microsoft.com/rest/api/monitor/data-collection-rule-associations/create
"""

from typing import Any

from vedette.arm.call import Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.logs.collection_rule import DATA_COLLECTION_RULE
from vedette.sentinel.data_collection_endpoints import DATA_COLLECTION_ENDPOINT
from vedette.state.documents import Document
from vedette.state.store import Transaction

ASSOCIATION = "Microsoft.Insights/dataCollectionRuleAssociations"
_OF_ENDPOINT = "configurationAccessEndpoint"
_REFERENCES = {"dataCollectionRuleId": DATA_COLLECTION_RULE, "dataCollectionEndpointId": DATA_COLLECTION_ENDPOINT}


def associations_with(context: Context, reference: str, id: str) -> list[Document]:
    """The associations whose `dataCollectionRuleId` or `dataCollectionEndpointId` is `id`."""
    return [
        document
        for document in context.state.list(ASSOCIATION)
        if str(document.body["properties"].get(reference, "")).lower() == id.lower()
    ]


def _validate(context: Context, call: Call, body: Body) -> Body:
    properties: dict[str, Any] = body["properties"]
    given = [name for name in _REFERENCES if properties.get(name)]
    if len(given) != 1:
        raise _refused("An association has either 'dataCollectionRuleId' or 'dataCollectionEndpointId'.", "properties")
    name = given[0]
    if name == "dataCollectionEndpointId" and call.path.name.lower() != _OF_ENDPOINT.lower():
        raise _refused(f"An association with an endpoint must be named '{_OF_ENDPOINT}'.", f"properties.{name}")
    if isinstance(properties[name], str):
        context.roles.check_linked(
            call.principal, f"{ASSOCIATION}/write", call.path.id, f"{_REFERENCES[name]}/read", [properties[name]]
        )
    found = context.state.get(properties[name]) if isinstance(properties[name], str) else None
    if found is None or found.type.lower() != _REFERENCES[name].lower():
        raise _refused(f"'{properties[name]}' does not exist.", f"properties.{name}")
    return body


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    properties = body["properties"] | {"provisioningState": "Succeeded"}
    return body | {"properties": properties, "systemData": system_data(call.principal, context.clock.now(), existing)}


def _refused(message: str, target: str) -> InvalidInput:
    details = [{"code": "InvalidAssociation", "message": message, "target": target}]
    return InvalidInput("InvalidPayload", f"Data collection rule association is invalid: {message}", details=details)


def _listed(reference: str) -> Source:
    def list_below(context: Context, path: ResourcePath) -> list[Document]:
        return associations_with(context, reference, path.parent_id)

    return Source(find=lambda _context, _path: None, list=list_below)


ASSOCIATIONS = Resource(
    ASSOCIATION,
    key="associationName",
    extends_any=True,
    read_only=frozenset({"provisioningState", "metadata"}),
    validate=_validate,
    fill=_fill,
)
ASSOCIATIONS_OF_RULE = Resource(
    f"{DATA_COLLECTION_RULE}/associations",
    methods=frozenset({"LIST"}),
    source=_listed("dataCollectionRuleId"),
)
ASSOCIATIONS_OF_ENDPOINT = Resource(
    f"{DATA_COLLECTION_ENDPOINT}/associations",
    methods=frozenset({"LIST"}),
    source=_listed("dataCollectionEndpointId"),
)
