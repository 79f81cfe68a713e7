"""Resource groups: what scripts make first, and what takes everything in it along when it is deleted.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources
"""

import re
from importlib import import_module

from vedette.access.managed_identities import remove_managed_identities_below
from vedette.access.workspaces import RESOURCE_GROUP as SHOWN_TYPE
from vedette.arm.call import Answer, Call
from vedette.arm.changes import check_tracked
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.operations import OPERATIONS, RETRY_HEADERS, Running, Work
from vedette.arm.paging import requested_page
from vedette.arm.resource import PATCHED_METHODS, RESOURCE_GROUP, SUBSCRIPTION, Body, Resource, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.sentinel.chosen_pages import chosen_page
from vedette.sentinel.deleted_workspaces import deleted_below, soft_delete_below
from vedette.sentinel.group_contents import check_effects, undo_effects
from vedette.sentinel.not_served import NOT_MOVED
from vedette.sentinel.operation_statuses import operation_result
from vedette.sentinel.resource_filters import read_filter
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NAME = re.compile(r"[\w().-]{0,89}[\w()-]")
_DELETION = "deleteResourceGroup"
_DELETING = "Deleting"
_LARGEST_PAGE = 1000
_readable = readable(RESOURCE_GROUP)


def group_works(context: Context) -> dict[str, Work]:
    """The work that a deletion of a group is."""

    def delete(running: Running) -> None:
        with context.state.transaction() as transaction:
            document = transaction.get(running.subject)
            if document is not None and _is_deleting(document):
                _delete_with_contents(context, transaction, document)

    return {_DELETION: delete}


def _missing(path: ResourcePath) -> NotFound:
    return NotFound("ResourceGroupNotFound", f"Resource group '{path.name}' could not be found.")


def _validate(_context: Context, call: Call, body: Body) -> Body:
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput(
            "InvalidResourceGroupName",
            f"The resource group name '{call.path.name[:90]}' has 1 to 90 letters, digits, '_', '-', '.', '(' and ')', "
            "and does not end with a period.",
        )
    return body


def _fill(_context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    if existing is not None and _is_deleting(existing):
        raise Conflict(
            "ResourceGroupBeingDeleted",
            f"The resource group '{existing.name}' is in deprovisioning state and cannot perform this operation.",
        )
    return check_tracked(body, existing) | {"properties": {"provisioningState": "Succeeded"}}


def _write(_context: Context, call: Call, transaction: Transaction, body: Body, _existing: Document | None) -> Document:
    """Its id has the published casing, whichever of the two the caller's path has."""
    path = call.path
    id = f"{path.parent_id}/resourceGroups/{path.name}"
    document, _ = transaction.put(id=id, type=SHOWN_TYPE, scope=path.parent_id, name=path.name, body=body)
    return document


def _delete(context: Context, call: Call) -> Answer:
    """Begin to delete it with all that is in it; who asks again while that goes on polls the same operation."""
    check_effects(context, call, call.path.id)
    with context.state.transaction() as transaction:
        document = transaction.get(call.path.id)
        if document is None:
            raise _missing(call.path)
        begun = context.operations.in_progress(_DELETION, document.id)
        name = begun[0].name if begun else context.operations.record(transaction, _DELETION, document.id, {})
        if not begun:
            properties = document.body["properties"] | {"provisioningState": _DELETING}
            transaction.put(
                id=document.id,
                type=document.type,
                scope=document.scope,
                name=document.name,
                body=document.body | {"properties": properties},
            )
    if not begun:
        context.operations.start(name)
    location = (
        f"{call.base}{context.estate.subscription_resource_id}/operationresults/{name}"
        f"?api-version={call.query['api-version']}"
    )
    return Answer(202, None, {"Location": location, **RETRY_HEADERS})


def _is_deleting(document: Document) -> bool:
    return document.body["properties"]["provisioningState"] == _DELETING


def _delete_with_contents(context: Context, transaction: Transaction, document: Document) -> None:
    """Its workspaces can be recovered, as in Azure, once the group is made again; who polls operations finds them."""
    undo_effects(transaction, document.id)
    soft_delete_below(context, transaction, document.id)
    transaction.delete(document.id)
    remove_managed_identities_below(transaction, context.estate.tenant_id, document.id)
    transaction.delete_below(document.id, keep=[*deleted_below(transaction, document.id), OPERATIONS])


def _list(context: Context, call: Call) -> Answer:
    """Those that the caller may read, filtered by a tag: `tagName eq 'a' and tagValue eq 'b'`."""
    asked = read_filter(call.query.get("$filter"))
    page = requested_page(call.query, default=_LARGEST_PAGE, largest=_LARGEST_PAGE)
    found, link = chosen_page(
        context.state,
        call,
        page,
        SHOWN_TYPE,
        lambda each: asked.holds(each) and _readable(context, call.principal, each),
        below=call.path.parent_id,
    )
    value = [shown(context, RESOURCE_GROUPS, call, each) for each in found]
    return Answer(200, {"value": value} if link is None else {"value": value, "nextLink": link})


def _export(context: Context, call: Call, document: Document) -> Answer:
    return import_module("vedette.sentinel.deployments.group_export").export_group(context, call, document)


RESOURCE_GROUPS = Resource(
    RESOURCE_GROUP,
    key="resourceGroupName",
    parent=SUBSCRIPTION,
    methods=PATCHED_METHODS,
    kept_as=SHOWN_TYPE,
    visible=_readable,
    missing=_missing,
    validate=_validate,
    fill=_fill,
    write=_write,
    handlers={"DELETE": _delete, "LIST": _list},
    actions={"exportTemplate": _export},
    refused={
        "moveResources": NOT_MOVED,
        "validateMoveResources": NOT_MOVED,
    },
)

OPERATION_RESULTS_OF_SUBSCRIPTION = Resource(
    f"{SUBSCRIPTION}/operationresults",
    key="operationId",
    parent=SUBSCRIPTION,
    methods=frozenset({"GET"}),
    read_by_all=True,  # a group takes the assignments in it along, and who deletes it may have no others
    handlers={"GET": operation_result},
)
