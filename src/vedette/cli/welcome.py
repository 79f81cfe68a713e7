"""What `vedette up` prints when the server is there: where it is, and what a newcomer does with it first.

With click alone: for as long as the server runs, a library that draws would take 10 MB.
"""

import json
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from vedette.cli.ready import DEFAULT_DATA

SDK_SNIPPET = """\
from os import environ
from azure.identity import EnvironmentCredential
from azure.monitor.query import LogsQueryClient

client = LogsQueryClient(EnvironmentCredential(disable_instance_discovery=True), endpoint=environ["VEDETTE_URL"])
answer = client.query_workspace(environ["VEDETTE_WORKSPACE_ID"], "SecurityAlert | count", timespan=None)
print(answer.tables[0].rows)
"""
"""A first program: it runs as it stands in the environment that `vedette env` prints."""

_LISTENERS: Final = (("Syslog", "syslog"), ("Syslog over TLS", "syslog_tls"))


def print_welcome(ready: Mapping[str, Any], data: Path, demo: bool, *, accept_any_credential: bool) -> None:
    """Print the facts of a ready file, in lines that are never folded, so that ids and keys can be copied whole."""
    click.echo(f"\n{_bold('Vedette is up.')} Ctrl-C stops it.\n")
    if accept_any_credential:
        warning = click.style("It checks no credential:", bold=True, fg="red")
        click.echo(f"{warning} whoever reaches it is its Owner.\n")
    for label, value in _facts(ready):
        click.echo(f"{_bold(f'{label:16}')}{value}")
    server = "" if data == DEFAULT_DATA else f" --server-data {shlex.quote(str(data))}"
    table = "SecurityIncident | project Title, Severity, Status" if demo else "SentinelHealth | take 10"
    command = _command()
    click.echo(f"\n{_bold('Open')} {ready['console']} in a browser, which must trust the CA certificate above.")
    if "demo_people" in ready:
        _echo_people(Path(ready["demo_people"]))
    else:
        click.echo("To sign in, add yourself:\n")
        role = "--role 'Microsoft Sentinel Contributor'"
        _echo_code(f"{command} identity users add me@vedette.local {role}{server}")
    click.echo(f"\n{_bold('Try')}, in another terminal:\n")
    _echo_code(f"{command} query '{table}'{server}")
    click.echo(f"\n{_bold('Or with an SDK')}: pip install azure-identity azure-monitor-query, then\n")
    _echo_code(f'eval "$({command} env{server})" && python')
    _echo_code(SDK_SNIPPET)


def _echo_people(file: Path) -> None:
    """Who can sign in to the console, with the passwords that they were given."""
    try:
        people = json.loads(file.read_bytes())
    except (OSError, ValueError):
        click.echo(f"The demo's people are not told: '{file}' cannot be read.")
        return
    click.echo("Sign in as one of the demo's people:\n")
    for person in people:
        name, password, role = (click.style(person[each], fg="cyan") for each in ("name", "password", "role"))
        click.echo(f"  {name}  {password}  {role}")


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _echo_code(text: str) -> None:
    for line in text.rstrip().splitlines():
        click.echo(click.style(f"  {line}", fg="cyan") if line else "")


def _command() -> str:
    """How another terminal calls this program: by name where that is on the PATH, else by where it lies."""
    program = Path(sys.executable).with_name("vedette")
    if shutil.which("vedette") is not None or not program.exists():
        return "vedette"
    here = Path.cwd()
    return shlex.quote(str(program.relative_to(here) if program.is_relative_to(here) else program))


def _facts(ready: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("HTTPS", ready["https"]),
        ("HTTP", ready["http"]),
        ("Proxy", ready["proxy"]),
        *((("Metrics", ready["metrics"]),) if "metrics" in ready else ()),
        *((label, ready[key]) for label, key in _LISTENERS if key in ready),
        ("CA certificate", ready["ca"]),
        ("Tenant", ready["tenant_id"]),
        ("Subscription", ready["subscription_id"]),
        ("Resource group", ready["resource_group"]),
        ("Workspace", f"{ready['workspace_name']}  {ready['workspace_id']}"),
        ("Workspace key", ready["primary_shared_key"]),
        ("Client id", ready["client_id"]),
        ("Client secret", ready["client_secret"]),
    )
