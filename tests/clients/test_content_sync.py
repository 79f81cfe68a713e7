"""`vedette content sync`: repositories that were made for Microsoft Sentinel's Repositories."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .command import Ready, vedette
from .sdk import bearer, web
from .test_content import ask, make_workspace, ok, workspace_path

Run = Callable[..., subprocess.CompletedProcess[str]]
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
RULE = "11111111-0000-4000-8000-00000000000a"


def template(resources: list[Any], **parameters: Any) -> str:
    declared = {"workspace": {"type": "String"}, **parameters}
    told = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": declared, "resources": resources}
    return json.dumps(told, indent=2)


def rule(severity: str = "[parameters('severity')]") -> dict[str, Any]:
    return {
        "id": f"[concat(resourceId('Microsoft.OperationalInsights/workspaces/providers', parameters('workspace'), "
        f"'Microsoft.SecurityInsights'),'/alertRules/{RULE}')]",
        "name": f"[concat(parameters('workspace'),'/Microsoft.SecurityInsights/{RULE}')]",
        "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
        "kind": "Scheduled",
        "apiVersion": "2022-11-01-preview",
        "properties": {
            "displayName": "Synced",
            "description": "",
            "severity": severity,
            "enabled": True,
            "query": "SecurityEvent\n| where EventID == 4625",
            "queryFrequency": "PT1H",
            "queryPeriod": "PT1H",
            "triggerOperator": "GreaterThan",
            "triggerThreshold": 0,
            "suppressionDuration": "PT5H",
            "suppressionEnabled": False,
            "tactics": ["Impact"],
        },
    }


def search(name: str, **properties: Any) -> dict[str, Any]:
    told = {"category": "Hunting Queries", "displayName": name, "query": "SecurityEvent | take 1"} | properties
    return {
        "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
        "name": f"[concat(parameters('workspace'), '/{name}')]",
        "apiVersion": "2020-08-01",
        "properties": told,
    }


def parameters(**values: Any) -> str:
    return json.dumps(
        {"contentVersion": "1.0.0.0", "parameters": {name: {"value": each} for name, each in values.items()}}
    )


@pytest.fixture
def workspace(server: Ready, tmp_path: Path) -> str:
    name = f"sync-{tmp_path.name.replace('_', '-')[-40:]}".strip("-")
    make_workspace(server, name)
    return name


@pytest.fixture
def run(server: Ready, tmp_path: Path, workspace: str) -> Run:
    def command(*more: str | Path) -> subprocess.CompletedProcess[str]:
        return vedette(server, tmp_path, "content", "sync", tmp_path / "repo", "--workspace", workspace, *more)

    return command


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    for name, text in {
        "Rules/rule.json": template([rule()], severity={"type": "string", "defaultValue": "Low"}),
        "Rules/rule.parameters.json": parameters(severity="High"),
        "Hunting/hunt.json": template([search("hunt")]),
        "Parsers/parser.json": template([search("parser", category="x", functionAlias="Synced")]),
        "Other/storage.json": template([{"type": "Microsoft.Storage/storageAccounts", "name": "x", "apiVersion": "1"}]),
        "Other/settings.json": '{"some": "settings"}',
        ".github/workflows/deploy.json": "{",
        "azure-pipelines.yml": "trigger: [main]\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def customer_id(ready: Ready, workspace: str) -> str:
    with web(ready) as client:
        path = workspace_path(ready, workspace)
        answer = client.get(path, params={"api-version": "2022-10-01"}, headers=bearer(ready))
    return answer.json()["properties"]["customerId"]


def test_what_has_changed_is_deployed_with_metadata(server: Ready, run: Run, workspace: str, repository: Path) -> None:
    first = run()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "skipped Other/storage.json" in first.stdout
    assert "skipped Other/settings.json" in first.stdout
    assert "3 deployed, 2 skipped" in first.stderr
    made = ask(server, workspace, "GET", f"alertRules/{RULE}")["properties"]
    assert (made["displayName"], made["severity"]) == ("Synced", "High")
    metadata = {each["name"]: each["properties"] for each in ask(server, workspace, "GET", "metadata")["value"]}
    assert set(metadata) == {f"analyticsrule-{RULE}", "huntingquery-hunt", "parser-parser"}
    told = metadata[f"analyticsrule-{RULE}"]
    assert told["source"]["kind"] == "SourceRepository"
    assert told["parentId"].lower().endswith(f"/alertrules/{RULE}")
    (table,) = (repository / ".sentinel").glob("tracking_table_*.csv")
    assert table.read_text().splitlines()[0] == "FileName, CommitSha"
    sha = subprocess.run(["git", "hash-object", repository / "Rules/rule.json"], capture_output=True, text=True)
    if sha.returncode == 0:
        assert f"Rules/rule.json,{sha.stdout.strip()}" in table.read_text()
    again = ok(run())
    assert "deployed" not in again
    (repository / "Rules/rule.parameters.json").write_text(parameters(severity="Medium"))
    assert "deployed Rules/rule.json" in ok(run())
    assert ask(server, workspace, "GET", f"alertRules/{RULE}")["properties"]["severity"] == "Medium"
    assert "3 deployed" in run("--full").stderr


def test_the_configuration_file(server: Ready, run: Run, workspace: str, repository: Path) -> None:
    id = customer_id(server, workspace)
    (repository / f"Rules/rule.parameters-{id}.json").write_text(parameters(severity="Medium"))
    ok(run())
    assert ask(server, workspace, "GET", f"alertRules/{RULE}")["properties"]["severity"] == "Medium"
    (repository / "mapped.json").write_text(parameters(severity="Informational"))
    config = {
        "prioritizedcontentfiles": ["Parsers/parser.json"],
        "excludecontentfiles": ["hunting", "Other/"],
        "parameterfilemappings": {id.upper(): {"Rules/rule.json": "mapped.json"}},
        "somethingelse": 1,
    }
    (repository / "sentinel-deployment.config").write_text(json.dumps(config))
    done = ok(run())
    assert done.splitlines() == ["deployed Parsers/parser.json", "deployed Rules/rule.json"]
    assert ask(server, workspace, "GET", f"alertRules/{RULE}")["properties"]["severity"] == "Informational"


def test_content_types_that_were_not_chosen_are_skipped(run: Run, repository: Path) -> None:
    done = ok(run("--content-type", "AnalyticsRule"))
    assert "deployed Rules/rule.json" in done
    assert "skipped Hunting/hunt.json" in done


def test_a_file_that_fails_does_not_stop_the_others(run: Run, repository: Path) -> None:
    wrong = rule("Severe")
    wrong["properties"]["query"] = "SecurityEvent | wear x"
    (repository / "Rules/wrong.json").write_text(template([wrong]))
    (repository / "Rules/broken.json").write_text('{"resources": [')
    (repository / "Rules/\x1b[2J.yaml").write_text("detection: {}\nlogsource: {}\n")
    done = run()
    assert done.returncode == 1
    assert "failed Rules/wrong.json: " in done.stdout
    assert "failed Rules/broken.json: " in done.stdout
    assert "deployed Hunting/hunt.json" in done.stdout
    assert "2 of 5 deployments failed." in done.stderr
    assert "Rules/\\x1b[2J.yaml:1:1: " in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "failed Rules/wrong.json" in run().stdout  # what failed is tried again


def test_yaml_is_applied_beside(server: Ready, run: Run, workspace: str, repository: Path) -> None:
    (repository / "Rules/extra.yaml").write_text(
        """\
id: 11111111-0000-4000-8000-00000000000b
name: In YAML
description: ""
kind: Scheduled
severity: Low
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [Impact]
query: SecurityEvent
"""
    )
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    rules = ask(server, workspace, "GET", "alertRules")["value"]
    assert {each["properties"]["displayName"] for each in rules} == {"Synced", "In YAML"}
