"""Resource groups: what scripts make first, and what takes everything in it along when it is deleted.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources
"""

import re

from vedette.access.workspaces import RESOURCE_GROUP as SHOWN_TYPE
from vedette.arm.call import Call
from vedette.arm.changes import check_tracked
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, RESOURCE_GROUP, SUBSCRIPTION, Body, Resource, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput, NotFound
from vedette.sentinel.deleted_workspaces import deleted_below, soft_delete_below
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NAME = re.compile(r"[\w().-]{0,89}[\w()-]")


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
    return check_tracked(body, existing) | {"properties": {"provisioningState": "Succeeded"}}


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    """Delete all that is in it. Its workspaces can be recovered, as in Azure, once the group is made again."""
    soft_delete_below(context, transaction, document.id)
    transaction.delete(document.id)
    transaction.delete_below(document.id, keep=deleted_below(transaction, document.id))


RESOURCE_GROUPS = Resource(
    RESOURCE_GROUP,
    key="resourceGroupName",
    parent=SUBSCRIPTION,
    methods=PATCHED_METHODS,
    kept_as=SHOWN_TYPE,
    visible=readable(RESOURCE_GROUP),
    missing=_missing,
    deleted_once=True,
    validate=_validate,
    fill=_fill,
    remove=_remove,
)
