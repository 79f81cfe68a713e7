"""`vedette query`: KQL against the running server, or over files with no server."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from vedette.cli.answer import Answer, read_answers, shown_error
from vedette.cli.answer_files import csv_text, format_named, json_text, save
from vedette.cli.outside_data import OUTSIDE_DATA, Outside, outside_data_options
from vedette.cli.ready import find_server, server_option
from vedette.cli.terminal_table import print_table
from vedette.core.errors import InvalidInput
from vedette.core.printable import printable
from vedette.core.settings import ExternalDataSettings

_INCOMPLETE = 3
_GIVEN = click.core.ParameterSource.COMMANDLINE
_SERVER_FILES = ("estate.json", "state.db")


@click.command()
@click.argument("text", metavar="KQL")
@click.option(
    "--timespan",
    metavar="SPAN",
    help="Only rows whose TimeGenerated is within this ISO 8601 duration up to now (P1D, PT1H) or interval "
    "(2024-01-01T00:00:00Z/P1D). Without it: all rows.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print the result. json is an array with an object a row.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the result to this file and print nothing; its name says how: .arrow, .parquet, .csv or .json.",
)
@click.option(
    "--data",
    metavar="FILE_OR_DIR",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Query JSON, JSON Lines, CSV or Parquet files with no server: each file is a table named as the file is "
    "(logons.csv is 'logons'), a directory is all the files in it. May be given more than once.",
)
@outside_data_options
@server_option()
@click.pass_context
def query(
    context: click.Context,
    text: str,
    timespan: str | None,
    format_: str,
    output: Path | None,
    data: tuple[Path, ...],
    server_data: Path | None,
    ip_database: Path | None,
    external_data_host: tuple[str, ...],
    external_data_private: bool,
) -> None:
    """Run a KQL query against the server, or over files with no server.

    KQL is the query's text, or - to read it from standard input. A mistake in it is shown with its line, its column
    and a caret.

    \b
    Examples:
      vedette query 'SigninLogs | summarize count() by ResultType' --timespan P1D
      vedette query 'logons | where Result == "fail" | top 10 by Time' --data logons.csv --format json
      vedette query - --output incidents.parquet < incidents.kql
      vedette query - --data logons.csv --external-data-host feeds.example.org < match.kql

    A query that ends in fork or facet, or has several statements that give rows, prints a table for each result.

    Exit codes: 0 the whole result, 1 an error, 3 a result that was cut off at the server's limits.
    """
    if output is not None:
        format_named(output)
    if data and server_data is not None:
        raise click.UsageError("--data queries files with no server; it cannot be used with --server-data.")
    if data and timespan is not None:
        raise click.UsageError("--timespan is for the server's log tables; over files, filter in the query.")
    if not data and any(context.get_parameter_source(name) is _GIVEN for name in OUTSIDE_DATA):
        raise click.UsageError("What a server's queries may read of the outside 'vedette up' is told; use with --data.")
    text = sys.stdin.read() if text == "-" else text
    outside = Outside(ExternalDataSettings(external_data_host, external_data_private), ip_database)
    answers = _from_files(text, data, outside) if data else _from_server(text, timespan, server_data)
    if output is not None:
        save(_only(answers, "A file"), output)
    elif format_ == "table":
        _print_tables(answers)
    else:
        click.echo(_AS_TEXT[format_](_only(answers, f"The format {format_}")), nl=False)
    if answers[0].partial is not None:
        click.echo(f"vedette: this is not the whole result: {answers[0].partial}", err=True)
        sys.exit(_INCOMPLETE)


def _print_tables(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if len(answers) > 1:
            click.echo(printable(answer.name))
        print_table(answer)


def _only(answers: Sequence[Answer], what: str) -> Answer:
    if len(answers) == 1:
        return answers[0]
    named = ", ".join(answer.name for answer in answers)
    raise InvalidInput(
        "SeveralResults", f"{what} holds one result, and the query gives {len(answers)} ({named}): ask one at a time."
    )


def _from_server(text: str, timespan: str | None, server_data: Path | None) -> list[Answer]:
    from vedette.cli.client import connected
    from vedette.content.refused import Refused

    with connected(find_server(server_data)) as client:
        try:
            return read_answers(client.query(text, timespan))
        except Refused as refused:
            shown = shown_error(text, refused.body)
            if shown is None:
                raise
            click.echo(shown, err=True)
            sys.exit(1)


def _from_files(text: str, data: tuple[Path, ...], outside: Outside) -> list[Answer]:
    from vedette.cli.files import query_files
    from vedette.kql.diagnostics import KqlError, render

    for path in data:
        _check_not_a_server(path)
    try:
        return query_files(data, text, outside)
    except KqlError as error:
        for finding in error.diagnostics:
            click.echo(render(error.text, finding), err=True)
        sys.exit(1)


def _check_not_a_server(path: Path) -> None:
    if any((path / name).exists() for name in _SERVER_FILES):
        raise InvalidInput(
            "ServerDirectory",
            f"'{path}' is a server's data directory. To query the server that runs on it: --server-data {path}",
        )


_AS_TEXT: Mapping[str, Callable[[Answer], bytes]] = {"json": json_text, "csv": csv_text}
