"""`vedette status`: how the running server is, what it holds and what it does."""

import time
from pathlib import Path
from typing import Any

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from vedette.cli.client import Client, connected
from vedette.cli.ready import find_server, server_option

_TEXT_CHARACTERS = 60
_UNITS = ("B", "kB", "MB", "GB", "TB")


@click.command()
@server_option("--data")
@click.option("--json", "as_json", is_flag=True, help="Print the server's own JSON.")
@click.option(
    "--watch",
    metavar="SECONDS",
    type=click.FloatRange(min=0.5),
    help="Ask again and again, so many seconds apart, until Ctrl-C.",
)
def status(server_data: Path | None, as_json: bool, watch: float | None) -> None:
    """Say how the running server is.

    Its version, clock and addresses; memory and disk; the tables with their rows, sizes, times and what arrived within
    the last minute; the slowest queries of the last hour; and rules that fail.

    \b
    Example:
      vedette status --json | jq .workspaces[0].incidents
      vedette status --watch 2

    Exit code 1 means that no server answers.
    """
    with connected(find_server(server_data)) as client:
        if watch is None:
            _print(client, as_json)
            return
        try:
            while True:
                _print(client, as_json, clear=True)
                time.sleep(watch)
        except KeyboardInterrupt:
            return


def _print(client: Client, as_json: bool, *, clear: bool = False) -> None:
    told = client.get("/vedette/status")
    if as_json:
        click.echo(orjson.dumps(told, option=0 if clear else orjson.OPT_INDENT_2).decode())
        return
    console = Console(highlight=False)
    if clear and console.is_terminal:
        console.clear()
    console.print(_page(told))


def _page(told: dict[str, Any]) -> Group:
    parts: list[RenderableType] = [_server(told)]
    for workspace in told["workspaces"]:
        ingest = workspace["ingest"]
        parts.append(
            f"\n{workspace['name']}: {workspace['alertRules']:,} rules, {workspace['incidents']:,} incidents, "
            f"{ingest['rowsPerSecond']:,} rows/s ({_bytes(ingest['bytesPerSecond'])}/s) in the last minute"
        )
        parts.append(_tables(workspace) if workspace["tables"] else "No rows in any table yet.")
    if told["queries"]["slowest"]:
        parts += ["\nSlowest queries of the last hour", _queries(told["queries"]["slowest"])]
    if told["failingRules"]:
        parts += ["\nRules that fail", _rules(told["failingRules"])]
    return Group(*parts)


def _server(told: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    clock, disk = told["clock"], told["disk"]
    table.add_row("Vedette", f"{told['version']}, up for {_duration(told['uptimeSeconds'])}")
    table.add_row("Clock", f"{clock['now']} (virtual: it moves only when told)" if clock["virtual"] else clock["now"])
    for name, address in told["addresses"].items():
        table.add_row(name.capitalize() if name == "proxy" else name.upper(), address)
    files = disk["files"]
    table.add_row("Data", told["data"])
    table.add_row("State", told["state"])
    table.add_row("Audit", f"head {told['audit']['head']}")
    table.add_row(
        "Disk",
        f"{_bytes(sum(files.values()))} used, of them {_bytes(files['logs_wal'])} write-ahead log; "
        f"{_bytes(disk['freeBytes'])} of {_bytes(disk['totalBytes'])} free",
    )
    table.add_row("Memory", _bytes(told["residentBytes"]))
    running = sum(told["queries"]["running"].values())
    writer = told["writer"]
    table.add_row("Now", f"{running} queries running, {writer['waitingBatches']} batches waiting for the disk")
    return table


def _tables(workspace: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Table", no_wrap=True)
    for name in ("Rows", "On disk"):
        table.add_column(name, justify="right")
    for name in ("Oldest", "Newest"):
        table.add_column(name)
    for name in ("Rows/s", "Lag"):
        table.add_column(name, justify="right")
    for each in workspace["tables"]:
        ingest = each["ingest"]
        table.add_row(
            each["name"],
            f"{each['rows']:,}",
            _bytes(each["bytesOnDisk"]),
            _instant(each["oldest"]),
            _instant(each["newest"]),
            f"{ingest['rowsPerSecond']:,}" if ingest["rowsPerSecond"] else "",
            "" if ingest["lagSeconds"] is None else _duration(ingest["lagSeconds"]),
        )
    return table


def _queries(queries: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("ms", "Rows"):
        table.add_column(name, justify="right")
    for name in ("Caller", "Query"):
        table.add_column(name)
    for each in queries:
        text = " ".join(each["text"].split())
        shown = text if len(text) <= _TEXT_CHARACTERS else f"{text[:_TEXT_CHARACTERS]}…"
        table.add_row(
            f"{each['milliseconds']:,.0f}",
            each["error"] or f"{each['rows']:,}",
            Text(each["caller"] or each["origin"]),
            Text(shown),
        )
    return table


def _rules(rules: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Failures in a row", justify="right")
    table.add_column("Rule")
    for rule in rules:
        table.add_row(f"{rule['failures']:,}", Text(rule["name"]))
    return table


def _bytes(size: float | None) -> str:
    """A size as people read it; nothing where it is not known."""
    if size is None:
        return ""
    for unit in _UNITS[:-1]:
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"


def _duration(seconds: float) -> str:
    """A length of time in its two largest units."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    days, hours, minutes = whole // 86_400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def _instant(text: str | None) -> str:
    return "" if text is None else text[:19].replace("T", " ")
