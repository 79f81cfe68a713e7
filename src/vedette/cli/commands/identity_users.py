"""`vedette identity users`: people."""

import secrets
import sys
from pathlib import Path

import click

from vedette.cli.client import connected
from vedette.cli.directory import DirectoryClient, directory
from vedette.cli.directory_output import json_option, print_object, print_objects
from vedette.cli.ready import find_server, server_option
from vedette.cli.role_assignments import give_role, role_named

_COLUMNS = {"userPrincipalName": "Name", "displayName": "Display name", "accountEnabled": "Enabled", "id": "Id"}

_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input. Without it one is made up."
)


@click.group()
def users() -> None:
    """People: add, list, show, remove them; reset passwords; let them in or not."""


@users.command("list")
@json_option
@server_option()
def list_(as_json: bool, server_data: Path | None) -> None:
    """List the users."""
    with directory(server_data) as graph:
        found = graph.all("users", select=",".join(_COLUMNS), orderby="userPrincipalName")
    print_objects(found, _COLUMNS, as_json=as_json)


@users.command()
@click.argument("user")
@json_option
@server_option()
def show(user: str, as_json: bool, server_data: Path | None) -> None:
    """Show what is known of USER, a user principal name or an id."""
    with directory(server_data) as graph:
        found = graph.user(user)
        groups = [each["displayName"] for each in graph.all(f"users/{found['id']}/transitiveMemberOf")]
    print_object(found | {"groups": groups}, as_json=as_json)


@users.command()
@click.argument("name", metavar="NAME@DOMAIN")
@click.option("--display-name", metavar="TEXT", help="How the user is shown. Without it: what is before the @.")
@click.option(
    "--role",
    "roles",
    metavar="NAME",
    multiple=True,
    help="Give the user this role, such as 'Microsoft Sentinel Reader', in the resource group of the first workspace; "
    "can be repeated.",
)
@_password_stdin
@server_option()
def add(
    name: str, display_name: str | None, roles: tuple[str, ...], password_stdin: bool, server_data: Path | None
) -> None:
    """Add a user, and print the password that was made up.

    With a role the user can sign in to the web console, at /console/ of the server's address, and sees what it allows.

    \b
    Examples:
      vedette identity users add anna@vedette.local --display-name 'Anna Analyst'
      vedette identity users add anna@vedette.local --role 'Microsoft Sentinel Contributor'
    """
    password = _password(password_stdin)
    nickname = name.partition("@")[0]
    body = {
        "accountEnabled": True,
        "displayName": display_name or nickname,
        "mailNickname": nickname,
        "userPrincipalName": name,
        "passwordProfile": {"password": password},
    }
    server = find_server(server_data)
    with connected(server) as client:
        wanted = [role_named(client, role) for role in roles]
        made = DirectoryClient(client).send("POST", "users", body)
        # Before the roles: one that cannot be given leaves a user whose password nobody would know.
        click.echo(f"{made['userPrincipalName']} is added, with the id {made['id']}.", err=True)
        _tell(password, password_stdin)
        for role in wanted:
            give_role(client, role, made["id"])


@users.command()
@click.argument("user")
@server_option()
def remove(user: str, server_data: Path | None) -> None:
    """Remove USER. Tokens that the user holds are refused from now on."""
    with directory(server_data) as graph:
        found = graph.user(user)
        graph.send("DELETE", f"users/{found['id']}")
    click.echo(f"{found['userPrincipalName']} is removed.", err=True)


@users.command("reset-password")
@click.argument("user")
@_password_stdin
@server_option()
def reset_password(user: str, password_stdin: bool, server_data: Path | None) -> None:
    """Give USER a new password, print it if it was made up, and end the user's sessions."""
    password = _password(password_stdin)
    with directory(server_data) as graph:
        found = graph.user(user)
        graph.send("PATCH", f"users/{found['id']}", {"passwordProfile": {"password": password}})
    click.echo(f"{found['userPrincipalName']} has a new password; the sessions are ended.", err=True)
    _tell(password, password_stdin)


@users.command()
@click.argument("user")
@server_option()
def enable(user: str, server_data: Path | None) -> None:
    """Let USER sign in again."""
    _set_enabled(user, server_data, enabled=True)


@users.command()
@click.argument("user")
@server_option()
def disable(user: str, server_data: Path | None) -> None:
    """Refuse USER from now on, with every token that the user holds."""
    _set_enabled(user, server_data, enabled=False)


def _set_enabled(user: str, server_data: Path | None, *, enabled: bool) -> None:
    with directory(server_data) as graph:
        found = graph.user(user)
        graph.send("PATCH", f"users/{found['id']}", {"accountEnabled": enabled})
    click.echo(f"{found['userPrincipalName']} is {'enabled' if enabled else 'disabled'}.", err=True)


def _password(from_stdin: bool) -> str:
    """The password, without the end of its line. Made-up ones begin with a letter, for command lines' sake."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else f"v{secrets.token_urlsafe(15)}"


def _tell(password: str, from_stdin: bool) -> None:
    if not from_stdin:
        click.echo(password)
