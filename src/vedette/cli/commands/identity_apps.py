"""`vedette identity apps`: programs, and the secrets and certificates that they sign in with."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from vedette.cli.directory import DirectoryClient, Object, directory
from vedette.cli.directory_output import json_option, print_object, print_objects
from vedette.cli.ready import find_server, server_option
from vedette.core.errors import InvalidInput, NotFound

_COLUMNS = {"displayName": "Name", "appId": "Client id", "id": "Id"}
_DAYS = 365

_days = click.option(
    "--days",
    metavar="N",
    type=click.IntRange(1, 36500),
    default=_DAYS,
    show_default=True,
    help="How long the secret is good.",
)


@click.group()
def apps() -> None:
    """Programs: add, list, show, remove them; make secrets, register certificates, give permissions of Graph."""


@apps.command("list")
@json_option
@server_option()
def list_(as_json: bool, server_data: Path | None) -> None:
    """List the applications."""
    with directory(server_data) as graph:
        found = graph.all("applications", orderby="displayName")
    print_objects(found, _COLUMNS, as_json=as_json)


@apps.command()
@click.argument("app")
@json_option
@server_option()
def show(app: str, as_json: bool, server_data: Path | None) -> None:
    """Show what is known of APP, a display name, client id or object id: its secrets' ids and ends, not the secrets."""
    with directory(server_data) as graph:
        found = graph.application(app)
        principal = graph.service_principal(found)
        given = graph.all(f"servicePrincipals/{principal['id']}/appRoleAssignments")
        names = {role["id"]: role["value"] for role in _graph_roles(graph)}
    more = {
        "servicePrincipalId": principal["id"],
        "accountEnabled": principal["accountEnabled"],
        "permissions": [names.get(each["appRoleId"], each["appRoleId"]) for each in given],
    }
    print_object(found | more, as_json=as_json)


@apps.command()
@click.argument("name")
@_days
@click.option("--no-secret", is_flag=True, help="Make no secret, as for one with a certificate.")
@click.option(
    "--redirect-uri",
    metavar="URI",
    multiple=True,
    help="People sign in to the program in a browser, which sends them on to this address; can be repeated.",
)
@click.option("--public", is_flag=True, help="The program keeps no secret: one on people's own machines, or a device.")
@json_option
@server_option()
def add(
    name: str,
    days: int,
    no_secret: bool,
    redirect_uri: tuple[str, ...],
    public: bool,
    as_json: bool,
    server_data: Path | None,
) -> None:
    """Add an application with its service principal, and print its client id and secret.

    It may do nothing yet: give its service principal a role, as with 'az role assignment create'.

    \b
    Example:
      vedette identity apps add shipper --days 90
    """
    body: Object = {"displayName": name, "isFallbackPublicClient": public}
    if redirect_uri:
        body["publicClient" if public else "web"] = {"redirectUris": list(redirect_uri)}
    with directory(server_data) as graph:
        made = graph.send("POST", "applications", body)
        principal = graph.send("POST", "servicePrincipals", {"appId": made["appId"]})
        told = {"clientId": made["appId"], "objectId": made["id"], "servicePrincipalId": principal["id"]}
        if not no_secret and not public:
            told["clientSecret"] = _new_secret(graph, made, days)["secretText"]
    print_object(told, as_json=as_json)


@apps.command()
@click.argument("app")
@server_option()
def remove(app: str, server_data: Path | None) -> None:
    """Remove APP and its service principal. Tokens that it holds are refused from now on."""
    with directory(server_data) as graph:
        found = graph.application(app)
        graph.send("DELETE", f"applications/{found['id']}")
    click.echo(f"The application {found['displayName']} is removed.", err=True)


@apps.command("add-secret")
@click.argument("app")
@_days
@server_option()
def add_secret(app: str, days: int, server_data: Path | None) -> None:
    """Make a further secret for APP, and print it. The others stay good."""
    with directory(server_data) as graph:
        found = graph.application(app)
        made = _new_secret(graph, found, days)
    click.echo(
        f"{found['displayName']} has the new secret {made['keyId']}, good until {made['endDateTime']}.", err=True
    )
    click.echo(made["secretText"])


@apps.command("reset-secret")
@click.argument("app")
@_days
@server_option()
def reset_secret(app: str, days: int, server_data: Path | None) -> None:
    """Make a new secret for APP, print it, and remove all others."""
    own = find_server(server_data).client_id
    with directory(server_data) as graph:
        found = graph.application(app)
        if found["appId"].lower() == own.lower():
            raise InvalidInput(
                "OwnClient",
                f"{found['displayName']} is the client that vedette's commands sign in with; its secret is kept in the "
                "data directory, and with another one no command would work. Make a client of its own for whoever has "
                "that secret ('vedette identity apps add'), or a further one ('vedette identity apps add-secret').",
            )
        made = _new_secret(graph, found, days)
        for old in found["passwordCredentials"]:
            graph.send("POST", f"applications/{found['id']}/removePassword", {"keyId": old["keyId"]})
    click.echo(f"{found['displayName']} has one secret, good until {made['endDateTime']}.", err=True)
    click.echo(made["secretText"])


@apps.command("remove-secret")
@click.argument("app")
@click.argument("key_id", metavar="ID")
@server_option()
def remove_secret(app: str, key_id: str, server_data: Path | None) -> None:
    """Remove the secret ID of APP; 'show' lists the ids."""
    with directory(server_data) as graph:
        found = graph.application(app)
        graph.send("POST", f"applications/{found['id']}/removePassword", {"keyId": key_id})
    click.echo(f"{found['displayName']} has the secret {key_id} no more.", err=True)


@apps.command("add-certificate")
@click.argument("app")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@server_option()
def add_certificate(app: str, file: Path, server_data: Path | None) -> None:
    """Let APP sign in with the certificate in FILE (PEM or DER), whose key stays where it is."""
    content = _certificate(file)
    with directory(server_data) as graph:
        found = graph.application(app)
        made = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(content).decode()}
        graph.send("PATCH", f"applications/{found['id']}", {"keyCredentials": [*found["keyCredentials"], made]})
    click.echo(f"{found['displayName']} may sign in with that certificate.", err=True)


@apps.command()
@click.argument("app")
@click.argument("permission")
@server_option()
def grant(app: str, permission: str, server_data: Path | None) -> None:
    """Give APP a permission of Microsoft Graph, such as Directory.Read.All."""
    with directory(server_data) as graph:
        principal = graph.service_principal(graph.application(app))
        role = next((each for each in _graph_roles(graph) if each["value"].lower() == permission.lower()), None)
        if role is None:
            names = ", ".join(each["value"] for each in _graph_roles(graph))
            raise NotFound("NotFound", f"There is no permission '{permission}'. There are {names}.")
        body = {"principalId": principal["id"], "resourceId": _graph(graph)["id"], "appRoleId": role["id"]}
        graph.send("POST", f"servicePrincipals/{principal['id']}/appRoleAssignments", body)
    click.echo(f"{principal['displayName']} has {role['value']}.", err=True)


@apps.command()
@click.argument("app")
@server_option()
def enable(app: str, server_data: Path | None) -> None:
    """Let APP sign in again."""
    _set_enabled(app, server_data, enabled=True)


@apps.command()
@click.argument("app")
@server_option()
def disable(app: str, server_data: Path | None) -> None:
    """Refuse APP from now on, with every token that it holds."""
    _set_enabled(app, server_data, enabled=False)


def _set_enabled(app: str, server_data: Path | None, *, enabled: bool) -> None:
    with directory(server_data) as graph:
        principal = graph.service_principal(graph.application(app))
        graph.send("PATCH", f"servicePrincipals/{principal['id']}", {"accountEnabled": enabled})
    click.echo(f"{principal['displayName']} is {'enabled' if enabled else 'disabled'}.", err=True)


def _new_secret(graph: DirectoryClient, application: Object, days: int) -> Object:
    ends = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"passwordCredential": {"displayName": "vedette identity", "endDateTime": ends}}
    return graph.send("POST", f"applications/{application['id']}/addPassword", body)


def _graph(graph: DirectoryClient) -> Object:
    return graph.all("servicePrincipals", filter="appId eq '00000003-0000-0000-c000-000000000000'")[0]


def _graph_roles(graph: DirectoryClient) -> list[Object]:
    return _graph(graph)["appRoles"]


def _certificate(file: Path) -> bytes:
    """The certificate's part of a file, which may hold a key beside it. Raises InvalidInput."""
    content = file.read_bytes()
    if b"-----BEGIN" not in content:
        return content
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    start = content.find(begin)
    if start < 0 or end not in content[start:]:
        raise InvalidInput("InvalidCertificate", f"'{file}' holds no certificate.")
    return content[start : content.index(end, start) + len(end)] + b"\n"
