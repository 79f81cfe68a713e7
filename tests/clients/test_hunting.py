"""Hunting: queries run in one go, rows promoted to bookmarks and an incident, a query followed as rows arrive."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients.command import VEDETTE, environment, vedette
from tests.clients.conftest import running
from tests.clients.sdk import Ready, bearer, collect, rows, security_insights, web
from tests.clients.test_incident_export import base

TACTICS = {"Odd names": ("Persistence", "T1078.004"), "Odd beats": ("Impact,Discovery", "T1082")}
QUERIES = {
    "Odd names": "Signs_CL | where user_s startswith 'e' | project TimeGenerated, Account_0_FullName = user_s, "
    "IPCustomEntity = ip_s, n_d",
    "Odd beats": "Signs_CL | summarize count() by user_s",
    "Odd table": "NoSuchTable_CL | take 5",
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """A server of its own with hunting queries, another saved search, and events of today and yesterday."""
    with running(tmp_path_factory.mktemp("ground")) as ready, web(ready) as client:
        for name, query in QUERIES.items():
            tactics, techniques = TACTICS.get(name, ("", ""))
            tags = [{"name": "tactics", "value": tactics}, {"name": "techniques", "value": techniques}]
            save(client, ready, name, {"category": "Hunting Queries", "query": query, "tags": tags})
        save(client, ready, "Other", {"category": "General", "query": "Signs_CL"})
        old = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
        signs = [{"user": "eve@a.example", "ip": "203.0.113.9", "n": n} for n in range(3)]
        collect(ready, "Signs", [*signs, {"user": "ann", "ip": "", "n": 9}])
        stamped = [{"user": "eve@a.example", "ip": "203.0.113.9", "n": 5, "at": old}]
        collect(ready, "Signs", stamped, **{"time-generated-field": "at"})
        yield ready


def save(client: httpx.Client, ready: Ready, name: str, properties: dict[str, Any]) -> None:
    place = base(ready).partition("/providers/Microsoft.SecurityInsights")[0]
    answer = client.put(
        f"{place}/savedSearches/{name.replace(' ', '-')}",
        params={"api-version": "2020-08-01"},
        json={"properties": {"displayName": name, **properties}},
        headers=bearer(ready),
    )
    assert answer.is_success, answer.text


def hunted(ready: Ready, folder: Path, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = vedette(ready, folder, "hunt", "run", "--json", *arguments)
    return done.returncode, {each["displayName"]: each for each in json.loads(done.stdout)["value"]}


def test_all_hunting_queries_with_counts_and_deltas(ground: Ready, tmp_path: Path) -> None:
    code, found = hunted(ground, tmp_path)
    assert (code, set(found)) == (3, set(QUERIES))
    assert (found["Odd names"]["resultsCount"], found["Odd names"]["previousResultsCount"]) == (3, 1)
    assert (found["Odd names"]["resultsDelta"], found["Odd names"]["resultsDeltaPercentage"]) == (2, 200.0)
    assert found["Odd beats"]["resultsCount"] == 2
    assert found["Odd table"]["status"] == "Failed"
    assert "NoSuchTable_CL" in found["Odd table"]["error"]["message"]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--tactic", "persistence"), {"Odd names"}),
        (("--technique", "T1078"), {"Odd names"}),
        (("--technique", "T1078.001"), set()),
        (("--tactic", "Impact", "--technique", "T1082", "--no-compare"), {"Odd beats"}),
        (("Odd-names", "odd beats"), {"Odd names", "Odd beats"}),
    ],
)
def test_some_of_them(ground: Ready, tmp_path: Path, arguments: tuple[str, ...], names: set[str]) -> None:
    code, found = hunted(ground, tmp_path, *arguments)
    assert (code, set(found)) == (0, names)
    if "--no-compare" in arguments:
        assert found["Odd beats"]["resultsDelta"] is None


def test_a_table_for_people(ground: Ready, tmp_path: Path) -> None:
    done = vedette(ground, tmp_path, "hunt", "run", "Odd names", "--timespan", "P2D")
    assert done.returncode == 0, done.stderr
    assert "Odd names" in done.stdout
    assert done.stdout.splitlines()[1].split()[:2] == ["4", "+4"]
    assert vedette(ground, tmp_path, "hunt", "run", "Nothing").returncode == 1


def test_rows_become_bookmarks_and_these_an_incident(ground: Ready, tmp_path: Path) -> None:
    command = ("hunt", "bookmark", "Odd names", "--rows", "0,2", "--incident-title", "Eve again", "--label", "red")
    done = vedette(ground, tmp_path, *command)
    assert done.returncode == 0, done.stderr
    again = vedette(ground, tmp_path, *command, "--timespan", "P1D")
    assert [line.split()[0] for line in again.stdout.splitlines()] == [
        line.split()[0] for line in done.stdout.splitlines()
    ]
    *bookmarks, incident = [line.split()[0] for line in done.stdout.splitlines()]
    place = (ground["resource_group"], ground["workspace_name"])
    client = security_insights(ground)
    kept = client.bookmarks.get(*place, bookmarks[0])
    assert kept.labels == ["red"]
    assert kept.properties is not None
    assert kept.properties.incident_info.incident_id == incident
    assert json.loads(kept.properties.query_result)["IPCustomEntity"] == "203.0.113.9"
    shown = client.incidents.get(*place, incident)
    assert (shown.properties.title, shown.properties.additional_data.bookmarks_count) == ("Eve again", 2)
    expanded = web(ground).post(
        f"{base(ground)}/bookmarks/{bookmarks[0]}/expand",
        params={"api-version": "2024-01-01-preview"},
        headers=bearer(ground),
        json={},
    )
    assert sorted(each["kind"] for each in expanded.json()["value"]["entities"]) == ["Account", "Ip"]
    logged = rows(
        ground,
        f"HuntingBookmark | where BookmarkId in ('{bookmarks[0]}', '{bookmarks[1]}') | summarize dcount(BookmarkId)",
    )
    assert logged == [[2]]


def test_a_query_of_ones_own_with_mappings(ground: Ready, tmp_path: Path) -> None:
    query = "Signs_CL | where user_s == 'ann' | project Who = user_s"
    entity = ("--entity", "Account.Name=Who", "--name", "Seen: {{Who}}")
    done = vedette(ground, tmp_path, "hunt", "bookmark", query, "--kql", *entity)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1)[1].strip() == "Seen: ann"
    wrong = vedette(ground, tmp_path, "hunt", "bookmark", query, "--kql", "--rows", "7")
    assert wrong.returncode == 1
    assert "'rows' has numbers from 0 to 0" in wrong.stderr
    wrong = vedette(ground, tmp_path, "hunt", "bookmark", query, "--kql", "--entity", "Wizard.Name=Who")
    assert wrong.returncode == 1
    assert "Wizard" in wrong.stderr


def test_rows_are_printed_as_they_arrive(ground: Ready, tmp_path: Path) -> None:
    query = "Live_CL | where n_d > 1 | project n_d"
    collect(ground, "Live", [{"n": 7}])
    process = subprocess.Popen(
        [*VEDETTE, "hunt", "live", query, "--interval", "1", "--count", "3"],
        cwd=tmp_path,
        env=environment(ground, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_stream(ground)
    for n in (1, 2, 3):
        collect(ground, "Live", [{"n": n}])
        time.sleep(0.3)
    collect(ground, "Live", [{"n": 4}])
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert [json.loads(line) for line in out.splitlines()] == [{"n_d": 2.0}, {"n_d": 3.0}, {"n_d": 4.0}]


def wait_for_stream(ready: Ready) -> None:
    """Until a query of the stream was seen by the server, which has run it by then."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        time.sleep(0.1)
        with web(ready) as client:
            told = client.get("/vedette/status", headers=bearer(ready)).text
        if "Live_CL" in told:
            return
    pytest.fail("the stream did not begin")


def live(ready: Ready, **more: Any) -> Any:
    path = f"/vedette/workspaces/{ready['workspace_id']}/hunting/live"
    return web(ready).stream("POST", path, headers=bearer(ready) | more.pop("headers", {}), json=more)


def test_a_client_that_comes_back_misses_nothing(ground: Ready) -> None:
    query = "Back_CL | project n_d"
    collect(ground, "Back", [{"n": 0}])
    since = datetime.now(UTC).isoformat()
    collect(ground, "Back", [{"n": 1}])
    id = ""
    with live(ground, query=query, since=since, interval=1) as stream:
        lines = stream.iter_lines()
        for line in lines:
            if line.startswith("id: "):
                id = line[4:]
            if line.startswith("data: "):
                assert json.loads(line[6:])["rows"] == [[1.0]]
                break
    collect(ground, "Back", [{"n": 2}])
    with live(ground, query=query, interval=1, headers={"Last-Event-ID": id}) as stream:
        told = next(json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
    assert told["rows"] == [[2.0]]
    assert told["from"] == id


def test_what_a_stream_refuses(ground: Ready) -> None:
    for body in (
        {"query": "Nonsense_CL | where"},
        {"query": "print 1", "interval": 0},
        {"query": "print 1", "since": "x"},
        {},
    ):
        with live(ground, **body) as answer:
            assert answer.status_code == 400, body
    with web(ground) as client:
        path = f"/vedette/workspaces/{ground['workspace_id']}/hunting/live"
        assert client.get(path, params={"query": "print 1"}).status_code == 401


def test_streams_are_limited_and_given_back(ground: Ready) -> None:
    opened = [live(ground, query="print 1", interval=1) for _ in range(5)]
    streams = [each.__enter__() for each in opened]
    assert {each.status_code for each in streams} == {200}
    with live(ground, query="print 1") as refused:
        assert refused.status_code == 429
        assert "Retry-After" in refused.headers
    for each in opened:
        each.__exit__(None, None, None)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with live(ground, query="print 1", interval=1) as answer:
            if answer.status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail("the streams are still counted")


def test_a_server_that_stops_ends_its_streams(tmp_path: Path) -> None:
    ended: list[str] = []

    def read(ready: Ready, begun: threading.Event) -> None:
        with live(ready, query="print 1", interval=60) as stream:
            begun.set()
            ended.extend(line for line in stream.iter_lines() if line.startswith("data: "))

    with running(tmp_path) as ready:  # checks that it stops in time
        begun = threading.Event()
        reader = threading.Thread(target=read, args=(ready, begun))
        reader.start()
        assert begun.wait(20)
    reader.join(10)
    assert "ServerStopping" in ended[-1]
