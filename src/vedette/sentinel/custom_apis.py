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
    secrets: dict[str, Any] = {}
    shown = dict(properties)
    for name, parameters in properties.items():
        if name.lower() != "connectionparameters":
            continue
        shown[name] = {each: _without_secret(each, cast("Body", value), secrets) for each, value in parameters.items()}
    return shown, secrets


def _without_secret(name: str, parameter: Body, secrets: dict[str, Any]) -> Body:
    settings = parameter.get("oAuthSettings")
    if not isinstance(settings, dict):
        return parameter
    held = cast("Body", settings)
    secret = next((value for key, value in held.items() if key.lower() == _SECRET.lower()), None)
    if secret:
        secrets[f"connectionParameters/{name}/oAuthSettings/{_SECRET}"] = secret
    return parameter | {"oAuthSettings": {key: each for key, each in held.items() if key.lower() != _SECRET.lower()}}


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
