import json
from pathlib import Path
from typing import Any

import pytest

from vedette.content.one_rule import read_rule
from vedette.core.errors import VedetteError

YAML = """
id: 00000000-0000-4000-8000-000000000000
name: Many failures
description: 'They fail.'
severity: High
requiredDataConnectors: []
queryFrequency: 1h
queryPeriod: 14d
triggerOperator: gt
triggerThreshold: 3
tactics: [Credential Access]
relevantTechniques: [T1110]
query: SigninLogs
version: 1.0.0
kind: NRT
"""


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_yaml_as_the_content_repository_has_it(tmp_path: Path) -> None:
    rule = read_rule(write(tmp_path / "r.yaml", YAML))
    assert rule["kind"] == "NRT"
    properties = rule["properties"]
    assert (properties["displayName"], properties["techniques"]) == ("Many failures", ["T1110"])
    assert (properties["queryFrequency"], properties["queryPeriod"]) == ("PT1H", "P14D")
    assert (properties["triggerOperator"], properties["tactics"]) == ("GreaterThan", ["CredentialAccess"])
    assert not {"id", "version", "name", "requiredDataConnectors"} & set(properties)


def test_a_body_and_a_template(tmp_path: Path) -> None:
    body = {"kind": "Scheduled", "properties": {"displayName": "a", "query": "T"}}
    assert read_rule(write(tmp_path / "a.json", body))["properties"]["query"] == "T"
    other = {"type": "Microsoft.Storage/storageAccounts", "name": "a", "apiVersion": "2023-01-01"}
    nested = {"type": "Microsoft.OperationalInsights/workspaces/providers/alertRules", **body}
    nested |= {"apiVersion": "2023-11-01", "name": "[concat(parameters('workspace'), '/Microsoft.SecurityInsights/a')]"}
    template = {"$schema": "…", "parameters": {"workspace": {"type": "string"}}, "resources": [other, nested]}
    assert read_rule(write(tmp_path / "t.json", template))["properties"]["displayName"] == "a"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", "{", "not JSON"),
        ("a.yaml", "a: [", "not YAML"),
        ("a.yaml", "!!python/object/apply:os.system ['true']", "not YAML"),
        ("a.json", "[]", "no analytics rule"),
        ("a.json", "[1]", "content is an object"),
        ("a.json", {"x": 1}, "none of the forms"),
        ("a.json", {"resources": []}, "no analytics rule"),
        ("a.json", {"parameters": {"q": {"type": "string"}}, "resources": []}, "a.parameters.json beside it"),
        ("a.json", [{"kind": "Fusion", "properties": {}}] * 2, "2 analytics rules"),
    ],
)
def test_what_is_no_rule(tmp_path: Path, name: str, content: Any, told: str) -> None:
    with pytest.raises(VedetteError, match=told):
        read_rule(write(tmp_path / name, content))
