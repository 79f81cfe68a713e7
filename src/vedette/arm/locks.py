"""Management locks as they hold: what may not be changed, or not be deleted, at a scope and below it.

A lock on something inside stops the deletion of what holds it too. A POST counts as a change, even one that only reads.
https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from collections.abc import Iterable

from vedette.core.errors import Conflict
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

LOCK = "Microsoft.Authorization/locks"
CAN_NOT_DELETE, READ_ONLY = "CanNotDelete", "ReadOnly"


def check_locks(state: StateStore | Transaction, type: str, method: str, id: str) -> None:
    """Return if no lock stands against a request (`PUT`, `PATCH`, `POST` or `DELETE`) on the resource `id` of a type.

    Raises Conflict (ScopeLocked). Locks themselves can always be made and removed.
    """
    if type.lower() == LOCK.lower():
        return
    deletes = method == "DELETE"
    standing = {
        each.id.rpartition("/providers/")[0]
        for each in state.list(LOCK)
        if _holds(each, id.lower(), deletes=deletes) and (deletes or level_of(each) == READ_ONLY)
    }
    if standing:
        raise Conflict(
            "ScopeLocked",
            f"The scope '{id}' cannot perform {'delete' if deletes else 'write'} operation because following scope(s) "
            f"are locked: '{_named(standing)}'. Please remove the lock and try again.",
        )


def level_of(lock: Document) -> str:
    """What a lock stops: `CanNotDelete` or `ReadOnly`."""
    return lock.body["properties"]["level"]


def _holds(lock: Document, id: str, *, deletes: bool) -> bool:
    return is_at_or_below(id, lock.scope) or (deletes and is_at_or_below(lock.scope, id))


def is_at_or_below(id: str, scope: str) -> bool:
    """Whether one lower-case id is another, or continues it; the empty one is the tenant, above all."""
    return not scope or id == scope or id.startswith(f"{scope}/")


def _named(scopes: Iterable[str]) -> str:
    return ",".join(sorted(scope or "/" for scope in scopes))
