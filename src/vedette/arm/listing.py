"""A collection as a caller sees it: filtered, searched, counted, in order, a page at a time.

What the options mean: https://learn.microsoft.com/rest/api/securityinsights/content-templates/list
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import envelope
from vedette.arm.odata import parse_filter, parse_order
from vedette.arm.paging import Page, next_link, requested_page
from vedette.arm.resource import Resource
from vedette.core.errors import InvalidInput
from vedette.state.conditions import Condition, Order
from vedette.state.documents import Document
from vedette.state.indexed import position_of

_LONGEST_SEARCH = 400
_WORDS = {"true": True, "false": False}


def shown(context: Context, resource: Resource, call: Call, document: Document) -> dict[str, Any]:
    """A document as the API shows it to a caller."""
    if resource.show is not None:
        document = replace(document, body=resource.show(context, call, document))
    return envelope(document)


def list_documents(context: Context, resource: Resource, call: Call) -> Answer:
    """The page of a collection that a call asks for; with `$count=true` the number of all that it would list.

    Raises InvalidInput (InvalidFilter, InvalidOrderBy, InvalidTop, InvalidSkip, InvalidSkipToken, InvalidSearch,
    InvalidCount).
    """
    where, order = _condition(call), _order(call)
    if _is_count(call):
        return Answer(200, {"@odata.count": _number(context, resource, call, where), "value": []})
    page = requested_page(call.query, default=resource.page, largest=resource.largest_page)
    documents = _documents(context, resource, call, where, order, page)
    here = documents[: page.size]
    body: dict[str, Any] = {"value": [shown(context, resource, call, document) for document in here]}
    if len(documents) > page.size:
        last = position_of(resource.document_type.lower(), order, here[-1]) if _is_paged(resource, call) else None
        body["nextLink"] = next_link(call.base, call.path.id, call.query, page, tuple(last) if last else None)
    return Answer(200, body)


def _documents(
    context: Context, resource: Resource, call: Call, where: Condition | None, order: tuple[Order, ...], page: Page
) -> list[Document]:
    """The documents of the page, and one more when there is another page."""
    if not _is_paged(resource, call):
        if page.after is not None:
            raise InvalidInput("InvalidSkipToken", "The '$skipToken' is of another list.")
        listed = _all(context, resource, call, where, order)
        return list(islice(listed, page.offset, page.offset + page.size + 1))
    return context.state.list(
        resource.document_type,
        call.path.parent_id,
        where=where,
        order=order,
        limit=page.size + 1,
        offset=page.offset,
        below=resource.tracked,
        after=page.after,
    )


def _is_paged(resource: Resource, call: Call) -> bool:
    """Whether the state store itself can give a page."""
    return resource.source is None and resource.visible is None and not call.query.get("$search")


def _all(
    context: Context, resource: Resource, call: Call, where: Condition | None, order: tuple[Order, ...]
) -> Iterator[Document]:
    """Everything that the caller may see and asks for."""
    found: Iterable[Document]
    if resource.source is None:
        found = context.state.list(
            resource.document_type, call.path.parent_id, where=where, order=order, below=resource.tracked
        )
    elif where is not None or order:
        raise InvalidInput("InvalidFilter", f"'{resource.type}' takes neither '$filter' nor '$orderby'.")
    else:
        found = resource.source.list(context, call.path)
    visible, sought = resource.visible, _search(call)
    for each in found:
        is_seen = visible is None or visible(context, call.principal, each)
        if is_seen and (not sought or _has_text([each.name, each.body], sought)):
            yield each


def _number(context: Context, resource: Resource, call: Call, where: Condition | None) -> int:
    if _is_paged(resource, call) and not resource.tracked:
        return context.state.count(resource.document_type, call.path.parent_id, where=where)
    return sum(1 for _ in _all(context, resource, call, where, ()))


def _condition(call: Call) -> Condition | None:
    text = call.query.get("$filter")
    return parse_filter(text) if text else None


def _order(call: Call) -> tuple[Order, ...]:
    text = call.query.get("$orderby")
    return parse_order(text) if text else ()


def _search(call: Call) -> str:
    """What `$search` looks for, folded: a piece of any text in a resource."""
    text = call.query.get("$search", "")
    if len(text) > _LONGEST_SEARCH:
        raise InvalidInput("InvalidSearch", f"'$search' has more than {_LONGEST_SEARCH} characters.")
    return text.strip().strip('"').casefold()


def _is_count(call: Call) -> bool:
    text = call.query.get("$count") or "false"
    if text.lower() not in _WORDS:
        raise InvalidInput("InvalidCount", f"'$count' is '{text[:40]}'; it is true or false.")
    return _WORDS[text.lower()]


def _has_text(value: Any, sought: str) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and sought in each.casefold():
            return True
        if isinstance(each, dict):
            waiting.extend(cast("dict[str, Any]", each).values())
        elif isinstance(each, list):
            waiting.extend(cast("list[Any]", each))
    return False
