"""Saved searches: hunting queries, and functions that queries call by name from the moment they are saved.

https://learn.microsoft.com/rest/api/loganalytics/saved-searches/create-or-update
"""

from typing import Any

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, anything, fields, list_of, text, whole
from vedette.core.errors import InvalidInput
from vedette.kql.diagnostics import KqlError, line_and_column
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.logs.search_function import check_function
from vedette.sentinel.workspaces import WORKSPACE
from vedette.state.documents import Document
from vedette.state.store import Transaction

_ALL = 2**31
"""The list has no pages."""

_tag = fields({"name": any_text, "value": any_text}, required=("name", "value"), others=anything)
_properties = fields(
    {
        "category": text,
        "displayName": text,
        "query": text,
        "functionAlias": any_text,
        "functionParameters": any_text,
        "version": whole,
        "tags": list_of(_tag),
    },
    required=("category", "displayName", "query"),
    others=anything,
)


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    """Older api-versions, and templates, write the names of the properties with capitals."""
    properties = _properties("properties", body["properties"])
    try:
        check_function(properties)
    except KqlError as error:
        raise _unusable(properties, error) from error
    return body | {"properties": properties}


def _unusable(properties: dict[str, Any], error: KqlError) -> InvalidInput:
    place = "query" if error.text == properties["query"] else "functionParameters"
    first = next(finding for finding in error.diagnostics if finding.severity == "error")
    line, column = line_and_column(error.text, first.span.start)
    return InvalidInput(
        "InvalidParameter",
        f"'properties.{place}' cannot be saved as the function '{properties['functionAlias']}': {first.code} at line "
        f"{line}, column {column}: {first.message}",
        target=f"properties.{place}",
    )


def _fill(_context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None) -> Body:
    return body | {"properties": {"version": 2} | body["properties"]}


def _newer_exists(_context: Context, path: ResourcePath) -> str:
    return (
        f"Newer data exists: there is a saved search '{path.name}'. To replace it, send the etag that a GET of it "
        "shows, or '*'. Nothing was saved."
    )


SAVED_SEARCHES = Resource(
    SAVED_SEARCH,
    key="savedSearchId",
    parent=WORKSPACE,
    validate=_validate,
    fill=_fill,
    created_status=200,
    deleted_once=True,
    etag_to_replace=True,
    newer_exists=_newer_exists,
    page=_ALL,
    largest_page=_ALL,
    published_shape=False,
)
