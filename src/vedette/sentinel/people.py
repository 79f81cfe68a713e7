"""People and applications as documents of Sentinel name them, told by the directory.

https://learn.microsoft.com/rest/api/securityinsights/incident-comments/get#clientinfo
"""

from typing import Any

from vedette.access.directory_objects import DirectoryObject, Kind, document_id, object_of
from vedette.access.principals import Principal, PrincipalKind
from vedette.arm.context import Context
from vedette.state.conditions import Compare
from vedette.state.store import StateStore


def person(context: Context, principal: Principal) -> dict[str, Any]:
    """`{objectId, name}`, and of a user `email` and `userPrincipalName` too."""
    who = {"objectId": principal.object_id, "name": principal.name}
    if principal.kind is not PrincipalKind.USER:
        return who
    known = _object(context.state, principal.tenant_id, principal.object_id)
    name = principal.user_name or principal.name
    mail = known.shown.get("mail") if known else None
    return who | {"email": mail or name, "userPrincipalName": name}


def with_owner(context: Context, owner: dict[str, Any]) -> dict[str, Any]:
    """An incident's owner, found by any one of its properties, with the others as the directory has them.

    One that the directory does not know stays as it was sent, for it may be of another tenant; it is of type Unknown
    unless it says what it is.
    """
    found = _find(context.state, context.estate.tenant_id, owner)
    unknown = {"ownerType": owner.get("ownerType") or "Unknown"}
    if found is None:
        return {**owner, **unknown} if any(owner.values()) else owner
    if found.kind is Kind.GROUP:
        return {**owner, "objectId": found.id, "assignedTo": found.name, "ownerType": "Group"}
    name = found.shown.get("userPrincipalName")
    told = {"objectId": found.id, "assignedTo": found.name} | unknown
    if found.kind is Kind.USER:
        told |= {"email": found.shown.get("mail") or name, "userPrincipalName": name, "ownerType": "User"}
    return {**owner, **told}


def _find(state: StateStore, tenant_id: str, owner: dict[str, Any]) -> DirectoryObject | None:
    if owner.get("objectId"):
        return _object(state, tenant_id, str(owner["objectId"]))
    for property, sent in (
        ("userPrincipalName", "userPrincipalName"),
        ("mail", "email"),
        ("userPrincipalName", "email"),
    ):
        if owner.get(sent):
            where = Compare(("folded", property), "eq", str(owner[sent]).lower())
            documents = state.list(Kind.USER.document_type, where=where, limit=1)
            if documents:
                return object_of(documents[0])
    return None


def _object(state: StateStore, tenant_id: str, object_id: str) -> DirectoryObject | None:
    document = state.get(document_id(tenant_id, object_id))
    return None if document is None else object_of(document)
