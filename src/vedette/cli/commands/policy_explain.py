"""`vedette policy explain`: why a resource complies with policies or not, on a server or between files."""

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from vedette.cli.ready import find_server, server_option

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("resource", metavar="RESOURCE")
@click.option("--assignment", metavar="ID", default="", help="Of this assignment only, also where it is not about it.")
@click.option("--policy", "policy_file", metavar="FILE", type=_FILE, help="A definition or an initiative; no server.")
@click.option("--definition", "definitions", metavar="FILE", type=_FILE, multiple=True, help="One of the initiative's.")
@click.option("--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="With --policy; JSON or a text.")
@click.option("--existing", metavar="FILE", type=_FILE, multiple=True, help="With --policy: resources that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@server_option()
def explain(
    resource: str,
    assignment: str,
    policy_file: Path | None,
    definitions: tuple[Path, ...],
    parameters: tuple[str, ...],
    existing: tuple[Path, ...],
    as_json: bool,
    server_data: Path | None,
) -> None:
    """Tell why a resource complies with policies or not, with every condition, what it expects and what is there.

    RESOURCE is the id of a resource of the server. With --policy it is a file that holds one as JSON, with its type,
    and no server is asked.

    The exit code is 0 where it complies with all that is about it, and 1 where it does not.

    \b
    Examples:
      vedette policy explain /subscriptions/…/vaults/v
      vedette policy explain store.json --policy tls.json --parameter effect=Deny
    """
    if policy_file is None:
        if definitions or parameters or existing:
            raise click.UsageError("--definition, --parameter and --existing are for --policy.")
        told = _on_server(resource, assignment, server_data)
    else:
        if assignment or server_data is not None:
            raise click.UsageError("--policy explains files with no server: not with --assignment or --server-data.")
        told = _of_files(Path(resource), policy_file, definitions, parameters, existing)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        from vedette.policy.telling import lines_of

        click.echo(told["resource"])
        if not told["explanations"]:
            click.echo("No policy is about it.")
        for each in told["explanations"]:
            click.echo("")
            for line in lines_of(each):
                click.echo(line)
    states = {each["state"] for each in told["explanations"]}
    sys.exit(1 if states & {"NonCompliant", "Error"} else 0)


def _on_server(resource: str, assignment: str, server_data: Path | None) -> dict[str, Any]:
    from vedette.cli.client import connected

    with connected(find_server(server_data)) as client:
        return client.explain_policies(resource, assignment)


def _of_files(
    resource: Path,
    policy: Path,
    definitions: tuple[Path, ...],
    parameters: tuple[str, ...],
    existing: tuple[Path, ...],
) -> dict[str, Any]:
    from vedette.core.clock import SystemClock
    from vedette.rule_tests.policy_explain import explain_files

    if not resource.is_file():
        raise click.BadParameter(f"there is no file '{resource}'.", param_hint="RESOURCE")
    given = dict(map(_parameter, parameters))
    return explain_files(resource, policy, definitions, given, existing, SystemClock().now())


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"'{text}' is not NAME=VALUE.", param_hint="--parameter")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value
