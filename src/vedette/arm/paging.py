"""Pages of a list: `$top`, `$skip`, `$skipToken` and an absolute `nextLink`.

A token holds where the next page begins in the order that the request asked for, so the links of one list keep that
order: behind a document where the order has an index, so that a late page costs as little as the first; else a number
of items.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson

from vedette.core.errors import InvalidInput

_FURTHEST = 2**31
_LONGEST_TOKEN = 8_000


@dataclass(frozen=True, slots=True)
class Page:
    """`size` items behind the first `offset` ones, or behind the document that stands at the position `after`."""

    offset: int
    size: int
    after: tuple[int | str, ...] | None = None


def requested_page(query: Mapping[str, str], *, default: int, largest: int) -> Page:
    """The page that a query (names in lower case) asks for; a larger `$top` than `largest` is taken as `largest`.

    Raises InvalidInput (InvalidTop, InvalidSkip, InvalidSkipToken).
    """
    size = min(_number("$top", query["$top"], 1) if query.get("$top") else default, largest)
    skipped = _number("$skip", query["$skip"], 0) if query.get("$skip") else 0
    token = query.get("$skiptoken")
    return _page(token, size) if token else Page(skipped, size)


def next_link(
    base: str, id: str, query: Mapping[str, str], page: Page, after: tuple[int | str, ...] | None = None
) -> str:
    """The absolute address of the page after `page`: the same request with another `$skipToken`.

    `after` is the position of the page's last document, where the order has one.
    """
    kept = {name: value for name, value in query.items() if name not in ("$skiptoken", "$skip")}
    token = packed_token(
        f"from={page.offset + page.size}".encode() if after is None else b"after=" + orjson.dumps(after)
    )
    parameters = urlencode({**kept, "$skipToken": token}, safe="$", quote_via=quote)
    return f"{base}{quote(id)}?{parameters}"


def packed_token(content: bytes) -> str:
    """What a nextLink can hold of this, as its `$skipToken`."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def unpacked_token(token: str) -> bytes:
    """What `packed_token` was given, but not yet that it was. Raises InvalidInput (InvalidSkipToken)."""
    token = token[:_LONGEST_TOKEN]
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise unknown_token(token) from error


def unknown_token(token: str) -> InvalidInput:
    """The refusal of a token that is from no nextLink of a list."""
    return InvalidInput(
        "InvalidSkipToken", f"'$skipToken' is '{token[:40]}'; only a token from a nextLink of this list can be used."
    )


def _number(option: str, text: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:10]) < least:
        code = f"Invalid{option[1:].capitalize()}"
        raise InvalidInput(code, f"'{option}' is '{text[:40]}'; it is a whole number from {least} on.")
    return min(int(text[:10]), _FURTHEST)


def _page(token: str, size: int) -> Page:
    name, _, rest = unpacked_token(token).partition(b"=")
    if name == b"after":
        return Page(0, size, _position(token, rest))
    if name != b"from" or not rest.isdigit() or len(rest) > 10 or int(rest) > _FURTHEST:
        raise unknown_token(token)
    return Page(int(rest), size)


def _position(token: str, content: bytes) -> tuple[int | str, ...]:
    try:
        values: Any = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise unknown_token(token) from error
    if not isinstance(values, list):
        raise unknown_token(token)
    items = cast("list[Any]", values)
    if not all(isinstance(each, int | str) and not isinstance(each, bool) for each in items):
        raise unknown_token(token)
    return tuple(items)
