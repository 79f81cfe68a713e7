"""`vedette restore`: a backup becomes a data directory."""

import os
import shutil
from pathlib import Path

import click

from vedette.cli.content_targets import Asked, place_options
from vedette.cli.options import keep_going_option
from vedette.cli.ready import DEFAULT_DATA, server_option
from vedette.cli.workspace_backup import How, restore_workspace, without_option
from vedette.cli.writing import writing
from vedette.content.backup_files import holds_a_workspace
from vedette.core.backup_archive import Found, read_archive
from vedette.core.errors import Conflict, InvalidInput


@click.command()
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"The data directory to make of a server's backup; it must not exist, or be empty.  [default: {DEFAULT_DATA}]",
)
@click.option("--plan", "only_plan", is_flag=True, help="Of a workspace's backup: show what would change, and stop.")
@click.option("--yes", is_flag=True, help="Of a workspace's backup: do not ask.")
@keep_going_option
@click.option(
    "--principal",
    "principals",
    metavar="OLD=NEW",
    multiple=True,
    help="Who a user, group or application of the backup is here, by object id; may be repeated.",
)
@without_option
@server_option()
@place_options
def restore(
    asked: Asked,
    source: Path,
    data: Path | None,
    only_plan: bool,
    yes: bool,
    keep_going: bool,
    principals: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Make a data directory from the backup SOURCE, or a workspace what its backup says.

    The backup is checked to its last byte; of one that is damaged or was cut off nothing is restored. Start the server
    on the directory as ever: it has the same workspaces, keys, tokens and rows.

    A backup of a workspace's configuration is restored with --workspace, to the same workspace or to another, here or
    in Azure: ids of subscription, resource group, workspace, region and tenant become those of the target. The plan is
    shown first. Nothing is deleted, and what is the same already is not sent, so after an interruption the same command
    goes on where it was. Of the same resource group playbooks and connections are only made where they are missing, and
    what the backup has without its secrets never overwrites what is there.

    \b
    Examples:
      vedette restore /backups/vedette-monday.tar --data /var/lib/vedette
      vedette up --data /var/lib/vedette
      vedette restore soc-monday.tar --workspace soc-2 --plan
    """
    how = How(only_plan, yes, keep_going, principals, without)
    if asked.names:
        if data is not None:
            raise InvalidInput("TwoTargets", "Say --data for a server's backup, or --workspace for a workspace's.")
        restore_workspace(asked, source, how)
        return
    if holds_a_workspace(source):
        raise InvalidInput("OfWorkspace", f"'{source}' is a workspace's configuration; say --workspace NAME.")
    _check_of_server(how)
    data = data or DEFAULT_DATA
    if data.exists() and any(data.iterdir()):
        raise Conflict("DirectoryNotEmpty", f"'{data}' is not empty. Restore into another directory, or move it away.")
    with writing(data):
        found = _laid_down(source, data)
    click.echo(f"{data}: restored as of {found.created}. Start it with: vedette up --data {data}", err=True)


def _check_of_server(how: How) -> None:
    """Nothing is said that only the restore of a workspace heeds. Raises InvalidInput."""
    said = {
        "--plan": how.only_plan,
        "--yes": how.yes,
        "--keep-going": how.keep_going,
        "--principal": how.principals,
        "--without": how.without,
    }
    names = ", ".join(name for name, value in said.items() if value)
    if names:
        raise InvalidInput("NoWorkspace", f"The backup of a server is restored whole; with --workspace go {names}.")


def _laid_down(source: Path, data: Path) -> Found:
    partial = data.with_name(f".{data.absolute().name}.{os.getpid()}.partial")
    partial.mkdir(mode=0o700, parents=True)
    try:
        with source.open("rb") as file:
            found = read_archive(file, partial)
        if not found.files:
            raise InvalidInput("BackupDamaged", "The backup is empty. Nothing was restored.")
        partial.replace(data)  # an empty directory is replaced, any other refuses
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return found
