"""`vedette.connect()`: a workspace of a running server, or of Azure, by its public APIs."""

import ssl
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import httpx

from vedette.cli.answer import read_answers, shown_error
from vedette.cli.ready import Server, find_server, read_ready_file
from vedette.cli.server_credential import server_application
from vedette.content.credentials import Credential
from vedette.content.management_client import AZURE, ManagementClient, management_client
from vedette.content.query_client import AZURE_QUERY, QUERY_TIMEOUT, QueryClient
from vedette.content.refused import Refused
from vedette.content.workspace import Workspace
from vedette.core.durations import format_duration
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.notebook.html import facts_html
from vedette.notebook.incidents import Incidents
from vedette.notebook.result import Result
from vedette.notebook.workspace_content import WorkspaceContent

_WORKSPACE_VERSION: Final = {"api-version": "2023-09-01"}

Span = str | timedelta | tuple[datetime | str, datetime | str] | None
"""A time: an ISO 8601 duration or interval, how long up to now, or its start and end."""


class Connection:
    """A workspace: `query`, `incidents`, `content`, `rules()`. `close`, or a `with`, ends its connections."""

    def __init__(
        self, workspace: Workspace, workspace_id: str, client: ManagementClient, queries: QueryClient, open: ExitStack
    ) -> None:
        self.workspace = workspace
        self.workspace_id = workspace_id
        self.client = client
        self.incidents = Incidents(client, workspace)
        self.content = WorkspaceContent(client, workspace)
        self._queries = queries
        self._open = open

    def query(self, text: str, timespan: Span = None) -> Result:
        """What a KQL query answers; of several results the first. Raises QueryFailed, Refused and Unavailable."""
        return self.query_all(text, timespan)[0]

    def query_all(self, text: str, timespan: Span = None) -> list[Result]:
        """All results of a query that gives several, as `fork` does. Raises as `query` does."""
        try:
            body = self._queries.query(self.workspace_id, text, _timespan(timespan))
        except Refused as refused:
            shown = shown_error(text, refused.body)
            if shown is None:
                raise
            raise QueryFailed(refused.code, shown) from None
        return [Result(answer) for answer in read_answers(body)]

    def rules(self) -> Any:
        """The analytics rules, as items."""
        return self.content.rules()

    def close(self) -> None:
        """End its connections."""
        self._open.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _repr_html_(self) -> str:
        place = self.workspace
        facts = [("Endpoint", place.endpoint), ("Resource group", place.group), ("Workspace id", self.workspace_id)]
        return facts_html(place.name, facts)

    def __repr__(self) -> str:
        return f"<Connection to {self.workspace.name} at {self.workspace.endpoint}>"


class QueryFailed(InvalidInput):
    """A query that cannot run; the message shows the line, with a caret under what is wrong."""

    def __init__(self, code: str, shown: str) -> None:
        super().__init__(code, f"\n{shown}")


def connect(
    to: str | Path | None = None,
    *,
    subscription: str | None = None,
    resource_group: str | None = None,
    workspace: str | None = None,
    tenant: str = "",
    credential: Any = None,
    query_endpoint: str | None = None,
) -> Connection:
    """Connect to a workspace.

    `to` is a server's data directory or ready file; without it, the server whose ready file $VEDETTE_READY_FILE names,
    or that of ./.vedette. `"azure"`, or the https address of a management endpoint, is Azure: `subscription`,
    `resource_group` and `workspace` are needed then, and azure-identity signs in, or `credential`, one of its own.
    `query_endpoint` is where queries go, if not to that of the public cloud.

    Raises Unavailable, Refused, Unauthenticated, InvalidInput.

    >>> import vedette
    >>> with vedette.connect() as soc:  # doctest: +SKIP
    ...     soc.query("SigninLogs | summarize count() by ResultType", "P1D").to_pandas()
    """
    named = str(to or "")
    if named.lower() != "azure" and not named.startswith("https://"):
        return _to_server(_server(named), subscription, resource_group, workspace)
    if not (subscription and resource_group and workspace):
        raise InvalidInput("NoWorkspace", "Say which workspace: subscription, resource_group and workspace.")
    endpoint = AZURE if named.lower() == "azure" else named.rstrip("/")
    place = Workspace(endpoint, subscription, resource_group, workspace, tenant)
    queries = (query_endpoint or (AZURE_QUERY if endpoint == AZURE else endpoint)).rstrip("/")
    return _connected(place, queries, _azure(tenant, credential), None)


def _server(named: str) -> Server:
    if not named:
        return find_server(None)
    path = Path(named)
    return find_server(path) if path.is_dir() else read_ready_file(path)


def _to_server(server: Server, subscription: str | None, group: str | None, name: str | None) -> Connection:
    place = Workspace(
        server.https,
        subscription or server.subscription_id,
        group or server.resource_group,
        name or server.workspace_name,
    )
    return _connected(place, server.https, server_application(server), server.ca)


def _azure(tenant: str, credential: Any) -> Credential:
    from vedette.content.azure_credential import AzureCredential  # noqa: PLC0415  (azure-identity is slow to load)

    return AzureCredential(tenant, credential)


def _connected(place: Workspace, queries: str, who: Credential, ca: str | None) -> Connection:
    with ExitStack() as opened:
        client = opened.enter_context(management_client(place.endpoint, who, ca))
        told = client.ask("GET", place.id, _WORKSPACE_VERSION)
        context = ssl.create_default_context(cafile=ca)
        http = opened.enter_context(httpx.Client(verify=context, timeout=QUERY_TIMEOUT, trust_env=ca is None))
        workspace_id = str(told["properties"]["customerId"])
        return Connection(place, workspace_id, client, QueryClient(http, queries, who), opened.pop_all())


def _timespan(told: Span) -> str | None:
    match told:
        case None | str():
            return told
        case timedelta():
            return format_duration(told)
        case (start, end):
            return f"{_instant(start)}/{_instant(end)}"
        case _:
            raise InvalidInput("InvalidTimespan", "A timespan is a text, a timedelta, or its start and end.")


def _instant(told: datetime | str) -> str:
    if isinstance(told, str):
        return told
    return arm_time(told.astimezone())
