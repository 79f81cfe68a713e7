"""Several queries in one request: `/v1/$batch`, as the SDKs send it.

https://learn.microsoft.com/azure/azure-monitor/logs/api/batch-queries
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request

from vedette.api.errors import body_of, status_of
from vedette.api.planes import Plane
from vedette.api.query_answer import Answer, pieces
from vedette.api.query_request import QueryRequest, invalid, query_in_body, query_in_url, read_json_body
from vedette.core.errors import InvalidInput, NotFound, VedetteError

MOST_ENTRIES: Final = 100
_HEADERS: Final = orjson.dumps({"Content-Type": "application/json; charset=utf-8"})


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One query of a batch, not looked at further than its frame."""

    id: str
    workspace: str
    method: str
    path: str
    prefer: str
    body: Any

    def query(self, now: datetime) -> QueryRequest:
        """What the entry asks. Raises InvalidInput, and NotFound (PathNotFoundError) for a path other than `/query`."""
        url = urlsplit(self.path)
        if url.path.rstrip("/").lower() not in ("/query", "/search"):
            raise NotFound("PathNotFoundError", "The requested path does not exist")
        parameters = dict(parse_qsl(url.query, keep_blank_values=True))
        if self.method == "POST":
            return query_in_body(self.body, parameters.get("timespan"), self.prefer, now)
        if self.method == "GET":
            return query_in_url(parameters, self.prefer, now)
        raise invalid(f"The method '{self.method[:20]}' is not supported. Use GET or POST.", "InvalidMethod", "method")


async def read_batch(request: Request) -> list[BatchEntry]:
    """The entries of a batch. Raises InvalidInput (QueryValidationError), also for two entries with one id."""
    body = await read_json_body(request)
    listed = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        raise invalid("The body must be a JSON object with an array 'requests'.", "InvalidBatch", "requests")
    if len(listed) > MOST_ENTRIES:
        raise invalid(f"A batch has at most {MOST_ENTRIES} requests.", "InvalidBatch", "requests")
    entries = [_entry(raw, index) for index, raw in enumerate(listed)]
    ids = [entry.id for entry in entries]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        raise invalid(f"Two requests of the batch have the id '{twice[:80]}'.", "DuplicateId", "requests")
    return entries


async def stream_batch(
    entries: Sequence[BatchEntry],
    answer: Callable[[BatchEntry], Awaitable[Answer]],
    write: Callable[[Iterator[bytes]], AsyncIterator[bytes]],
) -> AsyncIterator[bytes]:
    """The pieces of the batch's JSON body. One entry's error is that entry's status and body, and no other's."""
    yield b'{"responses":['
    for index, entry in enumerate(entries):
        lead = b"," if index else b""
        try:
            answered = await answer(entry)
        except VedetteError as error:
            status = status_of(Plane.QUERY, error)
            yield lead + _head(entry, status) + orjson.dumps(body_of(Plane.QUERY, error)) + b"}"
            continue
        yield lead + _head(entry, 200)
        async for piece in write(pieces(answered)):
            yield piece
        yield b"}"
    yield b"]}"


def _head(entry: BatchEntry, status: int) -> bytes:
    return b'{"id":%b,"status":%d,"headers":%b,"body":' % (orjson.dumps(entry.id), status, _HEADERS)


def _entry(raw: Any, index: int) -> BatchEntry:
    if not isinstance(raw, dict):
        raise _bad_entry(index, "is not a JSON object")
    headers = raw.get("headers")
    headers = {} if headers is None else headers
    if not isinstance(headers, dict):
        raise _bad_entry(index, "has 'headers' that are not a JSON object")
    named = {name.lower(): value for name, value in headers.items()}
    return BatchEntry(
        id=_text(raw, "id", index),
        workspace=_text(raw, "workspace", index),
        method=str(raw.get("method") or "GET").upper(),
        path=str(raw.get("path") or "/query"),
        prefer=str(named.get("prefer") or ""),
        body=raw.get("body"),
    )


def _text(raw: dict[str, Any], name: str, index: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise _bad_entry(index, f"has no '{name}'")
    return value


def _bad_entry(index: int, fault: str) -> InvalidInput:
    return invalid(f"The request at position {index} of the batch {fault}.", "InvalidBatch", f"requests[{index}]")
