"""The documents that concern a scope: those of the scope itself, inherited ones from above it, and those below it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from vedette.access.scopes import folded, is_group, root_group
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.paging import next_link, requested_page
from vedette.state.conditions import Condition
from vedette.state.documents import Document

_Item = TypeVar("_Item")
_PAGE = 1000


def around(
    context: Context, type: str, scope: str, where: Condition | None = None, *, below: bool
) -> Iterator[Document]:
    """The documents of a type that hang on the id `scope` ("" for the tenant), above it, and with `below` under it."""
    for above in ancestors(scope, root_group(context.estate.tenant_id)):
        yield from context.state.list(type, above, where=where)
    yield from context.state.list(type, scope, where=where, below=below)
    if below and is_group(folded(scope)):
        yield from context.state.list(type, "/subscriptions", where=where, below=True)


def ancestors(scope: str, group: str) -> Iterator[str]:
    """The ids above an id: the tenant's "", the management `group` of what is in a subscription, and each beginning of
    the id that ends with a whole segment."""
    segments = [segment for segment in scope.split("/") if segment]
    if segments:
        yield ""
    if segments and segments[0].lower() == "subscriptions":
        yield group
    for length in range(1, len(segments)):
        yield "".join(f"/{segment}" for segment in segments[:length])


def page_of(call: Call, items: Sequence[_Item], show: Callable[[_Item], dict[str, Any]]) -> Answer:
    """The page of a list that a call asks for."""
    page = requested_page(call.query, default=_PAGE, largest=_PAGE)
    body: dict[str, Any] = {"value": [show(each) for each in items[page.offset : page.offset + page.size]]}
    if len(items) > page.offset + page.size:
        body["nextLink"] = next_link(call.base, call.path.id, call.query, page)
    return Answer(200, body)
