"""Comments on cases and their relations to bookmarks: those of the incidents, in the words of 2019-01-01-preview."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, list_documents, not_found, put
from vedette.arm.envelope import envelope, received_etag
from vedette.arm.resource import Resource, Source
from vedette.core.errors import InvalidInput
from vedette.detect.incidents import BOOKMARK_KIND
from vedette.sentinel.cases import CASE, incident_of, incident_path
from vedette.sentinel.extension import extension
from vedette.sentinel.incident_comments import INCIDENT_COMMENTS
from vedette.sentinel.relations import BOOKMARK, INCIDENT_RELATIONS
from vedette.sentinel.time_windows import body_field

Json = dict[str, Any]
Told = Callable[[Context, Json], Json]
"""What is shown of an incident's comment or relation, in the words of cases."""


def _under_case(shown: Json, type: str) -> Json:
    return shown | {"id": shown["id"].replace("/incidents/", "/cases/"), "type": f"{CASE}/{type}"}


def _comment(_context: Context, shown: Json) -> Json:
    properties = shown["properties"]
    author = {name: properties["author"].get(name) for name in ("objectId", "email", "name")}
    told = {
        "message": properties["message"],
        "createdTimeUtc": properties["createdTimeUtc"],
        "userInfo": {name: each for name, each in author.items() if each is not None},
    }
    return _under_case(shown, "comments") | {"properties": told}


def _relation(context: Context, shown: Json) -> Json:
    properties = shown["properties"]
    bookmark = context.state.get(properties["relatedResourceId"])
    told = {
        "relationName": shown["name"],
        "caseIdentifier": shown["id"].split("/")[-3],
        "bookmarkId": properties["relatedResourceName"],
        "bookmarkName": bookmark.body["properties"]["displayName"] if bookmark else "",
    }
    return _under_case(shown, "relations") | {"kind": "CasesToBookmarks", "properties": told}


def _list(resource: Resource, told: Told) -> Callable[[Context, Call], Answer]:
    def answer(context: Context, call: Call) -> Answer:
        reply = list_documents(context, resource, replace(call, path=incident_path(call.path)))
        body = cast("Json", reply.body)
        listed = [told(context, each) for each in body["value"] if _is_told(each)]
        link = {"nextLink": body["nextLink"].replace("/incidents/", "/cases/")} if "nextLink" in body else {}
        return Answer(200, {"value": listed} | link)

    return answer


def _is_told(shown: Json) -> bool:
    """Cases are related to bookmarks, and to nothing else."""
    properties = shown["properties"]
    return "message" in properties or properties.get("relatedResourceKind") == BOOKMARK_KIND


def _get(resource: Resource, told: Told) -> Callable[[Context, Call], Answer]:
    def answer(context: Context, call: Call) -> Answer:
        found = incident_of(context, call.path)
        if found is None:
            raise not_found(resource, call.path)
        shown = envelope(found)
        if not _is_told(shown):
            raise not_found(resource, call.path)
        return Answer(200, told(context, shown))

    return answer


def _put_comment(context: Context, call: Call) -> Answer:
    """Every PUT is answered with 201: the version knows no edit."""
    reply = put(context, INCIDENT_COMMENTS, replace(call, path=incident_path(call.path)))
    return Answer(201, _comment(context, reply.body))


def _put_relation(context: Context, call: Call) -> Answer:
    match body_field(call.body, "properties"):
        case {"targetRelationNode": {"relationNodeId": str(target)}}:
            pass
        case {"bookmarkId": str(target)}:
            pass
        case _:
            raise InvalidInput("BadRequest", "'properties.targetRelationNode.relationNodeId' is missing.")
    place = f"{call.path.scope}/providers/{BOOKMARK}/{target.rpartition('/')[2]}"
    sent = {"properties": {"relatedResourceId": place}, "etag": received_etag(call.body)}
    reply = put(context, INCIDENT_RELATIONS, replace(call, path=incident_path(call.path), body=sent))
    return Answer(reply.status, _relation(context, reply.body))


def _delete_relation(context: Context, call: Call) -> Answer:
    return delete(context, INCIDENT_RELATIONS, replace(call, path=incident_path(call.path)))


CASE_COMMENTS = extension(
    "comment",
    f"{CASE}/comments",
    key="caseCommentId",
    parent=CASE,
    methods=frozenset({"GET", "LIST", "PUT"}),
    page=1000,
    source=Source(find=incident_of, list=lambda _context, _path: []),
    handlers={
        "GET": _get(INCIDENT_COMMENTS, _comment),
        "LIST": _list(INCIDENT_COMMENTS, _comment),
        "PUT": _put_comment,
    },
)

CASE_RELATIONS = extension(
    "relation",
    f"{CASE}/relations",
    key="relationName",
    parent=CASE,
    page=1000,
    source=Source(find=incident_of, list=lambda _context, _path: []),
    handlers={
        "GET": _get(INCIDENT_RELATIONS, _relation),
        "LIST": _list(INCIDENT_RELATIONS, _relation),
        "PUT": _put_relation,
        "DELETE": _delete_relation,
    },
)
