"""What `vedette up` was told."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExternalDataSettings:
    """What `externaldata` in a query may fetch: nothing, unless `hosts` names it.

    A host is a name, `*.name` for all names under it, or either with `:port`; without a port the usual two are meant.
    `private_addresses` also allows hosts of this network and this machine. `bytes` are of all files of a query,
    unpacked; `seconds` are for each file.
    """

    hosts: tuple[str, ...] = ()
    private_addresses: bool = False
    bytes: int = 100_000_000
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class EgressSettings:
    """Which servers requests may be made of on somebody's behalf, such as change notifications: none, unless `hosts`
    names it, as for `ExternalDataSettings`.

    `private_addresses` also allows hosts of this network and this machine. `ca` is a file of certificates that are
    trusted beside the system's. An answer may take `seconds` and have so many `bytes`.
    """

    hosts: tuple[str, ...] = ()
    private_addresses: bool = False
    ca: Path | None = None
    seconds: float = 30.0
    bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class SyslogSettings:
    """Where syslog is listened for, as HOST:PORT, empty for nowhere; port 0 lets the system pick a free one.

    `client_ca` is a file of certificates that a TLS sender's own must come from. `workspace` is an id or a name, empty
    for the first workspace; `resource_id` is what rows say in `_ResourceId`.
    """

    address: str = ""
    tls_address: str = ""
    client_ca: Path | None = None
    workspace: str = ""
    resource_id: str = ""


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Whose tokens are taken beside the server's own: those of `trusted_issuers`, by their `iss`; with
    `accept_any_credential` anything at all, for tests on this machine. People sign in to the web console here, or,
    where `console_client` says as which program of its tenant, at the first trusted issuer."""

    trusted_issuers: tuple[str, ...] = ()
    accept_any_credential: bool = False
    console_client: str = ""

    @property
    def console_issuer(self) -> str:
        """Where people sign in to the console; empty for this server itself."""
        return self.trusted_issuers[0] if self.console_client and self.trusted_issuers else ""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """How analytics rules run: scheduled ones `delay` after the end of each window, so that events which arrive late
    are in it; `workers` at a time; and none longer than `timeout`."""

    delay: timedelta = timedelta(0)
    workers: int = 4
    timeout: timedelta = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Settings:
    """The server's settings; `port` 0 lets the system pick a free one. `ip_database` is a file in MaxMind's format that
    says where IP addresses are. `metrics` is the address and port of a listener that has nothing but the metrics and
    asks for no token; None for none. `query_log` keeps each query that somebody runs in LAQueryLogs.
    One caller may send `query_rate` queries in 30 seconds; 0 is without bound. `state` is the URL of the database that
    documents are kept in, empty for a file in `data`; it may hold a password, and is never shown. With
    `strict_api_version` the management API refuses versions that it does not know. With `deployment_scripts`
    what templates bring is run. `memory_limit` is what log tables
    and queries may take together, in bytes; None for half of the machine's memory."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8443
    demo: bool = False
    virtual_clock: bool = False
    ready_file: Path | None = None
    ip_database: Path | None = None
    external_data: ExternalDataSettings = ExternalDataSettings()
    egress: EgressSettings = EgressSettings()
    query_rate: int = 200
    metrics: tuple[str, int] | None = None
    log_level: str = "info"
    log_format: str = "auto"
    query_log: bool = True
    syslog: SyslogSettings = SyslogSettings()
    state: str = field(default="", repr=False)
    strict_api_version: bool = False
    deployment_scripts: bool = False
    memory_limit: int | None = None
    rules: RuleSettings = RuleSettings()
    identity: IdentitySettings = IdentitySettings()
