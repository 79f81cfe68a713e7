"""A document as the management plane shows it, and as a caller sends it."""

from typing import Any, cast

from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.state.documents import Document

_ENVELOPE = frozenset({"id", "name", "type", "etag", "systemdata"})
_BESIDE = {
    name.lower(): name for name in ("properties", "kind", "location", "tags", "sku", "identity", "plan", "managedBy")
}
"""What every resource may have beside its properties, by folded name."""


def envelope(document: Document) -> dict[str, Any]:
    """`{id, name, type, etag, kind, properties, …}`; the etag is a quoted string inside the JSON."""
    shown: dict[str, Any] = {"id": document.id, "name": document.name, "type": document.type}
    if document.etag:
        shown["etag"] = f'"{document.etag}"'
    return shown | document.body


def received_body(value: Any, read_only: frozenset[str]) -> Body:
    """What to keep of a body that was sent: without the envelope's fields and the read-only properties.

    The names of what stands beside the properties are taken in any letter case; properties that are null are none.
    How far it is ready is told by the server of every type: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations#provisioningstate-values
    Raises InvalidInput (InvalidRequestContent) when it is no object, or its properties are none.
    """
    if not isinstance(value, dict):
        raise InvalidInput("InvalidRequestContent", "The request content must be a JSON object with 'properties'.")
    fields = cast("dict[str, Any]", value)
    body = {_BESIDE.get(name.lower(), name): field for name, field in fields.items() if name.lower() not in _ENVELOPE}
    properties = body.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise InvalidInput("InvalidRequestContent", "'properties' must be a JSON object.")
    hidden = {name.lower() for name in read_only} | {"provisioningstate"}
    kept = cast("dict[str, Any]", properties)
    body["properties"] = {name: each for name, each in kept.items() if name.lower() not in hidden}
    return body


def received_etag(value: Any) -> str | None:
    """The bare etag in a body; None when there is none or it is empty. Raises InvalidInput for one that is not text."""
    sent = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    etag = next((each for name, each in sent.items() if name.lower() == "etag"), None)
    if etag is None:
        return None
    if not isinstance(etag, str):
        raise InvalidInput("InvalidRequestContent", "'etag' must be a string.")
    return bare_etag(etag) or None


def bare_etag(text: str) -> str:
    """An etag without the quotation marks and the mark of a weak one."""
    return text.strip().removeprefix("W/").strip('"')
