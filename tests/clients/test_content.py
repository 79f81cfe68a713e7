"""`vedette content`: files against a live server's workspaces, as people run it."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from .command import VEDETTE, Ready, vedette
from .sdk import bearer, web

SENTINEL = {"api-version": "2024-03-01"}
SEARCHES = {"api-version": "2020-08-01"}
Run = Callable[..., subprocess.CompletedProcess[str]]
CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
CORPUS = CORPUS / "kql" / "sentinel_queries.jsonl"

RULE = """\
# why this rule is here
id: 11111111-0000-4000-8000-000000000001
name: Many failures
description: Somebody guesses passwords.
kind: Scheduled
severity: medium
queryFrequency: PT60M
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [CredentialAccess]
relevantTechniques: [T1110]
query: |
  SecurityEvent
  | where EventID == 4625
  | summarize n = count() by Account
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: Account
customDetails:
  Count: n
version: 1.0.0
"""
CALLED = """\
id: aaaaaaaa-0000-4000-8000-000000000001
Function:
  Title: Failures
  Version: 1.0.0
Category: Parsers
FunctionName: Failures
FunctionQuery: |
  SecurityEvent
  | where EventID == 4625
"""
CALLS = """\
id: 00000000-0000-4000-8000-000000000002
Function:
  Title: Failures by account
  Version: 1.0.0
Category: Parsers
FunctionName: AFailuresByAccount
FunctionQuery: |
  Failures
  | summarize n = count() by Account
"""
WATCHLIST = """\
type: Microsoft.SecurityInsights/watchlists
name: vips
properties:
  displayName: VIPs
  provider: us
  source: vips.csv
  itemsSearchKey: user
  contentType: text/csv
  numberOfLinesToSkip: 0
  rawContent: |
    user,role
    ann,"boss, of all"
    bob,cook
"""
AUTOMATION = """\
type: Microsoft.SecurityInsights/automationRules
name: 33333333-0000-4000-8000-000000000001
properties:
  displayName: Close what is informational
  order: 1
  triggeringLogic:
    isEnabled: true
    triggersOn: Incidents
    triggersWhen: Created
    conditions:
      - conditionType: Property
        conditionProperties:
          propertyName: IncidentSeverity
          operator: Equals
          propertyValues: [Informational]
  actions:
    - order: 1
      actionType: ModifyProperties
      actionConfiguration:
        status: Closed
        classification: Undetermined
"""
FILES = {
    "rule.yaml": RULE,
    "called.yaml": CALLED,
    "calls.yaml": CALLS,
    "watchlist.yaml": WATCHLIST,
    "automation.yaml": AUTOMATION,
}

KINDS = tuple(f"--kind={kind}" for kind in ("AlertRule", "Parser", "Watchlist", "AutomationRule"))
"""Without what all workspaces of a resource group share."""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def workspace(server: Ready, tmp_path: Path) -> str:
    """A workspace of the test's own."""
    name = f"content-{tmp_path.name.replace('_', '-')[-40:]}"[:60].strip("-")
    make_workspace(server, name)
    return name


@pytest.fixture
def run(server: Ready, tmp_path: Path, workspace: str) -> Run:
    """`vedette content …` against the test's workspace."""

    def command(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        name, *rest = arguments
        return vedette(server, tmp_path, "content", name, *rest, "--workspace", workspace, **more)

    return command


def workspace_path(ready: Ready, name: str) -> str:
    group = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
    return f"{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"


def make_workspace(ready: Ready, name: str) -> None:
    path = workspace_path(ready, name)
    with web(ready) as client:
        body = {"location": "local", "properties": {}}
        answer = client.put(path, params={"api-version": "2022-10-01"}, json=body, headers=bearer(ready))
        assert answer.is_success, answer.text
        onboarded = f"{path}/providers/Microsoft.SecurityInsights/onboardingStates/default"
        answer = client.put(onboarded, params=SENTINEL, json={"properties": {}}, headers=bearer(ready))
        assert answer.is_success, answer.text


def ask(ready: Ready, workspace: str, method: str, below: str, body: Any = None) -> Any:
    """A request below a workspace, by hand."""
    version = SEARCHES if below.startswith("savedSearches") else SENTINEL
    place = below if below.startswith("savedSearches") else f"providers/Microsoft.SecurityInsights/{below}"
    with web(ready) as client:
        sent = {} if body is None else {"json": body}
        url = f"{workspace_path(ready, workspace)}/{place}"
        answer = client.request(method, url, params=version, headers=bearer(ready), **sent)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else {}


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_applied_is_there_in_its_order_and_the_plan_is_then_empty(
    server: Ready, run: Run, workspace: str, files: Path
) -> None:
    planned = ok(run("plan", files))
    assert "+ AlertRule Many failures" in planned
    assert planned.rstrip().endswith("5 to create, 0 unchanged.")
    assert ask(server, workspace, "GET", "alertRules")["value"] == []
    ok(run("apply", files))
    again = run("plan", files, "--detailed-exitcode")
    assert again.returncode == 0, again.stdout
    assert "nothing to do, 5 unchanged" in again.stdout
    rule = ask(server, workspace, "GET", "alertRules/11111111-0000-4000-8000-000000000001")
    assert rule["properties"]["entityMappings"][0]["entityType"] == "Account"
    assert rule["properties"]["customDetails"] == {"Count": "n"}
    items = ask(server, workspace, "GET", "watchlists/vips/watchlistItems")["value"]
    assert {each["properties"]["itemsKeyValue"]["role"] for each in items} == {"boss, of all", "cook"}


def test_only_what_differs_is_sent(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files))
    before = ask(server, workspace, "GET", "alertRules/11111111-0000-4000-8000-000000000001")
    assert "5 unchanged" in run("apply", files).stderr
    assert ask(server, workspace, "GET", "alertRules/11111111-0000-4000-8000-000000000001") == before
    (files / "rule.yaml").write_text(RULE.replace("4625", "4624").replace("medium", "HIGH"))
    planned = run("plan", files, "--detailed-exitcode")
    assert planned.returncode == 2
    assert "properties.severity: Medium → HIGH" in planned.stdout
    assert "-| where EventID == 4625" in planned.stdout
    assert "1 to update, 4 unchanged" in planned.stdout
    assert "1 changed, 4 unchanged" in run("apply", files).stderr
    after = ask(server, workspace, "GET", "alertRules/11111111-0000-4000-8000-000000000001")
    assert after["properties"]["severity"] == "High"
    assert after["etag"] != before["etag"]


def test_an_export_is_the_same_bytes_in_every_workspace(
    server: Ready, run: Run, workspace: str, files: Path, tmp_path: Path
) -> None:
    ok(run("import", files))
    ok(run("export", tmp_path / "one"))
    other = f"{workspace[:50]}-b"
    make_workspace(server, other)
    ok(vedette(server, tmp_path, "content", "import", tmp_path / "one", "--workspace", other))
    ok(vedette(server, tmp_path, "content", "export", tmp_path / "two", "--workspace", other))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one == two
    assert set(one) >= {"AnalyticsRules/Many_failures.yaml", "Watchlists/VIPs.yaml", "Parsers/Failures.yaml"}
    ok(run("export", tmp_path / "all.json", "--bundle", "--format", "json"))
    assert run("plan", tmp_path / "all.json", "--detailed-exitcode").returncode == 0


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_file_that_says_the_same_keeps_its_comments(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files))
    ok(run("export", files, *KINDS))
    assert (files / "rule.yaml").read_text() == RULE
    assert sorted(each.name for each in files.rglob("*.yaml")) == sorted(FILES)
    ok(run("disable", "Many *"))
    ok(run("export", files, *KINDS))
    assert "enabled: false" in (files / "rule.yaml").read_text()
    assert not (files / "AnalyticsRules").exists()


def test_what_is_refused_stops_it_and_is_told_with_its_place(run: Run, files: Path) -> None:
    (files / "called.yaml").write_text(CALLED.replace("| where", "| wear"))
    done = run("apply", files)
    assert done.returncode == 1
    assert f"{files}/called.yaml:1: Parser 'Failures'" in done.stderr
    assert "1 failed" in done.stderr
    assert "not attempted" in done.stderr
    going_on = run("apply", files, "--keep-going")
    assert going_on.returncode == 1
    assert "1 failed" in going_on.stderr
    (files / "called.yaml").write_text(CALLED)
    ok(run("apply", files))
    assert run("plan", files, "--detailed-exitcode").returncode == 0


def test_files_of_which_one_cannot_be_read_change_nothing(server: Ready, run: Run, workspace: str, files: Path) -> None:
    (files / "broken.yaml").write_text("name: [")
    done = run("apply", files)
    assert done.returncode == 1
    assert f"{files}/broken.yaml:" in done.stderr
    assert ask(server, workspace, "GET", "watchlists")["value"] == []


def test_only_what_was_managed_is_pruned(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files))
    by_hand = {"properties": {"category": "x", "displayName": "By hand", "query": "print 1"}}
    ask(server, workspace, "PUT", "savedSearches/by-hand", by_hand)
    (files / "rule.yaml").unlink()
    (files / "watchlist.yaml").write_text(WATCHLIST.replace("    bob,cook\n", ""))
    assert "nothing to do" in ok(run("plan", files))
    planned = ok(run("plan", files, "--prune"))
    assert "- AlertRule Many failures" in planned
    assert "By hand" not in planned
    refused = run("apply", files, "--prune")
    assert refused.returncode == 1
    assert "2 things would be deleted. Say --yes" in refused.stderr
    assert len(ask(server, workspace, "GET", "alertRules")["value"]) == 1
    ok(run("apply", files, "--prune", "--yes"))
    assert ask(server, workspace, "GET", "alertRules")["value"] == []
    assert len(ask(server, workspace, "GET", "watchlists/vips/watchlistItems")["value"]) == 1
    assert ask(server, workspace, "GET", "savedSearches/by-hand")["properties"]["displayName"] == "By hand"
    assert "nothing to do" in ok(run("plan", files, "--prune"))


def test_sets_of_files_leave_each_other_alone(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files / "rule.yaml", "--set", "rules"))
    ok(run("import", files / "automation.yaml", "--set", "other"))
    assert "nothing to do" in ok(run("plan", files / "automation.yaml", "--set", "other", "--prune"))
    assert "1 to delete" in ok(run("plan", files / "automation.yaml", "--set", "rules", "--prune"))


def test_drift_is_what_was_changed_by_hand(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files))
    assert "0 changed by hand" in ok(run("drift"))
    place = "alertRules/11111111-0000-4000-8000-000000000001"
    rule = ask(server, workspace, "GET", place)
    rule["properties"]["severity"] = "Low"
    ask(server, workspace, "PUT", place, rule)
    ask(server, workspace, "DELETE", "automationRules/33333333-0000-4000-8000-000000000001")
    (files / "called.yaml").write_text(CALLED.replace("4625", "4771"))  # only not applied yet
    without = run("drift", "--detailed-exitcode")
    assert without.returncode == 2
    assert "Many failures" in without.stdout
    assert "deleted by hand" in without.stdout
    told = json.loads(ok(run("drift", files, "--format", "json")))["workspaces"][0]
    by_name = {each["title"]: each for each in told["changes"]}
    assert set(by_name) == {"Many failures", "Close what is informational"}
    assert (
        by_name["Many failures"]["differences"]
        == [{"property": "properties.severity", "before": "Low", "after": "Medium"}]
        or by_name["Many failures"]["differences"][0]["property"] == "properties.severity"
    )


@pytest.mark.parametrize("format", ["json", "sarif", "junit"])
def test_a_plan_for_machines(run: Run, files: Path, tmp_path: Path, format: str) -> None:
    ok(run("import", files))
    (files / "rule.yaml").write_text(RULE.replace("medium", "Low"))
    ok(run("plan", files, "--format", format, "--output", tmp_path / "plan"))
    text = (tmp_path / "plan").read_text()
    if format == "junit":
        suite = ElementTree.fromstring(text)[0]
        assert (suite.get("tests"), suite.get("failures")) == ("5", "1")
        failed = next(each for each in suite if each.find("failure") is not None)
        assert (failed.get("classname"), failed.get("line")) == ("AlertRule", "2")
        return
    told = json.loads(text)
    if format == "sarif":
        result = told["runs"][0]["results"][0]
        assert result["ruleId"] == "content/update"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith("rule.yaml")
    else:
        change = told["workspaces"][0]["changes"][0]
        assert change["differences"] == [{"property": "properties.severity", "before": "Medium", "after": "Low"}]


def test_rules_are_enabled_disabled_renamed_and_removed(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files))
    place = "alertRules/11111111-0000-4000-8000-000000000001"
    ok(run("disable", "many*"))
    assert ask(server, workspace, "GET", place)["properties"]["enabled"] is False
    assert "1 unchanged" in run("disable", "Many failures", "--kind", "AlertRule").stderr
    ok(run("enable", "11111111-0000-4000-8000-000000000001"))
    assert ask(server, workspace, "GET", place)["properties"]["enabled"] is True
    ok(run("rename", "Many failures", "Very many failures"))
    assert ask(server, workspace, "GET", place)["properties"]["displayName"] == "Very many failures"
    unknown = run("disable", "No such rule")
    assert (unknown.returncode, "Nothing is called 'No such rule'" in unknown.stderr) == (1, True)
    unsure = run("remove", "Very many failures")
    assert (unsure.returncode, "Say --yes" in unsure.stderr) == (1, True)
    ok(run("remove", "Very many failures", "--yes"))
    assert ask(server, workspace, "GET", "alertRules")["value"] == []


def test_workspaces_of_a_file_have_parameters(server: Ready, tmp_path: Path, workspace: str, files: Path) -> None:
    other = f"{workspace[:50]}-c"
    make_workspace(server, other)
    (files / "rule.yaml").write_text(
        RULE.replace("severity: medium", "severity: <<severity>>").replace("Threshold: 0", "Threshold: <<threshold>>")
    )
    listed = tmp_path / "workspaces.yaml"
    listed.write_text(
        f"""\
parameters: {{severity: Low, threshold: 5}}
groups:
  production: {{parameters: {{severity: High}}}}
workspaces:
  one: {{name: {workspace}, groups: [production]}}
  two: {{name: {other}, parameters: {{threshold: 7}}}}
"""
    )
    ok(vedette(server, tmp_path, "content", "apply", files, "--workspaces", listed))
    place = "alertRules/11111111-0000-4000-8000-000000000001"
    one, two = (ask(server, name, "GET", place)["properties"] for name in (workspace, other))
    assert (one["severity"], one["triggerThreshold"]) == ("High", 5)
    assert (two["severity"], two["triggerThreshold"]) == ("Low", 7)
    chosen = ok(vedette(server, tmp_path, "content", "plan", files, "--workspaces", listed, "--group", "production"))
    assert "one: nothing to do" in chosen
    assert "two" not in chosen
    undeclared = RULE.replace("severity: medium", "severity: <<typo>>")
    (files / "rule.yaml").write_text(undeclared)
    refused = vedette(server, tmp_path, "content", "apply", files, "--workspaces", listed)
    assert refused.returncode == 1
    assert "the parameter 'typo' of 'Many failures' is not declared" in refused.stderr


def test_a_title_finds_what_has_another_name(server: Ready, run: Run, workspace: str, files: Path) -> None:
    ok(run("import", files / "rule.yaml"))
    renamed = RULE.replace("11111111-0000", "22222222-0000")
    (files / "rule.yaml").write_text(renamed)
    assert "1 to create" in ok(run("plan", files / "rule.yaml"))
    assert "nothing to do, 1 unchanged" in ok(run("plan", files / "rule.yaml", "--by-title"))


def test_azure_is_spoken_to_in_the_same_way(server: Ready, tmp_path: Path, workspace: str, files: Path) -> None:
    """At Azure's own addresses, which `vedette exec` answers for, with what azure-identity finds in the environment."""
    names = ("--subscription", server["subscription_id"], "--resource-group", server["resource_group"])
    azure = ("--azure", *names, "--workspace", workspace)
    command = ("exec", "--", *VEDETTE, "content")
    ok(vedette(server, tmp_path, *command, "apply", files, *azure))
    assert "nothing to do, 5 unchanged" in ok(vedette(server, tmp_path, *command, "plan", files, *azure))
    ok(vedette(server, tmp_path, *command, "export", tmp_path / "out", *KINDS, *azure))
    assert (tmp_path / "out" / "AnalyticsRules" / "Many_failures.yaml").exists()


def test_who_cannot_sign_in_is_told_how(server: Ready, tmp_path: Path, files: Path) -> None:
    unset = dict.fromkeys(("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"), "")
    place = ("--endpoint", "https://a.example", "--subscription", "s", "--resource-group", "g", "--workspace", "w")
    done = vedette(server, tmp_path, "content", "plan", files, *place, **unset)
    assert done.returncode == 1
    assert "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_file(), reason=f"the corpus is not at {CORPUS}; set VEDETTE_CORPUS")
def test_published_rules_are_the_same_in_every_workspace(server: Ready, tmp_path: Path, workspace: str) -> None:
    """All published rules and queries that the service takes: export, import elsewhere, export: the same bytes."""
    (tmp_path / "published").mkdir()
    for number, each in enumerate(published()):
        (tmp_path / "published" / f"{number}.json").write_text(json.dumps(each))
    ok_or_refused = vedette(
        server, tmp_path, "content", "import", "published", "--keep-going", "--workspace", workspace
    )
    assert "created" in ok_or_refused.stderr
    other = f"{workspace[:50]}-p"
    make_workspace(server, other)
    ok(vedette(server, tmp_path, "content", "export", "one", *KINDS, "--workspace", workspace))
    ok(vedette(server, tmp_path, "content", "import", "one", "--workspace", other))
    ok(vedette(server, tmp_path, "content", "export", "two", *KINDS, "--workspace", other))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(contents(tmp_path / "one")) > 500
    planned = vedette(server, tmp_path, "content", "plan", "one", "--detailed-exitcode", "--workspace", other)
    assert planned.returncode == 0, planned.stdout


def published() -> Iterator[dict[str, Any]]:
    """Rules as the management API has them, disabled, each once."""
    seen: set[str] = set()
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        kind = {"analytics_rule": "Scheduled", "analytics_rule_nrt": "NRT"}.get(told["kind"])
        if kind is None or not told.get("id") or told["id"].lower() in seen:
            continue
        seen.add(told["id"].lower())
        wanted = ("queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold", "entityMappings", "query")
        rule = {name: told[name] for name in wanted if told.get(name) is not None}
        yield {"id": told["id"], "name": told["name"], "kind": kind, "severity": "Medium", "enabled": False, **rule}


def test_a_template_is_applied_with_what_its_own_workspace_is(
    server: Ready, run: Run, workspace: str, files: Path
) -> None:
    resource = {
        "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
        "apiVersion": "2020-08-01",
        "name": "[concat(parameters('workspace'), '/own')]",
        "properties": {
            "category": "Hunting Queries",
            "displayName": "[parameters('title')]",
            "query": "[concat('print \"', resourceGroup().location, ' ', subscription().subscriptionId, '\"')]",
        },
    }
    parameters = {"workspace": {"type": "string"}, "title": {"type": "string"}}
    template = {"$schema": "x/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "parameters": parameters}
    (files / "own.json").write_text(json.dumps({**template, "resources": [resource]}))
    ok(run("apply", files / "own.json", "--parameter", "title=Ours"))
    with web(server) as client:
        path = f"{workspace_path(server, workspace)}/savedSearches/own"
        told = client.get(path, params=SEARCHES, headers=bearer(server)).json()["properties"]
    assert told["displayName"] == "Ours"
    assert told["query"].endswith(f' {server["subscription_id"]}"')
    assert 'print " ' not in told["query"]
