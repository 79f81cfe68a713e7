"""`vedette incidents`: every incident of a workspace, with what hangs on it, as a file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from vedette.cli.incident_export import PARTS, Journal, Wanted, export_incidents, newest_number
from vedette.cli.incident_files import format_of, write_incidents
from vedette.cli.ready import Server, find_server, server_option
from vedette.cli.server_credential import server_application
from vedette.content.management_client import AZURE, ManagementClient, management_client
from vedette.core.errors import InvalidInput

_INTERRUPTED = 130  # what shells say of a program that Ctrl-C ended


@click.group()
def incidents() -> None:
    """Export incidents with what hangs on them.

    \b
    Example:
      vedette incidents export incidents.jsonl
    """


@incidents.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--filter", "odata", metavar="ODATA", default="", help="Only incidents that this OData filter lets through."
)
@click.option(
    "--without",
    metavar="PART",
    multiple=True,
    type=click.Choice(PARTS),
    help=f"Leave a part out, which saves its requests; may be repeated. The parts: {', '.join(PARTS)}.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help=f"A management endpoint to export from in place of this server, such as {AZURE}. Signs in as "
    "azure-identity does: with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, 'az login', and so on; "
    "at AZURE_AUTHORITY_HOST if that is set.",
)
@click.option("--subscription", metavar="ID", help="The workspace's subscription.")
@click.option("--resource-group", metavar="NAME", help="The workspace's resource group.")
@click.option("--workspace", metavar="NAME", help="The workspace's name.")
@click.option(
    "--page", metavar="N", type=click.IntRange(1, 1000), default=1000, show_default=True, help="Incidents a request."
)
@server_option("--data")
def export(
    file: Path,
    odata: str,
    without: tuple[str, ...],
    endpoint: str | None,
    subscription: str | None,
    resource_group: str | None,
    workspace: str | None,
    page: int,
    server_data: Path | None,
) -> None:
    """Export every incident to FILE, with comments, alerts, bookmarks, entities and tasks.

    FILE ends in .jsonl, .json, .csv or .parquet. All pages are followed. What was fetched is kept in FILE.part until
    FILE is whole, so after an interruption the same command goes on where it was: nothing is lost, nothing is there
    twice, and incidents that changed meanwhile are fetched again. In CSV, a text that a spreadsheet would take for a
    formula has an apostrophe before it.

    \b
    Examples:
      vedette incidents export incidents.jsonl
      vedette incidents export open.csv --filter "properties/status ne 'Closed'" --without tasks
      vedette incidents export all.parquet --endpoint https://management.azure.com \\
          --subscription 00000000-… --resource-group soc --workspace soc
    """
    format_of(file)
    server = None if endpoint is not None else find_server(server_data)
    place = _workspace(server, subscription, resource_group, workspace)
    parts = tuple(part for part in PARTS if part not in without)
    told_endpoint = (endpoint or (server.https if server else "")).rstrip("/")
    wanted = Wanted(told_endpoint, place, odata, parts)
    journal = Journal(file.with_name(f"{file.name}.part"), wanted)
    try:
        with _client(server, endpoint, told_endpoint) as client, _progress(client, wanted) as told:
            if len(journal):
                click.echo(f"Goes on with an export that was interrupted after {len(journal):,} incidents.", err=True)
            export_incidents(client, wanted, journal, page, told)
        number = len(journal)
        write_incidents(file, journal.incidents())
    except KeyboardInterrupt:
        click.echo(f"\nInterrupted after {len(journal):,} incidents. The same command goes on there.", err=True)
        journal.close()
        sys.exit(_INTERRUPTED)
    except BaseException:
        journal.close()
        raise
    journal.discard()
    click.echo(f"{number:,} incidents in {file}.", err=True)


def _workspace(server: Server | None, subscription: str | None, group: str | None, name: str | None) -> str:
    """The ARM id of the workspace: this server's first one, unless names say otherwise. Raises InvalidInput."""
    subscription = subscription or (server.subscription_id if server else None)
    group = group or (server.resource_group if server else None)
    name = name or (server.workspace_name if server else None)
    if subscription is None or group is None or name is None:
        raise InvalidInput("NoWorkspace", "With --endpoint, say --subscription, --resource-group and --workspace.")
    provider = "providers/Microsoft.OperationalInsights/workspaces"
    return f"/subscriptions/{subscription}/resourceGroups/{group}/{provider}/{name}"


@contextmanager
def _client(server: Server | None, endpoint: str | None, address: str) -> Iterator[ManagementClient]:
    if endpoint is None:
        assert server is not None
        with management_client(address, server_application(server), server.ca) as client:
            yield client
        return
    if not address.startswith("https://"):
        raise InvalidInput("NoTls", f"'{address}' is no https address, and a secret is sent there.")
    from vedette.content.azure_credential import AzureCredential

    with management_client(address, AzureCredential(), None) as client:
        yield client


@contextmanager
def _progress(client: ManagementClient, wanted: Wanted) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal's standard error; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _number: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Incidents"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("incidents", total=newest_number(client, wanted))
        yield lambda number: progress.update(task, completed=number)
