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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from bench.question import Finding, interleaved
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
_RUNS = 31
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
    """Medians over _RUNS requests each, on a server with FEW incidents and one with MANY in turn."""
    with TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        _prepare(small, FEW)
        _prepare(large, MANY)
        with _served(small) as few, _served(large) as many:
            return _findings(few, many, large)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A server and a connection to it."""

    server: Server
    http: httpx.Client


def _findings(few: _Asked, many: _Asked, data: Path) -> list[Finding]:
    got = _median(lambda: many.http.get(f"{_collection(many.server)}/i{random.randrange(MANY)}?api-version={_VERSION}"))
    with closing(sqlite3.connect(data / "state.db")) as connection:
        small, listed, by_hand = interleaved(
            _RUNS,
            lambda: _listing(few),
            lambda: _listing(many),
            lambda: _milliseconds(lambda: connection.execute(_BY_HAND, (_INCIDENT.lower(),)).fetchall()),
        )
    first, late = _pages(many)
    rules = _rules(many)
    page = f"{PAGE} of {MANY:,} incidents, filtered and in order, over HTTPS, p50 of {_RUNS}"
    return [
        Finding("one incident", got, GET_TARGET, "ms", f"GET over HTTPS, one client, p50 of {_RUNS}"),
        Finding("a page of incidents", listed, LIST_TARGET, "ms", page),
        Finding("that page over one by hand", listed / by_hand, 1.0, "×", f"SQLite's JSON functions: {by_hand:.0f} ms"),
        Finding("growth with the store", listed / small, GROWTH_TARGET, "×", f"that page among {MANY:,} and {FEW:,}"),
        Finding("growth with depth", late / first, GROWTH_TARGET, "×", f"page {_LATE:,} to page 1, p50 of {_RUNS}"),
        Finding(f"{RULES} rules", rules, RULES_TARGET, "s", "PUT one after the other, one client"),
    ]


def _prepare(data: Path, number: int) -> None:
    """A stopped server's directory with so many incidents."""
    with _served(data) as asked:
        server = asked.server
    _fill(data, server, number)


@contextmanager
def _served(data: Path) -> Iterator[_Asked]:
    with running(data) as process, answering(data, process) as client, _http(client.server) as http:
        yield _Asked(client.server, http)


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


def _fill(data: Path, server: Server, number: int) -> None:
    """Incidents, straight into the stopped server's documents: how they are made is not what is asked here."""
    chance = random.Random(number)
    store = StateStore(f"sqlite:///{(data / 'state.db').absolute()}", SystemClock(), new_id)
    with closing(store), store.transaction() as transaction:
        for at in range(0, number, 5_000):
            numbers = range(at, min(at + 5_000, number))
            transaction.create_all(
                type=_INCIDENT,
                scope=_workspace(server),
                ids=[f"{_collection(server)}/i{each}" for each in numbers],
                bodies=[_incident(each, chance) for each in numbers],
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


def _listing(asked: _Asked) -> float:
    query = urlencode({"api-version": _VERSION, "$filter": _FILTER, "$orderby": _ORDER, "$top": PAGE})
    return _milliseconds(lambda: asked.http.get(f"{_collection(asked.server)}?{query}").raise_for_status())


def _pages(asked: _Asked) -> tuple[float, float]:
    """What the first page of all incidents in order takes, and what a late one does, whose links are followed to it."""
    url = f"{_collection(asked.server)}?{urlencode({'api-version': _VERSION, '$orderby': _ORDER, '$top': PAGE})}"
    late = url
    for _ in range(_LATE - 1):
        late = asked.http.get(late).raise_for_status().json()["nextLink"]
    first, last = interleaved(
        _RUNS,
        lambda: _milliseconds(lambda: asked.http.get(url).raise_for_status()),
        lambda: _milliseconds(lambda: asked.http.get(late).raise_for_status()),
    )
    return first, last


def _rules(asked: _Asked) -> float:
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
    base, http = f"{_workspace(asked.server)}/providers/Microsoft.SecurityInsights", asked.http
    http.put(f"{base}/onboardingStates/default?api-version={_VERSION}", json={"properties": {}}).raise_for_status()
    began = time.perf_counter()
    for _ in range(RULES):
        http.put(f"{base}/alertRules/{uuid4()}?api-version={_VERSION}", json=body).raise_for_status()
    return time.perf_counter() - began


def _median(send: Callable[[], httpx.Response]) -> float:
    send()
    return median(_milliseconds(lambda: send().raise_for_status()) for _ in range(_RUNS))


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
