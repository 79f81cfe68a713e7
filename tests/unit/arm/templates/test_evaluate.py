"""A template in, resources in their order and outputs out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.arm.templates.errors import InvalidTemplate
from vedette.arm.templates.evaluate import Evaluated, evaluate_template
from vedette.arm.templates.facts import Facts

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/soc"
_IDS = iter(f"00000000-0000-0000-0000-{number:012}" for number in range(1, 100_000))
FACTS = Facts(
    scope=GROUP,
    deployment={"name": "main", "properties": {"mode": "Incremental"}},
    now=datetime(2024, 5, 1, 12, 30, tzinfo=UTC),
    new_id=lambda: next(_IDS),
    tenant={"tenantId": "22222222-2222-2222-2222-222222222222"},
    subscription={"id": SUBSCRIPTION, "subscriptionId": SUBSCRIPTION[15:], "displayName": "Main"},
    resource_group={"id": GROUP, "name": "soc", "location": "westeurope"},
)


class Resources:
    """What is there, by id: the runtime of these tests."""

    def __init__(self, **resources: dict[str, Any]) -> None:
        self.resources = {key.lower(): value for key, value in resources.items()}

    def resource(self, id: str, api_version: str | None) -> dict[str, Any]:
        return self.resources[id.lower()]

    def act(self, function: str, id: str, api_version: str, body: Any) -> Any:
        return {"asked": f"{function} {id} {api_version}", "body": body}


def evaluate(template: dict[str, Any], **parameters: Any) -> Evaluated:
    given = {name: {"value": value} for name, value in parameters.items()}
    return evaluate_template(template, given, FACTS)


def account(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "Test.Store/accounts", "apiVersion": "2020-01-01", "name": name} | more


def test_resources_come_behind_what_they_depend_on_by_word_and_by_reference() -> None:
    found = evaluate(
        {
            "parameters": {"prefix": {"type": "string", "defaultValue": "a"}},
            "variables": {"last": "[concat(parameters('prefix'), '3')]"},
            "resources": [
                account("[variables('last')]", properties={"key": "[reference('a2').key]"}),
                account("a2", dependsOn=["[resourceId('Test.Store/accounts', 'a1')]"]),
                account("a1", location="[resourceGroup().location]"),
            ],
            "outputs": {"id": {"type": "string", "value": "[resourceId('Test.Store/accounts', variables('last'))]"}},
        }
    )
    assert [each.name for each in found.resources] == ["a1", "a2", "a3"]
    first, second, third = found.resources
    assert (first.id, first.api_version, first.scope) == (
        f"{GROUP}/providers/Test.Store/accounts/a1", "2020-01-01", GROUP,
    )  # fmt: skip
    assert (second.depends_on, third.depends_on) == ((first.id,), (second.id,))
    assert first.preview() == {"location": "westeurope"}
    assert third.preview() == {"properties": {"key": "[reference('a2').key]"}}
    there = Resources(**{second.id: {"properties": {"key": 7}}})
    assert third.body(there) == {"properties": {"key": 7}}
    assert found.outputs(there)["id"].shown() == {"type": "String", "value": third.id}


def test_a_text_that_looks_like_an_expression_is_known() -> None:
    found = evaluate({"resources": [account("a", kind="[[not one]"), account("b", kind="[reference('a').x]")]})
    assert found.resources[0].seen() == ({"kind": "[not one]"}, True)
    assert found.resources[1].seen() == ({"kind": "[reference('a').x]"}, False)
    there = Resources(**{found.resources[0].id: {"properties": {"x": 1}}})
    assert found.resources[1].seen(there) == ({"kind": 1}, True)


def test_a_cycle_is_told_with_its_way() -> None:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate({"resources": [account("a", dependsOn=["b"]), account("b", dependsOn=["a"])]})
    assert caught.value.message == (
        "Deployment template validation failed: 'Circular dependency detected on resource: "
        f"'{GROUP}/providers/Test.Store/accounts/a'. The cycle is 'Test.Store/accounts/a' -> 'Test.Store/accounts/b' "
        "-> 'Test.Store/accounts/a'. Please see https://aka.ms/arm-syntax-resources for usage details.'."
    )
