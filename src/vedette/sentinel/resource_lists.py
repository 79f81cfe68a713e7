"""All resources of a subscription or of a resource group that a caller may read, whatever their type.

https://learn.microsoft.com/rest/api/resources/resources/list
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.paging import requested_page
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION, Resource
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.sentinel.chosen_pages import documents_behind
from vedette.sentinel.other_resources import held_types
from vedette.sentinel.resource_filters import ResourceFilter, read_filter
from vedette.state.documents import Document
from vedette.state.indexed import Position, position_of

_SHOWN = ("location", "tags", "kind", "identity", "sku", "plan", "managedBy", "zones")
_EXPANDED = ("createdTime", "changedTime", "provisioningState")
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class _Position:
    """A place in the order of the list: by type, then behind a document of it, the oldest first."""

    type: str
    after: Position | None = None


_START = _Position("")


def resource_lists(served: Iterable[Resource]) -> tuple[Resource, ...]:
    """The lists of a subscription and of a resource group; `served` are all resource types."""
    types = frozenset(document_types(served))

    def listed(context: Context, call: Call) -> Answer:
        return _listed(context, call, tuple(sorted({*types, *held_types(context.state)})))

    return tuple(
        Resource(
            f"{above}/resources",
            parent=above,
            methods=frozenset({"LIST"}),
            visible=lambda _context, _principal, _document: True,
            handlers={"LIST": listed},
        )
        for above in (SUBSCRIPTION, RESOURCE_GROUP)
    )


def document_types(served: Iterable[Resource]) -> Iterator[str]:
    """The types of the resources that have a location and tags, and are documents of the state store."""
    return (each.document_type for each in served if each.tracked and each.source is None)


def _listed(context: Context, call: Call, types: Sequence[str]) -> Answer:
    asked = read_filter(call.query.get("$filter"))
    expanded = _expanded(call.query.get("$expand", ""))
    page = requested_page({"$top": call.query.get("$top", "")}, default=_PAGE, largest=_PAGE)
    found: list[Document] = []
    for document in _from(context, call.path.parent_id, types, asked, _position(call, types)):
        if context.roles.allows(call.principal, f"{document.type}/read", document.id):
            found.append(document)
        if len(found) > page.size:
            break
    here = found[: page.size]
    body: dict[str, Any] = {"value": [_shown(each, expanded, with_tags=not asked.is_by_tag) for each in here]}
    if len(found) > page.size:
        body["nextLink"] = _next_link(call, here[-1])
    return Answer(200, body)


def _from(
    context: Context, scope: str, types: Sequence[str], asked: ResourceFilter, start: _Position
) -> Iterator[Document]:
    """What is asked for, behind a position, read in batches so that a page costs no more than itself."""
    for type in types:
        if type < start.type or (asked.types is not None and type.lower() not in asked.types):
            continue
        after = start.after if type == start.type else None
        yield from filter(asked.holds, documents_behind(context.state, type, scope, after))


def _shown(document: Document, expanded: Sequence[str], *, with_tags: bool) -> dict[str, Any]:
    body = document.body
    shown = {"id": document.id, "name": document.name, "type": document.type}
    shown |= {name: body[name] for name in _SHOWN if body.get(name) is not None and (with_tags or name != "tags")}
    if "createdTime" in expanded:
        shown["createdTime"] = arm_time(document.created, "microseconds")
    if "changedTime" in expanded:
        shown["changedTime"] = arm_time(document.modified, "microseconds")
    if "provisioningState" in expanded:
        shown["provisioningState"] = body.get("properties", {}).get("provisioningState", "Succeeded")
    return shown


def _expanded(text: str) -> tuple[str, ...]:
    by_folded = {each.lower(): each for each in _EXPANDED}
    asked = [each.strip().lower() for each in text.split(",") if each.strip()]
    unknown = next((each for each in asked if each not in by_folded), None)
    if unknown is not None:
        raise InvalidInput("InvalidExpand", f"'$expand' is of {', '.join(_EXPANDED)}; '{unknown[:40]}' is none.")
    return tuple(by_folded[each] for each in asked)


def _next_link(call: Call, last: Document) -> str:
    position = position_of(last.type.lower(), (), last) or ()
    token = base64.urlsafe_b64encode(orjson.dumps([last.type, *position])).decode().rstrip("=")
    kept = {name: value for name, value in call.query.items() if name != "$skiptoken"}
    parameters = urlencode({**kept, "$skipToken": token}, safe="$", quote_via=quote)
    return f"{call.base}{quote(call.path.id)}?{parameters}"


def _position(call: Call, types: Sequence[str]) -> _Position:
    token = call.query.get("$skiptoken")
    if not token:
        return _START
    try:
        read: Any = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _unknown_token(token) from error
    values = cast("list[Any]", read) if isinstance(read, list) else []
    if not values or values[0] not in types or not all(type(each) in (int, str) for each in values):
        raise _unknown_token(token)
    return _Position(values[0], values[1:])


def _unknown_token(token: str) -> InvalidInput:
    return InvalidInput(
        "InvalidSkipToken", f"'$skipToken' is '{token[:40]}'; only a token from a nextLink of this list can be used."
    )
