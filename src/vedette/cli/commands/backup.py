"""`vedette backup`: everything a running server holds, as of one instant, in one file."""

import os
from pathlib import Path

import click
from rich.filesize import decimal

from vedette.cli.client import connected
from vedette.cli.ready import find_server, server_option
from vedette.cli.writing import writing
from vedette.core.backup_archive import read_archive
from vedette.core.errors import Conflict
from vedette.core.whole_files import sync_directory


@click.command()
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path, dir_okay=False))
@server_option("--data")
def backup(target: Path, server_data: Path | None) -> None:
    """Write a backup of the running server to the file TARGET.

    It holds logs and documents as they were at one instant; the server goes on meanwhile. It also holds the server's
    keys and secrets: keep it as you keep those. The file is readable by its owner only, and TARGET appears when all of
    it is written and checked. The caller must be Owner.

    \b
    Example:
      vedette backup /backups/vedette-monday.tar
      vedette restore /backups/vedette-monday.tar --data /var/lib/vedette
    """
    if target.exists():
        raise Conflict("FileExists", f"'{target}' exists already. Choose another name, or remove it.")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    with writing(target):
        try:
            _download(partial, server_data)
            with partial.open("rb") as file:
                found = read_archive(file, None)
            os.link(partial, target)  # unlike a rename, it replaces nothing that came meanwhile
            sync_directory(target.absolute().parent)
        finally:
            partial.unlink(missing_ok=True)
    click.echo(
        f"{target}: {decimal(target.stat().st_size)}, {len(found.files)} files, as of {found.created}. "
        "It holds keys and secrets.",
        err=True,
    )


def _download(partial: Path, server_data: Path | None) -> None:
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file, connected(find_server(server_data)) as client:
        for piece in client.backup():
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
