"""`vedette tail`: files that grow, followed into a table."""

import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click
import orjson

from vedette.cli.batches import batches
from vedette.cli.client import connected
from vedette.cli.follow import Follower, Piece
from vedette.cli.ready import find_server, server_option
from vedette.cli.sending import SUFFIX, Sender, is_built_in
from vedette.cli.tail_state import TailState, load_tail_state
from vedette.content.refused import Refused
from vedette.core.clock import SystemClock
from vedette.core.errors import InvalidInput, Unavailable
from vedette.core.printable import printable_lines
from vedette.formats.rows import TableRow

FORMATS: Final = ("text", "json", "syslog", "cef")
_POLL_SECONDS = 0.5
_RETRY_SECONDS = 2.0


@click.command()
@click.argument("table")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What a line is: text becomes RawData, json an object's fields; cef and syslog are read alike.",
)
@click.option(
    "--state",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to remember how far the server has stored each file; made if it is not there.",
)
@click.option("--once", is_flag=True, help="End when everything that is there now is stored.")
@server_option("--data")
def tail(table: str, files: tuple[Path, ...], format: str, state: Path, once: bool, server_data: Path | None) -> None:
    """Follow files into a table as they grow.

    What is added to each FILE goes into TABLE line by line, and so does what is there already. Lines of text become
    RawData, with FilePath and Computer, of a custom table. JSON lines go into a custom or a built-in table as 'vedette
    ingest' sends them; lines of syslog and CEF into Syslog and CommonSecurityLog.

    \b
    Example:
      vedette tail Nginx /var/log/nginx/access.log --state nginx.state
      vedette query 'Nginx_CL | take 10'

    A file that is renamed is read to its end, and then the new one of its name; a file that is cut off is read from its
    beginning. --state makes it go on after a stop or a crash where it was. A piece of a file is sent again, under the
    same id, until the server has it, so it is stored once, unless the server was away for more than an hour.
    """
    clock, server = SystemClock(), find_server(server_data)
    built_in = is_built_in(table)
    name = table if built_in else f"{table.removesuffix(SUFFIX)}{SUFFIX}"
    _check(format, name, built_in)
    kept = load_tail_state(state, f"{name} of {server.workspace_id}")
    stop = _stop_on_signals()
    with connected(server) as client:
        tail = _Tail(kept, Sender(client, clock, {}), name, format, stop)
        followers = [Follower(path, kept.of(path).at) for path in files]
        for follower in followers:
            tail.send_again(follower)
        while not stop.is_set():
            for follower in followers:
                for piece in follower.read(to_the_end=once):
                    kept.begin(follower.path, piece)
                    tail.send(follower.path, piece)
                    if stop.is_set():
                        return
            if once:
                return
            stop.wait(_POLL_SECONDS)


def _check(format: str, table: str, built_in: bool) -> None:
    if format == "text" and built_in:
        raise InvalidInput("WrongTable", f"Lines of text go into custom tables; '{table}' has columns. Use --format.")
    if format in ("syslog", "cef") and table not in ("Syslog", "CommonSecurityLog"):
        raise InvalidInput(
            "WrongTable", f"{format} goes into Syslog and CommonSecurityLog, not '{table}': name either."
        )


@dataclass(frozen=True, slots=True)
class _Tail:
    """Where pieces of files go, in what form, and where it is kept how far that came."""

    kept: TailState
    sender: Sender
    table: str
    format: str
    stop: threading.Event

    def send_again(self, follower: Follower) -> None:
        """Send the piece that was on its way when the last run ended: the server may have it, and then knows its id."""
        standing = self.kept.of(follower.path)
        if standing.at is None or standing.sending is None:
            return
        piece = follower.reread(standing.at, standing.sending)
        if piece is None:
            raise InvalidInput(
                "PieceLost",
                f"{follower.path}: the piece that was being sent is gone from the file, so it may be missing. To go on "
                f"without it, remove the file's entry from '{self.kept.path}'.",
            )
        self.send(follower.path, piece)
        follower.moved(piece.end)

    def send(self, path: Path, piece: Piece) -> None:
        """Send until the server has it; a server that is away is waited for. Raises Refused for what it will never
        take."""
        id = self.kept.request_id(path, piece)
        while not self.stop.is_set():
            try:
                self._post(path, piece, id)
            except Refused as error:
                if error.status < 500 and error.status not in (408, 429):
                    raise
                click.echo(f"vedette: {printable_lines(error.message)} It is tried again.", err=True)
            except Unavailable as error:
                click.echo(f"vedette: {printable_lines(error.message)} It is tried again.", err=True)
            else:
                self.kept.stored(path, piece)
                return
            self.stop.wait(_RETRY_SECONDS)

    def _post(self, path: Path, piece: Piece, id: str) -> None:
        if self.format == "text":
            origin = {"FilePath": str(path.absolute()), "Computer": socket.gethostname()}
            self.sender.client.post_lines(self.table, piece.data, origin, id)
            return
        for batch in batches(_rows(piece.data, self.table, self.format, path, self.sender.clock.now())):
            self.sender.send(batch, f"{id}/{batch.first}")


def _rows(data: bytes, table: str, format: str, path: Path, now: datetime) -> Iterator[TableRow]:
    from vedette.formats.syslog_rows import syslog_row

    for line in data.split(b"\n"):
        if not line.strip():
            continue
        if format != "json":
            yield syslog_row(line, now)
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InvalidInput("NotJson", f"{path}: a line is not JSON: {error}: {line[:80]!r}") from error
        if not isinstance(record, dict):
            raise InvalidInput("NotRecords", f"{path}: a line is not a JSON object: {line[:80]!r}")
        yield TableRow(table, record)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
