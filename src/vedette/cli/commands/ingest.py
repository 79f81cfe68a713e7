"""`vedette ingest`: records from files into a custom table, through the Data Collector API."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import orjson

from vedette.cli.batches import batches
from vedette.cli.client import Client, connected
from vedette.cli.ready import find_server, server_option
from vedette.cli.records import CsvTypes, Report, read_records
from vedette.core.clock import Clock, SystemClock
from vedette.core.errors import VedetteError

_SUFFIX = "_CL"


@click.command()
@click.argument("table")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--time-field", metavar="NAME", help="The field with each record's time, which becomes TimeGenerated.")
@click.option("--resource-id", metavar="ID", help="The Azure resource that the records are of; becomes _ResourceId.")
@click.option("--number", "numbers", metavar="COLUMN", multiple=True, help="A CSV column of numbers; may be repeated.")
@click.option("--bool", "bools", metavar="COLUMN", multiple=True, help="A CSV column of true and false; as above.")
@click.option("--json", "as_json", is_flag=True, help="Print what was stored as one JSON object.")
@server_option("--data")
def ingest(
    table: str,
    files: tuple[Path, ...],
    time_field: str | None,
    resource_id: str | None,
    numbers: tuple[str, ...],
    bools: tuple[str, ...],
    as_json: bool,
    server_data: Path | None,
) -> None:
    """Send records from JSON or CSV files into a custom table.

    The records of each FILE go into TABLE. Files are JSON arrays, JSON Lines, or CSV with a header line (by the name's
    .csv). CSV cells are text unless --number or --bool names their column; empty cells are left out. The server adds
    _CL to the table's name, if it is not there, and a type's suffix to each column's: user becomes user_s, bytes
    becomes bytes_d. What is reported as stored is on the server's disk.

    \b
    Example:
      vedette ingest Firewall day1.jsonl day2.jsonl --time-field when
      vedette query 'Firewall_CL | take 10'

    Files are sent in batches of up to 5 MB, each stored whole or not at all. The first failure ends the command with
    the file, its rows and the server's message.
    """
    log_type = table.removesuffix(_SUFFIX)
    headers = {"time-generated-field": time_field or "", "x-ms-AzureResourceId": resource_id or ""}
    sent = {name: value for name, value in headers.items() if value}
    clock, types = SystemClock(), CsvTypes(frozenset(numbers), frozenset(bools))
    stored = 0
    with connected(find_server(server_data)) as client, _progress(files) as advance:
        try:
            for path in files:
                for count in _send_file(client, path, log_type, sent, types, clock, advance(path)):
                    stored += count
        except VedetteError:
            click.echo(f"{stored:,} rows were stored in {log_type}{_SUFFIX} before the failure.", err=True)
            raise
    if as_json:
        click.echo(orjson.dumps({"table": f"{log_type}{_SUFFIX}", "rows": stored, "files": len(files)}).decode())
    else:
        click.echo(f"{stored:,} {'row' if stored == 1 else 'rows'} stored in {log_type}{_SUFFIX}.")


def _send_file(
    client: Client,
    path: Path,
    log_type: str,
    headers: dict[str, str],
    types: CsvTypes,
    clock: Clock,
    report: Report,
) -> Iterator[int]:
    """Send one file; yields the number of rows of each batch once the server has stored it."""
    for batch in batches(read_records(path, report, types)):
        try:
            client.post_records(log_type, batch.body, clock.now(), headers)
        except VedetteError as error:
            raise VedetteError(
                error.code, f"{path}: rows {batch.first} to {batch.last} were not stored: {error.message}"
            ) from error
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
