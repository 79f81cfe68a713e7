"""`vedette hunt`: hunting queries run in one go, rows made bookmarks, and a query followed as rows arrive."""

import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click
import orjson

from vedette.cli.client import Client, connected
from vedette.cli.live import follow
from vedette.cli.ready import find_server, server_option
from vedette.core.errors import InvalidInput

_FAILED = 3


@click.group()
def hunt() -> None:
    """Hunt: run hunting queries, promote what they find, follow a query live.

    Hunting queries are saved searches of the category "Hunting Queries", with tactics and techniques among their tags.

    \b
    Examples:
      vedette hunt run --tactic Persistence --timespan P7D
      vedette hunt bookmark 'Odd sign-ins' --rows 0,3 --incident-title 'Odd sign-ins of eve'
      vedette hunt live 'SigninLogs | where ResultType != 0'
    """


@hunt.command()
@click.argument("queries", nargs=-1)
@click.option(
    "--tactic", "tactics", multiple=True, metavar="NAME", help="Only queries of this tactic; may be repeated."
)
@click.option(
    "--technique", "techniques", multiple=True, metavar="ID", help="Only queries of this technique, such as T1078."
)
@click.option("--timespan", metavar="SPAN", default="P1D", show_default=True, help="P7D, or two instants as START/END.")
@click.option("--no-compare", is_flag=True, help="Do not run them over the time before too, for the deltas.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole outcome as JSON.")
@server_option("--data")
def run(
    queries: tuple[str, ...],
    tactics: tuple[str, ...],
    techniques: tuple[str, ...],
    timespan: str,
    no_compare: bool,
    as_json: bool,
    server_data: Path | None,
) -> None:
    """Run hunting queries over a time in one go: all, those of a tactic or technique, or QUERIES by name.

    Shows how many results each has, and how many more than in as much time before.

    \b
    Examples:
      vedette hunt run --timespan P7D
      vedette hunt run 'Odd sign-ins' --no-compare --json

    Exit codes: 0 all ran, 3 some failed (the reasons are on standard error), 1 refused.
    """
    body: dict[str, Any] = {"timespan": timespan, "compare": not no_compare}
    body |= {"queries": list(queries)} if queries else {}
    body |= {"tactics": list(tactics)} if tactics else {}
    body |= {"techniques": list(techniques)} if techniques else {}
    with connected(find_server(server_data)) as client:
        told = client.send("POST", _path(client, "run"), body)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(told)
    failed = [each for each in told["value"] if each["status"] == "Failed"]
    for each in failed:
        click.echo(f"vedette: '{each['displayName']}' failed: {each['error']['message']}", err=True)
    sys.exit(_FAILED if failed else 0)


@hunt.command()
@click.argument("query")
@click.option("--timespan", metavar="SPAN", default="P1D", show_default=True, help="P7D, or two instants as START/END.")
@click.option("--rows", metavar="N,N…", help="Which rows of the result, counted from 0. Without it: all, up to 100.")
@click.option("--kql", is_flag=True, help="QUERY is a query itself, not the name of a hunting query.")
@click.option("--name", metavar="TEXT", help="What the bookmarks are called; {{columns}} are filled in.")
@click.option("--notes", metavar="TEXT", help="Notes on each.")
@click.option("--label", "labels", multiple=True, metavar="TEXT", help="A tag; may be repeated.")
@click.option(
    "--entity",
    "entities",
    multiple=True,
    metavar="TYPE.IDENTIFIER=COLUMN",
    help="An entity in each row, such as Account.FullName=UserPrincipalName; may be repeated.",
)
@click.option("--incident", metavar="NAME", help="Put them into this incident.")
@click.option("--incident-title", metavar="TEXT", help="Put them into a new incident of this title.")
@click.option("--severity", metavar="NAME", default="Medium", show_default=True, help="The new incident's severity.")
@server_option("--data")
def bookmark(
    query: str,
    timespan: str,
    rows: str | None,
    kql: bool,
    name: str | None,
    notes: str | None,
    labels: tuple[str, ...],
    entities: tuple[str, ...],
    incident: str | None,
    incident_title: str | None,
    severity: str,
    server_data: Path | None,
) -> None:
    """Make bookmarks of rows that QUERY finds, with the entities in them, and put them into an incident.

    Columns such as Account_0_Name, Host_0_FullName and IPCustomEntity name entities by themselves. The same rows are
    the same bookmarks however often this is run.

    \b
    Example:
      vedette hunt bookmark 'Odd sign-ins' --rows 0,3 --entity IP.Address=IPAddress --incident-title 'Odd sign-ins'
    """
    body: dict[str, Any] = {"query" if kql else "savedSearch": query, "timespan": timespan}
    optional = {
        "rows": _numbers(rows),
        "displayName": name,
        "notes": notes,
        "labels": list(labels),
        "entityMappings": _mappings(entities),
        "incident": _incident(incident, incident_title, severity),
    }
    body |= {key: value for key, value in optional.items() if value}
    with connected(find_server(server_data)) as client:
        told = client.send("POST", _path(client, "bookmarks"), body)
    for each in told["bookmarks"]:
        click.echo(f"{each['name']}  {each['properties']['displayName']}")
    if told["incident"]:
        click.echo(f"{told['incident']['name']}  incident: {told['incident']['title']}")


@hunt.command()
@click.argument("query")
@click.option(
    "--interval", metavar="SECONDS", type=click.FloatRange(1, 60), default=2.0, show_default=True, help="How often."
)
@click.option("--count", metavar="N", type=click.IntRange(1), help="End after so many rows.")
@server_option("--data")
def live(query: str, interval: float, count: int | None, server_data: Path | None) -> None:
    """Print the rows of QUERY as they arrive, each a line of JSON, until Ctrl-C.

    The query is run over what arrived since it ran before, so every row is printed once. A connection that is lost is
    made anew, and goes on where it was.

    \b
    Example:
      vedette hunt live 'SecurityEvent | where EventID == 4625 | project Computer, Account' | jq .Account
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    printed = 0
    try:
        for row in follow(find_server(server_data), query, interval, stop):
            click.echo(orjson.dumps(row).decode())
            printed += 1
            if printed == count:
                return
    except KeyboardInterrupt:
        return


def _path(client: Client, action: str) -> str:
    return f"/vedette/workspaces/{client.server.workspace_id}/hunting/{action}"


def _show(told: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for name, justify in (("Results", "right"), ("Delta", "right"), ("Delta %", "right"), ("Query", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    table.add_column("Tactics")
    for each in told["value"]:
        table.add_row(
            _number(each["resultsCount"]) + ("+" if each["isTruncated"] else ""),
            _number(each["resultsDelta"], sign=True),
            _number(each["resultsDeltaPercentage"], sign=True),
            each["displayName"],
            ", ".join(each["tactics"]),
        )
    Console().print(table)
    meta = told["metaData"]
    click.echo(f"{meta['queriesCount']} queries, {meta['withResultsCount']} with results.", err=True)


def _number(value: float | None, *, sign: bool = False) -> str:
    return "-" if value is None else format(value, "+,g" if sign else ",")


def _numbers(rows: str | None) -> list[int]:
    try:
        return [int(each) for each in rows.split(",")] if rows else []
    except ValueError as error:
        raise InvalidInput("InvalidInput", f"--rows is a list of numbers with commas, not '{rows}'.") from error


def _mappings(entities: tuple[str, ...]) -> list[dict[str, Any]]:
    """Identifiers of one type in a row are one entity, unless one comes twice: then the next begins."""
    found: list[dict[str, Any]] = []
    for each in entities:
        place, equals, column = each.partition("=")
        kind, dot, identifier = place.partition(".")
        if not (equals and dot and column and identifier):
            raise InvalidInput("InvalidInput", f"--entity is TYPE.IDENTIFIER=COLUMN, not '{each}'.")
        mapping = {"identifier": identifier, "columnName": column}
        last = next((one for one in reversed(found) if one["entityType"] == kind), None)
        if last is None or identifier in [one["identifier"] for one in last["fieldMappings"]]:
            found.append({"entityType": kind, "fieldMappings": [mapping]})
        else:
            last["fieldMappings"].append(mapping)
    return found


def _incident(name: str | None, title: str | None, severity: str) -> dict[str, str] | None:
    if name and title:
        raise InvalidInput("InvalidInput", "Give --incident or --incident-title, not both.")
    if name:
        return {"id": name}
    return {"title": title, "severity": severity} if title else None
