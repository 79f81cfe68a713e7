"""`vedette identity`: who may sign in to the server, and with what."""

from pathlib import Path

import click

from vedette.cli.client import connected
from vedette.cli.commands.identity_apps import apps
from vedette.cli.commands.identity_groups import groups
from vedette.cli.commands.identity_users import users
from vedette.cli.directory import directory
from vedette.cli.ready import find_server, server_option


@click.group()
def identity() -> None:
    """Manage who may sign in: users, groups, applications, sessions.

    What somebody may do once in is the matter of role assignments, as in Azure. The commands speak Microsoft Graph to
    the running server as its first client; az, the SDKs and Graph's own tools can do the same.

    \b
    Examples:
      vedette identity users add anna@vedette.local
      vedette identity apps add shipper
      vedette identity groups add analysts
      vedette identity groups add-member analysts anna@vedette.local
    """


@identity.group()
def sessions() -> None:
    """End the sessions of users."""


@sessions.command()
@click.argument("user")
@server_option()
def revoke(user: str, server_data: Path | None) -> None:
    """End every session of USER: refresh tokens, browsers, and the access tokens that are still valid."""
    with directory(server_data) as graph:
        found = graph.user(user)
        graph.send("POST", f"users/{found['id']}/revokeSignInSessions")
    click.echo(f"The sessions of {found['userPrincipalName']} are ended.", err=True)


@identity.command("rotate-keys")
@server_option()
def rotate_keys(server_data: Path | None) -> None:
    """Sign tokens with a new key from now on.

    Tokens that the old key signed stay good until they expire, within the hour. To end them at once, revoke sessions.
    """
    with connected(find_server(server_data)) as client:
        made = client.send("POST", "/vedette/identity/rotateKeys")
    click.echo(f"Tokens are signed with the key {made['kid']} from now on.", err=True)


identity.add_command(users)
identity.add_command(groups)
identity.add_command(apps)
