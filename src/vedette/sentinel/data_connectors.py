"""Data connectors: what a workspace is to be fed from. They are documents; what feeds a workspace here are its agents,
its listeners and whoever sends to its endpoints.

https://learn.microsoft.com/rest/api/securityinsights/data-connectors
"""

from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.core.errors import InvalidInput
from vedette.intelligence.taxii_client import is_address
from vedette.sentinel.extension import PROVIDER, extension
from vedette.sentinel.kept_secrets import forget_secrets, keep_secrets, without_secrets
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_CONNECTOR = f"{PROVIDER}/dataConnectors"
_POLLED = "apipolling"
_TAXII = "threatintelligencetaxii"
_CONNECTIONS = {"basic", "oauth2", "apikey"}


def _kind(body: Body) -> str:
    kind = body.get("kind")
    if not isinstance(kind, str) or not kind:
        raise InvalidInput("BadRequest", "'kind' is missing: which data connector it is.", target="kind")
    return kind


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    server = body["properties"].get("taxiiServer")
    if _kind(body).lower() == _TAXII and server and not (isinstance(server, str) and is_address(server)):
        raise InvalidInput(
            "BadRequest", "'properties.taxiiServer' is the address of an API root, https://…", target="taxiiServer"
        )
    return body


def _is_another(body: Body, existing: Document) -> bool:
    """Whether what was secret for a connector is no business of what it becomes: another kind, or another server."""
    was, now = existing.body["properties"].get("taxiiServer"), body["properties"].get("taxiiServer")
    return existing.body["kind"].lower() != _kind(body).lower() or was != now


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    """What is not sent anew of its secrets stays, unless it becomes another connector."""
    hidden = frozenset({"username"}) if _kind(body).lower() == _TAXII else frozenset[str]()
    properties, secrets = without_secrets(body["properties"], hidden)
    if hidden:
        properties["workspaceId"] = workspace_of(context, call.path).id
    document, _ = transaction.put(
        id=call.path.id,
        type=_CONNECTOR,
        scope=call.path.parent_id,
        name=call.path.name,
        body=body | {"properties": properties},
    )
    keep_secrets(transaction, document.id, secrets, anew=existing is not None and _is_another(body, existing))
    return document


def _after_delete(_context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
    forget_secrets(transaction, document.id)


def _connect(context: Context, call: Call, document: Document) -> Answer:
    """POST `connect`: the credentials, and the values of the placeholders in what is polled."""
    sent = _object(call.body)
    kind = str(sent.get("kind", "")).lower()
    if kind not in _CONNECTIONS:
        raise InvalidInput("BadRequest", "'kind' is one of Basic, OAuth2, APIKey.", target="kind")
    shown, secrets = without_secrets(sent)
    with context.state.transaction() as transaction:
        existing = _polled(transaction.get(document.id) or document)
        properties: dict[str, Any] = dict(existing.body["properties"])
        polling = _object(properties.get("pollingConfig"))
        properties["pollingConfig"] = _filled(polling, shown) | {"isActive": True}
        _put(transaction, existing, properties)
        keep_secrets(transaction, existing.id, {f"connection/{name}": each for name, each in secrets.items()})
    return Answer(200)


def _disconnect(context: Context, _call: Call, document: Document) -> Answer:
    """POST `disconnect`: it is not polled any longer, and its credentials are forgotten."""
    with context.state.transaction() as transaction:
        existing = _polled(transaction.get(document.id) or document)
        properties: dict[str, Any] = dict(existing.body["properties"])
        properties["pollingConfig"] = _object(properties.get("pollingConfig")) | {"isActive": False}
        _put(transaction, existing, properties)
        forget_secrets(transaction, existing.id)
    return Answer(200)


def _filled(polling: dict[str, Any], connection: dict[str, Any]) -> dict[str, Any]:
    """What is polled, with the values that the connection gives its requests."""
    request = _object(polling.get("request"))
    for each in cast("list[Any]", connection.get("requestConfigUserInputValues") or []):
        value = _object(each)
        key, holder = str(value.get("requestObjectKey") or ""), str(value.get("placeHolderName") or "")
        text = request.get(key)
        if key and isinstance(text, str) and holder:
            request = request | {key: text.replace(holder, str(value.get("placeHolderValue") or ""))}
    names = ("dataCollectionEndpoint", "dataCollectionRuleImmutableId", "outputStream")
    target = {name: connection[name] for name in names if connection.get(name)}
    return polling | ({"request": request} if request else {}) | target


def _polled(document: Document) -> Document:
    if document.body["kind"].lower() != _POLLED:
        raise InvalidInput(
            "BadRequest",
            f"A data connector of the kind '{document.body['kind']}' is neither connected nor disconnected.",
        )
    return document


def _put(transaction: Transaction, document: Document, properties: dict[str, Any]) -> None:
    body = document.body | {"properties": properties}
    transaction.put(id=document.id, type=_CONNECTOR, scope=document.scope, name=document.name, body=body)


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _check_requirements(context: Context, call: Call) -> Answer:
    """POST `dataConnectorsCheckRequirements`: nothing here takes a licence, so what is asked is what the caller may
    do."""
    _kind(_object(call.body))
    may = context.roles.allows(call.principal, f"{_CONNECTOR}/write", call.path.parent_id)
    state = {"authorizationState": "Valid" if may else "Invalid", "licenseState": "Valid"}
    return Answer(200, state)


DATA_CONNECTORS = extension(
    "data connector",
    "dataConnectors",
    validate=_validate,
    write=_write,
    after_delete=_after_delete,
    actions={"connect": _connect, "disconnect": _disconnect},
)

CHECK_REQUIREMENTS = extension(
    "data connector",
    "dataConnectorsCheckRequirements",
    methods=frozenset({"ASK"}),
    handlers={"ASK": _check_requirements},
)

DATA_CONNECTOR_DEFINITIONS: Resource = extension(
    "data connector definition", "dataConnectorDefinitions", validate=_validate
)
