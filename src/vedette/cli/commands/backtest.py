"""`vedette backtest`: which alerts and incidents a rule would have made in the past."""

import re
from datetime import datetime
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
from vedette.content.one_rule import read_rule
from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.core.printable import printable

_SHORT = re.compile(r"\d+[smhdw]")
_SHOWN = 50


@click.command()
@click.argument("rule", metavar="RULE")
@click.option("--from", "start", metavar="TIME", help="Where the past begins; without it, one day before its end.")
@click.option("--to", "end", metavar="TIME", help="Where it ends; without it, now.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's own JSON, with every alert and incident.")
@server_option("--data")
def backtest(rule: str, start: str | None, end: str | None, as_json: bool, server_data: Path | None) -> None:
    """Say which alerts and incidents a rule would have made in the past.

    RULE is the name, the id or the display name of a rule of the server, or a file: a rule in YAML as the
    Azure-Sentinel repository has them, in JSON as the management API has them, or an ARM template with one rule. Each
    window of the time is evaluated as the rule says, with its suppression and the grouping of its incidents; nothing is
    stored. TIME is an instant such as 2026-01-31T12:00Z, or how long ago: 7d, 12h, P1D.

    \b
    Example:
      vedette backtest 'Password spray followed by a sign-in' --from 7d
      vedette backtest rule.yaml --from 2026-01-01T00:00Z --to 2026-01-08T00:00Z --json | jq .alertsCount
    """
    path = Path(rule)
    given: Any = read_rule(path) if path.is_file() else rule
    with connected(find_server(server_data)) as client:
        now = instant_of(client.get("/vedette/status")["clock"]["now"])
        body = {"rule": given, "from": _instant(start, now), "to": _instant(end, now) or arm_time(now)}
        told = client.send("POST", f"/vedette/workspaces/{client.server.workspace_id}/backtest", body)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    _print(told)


def _instant(text: str | None, now: datetime) -> str | None:
    if text is None:
        return None
    try:
        if _SHORT.fullmatch(text):
            number, unit = int(text[:-1]), text[-1]
            iso = f"P{number * 7 if unit == 'w' else number}D" if unit in "dw" else f"PT{number}{unit.upper()}"
            return arm_time(now - parse_duration(iso))
        if text.upper().startswith("P"):
            return arm_time(now - parse_duration(text))
        return arm_time(instant_of(text))
    except (ValueError, OverflowError, InvalidInput) as error:
        raise click.UsageError(
            f"'{text}' is neither an instant such as 2026-01-31T12:00Z nor a time ago such as 7d."
        ) from error


def _print(told: dict[str, Any]) -> None:
    console = Console(highlight=False)
    console.print(
        Text.assemble((printable(told["displayName"]), "bold"), f" ({told['kind']}), {told['from']} to {told['to']}"),
        soft_wrap=True,
    )
    how = "in one pass" if told["onePass"] else "one query each"
    console.print(
        f"{told['windows']:,} windows in {told['seconds']:.2f} s, {how} ({told['windowsPerSecond']:,.0f} a second); "
        f"{told['suppressedWindows']:,} suppressed, {len(told['failedWindows']):,} failed"
    )
    console.print(f"[bold]{told['alertsCount']:,} alerts, {told['incidentsCount']:,} incidents[/bold]")
    if told["incidents"]:
        rows = [
            [_second(each["createdTimeUtc"]), each["severity"], str(each["alertsCount"]), each["title"]]
            for each in told["incidents"]
        ]
        _table(console, ("Incident at", "Severity", "Alerts", "Title"), rows)
    if told["alerts"]:
        rows = [
            [_second(each["windowEnd"]), each["severity"], each["displayName"], _entities(each)]
            for each in told["alerts"]
        ]
        _table(console, ("Alert at", "Severity", "Name", "Entities"), rows)


def _second(text: str) -> str:
    """An instant without what is less than a second."""
    return f"{text[:19]}Z"


def _table(console: Console, heads: tuple[str, ...], rows: list[list[str]]) -> None:
    table = Table(*heads, box=SIMPLE_HEAD)
    for row in rows[:_SHOWN]:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
    if len(rows) > _SHOWN:
        console.print(f"… and {len(rows) - _SHOWN:,} more; --json has them.")


def _entities(alert: dict[str, Any]) -> str:
    texts = [
        " ".join(str(value) for name, value in each.items() if name not in ("$id", "Type"))
        for each in alert["entities"]
    ]
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")
