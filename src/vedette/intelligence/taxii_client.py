"""A client of TAXII servers: a page of a collection's objects at a time, by version 2.1 or 2.0 of the protocol.

https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html#_Toc31107537 and
https://docs.oasis-open.org/cti/taxii/v2.0/taxii-v2.0.html
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

from vedette.arm.json_reader import read_json
from vedette.core.errors import InvalidInput, Unavailable
from vedette.core.settings import EgressSettings

V21: Final = "2.1"
V20: Final = "2.0"
PAGE: Final = 1000

_ACCEPT: Final = {
    V21: "application/taxii+json;version=2.1",
    V20: "application/vnd.oasis.stix+json; version=2.0",
}
_OTHER_VERSION: Final = frozenset({406, 415})
_RANGE: Final = re.compile(r"items\s+(\d{1,15})\s*-\s*(\d{1,15})\s*/\s*(\d{1,15}|\*)")
_REASONS: Final = {
    401: "the server does not take the user name and password",
    403: "the user may not read the collection",
    404: "there is no such API root or collection",
    416: "the server has no such range of objects",
    429: "the server is asked too often",
}


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection to read: the address of its API root, its id, and who signs in, if anybody."""

    api_root: str
    id: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: objects added after `after` (a timestamp of the server's own), from `following` on, which
    is what the server named or, by version 2.0, a number of objects. `version` is empty until it is known."""

    after: str = ""
    following: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects, where to read on, and whether there is more now."""

    objects: Sequence[Any]
    next: Place
    more: bool


def is_address(api_root: str) -> bool:
    """Whether a text is the address of a server, as far as can be told without asking it."""
    try:
        parts = urlsplit(api_root)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


Fetch = Callable[[str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""Gets an address with headers: status, headers by lower-case names, body."""


def fetching(settings: EgressSettings) -> Fetch:
    """What gets addresses that the settings allow."""

    def fetch(url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        from vedette.core.egress import send  # noqa: PLC0415  what speaks HTTP is loaded when somebody polls

        answer = send("GET", url, settings, headers=headers)
        return answer.status, answer.headers, answer.body

    return fetch


def read_page(collection: Collection, place: Place, fetch: Fetch) -> Page:
    """The next objects. Raises InvalidInput (TaxiiFailed, EgressNotAllowed), Unavailable, TooLarge."""
    if place.version == V20:
        return _page_20(collection, place, fetch)
    status, headers, body = fetch(_address(collection, place, V21), _headers(collection, V21, place))
    if status in _OTHER_VERSION and not place.version:
        return _page_20(collection, place, fetch)
    _check(status, collection)
    envelope = _object(body, collection)
    more = envelope.get("more") is True
    last = _last(headers)
    following = str(envelope.get("next") or "") if more else ""
    after = place.after if following else last or place.after
    objects = _objects(envelope, collection)
    if more and not following and (not objects or not last or last == place.after):
        more = False  # a server that says neither where to go on nor from when would be asked the same for ever
    return Page(objects, Place(after, following, V21), more)


def _page_20(collection: Collection, place: Place, fetch: Fetch) -> Page:
    status, headers, body = fetch(_address(collection, place, V20), _headers(collection, V20, place))
    start = int(place.following or 0)
    if status == 416 or (status == 404 and start):
        return Page((), Place(place.after, "", V20), more=False)
    _check(status, collection, also=frozenset({206}))
    objects = _objects(_object(body, collection), collection)
    last = _last(headers)
    found = _RANGE.search(headers.get("content-range", ""))
    end, total = (int(found[2]) + 1, found[3]) if found else (0, "0")
    more = bool(objects) and found is not None and (total == "*" or end < int(total))
    # The header tells of this page; where the whole is in no order of time, only the last page's counts.
    return Page(objects, Place(place.after if more else last or place.after, str(end) if more else "", V20), more)


def _last(headers: Mapping[str, str]) -> str:
    """When the last object of a page was added; of a page of one, some servers tell only when the first one was."""
    return headers.get("x-taxii-date-added-last") or headers.get("x-taxii-date-added-first") or ""


def _address(collection: Collection, place: Place, version: str) -> str:
    query: dict[str, str] = {"added_after": place.after} if place.after else {}
    if version == V21:
        query["limit"] = str(PAGE)
        if place.following:
            query["next"] = place.following
    root = collection.api_root.rstrip("/")
    return f"{root}/collections/{quote(collection.id, safe='')}/objects/" + (f"?{urlencode(query)}" if query else "")


def _headers(collection: Collection, version: str, place: Place) -> dict[str, str]:
    headers = {"Accept": _ACCEPT[version]}
    if version == V20:
        start = int(place.following or 0)
        headers["Range"] = f"items {start}-{start + PAGE - 1}"
    if collection.user or collection.password:
        pair = base64.b64encode(f"{collection.user}:{collection.password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return headers


def _check(status: int, collection: Collection, also: frozenset[int] = frozenset()) -> None:
    if status == 200 or status in also:
        return
    reason = _REASONS.get(status, "it is no answer with objects")
    message = f"The TAXII server of '{collection.api_root}' answered {status}: {reason}."
    raise (
        Unavailable("TaxiiFailed", message) if status >= 500 or status == 429 else InvalidInput("TaxiiFailed", message)
    )


def _object(body: bytes, collection: Collection) -> dict[str, Any]:
    try:
        value = read_json(body, largest=len(body)) if body.strip() else {}
    except InvalidInput as error:
        raise InvalidInput("TaxiiFailed", f"'{collection.api_root}' answered no JSON: {error.message}") from error
    if not isinstance(value, dict):
        raise InvalidInput("TaxiiFailed", f"'{collection.api_root}' answered JSON that is no object.")
    return cast("dict[str, Any]", value)


def _objects(envelope: Mapping[str, Any], collection: Collection) -> list[Any]:
    objects = envelope.get("objects", [])
    if not isinstance(objects, list):
        raise InvalidInput("TaxiiFailed", f"'{collection.api_root}' answered 'objects' that are no list.")
    return cast("list[Any]", objects)
