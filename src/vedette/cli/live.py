"""Follows a query over server-sent events: rows as they come, across lost connections."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click
import httpx
import orjson

from vedette.cli.client import Client, connected
from vedette.cli.ready import Server
from vedette.content.refused import Refused
from vedette.core.errors import Unavailable
from vedette.core.printable import printable, printable_lines

_RETRY_SECONDS = 2.0
_EXPECTED = ("StreamEnded", "ServerStopping")


@dataclass(slots=True)
class _Place:
    """The id of the last event, up to which all is told."""

    id: str = ""


def follow(server: Server, query: str, interval: float, stop: threading.Event) -> Iterator[dict[str, Any]]:
    """The rows of a query as they arrive, each by its columns, until `stop` is set. Raises Refused for a query that is
    wrong; a server that is away is waited for."""
    place = _Place()
    while not stop.is_set():
        try:
            with connected(server) as client:
                yield from _rows(client, query, interval, place, stop)
        except Refused as error:
            if error.status < 500 and error.status not in (408, 429):
                raise
            click.echo(f"vedette: {printable_lines(error.message)} It is tried again.", err=True)
        except (Unavailable, httpx.HTTPError) as error:
            click.echo(f"vedette: The connection was lost: {printable_lines(str(error))}. It is tried again.", err=True)
        stop.wait(_RETRY_SECONDS)


def _rows(
    client: Client, query: str, interval: float, place: _Place, stop: threading.Event
) -> Iterator[dict[str, Any]]:
    path = f"/vedette/workspaces/{client.server.workspace_id}/hunting/live"
    for id, name, data in _events(client.lines(path, {"query": query, "interval": interval}, place.id)):
        if name == "rows":
            told = orjson.loads(data)
            names = [column["name"] for column in told["columns"]]
            yield from (dict(zip(names, row, strict=True)) for row in told["rows"])
            if told["truncated"]:
                until = printable(told["to"])
                click.echo(f"vedette: more rows arrived until {until} than are pushed at a time.", err=True)
        elif name == "end":
            told = orjson.loads(data)
            if not told["retry"]:
                raise Refused(400, told["code"], told["message"], {})
            if told["code"] not in _EXPECTED:
                click.echo(f"vedette: {printable_lines(told['message'])} It is tried again.", err=True)
        place.id = id or place.id
        if stop.is_set():
            return


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """The id, the name and the data of each event.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    """
    id = name = data = ""
    for line in lines:
        if not line:
            yield id, name, data
            name = data = ""
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "id":
                id = value
            case "event":
                name = value
            case "data":
                data += value
            case _:
                pass
