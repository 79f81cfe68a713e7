"""`vedette up`: the server."""

from datetime import timedelta
from pathlib import Path

import click

from vedette.cli.lean_start import unneeded_hidden
from vedette.cli.outside_data import outside_data_options
from vedette.cli.ready import DEFAULT_DATA
from vedette.cli.rule_options import rule_options
from vedette.cli.sizes import Size
from vedette.cli.welcome import print_welcome
from vedette.core.settings import (
    EgressSettings,
    ExternalDataSettings,
    IdentitySettings,
    RuleSettings,
    Settings,
    SyslogSettings,
)

with unneeded_hidden():
    from vedette.logging_setup import FORMATS, LEVELS
    from vedette.server.serve import serve

LEAST_MEMORY = 128_000_000
"""Bytes; with less, common queries find no room."""


def _address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """HOST:PORT as its two parts; an IPv6 address stands in brackets."""
    if value is None:
        return None
    host, colon, port = value.rpartition(":")
    if not host or not colon or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter(f"'{value}' is not HOST:PORT, such as 127.0.0.1:9464.")
    return host, int(port)


@click.command()
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    show_default=True,
    help="Where everything is kept; made if it is not there. One server at a time may use it.",
)
@click.option(
    "--state",
    metavar="URL",
    default="",
    envvar="VEDETTE_STATE",
    help="Keep documents in this PostgreSQL database, postgresql://USER@HOST:PORT/DATABASE, and not in a file in the "
    "data directory; what that file holds is moved there. $VEDETTE_STATE says the same and hides a password from 'ps', "
    "as do libpq's own $PGPASSWORD and ~/.pgpass.",
)
@click.option("--host", metavar="H", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8443,
    show_default=True,
    help="The HTTPS port; 0 picks a free one.",
)
@click.option("--demo", is_flag=True, help="Load the story of one attack, and the rules that find it.")
@click.option(
    "--virtual-clock",
    is_flag=True,
    help="Let time stand still until POST /vedette/clock moves it; for tests that are exact and instant.",
)
@click.option(
    "--ready-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write addresses, ids and credentials as JSON to this file once the server answers; removed at exit.",
)
@outside_data_options
@click.option(
    "--memory-limit",
    metavar="SIZE",
    type=Size(LEAST_MEMORY),
    help="How much memory log tables and queries may take together, such as 2GB; beyond it queries use the disk. The "
    "server takes 200 MB besides. Without it: half of the machine's memory.",
)
@click.option(
    "--query-rate",
    metavar="N",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    help="How many queries one caller may send in 30 seconds before it is told to wait; 0 is without bound.",
)
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    callback=_address,
    help="Serve /metrics for Prometheus on this address too, without a token and without TLS. It says nothing of what "
    "the logs hold but names their tables.",
)
@click.option(
    "--query-log/--no-query-log",
    default=True,
    show_default=True,
    help="Keep each query that somebody runs in the table LAQueryLogs.",
)
@click.option(
    "--strict-api-version",
    is_flag=True,
    help="Refuse an api-version that is not known, as Azure does; without it one is served as the nearest that is.",
)
@click.option(
    "--deployment-scripts",
    is_flag=True,
    help="Run the scripts that templates bring, apart from the network and from the server's files. Whoever may deploy "
    "then runs programs on this machine.",
)
@click.option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="info",
    show_default=True,
    help="The least severe lines of the server's own log that are written; debug has one for each request.",
)
@click.option(
    "--log-format",
    type=click.Choice(FORMATS),
    default="auto",
    show_default=True,
    help="How those lines are written; auto is text on a terminal and JSON elsewhere.",
)
@click.option(
    "--syslog",
    "syslog_address",
    metavar="HOST:PORT",
    default="",
    help="Take in syslog here, over UDP and TCP, CEF and LEEF too; anybody who reaches the port may send.",
)
@click.option(
    "--syslog-tls", "syslog_tls_address", metavar="HOST:PORT", default="", help="Take in syslog over TLS here."
)
@click.option(
    "--syslog-client-ca",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True),
    help="Take in syslog over TLS only from those whose certificate comes from one in this file.",
)
@click.option(
    "--syslog-workspace",
    metavar="NAME",
    default="",
    help="The workspace that syslog goes to, by name or id. Without it: the first.",
)
@click.option(
    "--syslog-resource-id",
    metavar="ID",
    default="",
    help="The Azure resource that syslog comes through; becomes _ResourceId.",
)
@rule_options
@click.option(
    "--egress-host",
    metavar="HOST",
    multiple=True,
    envvar="VEDETTE_EGRESS_HOSTS",
    help="Let the server make requests of this host on somebody's behalf, such as change notifications: a name, "
    "*.name, either with :port. May be given more than once; in the variable, separated by spaces. Without it none "
    "are made.",
)
@click.option("--egress-private", is_flag=True, help="Let those hosts be in this network or on this machine too.")
@click.option(
    "--egress-ca",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True),
    help="Certificates that such hosts may have beside those that the system trusts.",
)
@click.option(
    "--trust-issuer",
    metavar="URL",
    multiple=True,
    help="Take the tokens of this issuer too, as they have it in 'iss', such as "
    "https://login.microsoftonline.com/TENANT/v2.0. Roles are given to the ids of its users and programs; can be "
    "repeated.",
)
@click.option(
    "--console-client",
    metavar="ID",
    default="",
    help="Have people sign in to the web console at the first --trust-issuer, as this application of its tenant: one "
    "for single-page apps, with the redirect address https://HOST:PORT/console/signed-in.",
)
@click.option(
    "--accept-any-credential",
    is_flag=True,
    help="Take any secret and any token for the first client's, which is Owner. For tests on this machine: with an "
    "address that others can reach the server does not start.",
)
def up(
    data: Path,
    state: str,
    host: str,
    port: int,
    demo: bool,
    virtual_clock: bool,
    ip_database: Path | None,
    ready_file: Path | None,
    external_data_host: tuple[str, ...],
    external_data_private: bool,
    metrics: tuple[str, int] | None,
    query_log: bool,
    log_level: str,
    log_format: str,
    syslog_address: str,
    syslog_tls_address: str,
    syslog_client_ca: Path | None,
    syslog_workspace: str,
    syslog_resource_id: str,
    memory_limit: int | None,
    query_rate: int,
    strict_api_version: bool,
    deployment_scripts: bool,
    egress_host: tuple[str, ...],
    egress_private: bool,
    egress_ca: Path | None,
    rule_delay: float,
    rule_workers: int,
    rule_timeout: float,
    trust_issuer: tuple[str, ...],
    console_client: str,
    accept_any_credential: bool,
) -> None:
    """Start the server.

    It runs until Ctrl-C or SIGTERM. The first start on a data directory makes a certificate authority, a tenant, a
    workspace with two keys and a service principal that is Owner; later starts find them there.

    The web console is at https://127.0.0.1:8443/console/. With --demo three people are there who can sign in to it, and
    their passwords are printed; without it, add somebody with a role.

    \b
    Example:
      vedette up --demo
      vedette identity users add anna@vedette.local --role 'Microsoft Sentinel Contributor'
      vedette query 'SecurityIncident | project Title, Severity'      (in another terminal)
    """
    if console_client and not trust_issuer:
        raise click.UsageError("--console-client names a program of another tenant: say which with --trust-issuer.")
    settings = Settings(
        data=data,
        host=host,
        port=port,
        demo=demo,
        virtual_clock=virtual_clock,
        ready_file=ready_file,
        ip_database=ip_database,
        external_data=ExternalDataSettings(external_data_host, external_data_private),
        egress=EgressSettings(egress_host, egress_private, egress_ca),
        metrics=metrics,
        query_log=query_log,
        log_level=log_level,
        log_format=log_format,
        syslog=SyslogSettings(
            syslog_address, syslog_tls_address, syslog_client_ca, syslog_workspace, syslog_resource_id.lower()
        ),
        query_rate=query_rate,
        memory_limit=memory_limit,
        identity=IdentitySettings(trust_issuer, accept_any_credential, console_client),
        state=state,
        strict_api_version=strict_api_version,
        deployment_scripts=deployment_scripts,
        rules=RuleSettings(timedelta(seconds=rule_delay), rule_workers, timedelta(seconds=rule_timeout)),
    )
    serve(settings, lambda ready: print_welcome(ready, data, demo, accept_any_credential=accept_any_credential))
