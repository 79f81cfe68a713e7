"""Types, names, scopes, children, conditions and dependencies of a template's resources."""

from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import GROUP, SUBSCRIPTION, account, evaluate

from vedette.arm.templates.errors import InvalidTemplate

WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/ws"
RULE = f"{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/r"


def resource(type: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": type, "apiVersion": "2023-02-01", "name": name} | more


def refusal(*resources: dict[str, Any]) -> str:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate({"resources": list(resources)})
    return caught.value.message


@pytest.mark.parametrize(
    "written",
    [
        resource("Microsoft.OperationalInsights/workspaces/providers/alertRules", "ws/Microsoft.SecurityInsights/r"),
        resource("Microsoft.OperationalInsights/workspaces/providers/alertRules/", "ws/Microsoft.SecurityInsights/r"),
        resource("Microsoft.SecurityInsights/alertRules", "r", scope="Microsoft.OperationalInsights/workspaces/ws"),
        resource("Microsoft.SecurityInsights/alertRules", "r", scope=WORKSPACE),
        resource(
            "Microsoft.SecurityInsights/alertRules",
            "r",
            Scope="[resourceId('Microsoft.OperationalInsights/workspaces', 'ws')]",
        ),
    ],
)
def test_every_spelling_of_a_rule_is_the_same_resource(written: dict[str, Any]) -> None:
    (found,) = evaluate({"resources": [written]}).resources
    assert (found.id, found.type, found.api_version) == (RULE, "Microsoft.SecurityInsights/alertRules", "2023-02-01")


@pytest.mark.parametrize(
    ("written", "id"),
    [
        (
            resource("Microsoft.Resources/deployments", "d", resourceGroup="other"),
            f"{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Resources/deployments/d",
        ),
        (
            resource("Microsoft.Resources/deployments", "d", subscriptionId="s2", location="x"),
            "/subscriptions/s2/providers/Microsoft.Resources/deployments/d",
        ),
        (
            resource("Microsoft.Resources/deployments", "d", scope="Microsoft.Management/managementGroups/mg"),
            "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Resources/deployments/d",
        ),
        (resource("Microsoft.Authorization/policyDefinitions", "p", scope="/"),
         "/providers/Microsoft.Authorization/policyDefinitions/p"),
        (resource("Microsoft.Resources/resourceGroups", "rg", scope=f"{SUBSCRIPTION}/"),
         f"{SUBSCRIPTION}/resourceGroups/rg"),
        (resource("Microsoft.Management/managementGroups", "mg"),
         "/providers/Microsoft.Management/managementGroups/mg"),
    ],
)  # fmt: skip
def test_scopes(written: dict[str, Any], id: str) -> None:
    (found,) = evaluate({"resources": [written]}).resources
    assert found.id == id


def test_children_take_type_name_condition_and_scope_from_what_they_are_in() -> None:
    found = evaluate(
        {
            "resources": [
                resource(
                    "Microsoft.OperationalInsights/workspaces",
                    "ws",
                    condition=False,
                    resources=[
                        resource(
                            "savedSearches",
                            "s",
                            dependsOn=["[concat('Microsoft.OperationalInsights/workspaces/', 'ws')]"],
                        )
                    ],
                )
            ]
        }
    )
    parent, child = found.resources
    assert (child.id, child.type) == (
        f"{WORKSPACE}/savedSearches/s", "Microsoft.OperationalInsights/workspaces/savedSearches",
    )  # fmt: skip
    assert not parent.deployed
    assert not child.deployed
    assert "resources" not in parent.preview()


def test_what_is_not_deployed_is_waited_for_by_nobody() -> None:
    found = evaluate(
        {
            "resources": [
                account("a", condition="[equals(1, 2)]", properties={"x": "[createArray()[0]]"}),
                account("b", dependsOn=["a"]),
            ]
        }
    )
    assert [(each.name, each.deployed, each.depends_on) for each in found.resources] == [
        ("b", True, ()), ("a", False, ()),
    ]  # fmt: skip


def test_one_of_two_conditions_may_hold_for_one_resource() -> None:
    found = evaluate(
        {"resources": [account("a", condition="[true()]", kind="x"), account("a", condition="[false()]", kind="y")]}
    )
    assert [each.raw["kind"] for each in found.resources if each.deployed] == ["x"]


@pytest.mark.parametrize(
    "said", ["a", "Test.Store/accounts/a", "[resourceId('Test.Store/accounts', 'a')]", "test.store/ACCOUNTS/A/"]
)
def test_every_form_of_a_dependency(said: str) -> None:
    found = evaluate({"resources": [account("b", dependsOn=[said]), account("a")]})
    assert [each.name for each in found.resources] == ["a", "b"]


def test_a_name_that_two_resources_have_is_not_the_own() -> None:
    found = evaluate({"resources": [account("x", dependsOn=["x"]), resource("A.B/c", "x")]})
    assert [each.type for each in found.resources] == ["A.B/c", "Test.Store/accounts"]


def test_by_id_and_version_a_dependency_is_taken_only_where_it_makes_no_circle() -> None:
    asks = "[reference(resourceId('Test.Store/accounts', '{0}'), '2020-01-01').x]"
    found = evaluate(
        {"resources": [account("a", tags={"x": asks.format("b")}), account("b", tags={"x": asks.format("a")})]}
    )
    assert [(each.name, len(each.depends_on)) for each in found.resources] == [("b", 0), ("a", 1)]


def test_only_the_taken_branch_makes_a_dependency() -> None:
    found = evaluate(
        {"resources": [account("a", tags={"x": "[if(true(), 'y', reference('b').x)]"}), account("b", dependsOn=["a"])]}
    )
    assert [each.name for each in found.resources] == ["a", "b"]


def test_what_is_there_already_passes_its_own_dependencies_on() -> None:
    found = evaluate(
        {
            "languageVersion": "2.0",
            "resources": {
                "old": account("old", existing=True, dependsOn=["new"]),
                "new": account("new"),
                "user": account("user", tags={"x": "[reference('old').x]"}),
            },
        }
    )
    assert [(each.name, [id.rpartition("/")[2] for id in each.depends_on]) for each in found.resources] == [
        ("new", []), ("user", ["new"]), ("old", []),
    ]  # fmt: skip


def test_what_is_wrong_is_told() -> None:
    assert "The resource 'Test.Store/accounts/zzz' is not defined in the template." in refusal(
        account("a", dependsOn=["[resourceId('Test.Store/accounts', 'zzz')]"])
    )
    assert "for type 'A.B/c/d' has incorrect segment lengths." in refusal(resource("A.B/c/d", "x"))
    assert "The template resource 'x' is not valid: its condition must be a boolean." in refusal(
        resource("A.B/c", "x", condition=3)
    )
    assert "The template resource 'a' cannot reference itself." in refusal(account("a", kind="[reference('a').x]"))
    assert "The template function 'reference' is not expected at this location." in refusal(
        account("[reference('a').x]")
    )
    assert "it needs an 'apiVersion'" in refusal({"type": "A.B/c", "name": "x"})
    assert (
        "Deployment template language expression evaluation failed: 'Unable to parse language expression 'concat('a'': "
        "expected token 'RightParenthesis' and actual 'EndOfData'.'."
    ) in refusal(account("[concat('a']"))
    assert "is not the id of a resource, nor type and name of one" in refusal(account("a", scope="x/y"))


def test_too_many_resources_are_refused() -> None:
    many = {"copy": {"name": "each", "count": 800}}
    message = refusal(account("[concat('n', copyIndex())]", **many), account("one more"))
    assert "Limit: '800'" in message


def test_text_that_only_looks_like_an_expression_stays() -> None:
    body = {"a": "[[text]", "b": "[text", "c": "@{triggerBody()}", "d": None, "[concat('x', 'y')]": 1, "e": "[[x"}
    (found,) = evaluate({"resources": [account("a", properties=body)]}).resources
    assert found.preview()["properties"] == {
        "a": "[text]", "b": "[text", "c": "@{triggerBody()}", "d": None, "xy": 1, "e": "[[x",
    }  # fmt: skip
