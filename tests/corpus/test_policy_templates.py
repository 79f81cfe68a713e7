"""The templates that built-in policies deploy: evaluated, with the deployments inside them, at their scopes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.api_examples import EXAMPLES
from tests.unit.arm.templates.test_evaluate import FACTS, GROUP, SUBSCRIPTION, Resources
from vedette.arm.templates.evaluate import evaluate_template
from vedette.arm.templates.facts import Facts
from vedette.arm.templates.resource import TemplateResource

POLICIES = EXAMPLES.parent.parent / "policy"
FOUND = sorted(POLICIES.rglob("*.json")) if POLICIES.is_dir() else []
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/ws"
IDS = ("id", "rule", "analytics", "workspace")
"""What the names of parameters that take an id end with."""

pytestmark = pytest.mark.skipif(not FOUND, reason=f"no policies at {POLICIES}; set VEDETTE_CORPUS")


def deployments(value: Any) -> Iterator[dict[str, Any]]:
    """Every deployment that a policy says it makes, outermost ones only."""
    if isinstance(value, dict):
        if isinstance(value.get("template"), dict) and "mode" in value:
            yield value
            return
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from deployments(each)


def given(template: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """A value for each parameter: the policy's default, else what its name and type ask for."""
    target = template["resources"][0]["type"].lower().partition("/providers/")[0]
    full = "/".join(["name"] * max(target.count("/"), 1))
    values: dict[str, Any] = {}
    for name, defined in (template.get("parameters") or {}).items():
        type, held = defined.get("type", "string").lower(), defaults.get(name, {}).get("defaultValue")
        if held is None or (type == "string") != isinstance(held, str):
            text = full if "name" in name.lower() and "profile" not in name.lower() else "value"
            text = WORKSPACE if name.lower().endswith(IDS) else text
            text = "store" if "storage" in name.lower() or "prefix" in name.lower() else text
            held = {"array": ["Security recommendations"], "object": {}, "bool": True, "int": 1}.get(type, text)
        values[name] = {"value": held}
    return values


class Outputs(dict[str, Any]):
    """Every output there may be."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __getitem__(self, _name: str) -> Any:
        return {"value": WORKSPACE}


class Anything(Resources):
    def resource(self, id: str, api_version: str | None) -> dict[str, Any]:
        return {"location": "westeurope", "properties": {"outputs": Outputs()}}


def evaluated(template: Any, parameters: dict[str, Any], facts: Facts) -> Iterator[TemplateResource]:
    for resource in evaluate_template(template, parameters, facts).resources:
        if not resource.deployed:
            continue
        body = resource.body(Anything())
        yield resource
        if resource.is_deployment:
            group = FACTS.resource_group if "/resourceGroups/" in resource.scope else None
            inside = replace(facts, scope=resource.scope, resource_group=group)
            properties = body["properties"]
            yield from evaluated(properties["template"], properties.get("parameters", {}), inside)


@pytest.mark.parametrize("path", [pytest.param(each, id=each.stem) for each in FOUND])
def test_what_a_policy_deploys(path: Path) -> None:
    policy = json.loads(path.read_text(encoding="utf-8-sig"))
    properties = policy.get("properties", policy)
    made = list(deployments(properties))
    assert made
    for each in made:
        of_subscription = "subscriptionDeploymentTemplate" in each["template"].get("$schema", "")
        whole = replace(FACTS, scope=SUBSCRIPTION, resource_group=None) if of_subscription else FACTS
        values = given(each["template"], properties.get("parameters") or {})
        found = list(evaluated(each["template"], values, whole))
        assert any(not resource.is_deployment for resource in found)
        assert all(resource.id.startswith(SUBSCRIPTION) for resource in found)
