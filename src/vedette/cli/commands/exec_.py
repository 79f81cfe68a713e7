"""`vedette exec`: an unmodified Azure program, run against this server."""

import os
import sys
from pathlib import Path

import click

from vedette.cli.environment import in_azures_place
from vedette.cli.ready import find_server, server_option

_NOT_FOUND = 127  # what shells say
_NOT_EXECUTABLE = 126


@click.command(
    "exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}, no_args_is_help=True
)
@server_option("--data")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(server_data: Path | None, command: tuple[str, ...]) -> None:
    """Run an unmodified Azure program against the server.

    COMMAND runs with HTTPS_PROXY set to the server's proxy, which answers for Azure's public host names
    (login.microsoftonline.com, management.azure.com, api.loganalytics.io, WORKSPACE.ods.opinsights.azure.com, ...)
    and refuses every other name; with the CA variables of Python, Node.js and curl; and with the AZURE_* variables of
    a service principal that is Owner. It takes this process's place, so signals reach it and its exit code is yours.

    \b
    Example:
      vedette exec -- python post_with_hard_coded_azure_hosts.py
      vedette exec -- sh -c 'curl https://login.microsoftonline.com/$AZURE_TENANT_ID/v2.0/.well-known/openid-configuration'
    """
    environment = in_azures_place(find_server(server_data), os.environ)
    sys.stdout.flush()
    try:
        os.execvpe(command[0], command, environment)
    except FileNotFoundError:
        click.echo(f"vedette: there is no program '{command[0]}'.", err=True)
        sys.exit(_NOT_FOUND)
    except OSError as error:
        click.echo(f"vedette: '{command[0]}' cannot be run: {error.strerror}.", err=True)
        sys.exit(_NOT_EXECUTABLE)
