"""`vedette identity groups`: groups, to which roles are given at once."""

from pathlib import Path

import click

from vedette.cli.directory import directory
from vedette.cli.directory_output import json_option, print_objects
from vedette.cli.ready import server_option

_COLUMNS = {"displayName": "Name", "description": "Description", "id": "Id"}


@click.group()
def groups() -> None:
    """Groups: add, list, show, remove them; put users, applications and other groups in."""


@groups.command("list")
@json_option
@server_option()
def list_(as_json: bool, server_data: Path | None) -> None:
    """List the groups."""
    with directory(server_data) as graph:
        found = graph.all("groups", orderby="displayName")
    print_objects(found, _COLUMNS, as_json=as_json)


@groups.command()
@click.argument("group")
@click.option("--transitive", is_flag=True, help="Show the members of groups within it too.")
@json_option
@server_option()
def show(group: str, transitive: bool, as_json: bool, server_data: Path | None) -> None:
    """Show the members of GROUP, a display name or an id."""
    with directory(server_data) as graph:
        path = f"groups/{graph.group(group)['id']}/{'transitiveMembers' if transitive else 'members'}"
        found = [each | {"kind": each["@odata.type"].rpartition(".")[2]} for each in graph.all(path)]
    columns = {"displayName": "Member", "userPrincipalName": "User name", "kind": "Kind", "id": "Id"}
    print_objects(found, columns, as_json=as_json)


@groups.command()
@click.argument("name")
@click.option("--description", metavar="TEXT", help="What the group is for.")
@server_option()
def add(name: str, description: str | None, server_data: Path | None) -> None:
    """Add a group, and print its id."""
    nickname = "".join(character for character in name if character.isalnum()) or "group"
    body = {
        "displayName": name,
        "description": description,
        "mailEnabled": False,
        "mailNickname": nickname,
        "securityEnabled": True,
    }
    with directory(server_data) as graph:
        made = graph.send("POST", "groups", body)
    click.echo(f"The group {name} is added.", err=True)
    click.echo(made["id"])


@groups.command()
@click.argument("group")
@server_option()
def remove(group: str, server_data: Path | None) -> None:
    """Remove GROUP; its members stay, without what they had through it."""
    with directory(server_data) as graph:
        found = graph.group(group)
        graph.send("DELETE", f"groups/{found['id']}")
    click.echo(f"The group {found['displayName']} is removed.", err=True)


@groups.command("add-member")
@click.argument("group")
@click.argument("member")
@server_option()
def add_member(group: str, member: str, server_data: Path | None) -> None:
    """Put MEMBER into GROUP: a user, an application or a group, by name or id."""
    with directory(server_data) as graph:
        found, put = graph.group(group), graph.member(member)
        link = f"https://graph.microsoft.com/v1.0/directoryObjects/{put['id']}"
        graph.send("POST", f"groups/{found['id']}/members/$ref", {"@odata.id": link})
    click.echo(f"{put['displayName']} is in {found['displayName']}.", err=True)


@groups.command("remove-member")
@click.argument("group")
@click.argument("member")
@server_option()
def remove_member(group: str, member: str, server_data: Path | None) -> None:
    """Take MEMBER out of GROUP."""
    with directory(server_data) as graph:
        found, taken = graph.group(group), graph.member(member)
        graph.send("DELETE", f"groups/{found['id']}/members/{taken['id']}/$ref")
    click.echo(f"{taken['displayName']} is not in {found['displayName']} any more.", err=True)
