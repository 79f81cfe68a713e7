"""Pages of a list: `$top`, `$skipToken` and an absolute `nextLink`.

A token holds a position in the order that the request asked for, so the links of one list keep that order.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from vedette.core.errors import InvalidInput

_FURTHEST = 2**31


@dataclass(frozen=True, slots=True)
class Page:
    """`size` items from `offset` on."""

    offset: int
    size: int


def requested_page(query: Mapping[str, str], *, default: int, largest: int) -> Page:
    """The page that a query (names in lower case) asks for; a larger `$top` than `largest` is taken as `largest`.

    Raises InvalidInput (InvalidTop, InvalidSkipToken).
    """
    size = _top(query["$top"]) if query.get("$top") else default
    token = query.get("$skiptoken")
    return Page(_offset(token) if token else 0, min(size, largest))


def next_link(base: str, id: str, query: Mapping[str, str], page: Page) -> str:
    """The absolute address of the page after `page`: the same request with another `$skipToken`."""
    kept = {name: value for name, value in query.items() if name != "$skiptoken"}
    parameters = urlencode({**kept, "$skipToken": _token(page.offset + page.size)}, safe="$", quote_via=quote)
    return f"{base}{quote(id)}?{parameters}"


def _top(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:10]) == 0:
        raise InvalidInput("InvalidTop", f"'$top' is '{text[:40]}'; it is a whole number from 1 on.")
    return int(text[:10])


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"from={offset}".encode()).decode().rstrip("=")


def _offset(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _unknown_token(token) from error
    name, _, number = text.partition("=")
    if name != "from" or not number.isdigit() or len(number) > 10 or int(number) > _FURTHEST:
        raise _unknown_token(token)
    return int(number)


def _unknown_token(token: str) -> InvalidInput:
    return InvalidInput(
        "InvalidSkipToken", f"'$skipToken' is '{token[:40]}'; only a token from a nextLink of this list can be used."
    )
