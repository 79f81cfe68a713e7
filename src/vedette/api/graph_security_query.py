"""The query options of Graph's security API, read into what is asked of a collection, and the page that answers it.

https://learn.microsoft.com/graph/query-parameters
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from vedette.api import graph_query
from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import page as page_of
from vedette.api.graph_query import selected
from vedette.api.json_response import JsonResponse
from vedette.arm.odata import parse_filter, parse_order
from vedette.arm.paging import packed_token, requested_page
from vedette.core.errors import InvalidInput
from vedette.graph_security.listing import Asked, Collection, Listed, listed, number
from vedette.graph_security.narrowing import ordered
from vedette.state.conditions import Order

_KNOWN: Final = frozenset(
    {"$filter", "$select", "$top", "$skip", "$count", "$orderby", "$skiptoken", "$expand", "$format", "api-version"}
)
USUAL_PAGE: Final = 100
LARGEST_PAGE: Final = 1000
FURTHEST_SKIP: Final = 500
"""https://learn.microsoft.com/graph/api/alert-list#optional-query-parameters"""


def refuse_unknown(query: Mapping[str, str]) -> None:
    """Raises Unsupported for an option of Graph's that is not served, by name."""
    graph_query.refuse_unknown(query, _KNOWN)


def answer_list(
    call: GraphCall, collection: Collection, what: str, usual: tuple[Order, ...], *, furthest: int | None = None
) -> JsonResponse:
    """The page of a collection that a call asks for. Raises InvalidInput, Unsupported."""
    refuse_unknown(call.query)
    asked = _asked(call.query, collection, usual, furthest)
    found = listed(collection, asked)
    count = number(collection, asked.where) if call.query.get("$count", "").lower() == "true" else None
    select = selected(call.query)
    values = [chosen(each, select) for each in found.values]
    return JsonResponse(page_of(values, call.version, what, count=count, following=_following(call, found)))


def chosen(shown: Mapping[str, Any], select: tuple[str, ...] | None) -> dict[str, Any]:
    """Of an object the selected properties, and always its id and type; all of them where none are selected."""
    if select is None:
        return dict(shown)
    wanted = {name.lower() for name in select} | {"id", "@odata.type"}
    return {name: value for name, value in shown.items() if name.lower() in wanted}


def _asked(query: Mapping[str, str], collection: Collection, usual: tuple[Order, ...], furthest: int | None) -> Asked:
    _check_number(query, "$top", LARGEST_PAGE)
    _check_number(query, "$skip", furthest)
    page = requested_page(query, default=USUAL_PAGE, largest=LARGEST_PAGE)
    text = query.get("$filter", "")
    where = parse_filter(text) if text.strip() else None
    is_following = bool(query.get("$skiptoken"))
    return Asked(
        where,
        _order(query, collection, usual),
        page.size,
        skip=0 if is_following else page.offset,
        offset=page.offset if is_following else 0,
        after=page.after,
    )


def _order(query: Mapping[str, str], collection: Collection, usual: tuple[Order, ...]) -> tuple[Order, ...]:
    text = query.get("$orderby", "")
    if not text.strip():
        return usual
    return ordered(parse_order(text), collection.fields)


def _check_number(query: Mapping[str, str], name: str, most: int | None) -> None:
    text = query.get(name, "")
    if most is not None and text.isdecimal() and int(text[:10]) > most:
        raise InvalidInput("BadRequest", f"The query option '{name}' is a number up to {most}; it is '{text[:20]}'.")


def _following(call: GraphCall, found: Listed) -> str:
    """The address of the next page; empty for the last one."""
    if found.after is not None:
        token = packed_token(b"after=" + orjson.dumps(list(found.after)))
    elif found.offset is not None:
        token = packed_token(f"from={found.offset}".encode())
    else:
        return ""
    kept = {name: value for name, value in call.query.items() if name not in ("$skip", "$skiptoken")}
    return f"{call.address}?{urlencode({**kept, '$skiptoken': token}, safe='$', quote_via=quote)}"
