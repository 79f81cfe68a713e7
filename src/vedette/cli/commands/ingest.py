"""`vedette ingest`: events from files into a table, custom or built-in."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import click
import orjson

from vedette.cli.batches import batches
from vedette.cli.client import connected
from vedette.cli.ready import find_server, server_option
from vedette.cli.resume import Progress, load_progress
from vedette.cli.sending import SUFFIX, Sender, is_built_in
from vedette.core.clock import SystemClock
from vedette.core.errors import VedetteError
from vedette.formats.event_files import AUTO, FORMATS, Reading, read_table_rows
from vedette.formats.record_files import CsvTypes, Report
from vedette.formats.retiming import moved, newest
from vedette.formats.rows import Row, TableRow


def _instant(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    if text == "now":
        return SystemClock().now()
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("it must be 'now' or an instant such as 2026-01-31T12:00:00Z") from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)


@click.command()
@click.argument("table")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    default=AUTO,
    show_default=True,
    help="What the files are; auto goes by each name's ending. cef and syslog are read alike.",
)
@click.option("--time-field", metavar="NAME", help="The field with each record's time, which becomes TimeGenerated.")
@click.option("--resource-id", metavar="ID", help="The Azure resource that the records are of; becomes _ResourceId.")
@click.option("--number", "numbers", metavar="COLUMN", multiple=True, help="A CSV column of numbers; may be repeated.")
@click.option("--bool", "bools", metavar="COLUMN", multiple=True, help="A CSV column of true and false; as above.")
@click.option(
    "--as-of",
    metavar="INSTANT",
    callback=_instant,
    help="Move all times by the same step, so that the newest event is at this instant, or 'now'.",
)
@click.option(
    "--resume",
    metavar="STATE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep in this file how far the server has stored; with what an interrupted run left there, go on from it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was stored as one JSON object.")
@server_option("--data")
def ingest(
    table: str,
    files: tuple[Path, ...],
    format: str,
    time_field: str | None,
    resource_id: str | None,
    numbers: tuple[str, ...],
    bools: tuple[str, ...],
    as_of: datetime | None,
    resume: Path | None,
    as_json: bool,
    server_data: Path | None,
) -> None:
    """Send events from files into a table.

    The events of each FILE go into TABLE. Files are JSON arrays, JSON Lines, CSV with a header line, Parquet, lines of
    syslog, CEF or LEEF, Windows' event log files (.evtx), or Windows events as XML and JSON.

    Into a custom table, CSV cells are text unless --number or --bool names their column; empty cells are left out. The
    server adds _CL to the table's name, if it is not there, and a type's suffix to each column's: user becomes user_s,
    bytes becomes bytes_d. Into a table that every workspace has, such as SigninLogs, values take its columns' types.
    Syslog and CommonSecurityLog share files of syslog and CEF, SecurityEvent and Event those of Windows: name either.

    \b
    Example:
      vedette ingest Firewall day1.jsonl day2.jsonl --time-field when
      vedette ingest Syslog /var/log/auth.log
      vedette ingest SecurityEvent security.evtx --as-of now
      vedette query 'Firewall_CL | take 10'

    What is reported as stored is on the server's disk. Files are sent in batches of up to 5 MB, each stored whole or
    not at all. The first failure ends the command with the file, its rows and the server's message.
    """
    reading = Reading(table, is_built_in(table), format, CsvTypes(frozenset(numbers), frozenset(bools)))
    name = table if reading.is_built_in else f"{table.removesuffix(SUFFIX)}{SUFFIX}"
    clock = SystemClock()
    server = find_server(server_data)
    progress = load_progress(resume, f"{name} of {server.workspace_id}")
    step = None if as_of is None else as_of - newest(_all_rows(files, reading), time_field)
    change = _change(reading, time_field, resource_id, step)
    headers = {"time-generated-field": time_field or "", "x-ms-AzureResourceId": resource_id or ""}
    stored = 0
    with connected(server) as client, _progress(files) as advance:
        sender = Sender(client, clock, {name: value for name, value in headers.items() if value})
        try:
            for path in files:
                rows = change(read_table_rows(path, reading, advance(path)))
                for count in _send_file(sender, path, rows, progress):
                    stored += count
        except VedetteError:
            click.echo(f"{stored:,} rows were stored in {name} before the failure.", err=True)
            raise
    if as_json:
        click.echo(orjson.dumps({"table": name, "rows": stored, "files": len(files)}).decode())
    else:
        click.echo(f"{stored:,} {'row' if stored == 1 else 'rows'} stored in {name}.")


def _all_rows(files: tuple[Path, ...], reading: Reading) -> Iterator[TableRow]:
    for path in files:
        yield from read_table_rows(path, reading, lambda _bytes: None)


def _change(
    reading: Reading, time_field: str | None, resource_id: str | None, step: timedelta | None
) -> Callable[[Iterator[TableRow]], Iterator[TableRow]]:
    """What is done to the rows on their way: the times moved, and, for the built-in tables, what headers say of the
    others."""

    def change(rows: Iterator[TableRow]) -> Iterator[TableRow]:
        later = rows if step is None else moved(rows, step)
        return (_headed(each, time_field, resource_id) for each in later) if reading.is_built_in else later

    return change


def _headed(each: TableRow, time_field: str | None, resource_id: str | None) -> TableRow:
    from vedette.logs.tables import built_in

    row: Row = dict(each.row)
    if time_field and row.get(time_field) is not None:
        row["TimeGenerated"] = row[time_field]
        known = built_in(each.table)
        if time_field != "TimeGenerated" and (known is None or time_field not in known.columns):
            del row[time_field]
    if resource_id:
        row["_ResourceId"] = resource_id.lower()
    return TableRow(each.table, row)


def _send_file(sender: Sender, path: Path, rows: Iterator[TableRow], progress: Progress) -> Iterator[int]:
    """Send one file; yields the number of rows of each batch once the server has stored it."""
    done = progress.done(path)
    for batch in batches(islice(rows, done, None)):
        first, last = done + batch.first, done + batch.last
        try:
            sender.send(batch, progress.request_id(path, first))
        except VedetteError as error:
            raise VedetteError(
                error.code, f"{path}: rows {first} to {last} were not stored: {error.message}"
            ) from error
        progress.stored(path, last)
        yield batch.count


@contextmanager
def _progress(files: tuple[Path, ...]) -> Iterator[Callable[[Path], Report]]:
    """A bar for each file on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _path: lambda _bytes: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def begin(path: Path) -> Report:
            task = progress.add_task(path.name, total=path.stat().st_size if path.exists() else None)
            return lambda read: progress.update(task, completed=read)

        yield begin
