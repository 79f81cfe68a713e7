"""`vedette restore`: a backup becomes a data directory."""

import os
import shutil
from pathlib import Path

import click

from vedette.cli.ready import DEFAULT_DATA
from vedette.cli.writing import writing
from vedette.core.backup_archive import Found, read_archive
from vedette.core.errors import Conflict, InvalidInput


@click.command()
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    show_default=True,
    help="The data directory to make; it must not exist, or be empty.",
)
def restore(source: Path, data: Path) -> None:
    """Make a data directory from the backup SOURCE.

    The backup is checked to its last byte; of one that is damaged or was cut off nothing is restored. Start the server
    on the directory as ever: it has the same workspaces, keys, tokens and rows.

    \b
    Example:
      vedette restore /backups/vedette-monday.tar --data /var/lib/vedette
      vedette up --data /var/lib/vedette
    """
    if data.exists() and any(data.iterdir()):
        raise Conflict("DirectoryNotEmpty", f"'{data}' is not empty. Restore into another directory, or move it away.")
    with writing(data):
        found = _laid_down(source, data)
    click.echo(f"{data}: restored as of {found.created}. Start it with: vedette up --data {data}", err=True)


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
