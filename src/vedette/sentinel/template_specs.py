"""Template specs: templates kept by name and version, to be deployed from there.

https://learn.microsoft.com/rest/api/resources/template-specs
"""

import re
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Body, Resource, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, as_object, fields, list_of, text, wrong
from vedette.core.errors import InvalidInput, NotFound
from vedette.state.documents import Document
from vedette.state.store import Transaction

TEMPLATE_SPEC = "Microsoft.Resources/templateSpecs"
TEMPLATE_SPEC_VERSION = f"{TEMPLATE_SPEC}/versions"
_BUILT_IN = "Microsoft.Resources/builtInTemplateSpecs"
_NAME = re.compile(r"[-\w._()]{1,90}")
_LONGEST_DESCRIPTION, _LONGEST_DISPLAY_NAME = 4096, 64

_spec = fields({"description": any_text, "displayName": any_text, "metadata": as_object})
_linked = fields({"path": text, "template": as_object}, required=("path", "template"))
_version = fields(
    {
        "description": any_text,
        "linkedTemplates": list_of(_linked),
        "mainTemplate": as_object,
        "metadata": as_object,
        "uiFormDefinition": as_object,
    },
    others=None,
)


def _validate_spec(_context: Context, call: Call, body: Body) -> Body:
    _check_name(call)
    properties = _spec("properties", _without(body["properties"], "versions"))
    _check_length(properties, "displayName", _LONGEST_DISPLAY_NAME)
    _check_length(properties, "description", _LONGEST_DESCRIPTION)
    return body | {"properties": properties}


def _validate_version(_context: Context, call: Call, body: Body) -> Body:
    _check_name(call)
    properties = _version("properties", body["properties"])
    _check_length(properties, "description", _LONGEST_DESCRIPTION)
    return body | {"properties": properties}


def _fill_version(
    context: Context, call: Call, transaction: Transaction, body: Body, _existing: Document | None
) -> Body:
    """A version lives where its spec lives."""
    spec = transaction.get(call.path.parent_id)
    return body if spec is None else body | {"location": spec.body["location"]}


def _check_name(call: Call) -> None:
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput(
            "InvalidTemplateSpecName",
            f"The name '{call.path.name[:90]}' has 1 to 90 letters, digits, '-', '_', '.', '(' and ')'.",
        )


def _check_length(properties: Body, name: str, longest: int) -> None:
    if len(properties.get(name, "")) > longest:
        raise wrong(f"properties.{name}", f"has at most {longest} characters")


def _without(properties: Body, name: str) -> Body:
    return {each: value for each, value in properties.items() if each.lower() != name}


def _show_spec(context: Context, call: Call, document: Document) -> Body:
    """With `$expand=versions`, what is in it: descriptions and times, without the templates."""
    if call.query.get("$expand", "").lower() != "versions":
        return document.body
    versions = {
        each.name: {
            "description": each.body["properties"].get("description"),
            "timeCreated": each.body["systemData"]["createdAt"],
            "timeModified": each.body["systemData"]["lastModifiedAt"],
        }
        for each in context.state.list(TEMPLATE_SPEC_VERSION, document.id)
    }
    return document.body | {"properties": document.body["properties"] | {"versions": versions}}


def _no_built_in(path: ResourcePath) -> NotFound:
    return NotFound("TemplateSpecNotFound", f"There is no built-in template spec '{path.name}'.")


def _none(_context: Context, _call: Call) -> Answer:
    body: dict[str, Any] = {"value": []}
    return Answer(200, body)


TEMPLATE_SPECS = Resource(
    TEMPLATE_SPEC,
    key="templateSpecName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(TEMPLATE_SPEC),
    validate=_validate_spec,
    show=_show_spec,
)
TEMPLATE_SPEC_VERSIONS = Resource(
    TEMPLATE_SPEC_VERSION,
    key="templateSpecVersion",
    parent=TEMPLATE_SPEC,
    methods=PATCHED_METHODS,
    tracked=True,
    validate=_validate_version,
    fill=_fill_version,
)
BUILT_IN_TEMPLATE_SPECS = Resource(
    _BUILT_IN,
    key="templateSpecName",
    methods=READ_METHODS,
    read_by_all=True,
    missing=_no_built_in,
    handlers={"LIST": _none},
)
BUILT_IN_TEMPLATE_SPEC_VERSIONS = Resource(
    f"{_BUILT_IN}/versions",
    key="templateSpecVersion",
    parent=_BUILT_IN,
    methods=READ_METHODS,
    read_by_all=True,
    missing=_no_built_in,
)
