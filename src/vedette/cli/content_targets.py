"""Which workspaces a command about content speaks to: this server's, one of Azure, or those of a file."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from vedette.cli.name_values import name_values
from vedette.cli.options import Option, with_options
from vedette.cli.ready import Server, find_server, server_option
from vedette.cli.server_credential import server_application
from vedette.content.management_client import AZURE, ManagementClient, management_client
from vedette.content.workspace import Workspace
from vedette.content.workspaces_file import Listed, chosen, read_workspaces
from vedette.core.errors import InvalidInput

_PLACE_OPTIONS = (
    click.option("--azure", is_flag=True, help=f"Speak to Azure, at {AZURE}; the same as --endpoint azure."),
    click.option(
        "--endpoint",
        metavar="URL",
        help="A management endpoint in place of this server. Signs in as azure-identity does: with AZURE_TENANT_ID, "
        "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, a managed identity, 'az login', …; at AZURE_AUTHORITY_HOST if set.",
    ),
    click.option("--tenant", metavar="ID", default="", help="The tenant to sign in to, where it is not the usual one."),
    click.option("--subscription", metavar="ID", help="The workspace's subscription."),
    click.option("--resource-group", metavar="NAME", help="The workspace's resource group."),
)

_OF_PLACE = ("azure", "endpoint", "tenant", "subscription", "resource_group")

_OPTIONS = (
    *_PLACE_OPTIONS,
    click.option(
        "--workspace",
        "workspaces",
        metavar="NAME",
        multiple=True,
        help="The workspace's name; with --workspaces, one of the file, and may be repeated.",
    ),
    click.option(
        "--workspaces",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A file of workspaces with their groups and parameters; without --workspace and --group, all of them.",
    ),
    click.option("--group", "groups", metavar="NAME", multiple=True, help="A group of the file's workspaces."),
    server_option("--data"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """A workspace, who asks it, and the values of its parameters; `declared` are the names that any target has."""

    workspace: Workspace
    client: ManagementClient
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    declared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, as they were given."""

    server_data: Path | None
    endpoint: str
    tenant: str
    subscription: str | None
    group: str | None
    names: tuple[str, ...]
    file: Path | None
    groups: tuple[str, ...]
    parameters: Mapping[str, str]


def parameter_option(where: str) -> Option:
    """The option `--parameter` of a command with the target options; `where` says in which files it counts."""
    return click.option(
        "--parameter",
        "parameters",
        metavar="NAME=VALUE",
        multiple=True,
        help=f"A value for the placeholder <<NAME>> in {where}; comes before what the file of workspaces says.",
    )


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them, with `--parameter` where it has that, as `asked`."""

    @wraps(command)
    def wrapped(**given: Any) -> Any:
        file, groups = given.pop("file"), given.pop("groups")
        parameters = name_values("--parameter", given.pop("parameters", ()))
        return command(asked=_asked(given, given.pop("workspaces"), file, groups, parameters), **given)

    return with_options(wrapped, _OPTIONS)


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name one workspace, `--workspace` among them, to a command, which gets them as `asked`.

    Its `names` are empty where no workspace is named; nothing but `server_data` is said then.
    """

    @wraps(command)
    def wrapped(**given: Any) -> Any:
        name = given.pop("workspace")
        if name is None and any(given[each] for each in _OF_PLACE):
            raise InvalidInput("NoWorkspace", "Say which workspace: --workspace NAME.")
        return command(asked=_asked(given, () if name is None else (name,), None, (), {}), **given)

    named = click.option(
        "--workspace", metavar="NAME", help="A workspace's configuration alone, of the workspace of this name."
    )
    return with_options(wrapped, (*_PLACE_OPTIONS, named))


def _asked(
    given: dict[str, Any],
    names: tuple[str, ...],
    file: Path | None,
    groups: tuple[str, ...],
    parameters: Mapping[str, str],
) -> Asked:
    """Takes the options out of what a command was given."""
    return Asked(
        server_data=given.pop("server_data"),
        endpoint=endpoint_of(given.pop("azure"), given.pop("endpoint")),
        tenant=given.pop("tenant"),
        subscription=given.pop("subscription"),
        group=given.pop("resource_group"),
        names=names,
        file=file,
        groups=groups,
        parameters=parameters,
    )


@contextmanager
def targets(asked: Asked) -> Generator[list[Target]]:
    """The workspaces that are meant, with clients that are open meanwhile. Raises InvalidInput and Unavailable."""
    listed = chosen(read_workspaces(asked.file), asked.names, asked.groups) if asked.file else [_named(asked)]
    declared = frozenset(name for each in listed for name in each.parameters) | asked.parameters.keys()
    with ExitStack() as opened:
        clients: dict[tuple[str, str], ManagementClient] = {}
        server = find_server(asked.server_data) if any(not each.workspace.endpoint for each in listed) else None
        found: list[Target] = []
        for each in listed:
            workspace = _placed(each.workspace, server)
            place = (workspace.endpoint, workspace.tenant)
            if place not in clients:
                own = server if not each.workspace.endpoint else None
                clients[place] = opened.enter_context(client_of(workspace.endpoint, workspace.tenant, own))
            parameters = {**each.parameters, **asked.parameters}
            found.append(Target(workspace, clients[place], parameters, declared))
        yield found


@contextmanager
def client_of(endpoint: str, tenant: str, server: Server | None) -> Generator[ManagementClient]:
    """A client of the server, or of an endpoint where there is none."""
    if server is not None:
        with management_client(endpoint, server_application(server), server.ca) as client:
            yield client
        return
    from vedette.content.azure_credential import AzureCredential

    with management_client(endpoint, AzureCredential(tenant), None) as client:
        yield client


def _named(asked: Asked) -> Listed:
    """The one workspace that the options name."""
    if asked.groups:
        raise InvalidInput("NoGroups", "--group chooses among the workspaces of a file; name it with --workspaces.")
    if len(asked.names) > 1:
        raise InvalidInput("ManyWorkspaces", "Several workspaces are listed in a file; name it with --workspaces.")
    name = asked.names[0] if asked.names else ""
    if asked.endpoint and not (asked.subscription and asked.group and name):
        raise InvalidInput("NoWorkspace", "With --endpoint, say --subscription, --resource-group and --workspace.")
    workspace = Workspace(asked.endpoint, asked.subscription or "", asked.group or "", name, asked.tenant)
    return Listed(workspace, (), {})


def _placed(workspace: Workspace, server: Server | None) -> Workspace:
    if workspace.endpoint or server is None:
        return workspace
    return replace(
        workspace,
        endpoint=server.https,
        subscription=workspace.subscription or server.subscription_id,
        group=workspace.group or server.resource_group,
        name=workspace.name or server.workspace_name,
    )


def endpoint_of(azure: bool, said: str | None) -> str:
    """The management endpoint that options name; "" for this server. Raises InvalidInput (NoTls)."""
    if azure or (said or "").lower() == "azure":
        return AZURE
    if said and not said.startswith("https://"):
        raise InvalidInput("NoTls", f"'{said}' is no https address, and a token is sent there.")
    return (said or "").rstrip("/")
