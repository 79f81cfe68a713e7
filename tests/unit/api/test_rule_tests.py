"""Tests of rules on a server: run apart, kept beside the rule, for those who may."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.access.role_definitions import SENTINEL_READER
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.engine.cancellation import Cancellation
from vedette.kql.types import ScalarType
from vedette.rule_tests.apart import Asked, run_apart

BASE = "https://127.0.0.1:8443"
PROPERTIES: dict[str, Any] = {
    "displayName": "Doors that were forced",
    "enabled": False,
    "severity": "High",
    "query": "Forced(3)\n| where Host startswith 'web'",
    "queryFrequency": "PT5M",
    "queryPeriod": "PT1H",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
    "entityMappings": [{"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Host"}]}],
}
TESTS = """\
defaults:
  ForcedDoors_CL: {Level: 5}
tests:
  - name: a forced door is found
    events:
      ForcedDoors_CL: [{Host: web01}]
    expect:
      alerts: [{entities: [Host: {HostName: web01}]}]
      incidents: 1
  - name: another host
    events:
      ForcedDoors_CL: [{Host: db01}]
    expect: fires
  - name: later
    skip: not yet
    expect: none
"""


@pytest.fixture
def base(services: Services) -> str:
    return f"/vedette/workspaces/{services.estate.workspace_id}/rules"


@pytest.fixture
def rule(services: Services, owner: TestClient) -> Iterator[str]:
    """The path of a rule that reads a table of the workspace's own by a function of its own."""
    workspace = services.estate.workspace_resource_id
    rows, columns = [{"Host": "real01", "Level": 9}], {"Host": ScalarType.string, "Level": ScalarType.long}
    services.logs.append(services.estate.workspace_id, "ForcedDoors_CL", rows, columns=columns).result(30)
    function = {"functionAlias": "Forced", "functionParameters": "least:long", "category": "f", "displayName": "f"}
    body = {"properties": function | {"query": "ForcedDoors_CL | where Level >= least"}}
    assert owner.put(f"{workspace}/savedSearches/forced?api-version=2020-08-01", json=body).is_success
    path = f"{workspace}/providers/Microsoft.SecurityInsights/alertRules/forced?api-version=2024-09-01"
    assert owner.put(path, json={"kind": "Scheduled", "properties": PROPERTIES}).is_success
    yield path
    owner.delete(path)
    owner.delete(f"{workspace}/savedSearches/forced?api-version=2020-08-01")


def test_tests_are_run_with_what_the_workspace_has(owner: TestClient, base: str, rule: str) -> None:
    """Its functions and the columns of its tables; its rows are none of theirs."""
    body = {"rule": {"kind": "Scheduled", "properties": PROPERTIES}, "tests": TESTS}
    told = owner.post(f"{base}/tests", json=body).json()
    assert (told["passed"], told["failed"], told["skipped"]) == (1, 1, 1)
    first, second, third = told["cases"]
    assert (first["status"], first["line"], first["got"]["rows"]) == ("passed", 4, {"ForcedDoors_CL": 1})
    assert first["got"]["alerts"][0]["entities"][0]["HostName"] == "web01"
    assert first["got"]["incidents"][0]["title"] == PROPERTIES["displayName"]
    assert (second["status"], second["expected"], second["got"]["alertsCount"]) == ("failed", "fires", 0)
    assert second["differences"] == ["expected at least one alert, found 0"]
    assert second["stoppedAt"] == {"line": 2, "text": "where Host startswith 'web'"}
    assert any("not: Host startswith 'web'" in line for line in second["report"])
    assert (third["status"], third["reason"]) == ("skipped", "not yet")


def test_tests_are_kept_beside_the_rule(services: Services, owner: TestClient, base: str, rule: str) -> None:
    path = f"{base}/forced/tests"
    assert owner.get(path).json()["error"]["code"] == "NoTests"
    assert owner.post(f"{base}/tests", json={"rule": "forced"}).status_code == 400
    made = owner.put(path, json={"tests": "tests: # a draft"}, headers={"If-None-Match": "*"})
    assert (made.status_code, made.headers["etag"]) == (200, f'"{made.json()["etag"]}"')
    assert owner.put(path, json={"tests": TESTS}, headers={"If-None-Match": "*"}).status_code == 412
    assert owner.put(path, json={"tests": TESTS}, headers={"If-Match": '"other"'}).status_code == 412
    assert owner.put(path, json={"tests": TESTS}, headers={"If-Match": made.headers["etag"]}).status_code == 200
    assert owner.get(path).json() | {"etag": ""} == owner.get(path).json() | {
        "etag": "",
        "tests": TESTS,
        "lastRun": None,
    }
    assert owner.post(f"{base}/tests", json={"rule": "forced"}).json()["failed"] == 1
    (listed,) = owner.get(f"{base}/tests").json()["value"]
    run = listed["lastRun"]
    assert (listed["name"], run["passed"], run["failed"], run["skipped"]) == ("forced", 1, 1, 1)
    assert run["ruleEtag"] == owner.get(rule).json()["etag"].strip('"')
    owner.put(path, json={"tests": TESTS + "\n"})
    assert owner.get(path).json()["lastRun"] is None
    owner.delete(rule)
    assert owner.get(f"{base}/tests").json()["value"] == []
    assert services.state.count("Vedette/ruleTestRuns") == 0


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("tests:\n  - name: a\n    expct: none\n", "Line 3: there is no 'expct'"),
        (
            "tests: [{name: a, events: {SigninLogs: /etc/passwd}, expect: none}]",
            "'/etc/passwd' is a file; tests on a server",
        ),
        ("tests: [{name: a, content: [../..], expect: none}]", "'../..' is a file; tests on a server"),
        ({"tests": [{"name": "a", "events": {"SigninLogs": [{"$times": 200_000}]}, "expect": "none"}]}, "rows"),
        ("x: &a [1]\ny: *a\n", "Line 1"),
    ],
)
def test_what_is_no_test_file(owner: TestClient, base: str, tests: Any, said: str) -> None:
    body = {"rule": {"kind": "Scheduled", "properties": PROPERTIES}, "tests": tests}
    error = owner.post(f"{base}/tests", json=body).json()["error"]
    assert error["code"] == "InvalidTestFile"
    assert said in error["message"]


@pytest.mark.parametrize(
    "body", [{}, {"rule": 1}, {"rule": {"kind": "Fusion", "properties": {}}, "tests": ""}, {"rule": {}, "tests": 5}]
)
def test_what_is_no_request(owner: TestClient, base: str, body: dict[str, Any]) -> None:
    assert owner.post(f"{base}/tests", json=body).status_code == 400


def test_who_may(services: Services, anonymous: TestClient, base: str, rule: str, owner: TestClient) -> None:
    reader = service_principal(services, "tests reader")
    services.roles.assign(reader, SENTINEL_READER, services.estate.workspace_resource_id)
    token = services.tokens.issue(reader, BASE, base=BASE).text
    client = TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    owner.put(f"{base}/forced/tests", json={"tests": TESTS})
    assert client.get(f"{base}/tests").status_code == client.get(f"{base}/forced/tests").status_code == 200
    assert client.post(f"{base}/tests", json={"rule": "forced"}).status_code == 403
    assert client.put(f"{base}/forced/tests", json={"tests": ""}).status_code == 403
    assert client.delete(f"{base}/forced/tests").status_code == 403
    assert anonymous.get(f"{base}/tests").status_code == 401
    assert owner.delete(f"{base}/forced/tests").status_code == 200
    assert owner.delete(f"{base}/forced/tests").status_code == 204


def test_what_takes_too_long_is_ended() -> None:
    endless = "range x from 1 to 100000000000 step 1 | where hash_sha256(tostring(x)) == ''"
    tests = {"tests": [{"name": "a", "expect": "none"}, {"name": "b", "change": {"query": endless}, "expect": "none"}]}
    rule = {"kind": "Scheduled", "properties": PROPERTIES | {"query": "print 1 | take 0"}}
    first, second = run_apart(Asked("x", rule, tests), Cancellation(), 5.0)
    assert first["status"] == "passed"
    assert (second["status"], second["error"]["code"]) == ("error", "Timeout")


def test_what_there_is_too_much_to_tell_of(owner: TestClient, base: str) -> None:
    """Each case is named after its parameters, which together are more than what may be told."""
    matrix = {"long": ["x" * 200_000], "number": list(range(150))}
    tests = {"tests": [{"name": "a", "matrix": matrix, "expect": "none"}]}
    body = {"rule": {"kind": "Scheduled", "properties": PROPERTIES}, "tests": tests}
    answer = owner.post(f"{base}/tests", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidTestFile")


def test_a_case_that_there_is_too_much_to_tell_of() -> None:
    expected = {"alerts": 1, "incidents": [{"title": "x" * 25_000_000}]}
    tests = {"tests": [{"name": "a", "expect": "none"}, {"name": "b", "expect": expected}]}
    rule = {"kind": "Scheduled", "properties": PROPERTIES | {"query": "print 1 | take 0"}}
    first, second = run_apart(Asked("x", rule, tests), Cancellation())
    assert first["status"] == "passed"
    assert (second["status"], second["error"]["code"]) == ("error", "TooLarge")


def test_a_process_of_tests_is_bounded(tmp_path: Path) -> None:
    """What it may take of memory, of files and of time, and that it goes before the server does."""
    text = (
        "import sys, resource; from pathlib import Path; from vedette.rule_tests import child\n"
        "child.main(Path(sys.argv[1]))\n"
        "limits = [resource.getrlimit(each)[0] for each in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE)]\n"
        "print(limits == [child.MEMORY, child.FILE], Path('/proc/self/oom_score_adj').read_text())"
    )
    body = {"name": "x", "rule": {}, "tests": "", "functions": [], "tables": {}}
    body |= {"mostCases": 1, "mostRows": 1, "cpuSeconds": 10}
    ended = subprocess.run(
        [sys.executable, "-c", text, str(tmp_path)], input=json.dumps(body).encode(), capture_output=True, check=True
    )
    assert ended.stdout.decode().split()[-2:] == ["True", "1000"]
