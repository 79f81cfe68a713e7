"""The keys of workflows, and the signed addresses at which their triggers are called.

https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#sas
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.shapes import wrong
from vedette.core.errors import Forbidden, NotFound, Unauthenticated
from vedette.core.instants import arm_time
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

WORKFLOW = "Microsoft.Logic/workflows"
_KEYS = "Vedette.Secrets/workflowKeys"
_ADDRESSES = "Vedette.Secrets/workflowAddresses"
_KEY_TYPES = {"primary": "primary", "secondary": "secondary", "notspecified": "primary"}
_VERSION_OF_ADDRESS = "2016-10-01"
_CONTENT_HOURS = timedelta(hours=4)


def make_keys(transaction: Transaction, workflow_id: str) -> None:
    """Give a workflow two random keys."""
    _put(transaction, workflow_id, {"primary": _new_key(), "secondary": _new_key()})


def keep_address(transaction: Transaction, workflow_id: str, address: str) -> None:
    """Remember which workflow has an address (its `workflowId`); it goes with the workflow."""
    place = _place(address)
    if transaction.get(place) is None:
        transaction.put(id=place, type=_ADDRESSES, scope=workflow_id, name=address, body={"id": workflow_id})


def renew_key(transaction: Transaction, workflow_id: str, name: str) -> None:
    """Replace one key; addresses that were signed with it are good for nothing from the commit on."""
    document = transaction.get(_id(workflow_id))
    _put(transaction, workflow_id, (document.body if document else {}) | {name: _new_key()})


def key_type(body: Any) -> str:
    """The key that a request asks for: `primary` or `secondary`."""
    named = cast("dict[str, Any]", body).get("keyType", "Primary") if isinstance(body, dict) else "Primary"
    found = _KEY_TYPES.get(str(named).lower())
    if found is None:
        raise wrong("keyType", f"is Primary or Secondary, not '{str(named)[:40]}'")
    return found


def callback(context: Context, call: Call, workflow: Document, trigger: str, version: str) -> Answer:
    """The address that starts a trigger, signed with one of the workflow's keys; of a version, when one is named."""
    body = cast("dict[str, Any]", call.body) if isinstance(call.body, dict) else {}
    keys = context.state.get(_id(workflow.id))
    if keys is None:
        raise NotFound("WorkflowNotFound", f"The workflow '{workflow.name}' has no keys.")
    place = f"/versions/{version}" if version else ""
    queries = {
        "api-version": _VERSION_OF_ADDRESS,
        **_expiry(body.get("notAfter")),
        "sp": f"{place}/triggers/{trigger}/run",
        "sv": "1.0",
    }
    id = workflow.body["properties"]["workflowId"]
    queries["sig"] = _signature(keys.body[key_type(body)], id, queries)
    path = f"{call.base}/workflows/{id}{place}/triggers/{quote(trigger, safe='')}/paths/invoke"
    address = f"{path}?{urlencode(queries, quote_via=quote)}"
    return Answer(200, {"value": address, "method": "POST", "basePath": path, "queries": queries})


def content_link(context: Context, call: Call, workflow_id: str, place: str, value: Any) -> dict[str, Any] | None:
    """Where what a run's step was given, or gave, can be read for some hours, without a token; None without keys."""
    workflow, keys = context.state.get(workflow_id), context.state.get(_id(workflow_id))
    if workflow is None or keys is None:
        return None
    id, content = workflow.body["properties"]["workflowId"], orjson.dumps(value)
    queries = {
        "api-version": _VERSION_OF_ADDRESS,
        "se": arm_time(context.clock.now() + _CONTENT_HOURS),
        "sp": f"{place}/read",
        "sv": "1.0",
    }
    queries["sig"] = _signature(keys.body["primary"], id, queries)
    digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    return {
        "uri": f"{call.base}/workflows/{id}{quote(place)}?{urlencode(queries, quote_via=quote)}",
        "contentVersion": digest,
        "contentSize": len(content),
        "contentHash": {"algorithm": "md5", "value": digest},
    }


def workflow_of_address(state: StateStore, address: str) -> Document | None:
    """The workflow that has an address."""
    found = state.get(_place(address))
    return None if found is None else state.get(found.body["id"])


def check_signature(
    state: StateStore, now: datetime, workflow: str, place: str, queries: Mapping[str, str], *, verb: str = "run"
) -> None:
    """Return if an address is signed with a key of the workflow and is still good; `verb` is what it is good for.

    Raises Unauthenticated or Forbidden, which say the same of a workflow that does not exist.
    """
    found = state.get(_place(workflow))
    keys = state.get(_id(found.body["id"])) if found else None
    held = keys.body.values() if keys else [_new_key()]
    signed = {name: queries[name] for name in ("api-version", "se", "sp", "sv") if name in queries}
    given = queries.get("sig", "")
    if _has_control_characters(signed) or not any(
        hmac.compare_digest(_signature(key, workflow, signed).encode(), given.encode()) for key in held
    ):
        raise Unauthenticated("DirectApiAuthorizationRequired", "The request's signature is not one of this workflow.")
    if signed.get("sp") != f"{place}/{verb}":
        raise Forbidden("DirectApiInvalidAuthorizationScheme", "The address is signed for another trigger.")
    if "se" in signed and datetime.fromisoformat(signed["se"]) <= now:
        raise Forbidden("DirectApiAuthorizationExpired", "The address is no longer good: its time is over.")


def _expiry(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise wrong("notAfter", "is a date and time") from error
    if instant.tzinfo is None:
        raise wrong("notAfter", "is a date and time with its zone")
    try:
        return {"se": arm_time(instant)}
    except OverflowError as error:
        raise wrong("notAfter", "is a date and time in the years 1 to 9999 of UTC") from error


def _has_control_characters(queries: Mapping[str, str]) -> bool:
    """A line break in a value would let two addresses have one signed text."""
    return any(ord(character) < 32 for value in queries.values() for character in value)


def _signature(key: str, workflow: str, queries: Mapping[str, str]) -> str:
    """Of a line for each value; values that are checked have no line breaks."""
    text = "\n".join((workflow, *(f"{name}={queries[name]}" for name in sorted(queries))))
    digest = hmac.digest(key.encode(), text.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _put(transaction: Transaction, workflow_id: str, keys: dict[str, str]) -> None:
    transaction.put(id=_id(workflow_id), type=_KEYS, scope=workflow_id, name="default", body=keys)


def _place(address: str) -> str:
    return f"/vedette/workflowAddresses/{address}"


def _id(workflow_id: str) -> str:
    return f"{workflow_id}/providers/{_KEYS}/default"
