"""The one management group, the tenant's root: it holds every subscription, and roles are given at it.

https://learn.microsoft.com/rest/api/managementgroups
"""

from typing import Any

from vedette.access.estate import Estate
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.paging import requested_page
from vedette.arm.resource import READ_METHODS, SUBSCRIPTION, Resource, Source, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import NotFound
from vedette.sentinel.subscriptions import SUBSCRIPTION_NAME
from vedette.state.documents import Document

MANAGEMENT_GROUP = "Microsoft.Management/managementGroups"
_ROOT_NAME = "Tenant Root Group"
_readable = readable(MANAGEMENT_GROUP)


def root_id(estate: Estate) -> str:
    """The ARM id of the root, which is named as the tenant."""
    return f"/providers/{MANAGEMENT_GROUP}/{estate.tenant_id}"


def _root(context: Context) -> Document:
    now = context.clock.now()
    estate = context.estate
    body = {"properties": {"tenantId": estate.tenant_id, "displayName": _ROOT_NAME}}
    return Document(root_id(estate), MANAGEMENT_GROUP, "", estate.tenant_id, "", body, now, now)


def _find(context: Context, path: ResourcePath) -> Document | None:
    root = _root(context)
    return root if root.id.lower() == path.id.lower() else None


def _get(context: Context, call: Call) -> Answer:
    """With `$expand=children` the subscriptions too."""
    root = _find(context, call.path)
    if root is None:
        raise _missing(call.path)
    details = {"version": 1, "updatedTime": None, "updatedBy": None, "parent": None, "path": []}
    properties: dict[str, Any] = root.body["properties"] | {"details": details}
    expanded = {each.strip().lower() for each in call.query.get("$expand", "").split(",")}
    if "children" in expanded:
        properties["children"] = [
            {
                "id": context.estate.subscription_resource_id,
                "type": "/subscriptions",
                "name": context.estate.subscription_id,
                "displayName": SUBSCRIPTION_NAME,
            }
        ]
    return Answer(200, {"id": root.id, "type": root.type, "name": root.name, "properties": properties})


def _missing(path: ResourcePath) -> NotFound:
    return NotFound("NotFound", f"'{path.id}' not found: this server has the root management group of its tenant.")


def _descendants(context: Context, _call: Call) -> Answer:
    item = {
        "id": context.estate.subscription_resource_id,
        "type": "/subscriptions",
        "name": context.estate.subscription_id,
        "properties": {"displayName": SUBSCRIPTION_NAME, "parent": {"id": root_id(context.estate)}},
    }
    return Answer(200, {"value": [item]})


def _subscriptions(context: Context, call: Call) -> Answer:
    return Answer(200, {"value": [_subscription(context)]})


def _one_subscription(context: Context, call: Call) -> Answer:
    if call.path.name.lower() != context.estate.subscription_id.lower():
        raise NotFound("NotFound", f"The subscription '{call.path.name}' is not in this management group.")
    return Answer(200, _subscription(context))


def _subscription(context: Context) -> dict[str, Any]:
    estate = context.estate
    return {
        "id": f"{root_id(estate)}/subscriptions/{estate.subscription_id}",
        "type": f"{MANAGEMENT_GROUP}/subscriptions",
        "name": estate.subscription_id,
        "properties": {
            "tenant": estate.tenant_id,
            "displayName": SUBSCRIPTION_NAME,
            "parent": {"id": root_id(estate)},
            "state": "Active",
        },
    }


def _entities(context: Context, call: Call) -> Answer:
    """The root and the subscription, as far as the caller may read them: what portals show as a tree."""
    estate = context.estate
    page = requested_page(call.query, default=1000, largest=1000)
    root = _root(context)
    found: list[dict[str, Any]] = []
    if _readable(context, call.principal, root):
        found.append(_entity(context, root.id, MANAGEMENT_GROUP, root.name, _ROOT_NAME, None))
    if context.roles.allows(call.principal, f"{SUBSCRIPTION}/read", estate.subscription_resource_id):
        id, name = estate.subscription_resource_id, estate.subscription_id
        found.append(_entity(context, id, "/subscriptions", name, SUBSCRIPTION_NAME, {"id": root.id}))
    part = found[page.offset : page.offset + page.size]
    return Answer(200, {"value": part, "count": len(part), "nextLink": None})


def _entity(
    context: Context, id: str, type: str, name: str, display_name: str, parent: dict[str, str] | None
) -> dict[str, Any]:
    chain = [context.estate.tenant_id] if parent else []
    properties = {
        "tenantId": context.estate.tenant_id,
        "displayName": display_name,
        "parent": parent,
        "permissions": "view",
        "inheritedPermissions": "view",
        "numberOfDescendants": 0 if parent else 1,
        "numberOfChildren": 0 if parent else 1,
        "numberOfChildGroups": 0,
        "parentDisplayNameChain": [_ROOT_NAME] if parent else [],
        "parentNameChain": chain,
    }
    return {"id": id, "type": type, "name": name, "properties": properties}


_NO_GROUPS = "this server has its tenant's root group, and no other"
_REFUSED = {"PUT": _NO_GROUPS, "PATCH": _NO_GROUPS, "DELETE": _NO_GROUPS}

MANAGEMENT_GROUPS = Resource(
    MANAGEMENT_GROUP,
    key="groupId",
    methods=READ_METHODS,
    visible=_readable,
    missing=_missing,
    source=Source(find=_find, list=lambda context, _path: [_root(context)]),
    handlers={"GET": _get},
    refused=_REFUSED,
)
GROUP_DESCENDANTS = Resource(
    f"{MANAGEMENT_GROUP}/descendants",
    parent=MANAGEMENT_GROUP,
    methods=frozenset({"LIST"}),
    handlers={"LIST": _descendants},
)
GROUP_SUBSCRIPTIONS = Resource(
    f"{MANAGEMENT_GROUP}/subscriptions",
    key="subscriptionId",
    parent=MANAGEMENT_GROUP,
    methods=READ_METHODS,
    handlers={"GET": _one_subscription, "LIST": _subscriptions},
    refused=_REFUSED,
)
ENTITIES_OF_TENANT = Resource(
    "Microsoft.Management/getEntities",
    methods=frozenset({"ASK"}),
    read_by_all=True,
    handlers={"ASK": _entities},
)
