"""Tests of policies: a definition, a test file, and what pytest says of it."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from vedette.rule_tests.node import WrongTestFile
from vedette.rule_tests.policy_comparison import policy_differences, policy_report
from vedette.rule_tests.policy_file import is_policy_test, read_policy_tests
from vedette.rule_tests.policy_run import run_policy_case

STORES = "Microsoft.Storage/storageAccounts"
CONTRIBUTOR = "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"

TLS = {
    "displayName": "Stores speak TLS 1.2",
    "mode": "Indexed",
    "parameters": {"effect": {"type": "String", "allowedValues": ["Audit", "Deny"], "defaultValue": "Deny"}},
    "policyRule": {
        "if": {
            "allOf": [
                {"field": "type", "equals": STORES},
                {"field": f"{STORES}/minimumTlsVersion", "notEquals": "TLS1_2"},
            ]
        },
        "then": {"effect": "[parameters('effect')]"},
    },
}
TAGS = {
    "mode": "Indexed",
    "policyRule": {
        "if": {"field": "tags['env']", "exists": False},
        "then": {
            "effect": "modify",
            "details": {
                "roleDefinitionIds": [CONTRIBUTOR],
                "operations": [{"operation": "add", "field": "tags['env']", "value": "[resourceGroup().tags['env']]"}],
            },
        },
    },
}
LOGS = {
    "mode": "Indexed",
    "parameters": {"workspace": {"type": "String"}},
    "policyRule": {
        "if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
        "then": {
            "effect": "deployIfNotExists",
            "details": {
                "type": "Microsoft.Insights/diagnosticSettings",
                "roleDefinitionIds": [CONTRIBUTOR],
                "existenceCondition": {
                    "field": "Microsoft.Insights/diagnosticSettings/workspaceId",
                    "equals": "[parameters('workspace')]",
                },
                "deployment": {
                    "properties": {
                        "mode": "incremental",
                        "parameters": {
                            "vault": {"value": "[field('name')]"},
                            "workspace": {"value": "[parameters('workspace')]"},
                        },
                        "template": {
                            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                            "contentVersion": "1.0.0.0",
                            "parameters": {"vault": {"type": "string"}, "workspace": {"type": "string"}},
                            "resources": [
                                {
                                    "type": "Microsoft.KeyVault/vaults/providers/diagnosticSettings",
                                    "apiVersion": "2021-05-01-preview",
                                    "name": "[concat(parameters('vault'), '/Microsoft.Insights/logs')]",
                                    "properties": {"workspaceId": "[parameters('workspace')]"},
                                }
                            ],
                        },
                    }
                },
            },
        },
    },
}


def written(folder: Path, policy: Any, tests: str, name: str = "p") -> Path:
    (folder / f"{name}.json").write_text(json.dumps({"properties": policy}))
    path = folder / f"{name}.test.yaml"
    path.write_text(dedent(tests))
    return path


def told(path: Path) -> list[str]:
    """What differs in each case."""
    return [
        line
        for case in read_policy_tests(path)
        for target in case.targets
        for line in policy_differences(case, run_policy_case(case, target))
    ]


TLS_TESTS = """
tests:
  - name: old TLS is denied
    resource: {type: Microsoft.Storage/storageAccounts, location: eastus, properties: {minimumTlsVersion: TLS1_0}}
    expect: {state: NonCompliant, effect: deny, denied: Stores speak TLS 1.2}
  - name: TLS 1.2 is not
    resource: {type: Microsoft.Storage/storageAccounts, location: eastus, properties: {minimumTlsVersion: TLS1_2}}
    expect: {state: compliant, denied: false, changed: none}
  - name: an audit lets it pass
    parameters: {effect: Audit}
    resource: {type: Microsoft.Storage/storageAccounts, location: eastus}
    expect: {state: NonCompliant, denied: false}
  - name: "of ${type} nothing is said"
    matrix: {type: [Microsoft.KeyVault/vaults, Microsoft.Web/sites]}
    resource: {type: "${type}", location: eastus}
    expect: notApplicable
"""


def test_denials_and_states(tmp_path: Path) -> None:
    path = written(tmp_path, TLS, TLS_TESTS)
    assert is_policy_test(path)
    assert [case.name for case in read_policy_tests(path)][-1].startswith("of Microsoft.Web/sites")
    assert told(path) == []


def test_what_a_failing_case_says(tmp_path: Path) -> None:
    path = written(tmp_path, TLS, TLS_TESTS.replace("minimumTlsVersion: TLS1_0", "minimumTlsVersion: TLS1_2"))
    case = read_policy_tests(path)[0]
    outcome = run_policy_case(case, case.targets[0])
    lines = policy_differences(case, outcome)
    assert lines == [
        "the state is Compliant; expected: NonCompliant",
        "the request is denied by: nothing; expected: 'Stores speak TLS 1.2'",
    ]
    report = policy_report(case, outcome, lines)
    assert '✗ Microsoft.Storage/storageAccounts/minimumTlsVersion notEquals "TLS1_2": it is "TLS1_2"' in report
    assert report.startswith(f"{path}:3: old TLS is denied")


def test_changes(tmp_path: Path) -> None:
    tests = """
    resourceGroups: {group: {tags: {env: prod}}}
    tests:
      - name: the tag of the group is taken
        resource: {type: Microsoft.Web/sites, name: s, location: eastus, tags: {a: b}}
        expect:
          state: NonCompliant
          changed: {"tags['env']": prod}
          resource: {name: s, tags: {a: b}}
      - name: its own stays
        resource: {type: Microsoft.Web/sites, location: eastus, tags: {env: test}}
        expect: unchanged
    """
    path = written(tmp_path, TAGS, tests)
    assert told(path) == []
    assert told(written(tmp_path, TAGS, tests.replace("prod}\n", "dev}\n"))) == [
        'tags[\'env\'] is "prod" after the request; expected: "dev"'
    ]


def test_deployments(tmp_path: Path) -> None:
    tests = """
    parameters: {workspace: /w}
    tests:
      - name: a new vault streams
        resource: {type: Microsoft.KeyVault/vaults, name: v, location: eastus}
        expect:
          state: NonCompliant
          deploys:
            - type: microsoft.insights/diagnosticsettings
              properties: {workspaceId: /w}
          deployment: {scope: /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/group}
      - name: one that streams already is left alone
        resource: {type: Microsoft.KeyVault/vaults, name: v, location: eastus}
        existing:
          - type: Microsoft.Insights/diagnosticSettings
            of: Microsoft.KeyVault/vaults/v
            properties: {workspaceId: /W}
        expect: {state: Compliant, deploys: none}
    """
    path = written(tmp_path, LOGS, tests)
    assert told(path) == []
    wrong = told(written(tmp_path, LOGS, tests.replace("{workspaceId: /w}", "{workspaceId: /x}")))
    assert wrong[0].startswith("it does not deploy")
    assert wrong[1].endswith('properties.workspaceId is "/w"; expected: "/x"')


def test_an_initiative(tmp_path: Path) -> None:
    (tmp_path / "tls.json").write_text(json.dumps({"name": "tls-1", "properties": TLS}))
    (tmp_path / "tags.json").write_text(json.dumps({"properties": TAGS}))
    initiative = {
        "policyDefinitions": [
            {"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/tls-1",
             "policyDefinitionReferenceId": "tls"},
            {"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/tags"},
        ]
    }  # fmt: skip
    tests = """
    definitions: [tls.json, tags.json]
    resourceGroups: {group: {tags: {env: prod}}}
    tests:
      - name: both
        resource: {type: Microsoft.Storage/storageAccounts, location: eastus}
        expect: {denied: true, changed: {tags.env: prod}}
      - name: one
        reference: tls
        resource: {type: Microsoft.Storage/storageAccounts, location: eastus}
        expect: {denied: true, changed: none}
    """
    assert told(written(tmp_path, initiative, tests)) == []


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("tests: [{name: a, resource: {type: A.B/c}, expect: great}]", "one of"),
        ("tests: [{name: a, resource: {name: c}, expect: compliant}]", "type"),
        ("tests: [{name: a, expect: compliant}]", "resource"),
        ("tests: [{name: a, resource: {type: A.B/c}, expect: {stat: x}}]", "stat"),
        ("policy: none.json\ntests: [{name: a, resource: {type: A.B/c}, expect: compliant}]", "none.json"),
        ("tests: [{name: a, resource: {type: A.B/c}}]", "expect"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path: Path, tests: str, said: str) -> None:
    path = written(tmp_path, TLS, tests)
    with pytest.raises(WrongTestFile, match=str(path)) as wrong:
        read_policy_tests(path)
    assert said in wrong.value.message


def test_a_test_of_a_rule_is_none_of_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "r.test.yaml"
    path.write_text("rule: r.yaml\ntests: []\n")
    assert not is_policy_test(path)
