"""`vedette explain`: how a query would run, against the running server's tables or over files."""

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from vedette.cli.answer import shown_error
from vedette.cli.ready import find_server, server_option


@click.command()
@click.argument("text", metavar="KQL")
@click.option(
    "--show",
    type=click.Choice(["all", "plan", "steps", "sql"]),
    default="all",
    show_default=True,
    help="The plan, its SQL with one CTE a step, or the SQL that runs, where steps are folded together. all: the plan "
    "and the steps.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option("--timespan", metavar="SPAN", help="As for 'vedette query'.")
@click.option(
    "--data",
    metavar="FILE_OR_DIR",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="The tables are files, as for 'vedette query'; no server is needed.",
)
@server_option()
def explain(
    text: str, show: str, as_json: bool, timespan: str | None, data: tuple[Path, ...], server_data: Path | None
) -> None:
    """Show how a KQL query would run: its plan and its SQL.

    Nothing is run.

    KQL is the query's text, or - to read it from standard input.

    \b
    Examples:
      vedette explain 'SigninLogs | where ResultType != 0 | summarize count() by UserPrincipalName'
      vedette explain 'logons | top 10 by Time' --data logons.csv --show sql
    """
    if data and (server_data is not None or timespan is not None):
        raise click.UsageError("--data explains over files with no server: not with --server-data or --timespan.")
    text = sys.stdin.read() if text == "-" else text
    told = _over_files(text, data) if data else _on_server(text, timespan, server_data)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    parts = {"all": ["plan", "steps"]}.get(show, [show])
    click.echo("\n\n".join(told[part] for part in parts))
    for warning in told["warnings"]:
        click.echo(
            f"\nwarning {warning['code']} at {warning['line']}:{warning['column']}: {warning['message']}", err=True
        )


def _on_server(text: str, timespan: str | None, server_data: Path | None) -> dict[str, Any]:
    from vedette.cli.client import connected
    from vedette.content.refused import Refused

    with connected(find_server(server_data)) as client:
        try:
            return client.explain(text, timespan)
        except Refused as refused:
            shown = shown_error(text, refused.body)
            if shown is None:
                raise
            click.echo(shown, err=True)
            sys.exit(1)


def _over_files(text: str, data: tuple[Path, ...]) -> dict[str, Any]:
    from vedette.cli.files import explain_files
    from vedette.kql.diagnostics import KqlError, render

    try:
        return explain_files(data, text)
    except KqlError as error:
        for finding in error.diagnostics:
            click.echo(render(error.text, finding), err=True)
        sys.exit(1)
