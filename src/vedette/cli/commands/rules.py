"""`vedette rules`: what the server's analytics rules do, and why."""

from pathlib import Path
from typing import Any

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vedette.cli.client import connected
from vedette.cli.ready import find_server, server_option
from vedette.core.printable import printable


@click.group()
def rules() -> None:
    """Say why an analytics rule fired or did not, and when it runs next.

    \b
    Example:
      vedette rules explain 'Password spray followed by a sign-in'
    """


@rules.command()
@click.argument("rule", metavar="ID")
@click.option("--end", metavar="TIME", help="Explain the window that ends then; without it, that of the last run.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's own JSON.")
@server_option("--data")
def explain(rule: str, end: str | None, as_json: bool, server_data: Path | None) -> None:
    """Say why a rule fired or did not.

    ID is the name, the id or the display name of a rule. Shown are its last runs, with how long each stage took and
    what went wrong; the rows that its window holds, the entities made of them and those that were dropped, and why; and
    when it runs next, and why not before.

    \b
    Example:
      vedette rules explain 'Password spray followed by a sign-in'
    """
    with connected(find_server(server_data)) as client:
        path = f"/vedette/workspaces/{client.server.workspace_id}/rules/explain"
        told = client.get(path, {"rule": rule, **({"end": end} if end else {})})
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    _print(told)


def _print(told: dict[str, Any]) -> None:
    console = Console(highlight=False)
    state = "enabled" if told["enabled"] else "disabled"
    console.print(
        Text.assemble((printable(told["displayName"]), "bold"), f" ({told['kind']}, {state})"), soft_wrap=True
    )
    coming = told["next"]
    console.print(Text(f"Next run: {coming['at'] or 'never'}. {printable(coming['reason'])}"), soft_wrap=True)
    if told["runs"]:
        heads = ("Window end", "Status", "Results", "Alerts", "Entities", "Seconds", "Issues")
        _table(console, heads, [_run(each) for each in told["runs"]])
    if told["rows"] is not None:
        _print_rows(console, told["rows"])


def _run(run: dict[str, Any]) -> list[str]:
    seconds = ", ".join(f"{stage} {value:.3f}" for stage, value in run["seconds"].items())
    entities = (
        f"{run['entities']} ({run['entitiesDropped']} dropped)" if run["entitiesDropped"] else str(run["entities"])
    )
    told = [run["description"], *run["issues"]] if run["reason"] else run["issues"]
    return [
        f"{str(run['windowEnd'])[:19]}Z",
        run["status"],
        str(run["results"]),
        str(run["alerts"]),
        entities,
        seconds,
        " ".join(told),
    ]


def _print_rows(console: Console, rows: dict[str, Any]) -> None:
    if "failure" in rows:
        console.print(
            Text(f"Its query fails over the window to {rows['windowEnd']}: {printable(rows['failure']['message'])}")
        )
        return
    fires = "it fires" if rows["fires"] else "it does not fire"
    console.print(
        f"{rows['count']:,} results in the window {rows['windowStart']} to {rows['windowEnd']}; "
        f"the condition is {rows['condition']}: {fires}."
    )
    if rows["rows"]:
        _table(console, rows["columns"], rows["rows"])
    if rows["count"] > len(rows["rows"]):
        console.print(f"… and {rows['count'] - len(rows['rows']):,} more.")
    console.print(f"{len(rows['entities']):,} entities: {Text(_entities(rows['entities']))}", soft_wrap=True)
    for each in rows["entitiesDropped"]:
        console.print(Text(f"Dropped {each['count']:,}: {each['reason']}."), soft_wrap=True)


def _entities(entities: list[dict[str, Any]]) -> str:
    texts = [
        f"{each.get('Type', '')} " + " ".join(str(value) for name, value in each.items() if name not in ("$id", "Type"))
        for each in entities[:20]
    ]
    return printable("; ".join(texts)) or "none"


def _table(console: Console, heads: Any, rows: list[list[str]]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(Text(printable(head)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
