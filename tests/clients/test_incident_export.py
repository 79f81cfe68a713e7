"""`vedette incidents export`: every incident with what hangs on it, across pages and interruptions, and the way scripts
do it against Azure's own host name."""

import csv
import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from tests.clients.command import VEDETTE, environment, vedette
from tests.clients.conftest import running
from tests.clients.sdk import Ready, bearer, collect, web

VERSION = {"api-version": "2024-03-01"}
NUMBER = 20

SCRIPT = """
    import os
    import requests
    from azure.identity import ClientSecretCredential

    names = ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")
    credential = ClientSecretCredential(*(os.environ[f"AZURE_{name}"] for name in names))
    token = credential.get_token("https://management.azure.com/.default").token
    headers = {"Authorization": f"Bearer {token}"}
    workspace = (
        f"/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{os.environ['AZURE_RESOURCE_GROUP']}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{os.environ['VEDETTE_WORKSPACE_NAME']}"
    )
    incidents = f"https://management.azure.com{workspace}/providers/Microsoft.SecurityInsights/incidents"
    url = f"{incidents}?api-version=2020-01-01&$top=7"
    names = []
    while url:
        page = requests.get(url, headers=headers, timeout=30).json()
        names += [each["name"] for each in page["value"]]
        url = page.get("nextLink")
    for name in names:
        print(name)
"""


def base(ready: Ready) -> str:
    group = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"
    return f"{workspace}/providers/Microsoft.SecurityInsights"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """A server of its own with incidents by hand, one of them with everything, and one that a rule raised."""
    with running(tmp_path_factory.mktemp("full"), "--virtual-clock") as ready, web(ready) as client:
        headers = bearer(ready)

        def put(path: str, properties: dict[str, Any], kind: str | None = None) -> None:
            body = {"properties": properties} | ({"kind": kind} if kind else {})
            answer = client.put(f"{base(ready)}/{path}", params=VERSION, json=body, headers=headers)
            assert answer.is_success, answer.text

        for number in range(1, NUMBER + 1):
            title = "=1+1" if number == 2 else f"Incident {number}"
            put(f"incidents/i{number}", {"title": title, "severity": "Low", "status": "New"})
        put("incidents/i1/comments/c1", {"message": "Seen"})
        put("incidents/i1/tasks/t1", {"title": "Call", "status": "New"})
        put("bookmarks/b1", {"displayName": "Odd row", "query": "x"})
        put("incidents/i1/relations/r1", {"relatedResourceId": f"{base(ready)}/bookmarks/b1"})
        collect(ready, "Beats", [{"host": "web01"}])
        rule = {
            "displayName": "Beats",
            "enabled": True,
            "severity": "High",
            "query": "Beats_CL",
            "queryFrequency": "PT5M",
            "queryPeriod": "PT1H",
            "triggerOperator": "GreaterThan",
            "triggerThreshold": 0,
            "suppressionDuration": "PT1H",
            "suppressionEnabled": False,
            "entityMappings": [
                {"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "host_s"}]}
            ],
        }
        put("alertRules/r1", rule, "Scheduled")
        assert client.post("/vedette/clock", json={"advance": "PT5M"}, headers=headers).is_success
        yield ready


def exported(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_incident_with_what_hangs_on_it(full: Ready, tmp_path: Path) -> None:
    done = vedette(full, tmp_path, "incidents", "export", "all.jsonl", "--page", "4")
    assert done.returncode == 0, done.stderr
    incidents = exported(tmp_path / "all.jsonl")
    assert [each["properties"]["incidentNumber"] for each in incidents] == list(range(1, NUMBER + 2))
    first, last = incidents[0], incidents[-1]
    assert [each["properties"]["message"] for each in first["comments"]] == ["Seen"]
    assert [each["properties"]["title"] for each in first["tasks"]] == ["Call"]
    assert [each["properties"]["displayName"] for each in first["bookmarks"]] == ["Odd row"]
    assert [each["properties"]["alertDisplayName"] for each in last["alerts"]] == ["Beats"]
    assert [each["properties"]["hostName"] for each in last["entities"]] == ["web01"]
    assert not (tmp_path / "all.jsonl.part").exists()


def test_the_other_formats_say_the_same(full: Ready, tmp_path: Path) -> None:
    for name in ("all.json", "all.csv", "all.parquet"):
        done = vedette(full, tmp_path, "incidents", "export", name, "--without", "tasks")
        assert done.returncode == 0, done.stderr
    whole = json.loads((tmp_path / "all.json").read_text())
    assert "tasks" not in whole[0]
    with (tmp_path / "all.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    rows = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert [each["name"] for each in whole] == [each["IncidentName"] for each in table]
    assert [each["IncidentName"] for each in rows] == [each["IncidentName"] for each in table]
    assert (table[1]["Title"], rows[1]["Title"]) == ("'=1+1", "=1+1")
    assert json.loads(table[0]["Comments"])[0]["properties"]["message"] == "Seen"
    assert json.loads(rows[-1]["Entities"])[0]["kind"] == "Host"
    assert rows[-1]["AlertsCount"] == 1


def test_a_filter(full: Ready, tmp_path: Path) -> None:
    done = vedette(full, tmp_path, "incidents", "export", "some.jsonl", "--filter", "properties/severity eq 'High'")
    assert done.returncode == 0, done.stderr
    assert [each["properties"]["title"] for each in exported(tmp_path / "some.jsonl")] == ["Beats"]


def test_killed_again_and_again_it_loses_nothing_and_has_nothing_twice(full: Ready, tmp_path: Path) -> None:
    part, killed = tmp_path / "all.jsonl.part", 0
    for least in (2, 9, 15):
        process = subprocess.Popen(
            [*VEDETTE, "incidents", "export", "all.jsonl", "--page", "3"],
            cwd=tmp_path,
            env=environment(full, tmp_path),
            stderr=subprocess.PIPE,
        )
        while process.poll() is None and (not part.exists() or part.read_bytes().count(b"\n") <= least):
            time.sleep(0.001)
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if part.exists():
            part.write_bytes(part.read_bytes() + b'{"cut off')
    assert killed
    done = vedette(full, tmp_path, "incidents", "export", "all.jsonl", "--page", "3")
    assert done.returncode == 0, done.stderr
    assert "Goes on with an export that was interrupted" in done.stderr
    assert [each["name"] for each in exported(tmp_path / "all.jsonl")][:NUMBER] == [
        f"i{n}" for n in range(1, NUMBER + 1)
    ]
    assert len(exported(tmp_path / "all.jsonl")) == NUMBER + 1


def test_what_is_left_of_another_export_is_not_mixed_in(full: Ready, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl.part").write_text('{"vedetteIncidentExport": 1, "filter": "other"}\n')
    done = vedette(full, tmp_path, "incidents", "export", "all.jsonl")
    assert done.returncode == 1
    assert "is left from an export of other incidents" in done.stderr


def test_from_azure_itself(full: Ready, tmp_path: Path) -> None:
    """With Azure's own addresses, which `vedette exec` answers for; the credentials are those of the environment."""
    names = ("--subscription", full["subscription_id"], "--resource-group", full["resource_group"])
    azure = ("--endpoint", "https://management.azure.com", *names, "--workspace", full["workspace_name"])
    done = vedette(full, tmp_path, "exec", "--", *VEDETTE, "incidents", "export", "azure.jsonl", "--page", "10", *azure)
    assert done.returncode == 0, done.stderr
    incidents = exported(tmp_path / "azure.jsonl")
    assert len(incidents) == NUMBER + 1
    assert incidents[0]["comments"][0]["properties"]["message"] == "Seen"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x.xlsx",), "does not end in a format"),
        (("x.csv", "--endpoint", "https://a.example"), "--subscription"),
        (
            (
                "x.csv",
                "--endpoint",
                "http://a.example",
                "--subscription",
                "s",
                "--resource-group",
                "g",
                "--workspace",
                "w",
            ),
            "no https",
        ),
        (
            (
                "x.csv",
                "--endpoint",
                "https://a.example",
                "--subscription",
                "s",
                "--resource-group",
                "g",
                "--workspace",
                "w",
            ),
            "AZURE_TENANT_ID",
        ),
        (("x.csv", "--filter", "nonsense"), "filter"),
    ],
)
def test_what_is_refused(full: Ready, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    unset = dict.fromkeys(("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"), "")
    done = vedette(full, tmp_path, "incidents", "export", *arguments, **unset)
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "x.csv").exists()


def test_a_script_that_exports_all_incidents_of_azure(full: Ready, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(SCRIPT))
    done = vedette(full, tmp_path, "exec", "--", sys.executable, program)
    assert done.returncode == 0, done.stderr
    names = done.stdout.split()
    assert len(names) == len(set(names)) == NUMBER + 1
    assert {f"i{number}" for number in range(1, NUMBER + 1)} < set(names)
