"""Whether Sentinel is switched on in a workspace: the document `onboardingStates/default` is there, or it is not."""

from vedette.access.workspaces import SENTINEL_DAYS
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.sentinel.workspaces import WORKSPACE, newer_exists, workspace_of
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

ONBOARDING_STATE = "Microsoft.SecurityInsights/onboardingStates"
_NAME = "default"


def onboard(state: StateStore, workspace_resource_id: str) -> None:
    """Switch Sentinel on in a workspace; doing it again changes nothing."""
    with state.transaction() as transaction:
        onboard_in(transaction, workspace_resource_id)


def onboard_in(transaction: Transaction, workspace_resource_id: str) -> None:
    """`onboard`, together with what else the transaction does."""
    id = _id(workspace_resource_id)
    if transaction.get(id) is None:
        body = {"properties": {"customerManagedKey": False}}
        transaction.put(id=id, type=ONBOARDING_STATE, scope=workspace_resource_id, name=_NAME, body=body)
        _keep_longer(transaction, workspace_resource_id)


def offboard_in(transaction: Transaction, workspace_resource_id: str) -> None:
    """Switch Sentinel off in a workspace; what it has stays."""
    transaction.delete(_id(workspace_resource_id))


def is_onboarded(state: StateStore, workspace_resource_id: str) -> bool:
    """Whether Sentinel is switched on in a workspace."""
    return state.get(_id(workspace_resource_id)) is not None


def require_onboarded(context: Context, path: ResourcePath) -> None:
    """Raises InvalidInput (BadRequest) when Sentinel is not switched on in the workspace that `path` is under."""
    if not is_onboarded(context.state, path.scope):
        workspace = workspace_of(context, path)
        raise InvalidInput(
            "BadRequest",
            f"Workspace '{workspace.name}' is not onboarded to Microsoft Sentinel. Onboard it with a PUT of "
            f"'{_id(workspace.resource_id)}'.",
        )


def _id(workspace_resource_id: str) -> str:
    return f"{workspace_resource_id}/providers/{ONBOARDING_STATE}/{_NAME}"


def _validate(_context: Context, call: Call, body: Body) -> Body:
    if call.path.name.lower() != _NAME:
        raise InvalidInput(
            "BadRequest", f"The onboarding state of a workspace is named '{_NAME}', not '{call.path.name}'."
        )
    managed = body["properties"].setdefault("customerManagedKey", False)
    if not isinstance(managed, bool):
        raise InvalidInput("BadRequest", "'properties.customerManagedKey' must be true or false.")
    if managed:
        raise InvalidInput("BadRequest", "'properties.customerManagedKey': customer-managed keys are not supported.")
    return body


def _after_put(_context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    if document.created == document.modified:
        _keep_longer(transaction, call.path.scope)


def _keep_longer(transaction: Transaction, workspace_resource_id: str) -> None:
    """A workspace that is onboarded keeps rows for ninety days, as Sentinel has them for nothing; who wants fewer sets
    them afterwards."""
    workspace = transaction.get(workspace_resource_id)
    if workspace is None or workspace.body["properties"]["retentionInDays"] >= SENTINEL_DAYS:
        return
    body = {**workspace.body, "properties": {**workspace.body["properties"], "retentionInDays": SENTINEL_DAYS}}
    transaction.put(id=workspace.id, type=WORKSPACE, scope=workspace.scope, name=workspace.name, body=body)


ONBOARDING_STATES = Resource(
    ONBOARDING_STATE,
    key="sentinelOnboardingStateName",
    parent=WORKSPACE,
    validate=_validate,
    after_put=_after_put,
    newer_exists=newer_exists("onboarding state"),
)
