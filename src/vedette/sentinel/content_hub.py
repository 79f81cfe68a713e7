"""The content hub: packages and templates that are installed in a workspace, and the catalog that they come from.

What is installed is what was PUT. The catalog is empty: there is none here but what a deployment brings with it.
https://learn.microsoft.com/rest/api/securityinsights/content-packages
"""

from typing import Any

from vedette.arm.call import Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Body
from vedette.arm.shapes import anything, as_object, fields, text
from vedette.sentinel.extension import extension, with_system_data
from vedette.state.documents import Document
from vedette.state.store import Transaction

_LARGE = "properties/mainTemplate"


# The published shape requires a source and a product id, which the solutions that Microsoft publishes do not send.
_template = fields(
    {"contentId": text, "contentKind": text, "displayName": text, "version": text, "mainTemplate": as_object},
    required=("contentId", "contentKind", "displayName", "version"),
    others=anything,
)


def _validate_template(_context: Context, _call: Call, body: Body) -> Body:
    return body | {"properties": _template("properties", body["properties"])}


def _install_package(
    context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None
) -> Body:
    properties: dict[str, Any] = body["properties"]
    return body | {
        "properties": properties | {"installedVersion": properties["version"]},
        "systemData": system_data(call.principal, context.clock.now(), existing),
    }


def _show_template(_context: Context, call: Call, document: Document) -> Body:
    """A list leaves out the templates' content, unless `$expand` asks for it."""
    expanded = {each.strip().lower() for each in call.query.get("$expand", "").split(",")}
    if call.path.is_item or _LARGE.lower() in expanded:
        return document.body
    properties: dict[str, Any] = document.body["properties"]
    return document.body | {"properties": {name: each for name, each in properties.items() if name != "mainTemplate"}}


CONTENT_PACKAGES = extension("content package", "contentPackages", fill=_install_package)
CONTENT_TEMPLATES = extension(
    "content template",
    "contentTemplates",
    published_shape=False,
    validate=_validate_template,
    fill=with_system_data,
    show=_show_template,
)
CONTENT_PRODUCT_PACKAGES = extension("content package", "contentProductPackages", methods=READ_METHODS)
CONTENT_PRODUCT_TEMPLATES = extension(
    "content template", "contentProductTemplates", methods=READ_METHODS, show=_show_template
)
