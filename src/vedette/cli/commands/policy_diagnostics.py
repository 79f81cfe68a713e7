"""`vedette policy diagnostics`: policies that have resources stream their logs, as files, as a template, deployed."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from vedette.cli.options import with_options
from vedette.cli.ready import server_option
from vedette.content.diagnostics.choices import CATEGORIES, EACH, Choices, chosen_types
from vedette.content.diagnostics.definition import Made, make_definition
from vedette.content.diagnostics.sinks import LOG_ANALYTICS, SINKS, Sink
from vedette.core.errors import InvalidInput
from vedette.log_management.resource_log_types import ResourceLogs, known_types

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, as they were given."""

    types: tuple[str, ...]
    types_file: Path | None
    source: Path | None
    targets: tuple[str, ...]
    categories: str
    dedicated: bool
    logs_only: bool
    all_regions: bool
    out: Path | None
    template: Path | None
    deploys: bool
    checks: bool
    refresh: Path | None
    initiative: str
    has_initiative: bool
    subscription: str
    management_group: str
    tenant_root: bool
    resource_group: str
    resource: str
    azure: bool
    endpoint: str
    tenant: str
    server_data: Path | None


_OPTIONS = (
    click.option("--type", "types", metavar="TYPE", multiple=True, help="Of these types of resources; else of all."),
    click.option("--types", "types_file", metavar="FILE", type=_FILE, help="The types of a file that --refresh wrote."),
    click.option("--from", "source", metavar="PATH", type=click.Path(path_type=Path, exists=True),
                 help="Definitions of files, of Create-AzDiagPolicy too, or of an ARM template, in place of new ones."),
    click.option("--target", "targets", type=click.Choice(tuple(SINKS)), multiple=True, default=(LOG_ANALYTICS.name,),
                 show_default=True, help="Where logs go; may be repeated."),
    click.option("--categories", type=click.Choice(CATEGORIES), default=EACH, show_default=True,
                 help="How logs are asked for: each category by its name, or all or the audit logs by their group."),
    click.option("--dedicated", is_flag=True, help="Into resource-specific tables, where a type has both."),
    click.option("--logs-only", is_flag=True, help="No metrics, and no types that have no logs."),
    click.option("--all-regions", is_flag=True, help="No list of regions, for Log Analytics."),
    click.option("--out", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
                 help="Write a folder for each type: azurepolicy.json, .rules.json and .parameters.json."),
    click.option("--template", metavar="FILE", type=_FILE, help="Write one ARM template with an initiative."),
    click.option("--deploy", "deploys", is_flag=True, help="Write what differs to the server, or to Azure."),
    click.option("--check", "checks", is_flag=True,
                 help="Write nothing; say what differs, and exit with 1 where anything does."),
    click.option("--refresh", metavar="FILE", type=_FILE, help="Write the types of a tenant's resources to FILE."),
    click.option("--initiative", metavar="TITLE", default="", help="The initiative's title."),
    click.option("--no-initiative", "has_initiative", is_flag=True, default=True, flag_value=False,
                 help="Deploy definitions alone."),
    click.option("--subscription", metavar="ID", default="", help="At this subscription; the server's own by default."),
    click.option("--management-group", metavar="NAME", default="", help="At this management group."),
    click.option("--tenant-root", is_flag=True, help="At the tenant: its root management group."),
    click.option("--resource-group", metavar="NAME", default="", help="With --refresh: of this resource group alone."),
    click.option("--resource", metavar="NAME", default="", help="With --refresh: of resources of this name alone."),
    click.option("--azure", is_flag=True, help="Speak to Azure; the same as --endpoint azure."),
    click.option("--endpoint", metavar="URL", default="",
                 help="A management endpoint in place of this server, of another cloud for example; signs in as "
                 "azure-identity does."),
    click.option("--tenant", metavar="ID", default="", help="The tenant to sign in to, where it is not the usual one."),
    server_option("--data"),
)  # fmt: skip


def _asked(command: Callable[[Asked], None]) -> Callable[..., Any]:
    @wraps(command)
    def wrapped(**given: Any) -> None:
        command(Asked(**given))

    return with_options(wrapped, _OPTIONS)


@click.command()
@_asked
def diagnostics(asked: Asked) -> None:
    """Make policies that give every resource a diagnostic setting, so that its logs are collected.

    With --out or --template no server is asked: the types and their categories are a file of Vedette's. Names stay
    the same, and what has not changed is not written. --check says what differs from the folder, from the template
    and, with --deploy, from what is deployed.

    \b
    Examples:
      vedette policy diagnostics --out policies/
      vedette policy diagnostics --type Microsoft.KeyVault/vaults --dedicated --deploy
      vedette policy diagnostics --template diagnostics.json --management-group corp
      vedette policy diagnostics --deploy --check --azure --subscription 00000000-…
    """
    if asked.refresh is not None:
        _refresh(asked, asked.refresh)
    elif not (asked.out or asked.template or asked.deploys):
        raise click.UsageError("Say what to write: --out FOLDER, --template FILE, --deploy, or --refresh FILE.")
    elif asked.template and len(set(asked.targets)) > 1:
        raise click.UsageError("An initiative is for one --target, for its parameters are those of the target.")
    elif _make(asked) and asked.checks:
        sys.exit(1)


def _make(asked: Asked) -> int:
    """How many files and resources differ, or differed and were written."""
    types = _types(asked)
    changed = 0
    made = [(sink, _definitions(asked, sink, types)) for sink in map(SINKS.__getitem__, dict.fromkeys(asked.targets))]
    for sink, definitions in made:
        changed += _files(asked, sink, definitions)
    if asked.deploys:
        changed += _deploy(asked, made)
    if not changed:
        click.echo("Nothing differs." if asked.checks else "Nothing has changed.", err=True)
    return changed


def _types(asked: Asked) -> Sequence[ResourceLogs]:
    from vedette.log_management.resource_log_types import parse_types

    if asked.types_file is None:
        return list(known_types().values())
    try:
        content = asked.types_file.read_bytes()
    except OSError as error:
        raise InvalidInput("CannotRead", f"'{asked.types_file}' cannot be read: {error.strerror}.") from error
    return parse_types(content, str(asked.types_file))


def _definitions(asked: Asked, sink: Sink, types: Sequence[ResourceLogs]) -> list[Made]:
    if asked.source is not None:
        from vedette.content.diagnostics.policy_files import read_policies

        return read_policies(asked.source)
    choices = Choices(sink, asked.categories, asked.dedicated, asked.logs_only, asked.all_regions)
    return [make_definition(each, choices) for each in chosen_types(types, asked.types, choices)]


def _files(asked: Asked, sink: Sink, definitions: list[Made]) -> int:
    from vedette.content.diagnostics.policy_files import file_texts, json_text
    from vedette.content.diagnostics.policy_template import LARGEST, policy_template

    texts: dict[Path, str] = {}
    if asked.out is not None:
        texts |= {asked.out / path: text for each in definitions for path, text in file_texts(each)}
    if asked.template is not None:
        of_group = bool(asked.management_group) or asked.tenant_root
        content = policy_template(definitions, sink, asked.initiative, of_group=of_group)
        texts[asked.template] = json_text(content)
        if len(texts[asked.template]) > LARGEST:
            click.echo(f"'{asked.template}' is larger than the 4 MB that Azure deploys.", err=True)
    return sum(_file(asked, path, text) for path, text in texts.items())


def _file(asked: Asked, path: Path, text: str) -> bool:
    """Whether a file differs; it is written then, unless files are only held against each other."""
    from vedette.cli.writing import write_file
    from vedette.content.diagnostics.policy_files import json_text, read_json

    there = path.is_file()
    if there and json_text(read_json(path)) == text:
        return False
    click.echo(f"{'differs' if there and asked.checks else 'is missing' if asked.checks else 'written'}: {path}")
    if not asked.checks:
        write_file(path, text, folders=True)
    return True


def _deploy(asked: Asked, made: list[tuple[Sink, list[Made]]]) -> int:
    from vedette.content.diagnostics.deployed import Held, compare, definition_id, scope_of, write
    from vedette.content.diagnostics.initiative import make_initiative

    with _client(asked) as (client, subscription):
        at = asked.subscription or ("" if asked.management_group or asked.tenant_root else subscription)
        scope = scope_of(client, at, asked.management_group, tenant=asked.tenant_root)
        initiatives = (
            [make_initiative(definitions, sink, asked.initiative, definition_id(scope)) for sink, definitions in made]
            if asked.has_initiative
            else []
        )
        held = compare(client, scope, [each for _, definitions in made for each in definitions], initiatives)
        wanting = [each for each in held if not each.is_same]

        def say(each: Held) -> None:
            click.echo(f"written: {each.made.properties['displayName']} ({each.made.name})")

        if asked.checks:
            for each in wanting:
                what = "is missing" if each.paths is None else f"differs at {', '.join(each.paths[:5])}"
                click.echo(f"{what}: {each.made.properties['displayName']} ({each.made.name})")
            return len(wanting)
        return write(client, held, say)


def _refresh(asked: Asked, path: Path) -> None:
    from vedette.cli.writing import write_file
    from vedette.content.diagnostics.refreshing import refreshed, subscriptions_below, tenant_types
    from vedette.log_management.resource_log_types import text_of_types

    wanted = {each.lower() for each in asked.types}

    def is_wanted(resource: Any) -> bool:
        group = f"/resourcegroups/{asked.resource_group.lower()}/"
        return (
            (not wanted or str(resource["type"]).lower() in wanted)
            and (not asked.resource_group or group in str(resource["id"]).lower())
            and (not asked.resource or str(resource["name"]).lower() == asked.resource.lower())
        )

    with _client(asked) as (client, subscription):
        at = asked.subscription or ("" if asked.management_group or asked.tenant_root else subscription)
        below = subscriptions_below(client, at, asked.management_group)
        found = tenant_types(client, below, is_wanted)
    text = text_of_types(refreshed(found, {each.key: each for each in _types(asked)}))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_file(path, text, folders=True)
    click.echo(f"{len(found)} types of {len(below)} subscriptions in {path}.", err=True)


def _client(asked: Asked) -> Any:
    """The client, with the subscription that is meant unless another one is said."""
    from contextlib import contextmanager

    from vedette.cli.content_targets import client_of, endpoint_of
    from vedette.cli.ready import find_server

    @contextmanager
    def opened() -> Any:
        endpoint = endpoint_of(asked.azure, asked.endpoint or None)
        server = None if endpoint else find_server(asked.server_data)
        with client_of(endpoint or (server.https if server else ""), asked.tenant, server) as client:
            yield client, server.subscription_id if server else ""

    return opened()
