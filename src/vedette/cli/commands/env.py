"""`vedette env`: the environment that points programs at the server, for a shell or a script to read."""

import shlex
from pathlib import Path

import click
import orjson

from vedette.cli.environment import configured
from vedette.cli.ready import find_server, server_option


@click.command()
@server_option("--data")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of export lines.")
def env(server_data: Path | None, as_json: bool) -> None:
    """Print the environment that points SDKs and scripts at the server.

    The AZURE_* variables hold the tenant, a service principal that is Owner of the workspace, and where to ask for
    its tokens; by the IDENTITY_* variables ManagedIdentityCredential gets an Owner's without a secret while the server
    runs. VEDETTE_URL is the endpoint to give to SDK clients; VEDETTE_WORKSPACE_ID and VEDETTE_SHARED_KEY are for the
    query and Data Collector APIs. The CA variables make Python, Node.js and curl trust the server, and in that shell
    nothing else: use a shell of its own.

    \b
    Example:
      eval "$(vedette env)"
      python my_script.py    # ClientSecretCredential(..., authority=os.environ["AZURE_AUTHORITY_HOST"],
                             #                        disable_instance_discovery=True)

    A program that cannot be told an address runs under 'vedette exec' instead.
    """
    variables = configured(find_server(server_data))
    if as_json:
        click.echo(orjson.dumps(variables, option=orjson.OPT_INDENT_2).decode())
        return
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")
