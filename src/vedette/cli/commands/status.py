"""`vedette status`: how the running server is, and what it holds."""

from pathlib import Path
from typing import Any

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from vedette.cli.client import connected
from vedette.cli.ready import find_server, server_option


@click.command()
@server_option("--data")
@click.option("--json", "as_json", is_flag=True, help="Print the server's own JSON.")
def status(server_data: Path | None, as_json: bool) -> None:
    """Say how the running server is.

    Its version, clock and addresses, and what the workspace holds: incidents, rules, and the rows of each table.

    \b
    Example:
      vedette status --json | jq .workspaces[0].incidents

    Exit code 1 means that no server answers.
    """
    with connected(find_server(server_data)) as client:
        told = client.get("/vedette/status")
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    console = Console(highlight=False)
    console.print(_server(told))
    for workspace in told["workspaces"]:
        console.print(f"\n{workspace['name']}: {workspace['alertRules']:,} rules, {workspace['incidents']:,} incidents")
        console.print(_tables(workspace) if workspace["tables"] else "No rows in any table yet.")


def _server(told: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    clock = told["clock"]
    table.add_row("Vedette", told["version"])
    table.add_row("Clock", f"{clock['now']} (virtual: it moves only when told)" if clock["virtual"] else clock["now"])
    for name, address in told["addresses"].items():
        table.add_row(name.capitalize() if name == "proxy" else name.upper(), address)
    table.add_row("Data", told["data"])
    return table


def _tables(workspace: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Table")
    table.add_column("Rows", justify="right")
    for each in workspace["tables"]:
        table.add_row(each["name"], f"{each['rows']:,}")
    return table
