"""`vedette backup`: everything a running server holds, as of one instant, in one file."""

import os
from pathlib import Path

import click
from rich.filesize import decimal

from vedette.cli.client import connected
from vedette.cli.content_targets import Asked, place_options
from vedette.cli.ready import find_server, server_option
from vedette.cli.workspace_backup import back_up_workspace, without_option
from vedette.cli.writing import writing
from vedette.core.backup_archive import read_archive
from vedette.core.errors import Conflict, InvalidInput
from vedette.core.whole_files import sync_directory


@click.command()
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@without_option
@server_option("--data")
@place_options
def backup(asked: Asked, target: Path, without: tuple[str, ...]) -> None:
    """Write a backup of the running server, or of one workspace's configuration, to TARGET.

    Of a server TARGET is a file. It holds logs and documents as they were at one instant; the server goes on meanwhile.
    It also holds the server's keys and secrets: keep it as you keep those. The file is readable by its owner only, and
    TARGET appears when all of it is written and checked. The caller must be Owner.

    With --workspace the backup is of that workspace's configuration, here or in Azure: rules and their actions, hunting
    queries, functions, watchlists with their items, automation, playbooks, workbooks, bookmarks, connectors, settings,
    metadata and role assignments; no logs and no incidents. What is known as secret is left out: credentials, secure
    parameters, and what in a playbook has a secret's name or form; what was taken out of playbooks is told. TARGET is
    then a folder, or an archive if it ends in .tar; both have a list of the files and their checksums.

    \b
    Examples:
      vedette backup /backups/vedette-monday.tar
      vedette restore /backups/vedette-monday.tar --data /var/lib/vedette
      vedette backup soc-monday.tar --workspace soc --azure --subscription 00000000-… --resource-group soc
    """
    if asked.names:
        back_up_workspace(asked, target, without)
        return
    if without:
        raise InvalidInput("NoWorkspace", "--without goes with --workspace: the backup of a server is whole.")
    if target.exists():
        raise Conflict("FileExists", f"'{target}' exists already. Choose another name, or remove it.")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    with writing(target):
        try:
            _download(partial, asked.server_data)
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
