"""What resources that hang on a workspace with Sentinel have in common."""

from typing import Any

from vedette.arm.call import Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.core.instants import arm_time
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.workspaces import WORKSPACE, newer_exists
from vedette.state.documents import Document
from vedette.state.store import Transaction

PROVIDER = "Microsoft.SecurityInsights"


def extension(noun: str, name: str, **said: Any) -> Resource:
    """The resource type `Microsoft.SecurityInsights/{name}` of workspaces, called `noun` in messages; `said` is what it
    says of itself beside that."""
    common: dict[str, Any] = {
        "parent": WORKSPACE,
        "require": require_onboarded,
        "newer_exists": newer_exists(noun),
        "page": 100,
    }
    return Resource(f"{PROVIDER}/{name}", **(common | said))


def with_system_data(
    context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None
) -> Body:
    """The body with who made it and who changed it last."""
    return body | {"systemData": system_data(call.principal, context.clock.now(), existing)}


def with_last_modified(
    context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None
) -> Body:
    """The body with `lastModifiedUtc`."""
    now = arm_time(context.clock.now())
    return body | {"properties": body["properties"] | {"lastModifiedUtc": now}}
