"""Log Analytics workspaces, their shared keys, and what every resource under one needs to know of it.

https://learn.microsoft.com/rest/api/loganalytics/workspaces
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from vedette.access.workspaces import (
    WORKSPACE,
    Workspace,
    new_shared_key,
    new_workspace_properties,
    put_shared_keys,
)
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete
from vedette.arm.resource import PATCHED_METHODS, Body, Resource, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.logs.daily_cap import DAY, midnight
from vedette.sentinel.deleted_workspaces import discard, purge, purge_documents, recover, soft_delete
from vedette.sentinel.workspace_properties import checked
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]")
_KEY_TYPES = ("primary", "secondary")


def workspace_of(context: Context, path: ResourcePath) -> Workspace:
    """The workspace that an extension resource hangs on. Raises NotFound (ResourceNotFound)."""
    return workspace_of_id(context, path.scope)


def workspace_above(context: Context, path: ResourcePath) -> Workspace:
    """The workspace that a resource of its own provider is under, at any depth. Raises NotFound (ResourceNotFound)."""
    above = next((each for each in path.lineage if each.type.lower() == WORKSPACE.lower()), path)
    return workspace_of_id(context, above.id)


def workspace_of_id(context: Context, resource_id: str) -> Workspace:
    """The workspace with an ARM id. Raises NotFound (ResourceNotFound)."""
    workspace = context.workspaces.by_resource_id(resource_id)
    if workspace is None:
        raise NotFound("ResourceNotFound", f"The workspace '{resource_id}' was not found.")
    return workspace


def newer_exists(noun: str) -> Callable[[Context, ResourcePath], str]:
    """What Sentinel says when an etag in a body is not the stored one, for a noun such as `rule`."""

    def message(context: Context, path: ResourcePath) -> str:
        workspace = workspace_of(context, path)
        return (
            f"Newer instance of {noun} '{path.name}' exists for workspace '{workspace.id}'. "
            "Etag does not match. Data was not saved."
        )

    return message


def _validate(_context: Context, call: Call, body: Body) -> Body:
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput(
            "InvalidResourceName",
            f"The workspace name '{call.path.name[:63]}' has 4 to 63 letters, digits and dashes, and begins and ends "
            "with a letter or digit.",
        )
    return body | {"properties": checked("properties", body["properties"])}


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """What a PUT leaves out stays as it is, for a shorter retention than was meant would lose data."""
    now = context.clock.now()
    before = existing.body if existing else recover(transaction, call.path, body["location"])
    if before is None:
        properties = new_workspace_properties(context.new_id(), now)
        put_shared_keys(transaction, call.path.id, new_shared_key(), new_shared_key())
    else:
        properties = before["properties"]
    changed = _overlaid(properties, body["properties"], now)
    context.logs.create_workspace(changed["customerId"], call.path.name, call.path.id)
    if existing is None and before is not None and "identity" in before:
        body = {"identity": before["identity"]} | body  # one that is recovered is who it was
    return body | {"properties": changed}


def _overlaid(before: Mapping[str, Any], sent: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The properties with those that were sent; a feature that was not stays."""
    sku = sent.get("sku", before["sku"])
    updated = before["sku"].get("lastSkuUpdate") if sku["name"] == before["sku"]["name"] else None
    return {
        **before,
        **sent,
        "sku": {**sku, "lastSkuUpdate": updated or arm_time(now, "microseconds")},
        "features": {**before["features"], **sent.get("features", {})},
        "modifiedDate": arm_time(now, "microseconds"),
    }


def _show(context: Context, _call: Call, document: Document) -> Body:
    """The cap's next reset is the next midnight."""
    properties = document.body["properties"]
    now = context.clock.now()
    shown = properties["workspaceCapping"] | {
        "quotaNextResetTime": format_datetime(midnight(now) + DAY, usegmt=True),
        "dataIngestionStatus": context.logs.daily_caps.status(properties["customerId"], now).value,
    }
    return document.body | {"properties": properties | {"workspaceCapping": shown}}


def _delete(context: Context, call: Call) -> Answer:
    """Delete it recoverably, or with `force=true` for good, even where it is among the deleted ones already."""
    if not _is_forced(call):
        return delete(context, WORKSPACES, call)
    with context.state.transaction() as transaction:
        purge(transaction, call.path)
    answer = delete(context, WORKSPACES, call)
    discard(context)
    return answer


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    if not _is_forced(call):
        soft_delete(context, transaction, document)
        return
    transaction.delete(document.id)
    purge_documents(transaction, document.id, document.body)


def _is_forced(call: Call) -> bool:
    force = call.query.get("force", "false").lower()
    if force not in ("true", "false"):
        raise InvalidInput("InvalidParameter", f"'force' is true or false, not '{force[:40]}'.")
    return force == "true"


def _shared_keys(context: Context, call: Call, _document: Document) -> Answer:
    return _keys(workspace_of_id(context, call.path.id))


def _regenerate(context: Context, call: Call, document: Document) -> Answer:
    """New keys in place of both, or of the one that the body's `keyType` names; the old ones are good for nothing from
    then on. https://learn.microsoft.com/rest/api/loganalytics/shared-keys/regenerate"""
    renewed = _key_types(call.body)
    with context.state.transaction() as transaction:
        held = workspace_of_id(context, document.id)
        primary = new_shared_key() if "primary" in renewed else held.primary_key
        secondary = new_shared_key() if "secondary" in renewed else held.secondary_key
        put_shared_keys(transaction, document.id, primary, secondary)
    return _keys(workspace_of_id(context, document.id))


def _key_types(body: Any) -> tuple[str, ...]:
    named = body.get("keyType") if isinstance(body, dict) else None
    if named is None:
        return _KEY_TYPES
    if str(named).lower() not in _KEY_TYPES:
        raise InvalidInput("InvalidParameter", f"'keyType' is 'primary' or 'secondary', not '{str(named)[:40]}'.")
    return (str(named).lower(),)


def _keys(workspace: Workspace) -> Answer:
    return Answer(200, {"primarySharedKey": workspace.primary_key, "secondarySharedKey": workspace.secondary_key})


WORKSPACES = Resource(
    WORKSPACE,
    key="workspaceName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(WORKSPACE),
    read_only=frozenset(
        {"customerId", "provisioningState", "createdDate", "modifiedDate", "privateLinkScopedResources", "source"}
    ),
    actions={"sharedKeys": _shared_keys, "regenerateSharedKey": _regenerate},
    validate=_validate,
    fill=_fill,
    remove=_remove,
    handlers={"DELETE": _delete},
    show=_show,
)
