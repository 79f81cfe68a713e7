"""Workbooks with their revisions, and the templates that they are made from. What is in one is text to this server.

https://learn.microsoft.com/rest/api/application-insights/workbooks
"""

from dataclasses import replace
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import patch, shown
from vedette.arm.paging import next_link, requested_page
from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Body, Resource, readable
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.sentinel.chosen_pages import chosen_page
from vedette.state.conditions import Compare, Order
from vedette.state.documents import Document
from vedette.state.store import Transaction

WORKBOOK = "Microsoft.Insights/workbooks"
MY_WORKBOOK = "Microsoft.Insights/myWorkbooks"
_REVISION = f"{WORKBOOK}/revisions"
_MOST_REVISIONS = 100
_NUMBER = "number"
_NEWEST_FIRST = (Order((_NUMBER,), descending=True),)
_PAGE = 100
_REVISIONS_PAGE = 25
_DEFAULTS = {"version": "Notebook/1.0", "sourceId": "azure monitor", "storageUri": None}
_TITLE = "hidden-title"


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """`sourceId` may come as a query parameter; the title is a tag too, under which portals list it."""
    properties = body["properties"]
    source = call.query.get("sourceid") or properties.get("sourceId") or _DEFAULTS["sourceId"]
    known = existing.body["properties"] if existing else {}
    own = {
        "sourceId": source,
        "userId": known.get("userId") or call.principal.object_id,
        "timeModified": arm_time(context.clock.now(), "microseconds"),
        "revision": context.new_id().replace("-", ""),
    }
    body = {"kind": "shared"} | body | {"properties": _DEFAULTS | properties | own}
    title = properties.get("displayName")
    if isinstance(title, str) and title:
        body["tags"] = body["tags"] | {_TITLE: title[:256]}
    return body


def _keep_revision(_context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    """Remember the workbook as it is now, beside the newest of what it was before."""
    revision = document.body["properties"]["revision"]
    number = transaction.next_number(document.id, "revision")
    body = document.body | {_NUMBER: number}
    transaction.put(
        id=f"{document.id}/revisions/{revision}", type=_REVISION, scope=document.id, name=revision, body=body
    )
    if transaction.count(_REVISION, document.id) > _MOST_REVISIONS:
        for each in transaction.list(_REVISION, document.id, order=_NEWEST_FIRST, offset=_MOST_REVISIONS):
            transaction.delete(each.id)


def _show(_context: Context, call: Call, document: Document) -> Body:
    """With `canFetchContent=false` without the content."""
    if call.query.get("canfetchcontent", "true").lower() != "false":
        return document.body
    return _without_content(document.body)


def _patch_own(context: Context, call: Call) -> Answer:
    """The published status is 201, which clients insist on."""
    return replace(patch(context, MY_WORKBOOKS, call), status=201)


def _show_own(context: Context, call: Call, document: Document) -> Body:
    """The published shape of these has an object as the etag, which clients insist on; nothing is known to be in it."""
    return _show(context, call, document) | {"etag": {}}


def _without_content(body: Body) -> Body:
    return body | {"properties": body["properties"] | {"serializedData": None}}


def _listed(resource_type: str) -> Any:
    """The list of a type, filtered by `category`, `sourceId` and `tags`, a workbook for each of the caller's rights."""
    visible = readable(resource_type)

    def listed(context: Context, call: Call) -> Answer:
        resource = {WORKBOOK: WORKBOOKS, MY_WORKBOOK: MY_WORKBOOKS}[resource_type]
        page = requested_page(call.query, default=_PAGE, largest=_PAGE)
        found, link = chosen_page(
            context.state,
            call,
            page,
            resource_type,
            lambda each: _is_asked_for(call, each.body) and visible(context, call.principal, each),
            below=call.path.parent_id,
        )
        return Answer(200, {"value": [shown(context, resource, call, each) for each in found], "nextLink": link})

    return listed


def _is_asked_for(call: Call, body: Body) -> bool:
    properties = body["properties"]
    for name in ("category", "sourceId"):
        wanted = call.query.get(name.lower())
        if wanted and str(properties.get(name)).strip("/").lower() != wanted.strip("/").lower():
            return False
    tags = [each.strip().lower() for each in call.query.get("tags", "").split(",") if each.strip()]
    held = {str(each).lower() for each in properties.get("tags") or ()} | {each.lower() for each in body["tags"]}
    return all(each in held for each in tags)


def _revisions(context: Context, call: Call) -> Answer:
    """The newest first, without their content. A page goes on behind the number of the last one's end, wherever that
    revision is by then."""
    page = requested_page(call.query, default=_REVISIONS_PAGE, largest=_REVISIONS_PAGE)
    if page.after is not None and not (len(page.after) == 1 and isinstance(page.after[0], int)):
        raise InvalidInput("InvalidSkipToken", "The '$skipToken' is of another list.")
    older = None if page.after is None else Compare((_NUMBER,), "lt", page.after[0])
    kept = context.state.list(
        _REVISION, call.path.parent_id, where=older, order=_NEWEST_FIRST, offset=page.offset, limit=page.size + 1
    )
    here = kept[: page.size]
    link = None
    if len(kept) > page.size:
        link = next_link(call.base, call.path.id, call.query, page, (here[-1].body[_NUMBER],))
    value = [_revision(call.path.parent_id, each, with_content=False) for each in here]
    return Answer(200, {"value": value, "nextLink": link})


def _one_revision(context: Context, call: Call) -> Answer:
    document = context.state.get(call.path.id)
    if document is None:
        raise NotFound("RevisionNotFound", f"The workbook has no revision '{call.path.name}'.")
    return Answer(200, _revision(call.path.parent_id, document, with_content=True))


def _revision(id: str, document: Document, *, with_content: bool) -> dict[str, Any]:
    body = {name: value for name, value in document.body.items() if name != _NUMBER}
    envelope = {"id": id, "name": id.rpartition("/")[2], "type": WORKBOOK}
    return envelope | (body if with_content else _without_content(body))


def _require_content(_context: Context, _call: Call, body: Body) -> Body:
    properties = body["properties"]
    for name in ("displayName", "serializedData", "category"):
        if not isinstance(properties.get(name), str):
            raise InvalidInput("InvalidParameter", f"'properties.{name}' is missing, or no string.", target=name)
    return body


WORKBOOKS = Resource(
    WORKBOOK,
    key="resourceName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(WORKBOOK),
    read_only=frozenset({"userId", "timeModified", "revision"}),
    validate=_require_content,
    fill=_fill,
    after_put=_keep_revision,
    show=_show,
    handlers={"LIST": _listed(WORKBOOK)},
)
WORKBOOK_REVISIONS = Resource(
    _REVISION,
    key="revisionId",
    parent=WORKBOOK,
    methods=READ_METHODS,
    handlers={"LIST": _revisions, "GET": _one_revision},
)
MY_WORKBOOKS = Resource(
    MY_WORKBOOK,
    key="resourceName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(MY_WORKBOOK),
    read_only=frozenset({"userId", "timeModified", "revision"}),
    validate=_require_content,
    fill=_fill,
    show=_show_own,
    handlers={"LIST": _listed(MY_WORKBOOK), "PATCH": _patch_own},
)
WORKBOOK_TEMPLATES = Resource(
    "Microsoft.Insights/workbookTemplates",
    key="resourceName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable("Microsoft.Insights/workbookTemplates"),
)
