"""Log Analytics workspaces, their shared keys, and what every resource under one needs to know of it."""

from collections.abc import Callable

from vedette.access.workspaces import Workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Resource, Source, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import NotFound
from vedette.sentinel.subscriptions import LOCATION
from vedette.state.documents import Document

WORKSPACE = "Microsoft.OperationalInsights/workspaces"


def workspace_of(context: Context, path: ResourcePath) -> Workspace:
    """The workspace that an extension resource hangs on. Raises NotFound (ResourceNotFound)."""
    workspace = context.workspaces.by_resource_id(path.scope)
    if workspace is None:
        raise NotFound("ResourceNotFound", f"The workspace '{path.scope}' was not found.")
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


def _document(context: Context, workspace: Workspace) -> Document:
    now = context.clock.now()
    scope, _, _ = workspace.resource_id.partition("/providers/")
    properties = {
        "customerId": workspace.id,
        "provisioningState": "Succeeded",
        "sku": {"name": "PerGB2018"},
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
    }
    body = {"location": LOCATION, "tags": {}, "properties": properties}
    return Document(workspace.resource_id, WORKSPACE, scope.lower(), workspace.name, "", body, now, now)


def _find(context: Context, path: ResourcePath) -> Document | None:
    workspace = context.workspaces.by_resource_id(path.id)
    return _document(context, workspace) if workspace else None


def _list(context: Context, path: ResourcePath) -> list[Document]:
    """Those of the resource group or the subscription that the collection is under."""
    above = f"{path.parent_id.lower()}/"
    return [
        _document(context, workspace)
        for workspace in context.workspaces.all()
        if workspace.resource_id.lower().startswith(above)
    ]


def _shared_keys(context: Context, call: Call, _document: Document) -> Answer:
    workspace = context.workspaces.by_resource_id(call.path.id)
    if workspace is None:
        raise NotFound("ResourceNotFound", f"The workspace '{call.path.id}' was not found.")
    return Answer(200, {"primarySharedKey": workspace.primary_key, "secondarySharedKey": workspace.secondary_key})


WORKSPACES = Resource(
    WORKSPACE,
    key="workspaceName",
    methods=READ_METHODS,
    visible=readable(WORKSPACE),
    actions={"sharedKeys": _shared_keys},
    source=Source(find=_find, list=_list),
)
