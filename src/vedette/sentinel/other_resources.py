"""Resources of other providers, whatever their type: kept as they are put, for what acts on an estate needs one.

Nothing of what they do in Azure is done here. docs/decisions/0090-resources-of-other-providers.md says which are taken.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from vedette.arm.call import Answer, Call
from vedette.arm.changes import check_tags, is_same_location, system_data
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.resource import PATCHED_METHODS, Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.sentinel.scope_documents import page_of
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

HELD_TYPE: Final = "Vedette/heldTypes"
_HELD: Final = "/vedette/heldTypes"
_NAMESPACE: Final = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)+")
_OWN: Final = frozenset(
    f"microsoft.{each}"
    for each in (
        "authorization",
        "logic",
        "managedidentity",
        "management",
        "operationalinsights",
        "operationsmanagement",
        "policyinsights",
        "resources",
        "securityinsights",
    )
)
"""Providers that this server is: a type of theirs that it does not know is a mistake."""

_DOCUMENT_ONLY: Final = "a resource of this provider is only kept here, and does nothing"


def other_resource(path: ResourcePath) -> Resource | None:
    """The resource type of a path that no noun here serves; None for what cannot be one."""
    if _NAMESPACE.fullmatch(path.namespace) is None or path.namespace.lower() in _OWN or not path.types:
        return None
    return Resource(
        path.type,
        methods=PATCHED_METHODS,
        fill=_fill,
        handlers={"LIST": _list},
        refused={"ASK": _DOCUMENT_ONLY, "CREATE": _DOCUMENT_ONLY},
    )


def held_types(state: StateStore | Transaction) -> Iterator[str]:
    """The types of other providers of which there is, or was, a resource."""
    return (each.name for each in state.list(HELD_TYPE))


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    body = _located(body, existing)
    if "tags" in body:
        body["tags"] = check_tags(body["tags"])
    body["properties"] = body["properties"] | {"provisioningState": "Succeeded"}
    body["systemData"] = system_data(call.principal, context.clock.now(), existing)
    if existing is None:
        _hold(transaction, call.path.type)
    return body


def _located(body: Body, existing: Document | None) -> Body:
    """A resource stays where it is; one that is there may leave its location out."""
    before = existing.body.get("location") if existing else None
    location: Any = body.get("location") or before
    if location is None:
        return {name: each for name, each in body.items() if name != "location"}
    if not isinstance(location, str):
        raise InvalidInput("InvalidRequestContent", "'location' must be a string.")
    if before is not None and not is_same_location(location, str(before)):
        raise InvalidInput(
            "InvalidResourceLocation",
            f"The resource already exists in location '{before}'. A resource with the same name cannot be created in "
            f"location '{location}'.",
        )
    return body | {"location": location}


def _hold(transaction: Transaction, type: str) -> None:
    id = f"{_HELD}/{type.lower()}"
    if transaction.get(id) is None:
        transaction.put(id=id, type=HELD_TYPE, scope="", name=type, body={})


def _list(context: Context, call: Call) -> Answer:
    """Those right below; of a resource group or a subscription, all that are in it."""
    found = context.state.list(call.path.type, call.path.parent_id, below=len(call.path.types) == 1)
    resource = other_resource(call.path)
    assert resource is not None
    return page_of(call, found, lambda document: shown(context, resource, call, document))
