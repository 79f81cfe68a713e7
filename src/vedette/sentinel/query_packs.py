"""Query packs: named queries kept in a resource group, to be searched by what they are about.

https://learn.microsoft.com/rest/api/loganalytics/query-packs
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.controller import put, shown
from vedette.arm.paging import next_link, requested_page
from vedette.arm.resource import PATCHED_METHODS, Body, Resource, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, anything, fields, list_of, map_of, text
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.state.documents import Document
from vedette.state.store import Transaction

QUERY_PACK = "Microsoft.OperationalInsights/queryPacks"
_LARGEST_PAGE = 1000

_related = fields(
    {"categories": list_of(text), "resourceTypes": list_of(text), "solutions": list_of(text)}, others=anything
)
_tags = map_of(list_of(any_text))
_query = fields(
    {
        "displayName": text,
        "description": any_text,
        "body": text,
        "related": _related,
        "tags": _tags,
        "properties": map_of(anything),
    },
    required=("displayName", "body"),
)
_search = fields({"related": _related, "tags": _tags})


def _instant(context: Context) -> str:
    return arm_time(context.clock.now(), "microseconds")


def _fill_pack(context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = _instant(context)
    known = existing.body["properties"] if existing else {}
    own = {
        "queryPackId": known.get("queryPackId") or context.new_id(),
        "timeCreated": known.get("timeCreated", now),
        "timeModified": now,
        "provisioningState": "Succeeded",
    }
    return body | {"properties": own}


def _create_without_name(context: Context, call: Call) -> Answer:
    """The server gives the name."""
    made = put(context, QUERY_PACKS, replace(call, path=call.path.item(context.new_id())))
    return replace(made, status=201)


def _validate_query(_context: Context, _call: Call, body: Body) -> Body:
    return body | {"properties": _query("properties", body["properties"])}


def _fill_query(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = context.clock.now()
    known = existing.body["properties"] if existing else {}
    own = {
        "id": call.path.name,
        "timeCreated": known.get("timeCreated", _instant(context)),
        "timeModified": _instant(context),
        "author": known.get("author", call.principal.object_id),
    }
    return body | {
        "properties": body["properties"] | own,
        "systemData": system_data(call.principal, now, existing),
    }


def _show_query(_context: Context, call: Call, document: Document) -> Body:
    """A list has the text of the queries only if it is asked for."""
    if call.path.is_item or call.query.get("includebody", "").lower() == "true":
        return document.body
    properties = {name: value for name, value in document.body["properties"].items() if name != "body"}
    return document.body | {"properties": properties}


def _search_queries(context: Context, call: Call) -> Answer:
    """The queries that are related to one of each kind that is asked for, and have one of the values of each tag."""
    if call.body is not None and not isinstance(call.body, dict):
        raise InvalidInput("InvalidRequestContent", "The request content must be a JSON object.")
    wanted = _search("properties", call.body or {})
    page = requested_page(call.query, default=_LARGEST_PAGE, largest=_LARGEST_PAGE)
    collection = _collection(call.path)
    found = [
        document
        for document in context.state.list(QUERIES.type, collection.parent_id)
        if _matches(document.body["properties"], wanted)
    ]
    part = found[page.offset : page.offset + page.size]
    asked = replace(call, path=collection)
    body: dict[str, Any] = {"value": [shown(context, QUERIES, asked, each) for each in part]}
    if len(found) > page.offset + page.size:
        body["nextLink"] = next_link(call.base, call.path.id, call.query, page)
    return Answer(200, body)


def _collection(path: ResourcePath) -> ResourcePath:
    return ResourcePath(path.scope, path.namespace, path.root, path.types, path.names[:-1])


def _matches(properties: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(
        _meets(properties.get(place, {}).get(name, ()), values)
        for place in ("related", "tags")
        for name, values in wanted.get(place, {}).items()
    )


def _meets(held: Any, wanted: Any) -> bool:
    return not wanted or bool({str(each).lower() for each in held} & {str(each).lower() for each in wanted})


QUERY_PACKS = Resource(
    QUERY_PACK,
    key="queryPackName",
    methods=PATCHED_METHODS | {"CREATE"},
    tracked=True,
    visible=readable(QUERY_PACK),
    read_only=frozenset({"queryPackId", "timeCreated", "timeModified", "provisioningState"}),
    fill=_fill_pack,
    created_status=200,
    handlers={"CREATE": _create_without_name},
)
QUERIES = Resource(
    f"{QUERY_PACK}/queries",
    key="id",
    parent=QUERY_PACK,
    methods=PATCHED_METHODS,
    read_only=frozenset({"id", "timeCreated", "timeModified", "author"}),
    validate=_validate_query,
    fill=_fill_query,
    show=_show_query,
    created_status=200,
    collection_actions={"search": _search_queries},
)
