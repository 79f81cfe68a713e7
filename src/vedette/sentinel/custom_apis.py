"""Custom connectors of playbooks: what an API is like that a workflow's connection may be of, kept as it was described.

https://learn.microsoft.com/azure/templates/microsoft.web/customapis
"""

from typing import Any, Final, cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, Body, Resource, readable
from vedette.arm.shapes import any_text, as_object, list_of, map_of, one_of, text
from vedette.sentinel.kept_secrets import forget_secrets, keep_secrets
from vedette.state.documents import Document
from vedette.state.store import Transaction

CUSTOM_API: Final = "Microsoft.Web/customApis"
_SECRET = "clientSecret"
_SIGNING_IN = "oAuthSettings"
_DESCRIPTIONS = frozenset({"swagger", "wsdldefinition"})
_CHECKS = {
    "apidefinitions": as_object,
    "apitype": one_of("NotSpecified", "Rest", "Soap"),
    "backendservice": as_object,
    "brandcolor": any_text,
    "capabilities": list_of(text),
    "connectionparameters": map_of(as_object),
    "description": any_text,
    "displayname": any_text,
    "iconuri": any_text,
    "runtimeurls": list_of(text),
    "swagger": as_object,
    "wsdldefinition": as_object,
}


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    """Every property that is known has its type; swagger holds whatever the API's description has."""
    kept = {
        name: _CHECKS[name.lower()](f"properties.{name}", value) if name.lower() in _CHECKS else value
        for name, value in body["properties"].items()
        if value is not None
    }
    return body | {"properties": kept}


def _fill(_context: Context, call: Call, transaction: Transaction, body: Body, _existing: Document | None) -> Body:
    """The secret of an application that signs in for others is kept where nothing shows it."""
    properties, secrets = _without_secrets(body["properties"])
    if secrets:
        keep_secrets(transaction, call.path.id, secrets)
    return body | {"properties": {"displayName": call.path.name, "apiType": "Rest"} | properties}


def _without_secrets(properties: Body) -> tuple[Body, dict[str, Any]]:
    """The properties without their applications' secrets, and these by their places. Descriptions have none."""
    secrets: dict[str, Any] = {}
    shown = {
        name: value if name.lower() in _DESCRIPTIONS else _without_secret(value, name, secrets)
        for name, value in properties.items()
    }
    return shown, secrets


def _without_secret(value: Any, place: str, secrets: dict[str, Any]) -> Any:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_without_secret(each, f"{place}/{at}", secrets) for at, each in enumerate(items)]
    if not isinstance(value, dict):
        return value
    kept: Body = {}
    signs_in = place.endswith(f"/{_SIGNING_IN}")
    for name, each in cast("Body", value).items():
        if signs_in and name.lower() == _SECRET.lower():
            secrets |= {f"{place}/{_SECRET}": each} if each else {}
        else:
            below = _SIGNING_IN if name.lower() == _SIGNING_IN.lower() else name
            kept[name] = _without_secret(each, f"{place}/{below}", secrets)
    return kept


def _forget(_context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
    forget_secrets(transaction, document.id)


CUSTOM_APIS = Resource(
    CUSTOM_API,
    key="apiName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(CUSTOM_API),
    validate=_validate,
    fill=_fill,
    after_delete=_forget,
)
