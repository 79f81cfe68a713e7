"""The settings of Sentinel in a workspace: Anomalies, EyesOn, EntityAnalytics, Ueba.

https://learn.microsoft.com/rest/api/securityinsights/product-settings
"""

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.sentinel.extension import extension
from vedette.state.documents import Document
from vedette.state.store import Transaction

_KINDS = {each.lower(): each for each in ("Anomalies", "EyesOn", "EntityAnalytics", "Ueba")}
_SWITCHES = frozenset({"Anomalies", "EyesOn"})


def _validate(_context: Context, call: Call, body: Body) -> Body:
    kind = _KINDS.get(str(body.get("kind") or "").lower())
    if kind is None:
        raise InvalidInput("BadRequest", f"'kind' is one of {', '.join(_KINDS.values())}.", target="kind")
    if call.path.name.lower() != kind.lower():
        raise InvalidInput("BadRequest", f"A setting of the kind '{kind}' is named '{kind}', not '{call.path.name}'.")
    return body | {"kind": kind}


def _fill(_context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None) -> Body:
    """A switch that is there is on."""
    if body["kind"] not in _SWITCHES:
        return body
    return body | {"properties": body["properties"] | {"isEnabled": True}}


SETTINGS = extension(
    "setting",
    "settings",
    key="settingsName",
    read_only=frozenset({"isEnabled"}),
    validate=_validate,
    fill=_fill,
    created_status=200,
)
