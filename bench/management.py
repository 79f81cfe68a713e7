"""How quickly does the management API answer, and does a large store slow it down?

A server in a process of its own is asked over HTTPS by one client, as a script would: for one incident, for a page of
incidents with a filter and an order, for late pages, and to take in rules. The rival beside the page of incidents is a
query of the same documents by hand: SQLite's own JSON functions, as its manual would teach, without a server.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from bench.question import Finding
from bench.server import answering, running
from vedette.cli.ready import Server
from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
from vedette.state.store import StateStore

FEW, MANY = 1_000, 100_000
PAGE = 50
RULES = 500
GET_TARGET, LIST_TARGET, RULES_TARGET = 5.0, 40.0, 10.0
GROWTH_TARGET = 1.5
_RUNS = 60
_LATE = 1_000
_VERSION = "2024-03-01"
_INCIDENT = "Microsoft.SecurityInsights/incidents"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_FILTER = "properties/status eq 'New' and properties/severity eq 'High'"
_ORDER = "properties/createdTimeUtc desc"
_BY_HAND = """SELECT body FROM documents WHERE type_key = ? AND json_extract(body, '$.properties.status') = 'New'
    AND json_extract(body, '$.properties.severity') = 'High'
    ORDER BY json_extract(body, '$.properties.createdTimeUtc') DESC LIMIT 51"""


def ask() -> list[Finding]:
    """Medians over _RUNS requests each, with FEW incidents and then with MANY."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        server = _with_server(data, lambda server, _http: server)
        _fill(data, server, 0, FEW)
        few = _with_server(data, _listing)
        _fill(data, server, FEW, MANY)
        return _with_server(data, lambda server, http: _findings(server, http, few, data))


def _findings(server: Server, http: httpx.Client, few: float, data: Path) -> list[Finding]:
    got = _median(lambda: http.get(f"{_collection(server)}/i{random.randrange(MANY)}?api-version={_VERSION}"))
    listed = _listing(server, http)
    first, late = _pages(server, http)
    rules = _rules(server, http)
    by_hand = _by_hand(data)
    with_filter = f"{PAGE} of {MANY:,} incidents, filtered and in order, p50"
    return [
        Finding("one incident", got, GET_TARGET, "ms", f"GET over HTTPS, one client, p50 of {_RUNS}"),
        Finding("a page of incidents", listed, LIST_TARGET, "ms", with_filter),
        Finding(
            "the same by hand", by_hand, float("inf"), "ms", f"SQLite's JSON functions, no server, {PAGE + 1} rows"
        ),
        Finding("page over by hand", listed / by_hand, 1.0, "×", "Vedette over HTTPS to SQLite in the process"),
        Finding("growth with the store", listed / few, GROWTH_TARGET, "×", f"that page at {MANY:,} to {FEW:,}"),
        Finding("growth with depth", late / first, GROWTH_TARGET, "×", f"pages {_LATE - _RUNS}–{_LATE} to first ones"),
        Finding(f"{RULES} rules", rules, RULES_TARGET, "s", "PUT one after the other, one client"),
    ]


def _with_server(data: Path, work: Callable[[Server, httpx.Client], Any]) -> Any:
    with running(data) as process, answering(data, process) as client, _http(client.server) as http:
        return work(client.server, http)


@contextmanager
def _http(server: Server) -> Iterator[httpx.Client]:
    form = {
        "grant_type": "client_credentials",
        "client_id": server.client_id,
        "client_secret": server.client_secret,
        "scope": "https://management.azure.com/.default",
    }
    with httpx.Client(base_url=server.https, verify=server.ca, timeout=60) as http:
        token = http.post(f"/{server.tenant_id}/oauth2/v2.0/token", data=form).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def _workspace(server: Server) -> str:
    return (
        f"/subscriptions/{server.subscription_id}/resourceGroups/{server.resource_group}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{server.workspace_name}"
    )


def _collection(server: Server) -> str:
    return f"{_workspace(server)}/providers/{_INCIDENT}"


def _fill(data: Path, server: Server, first: int, end: int) -> None:
    """Incidents, straight into the stopped server's documents: how they are made is not what is asked here."""
    chance = random.Random(first)
    store = StateStore(f"sqlite:///{(data / 'state.db').absolute()}", SystemClock(), new_id)
    with closing(store), store.transaction() as transaction:
        for at in range(first, end, 5_000):
            numbers = range(at, min(at + 5_000, end))
            transaction.create_all(
                type=_INCIDENT,
                scope=_workspace(server),
                ids=[f"{_collection(server)}/i{number}" for number in numbers],
                bodies=[_incident(number, chance) for number in numbers],
                first=at,
            )


def _incident(number: int, chance: random.Random) -> dict[str, Any]:
    made = (_START + timedelta(seconds=number * 37 % 999_983)).isoformat().replace("+00:00", "Z")
    return {
        "properties": {
            "title": f"Sign-ins from a new country, {number}",
            "description": "Somebody signed in from where nobody of this tenant has been before. " * 6,
            "severity": chance.choice(["High", "Medium", "Low", "Informational"]),
            "status": chance.choice(["New", "Active", "Closed"]),
            "owner": {"objectId": None, "email": None, "assignedTo": None, "userPrincipalName": None},
            "labels": [],
            "createdTimeUtc": made,
            "lastModifiedTimeUtc": made,
            "incidentNumber": number + 1,
            "providerName": "Azure Sentinel",
            "relatedAnalyticRuleIds": [],
            "additionalData": {"alertsCount": 1, "bookmarksCount": 0, "commentsCount": 0, "tactics": ["InitialAccess"]},
        }
    }


def _listing(server: Server, http: httpx.Client) -> float:
    query = urlencode({"api-version": _VERSION, "$filter": _FILTER, "$orderby": _ORDER, "$top": PAGE})
    return _median(lambda: http.get(f"{_collection(server)}?{query}"))


def _pages(server: Server, http: httpx.Client) -> tuple[float, float]:
    """The medians of the first pages of all incidents in order, and of those up to _LATE."""
    url = f"{_collection(server)}?{urlencode({'api-version': _VERSION, '$orderby': _ORDER, '$top': PAGE})}"
    taken: list[float] = []
    while url and len(taken) < _LATE:
        began = time.perf_counter()
        reply = http.get(url)
        taken.append((time.perf_counter() - began) * 1000)
        url = reply.raise_for_status().json().get("nextLink", "")
    assert len(taken) == _LATE
    return median(taken[:_RUNS]), median(taken[-_RUNS:])


def _rules(server: Server, http: httpx.Client) -> float:
    body = {
        "kind": "Scheduled",
        "properties": {
            "displayName": "Sign-ins from a new country",
            "enabled": False,
            "severity": "Medium",
            "query": "SigninLogs | where ResultType == 0 | summarize count() by UserPrincipalName, Location",
            "queryFrequency": "PT1H",
            "queryPeriod": "P1D",
            "triggerOperator": "GreaterThan",
            "triggerThreshold": 0,
            "suppressionDuration": "PT5H",
            "suppressionEnabled": False,
        },
    }
    base = f"{_workspace(server)}/providers/Microsoft.SecurityInsights"
    http.put(f"{base}/onboardingStates/default?api-version={_VERSION}", json={"properties": {}}).raise_for_status()
    began = time.perf_counter()
    for _ in range(RULES):
        http.put(f"{base}/alertRules/{uuid4()}?api-version={_VERSION}", json=body).raise_for_status()
    return time.perf_counter() - began


def _by_hand(data: Path) -> float:
    with closing(sqlite3.connect(data / "state.db")) as connection:
        return _median_of(lambda: connection.execute(_BY_HAND, (_INCIDENT.lower(),)).fetchall(), 9)


def _median(send: Callable[[], httpx.Response]) -> float:
    return _median_of(lambda: send().raise_for_status(), _RUNS)


def _median_of(work: Callable[[], object], runs: int) -> float:
    """Milliseconds."""
    work()
    taken: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)
