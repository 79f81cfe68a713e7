"""Nested deployments: whose parameters their expressions mean."""

from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import FACTS, Resources, account, evaluate

from vedette.arm.templates.errors import InvalidTemplate
from vedette.arm.templates.evaluate import evaluate_template


def nested(template: dict[str, Any] | str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "inside",
        "properties": {"mode": "Incremental", "template": template} | properties,
    }


def test_an_inner_template_is_left_as_it_is_and_its_parameters_are_evaluated() -> None:
    template = {"parameters": {"name": {"type": "string"}}, "resources": [account("[parameters('name')]")]}
    (found,) = evaluate(
        {
            "variables": {"name": "outside"},
            "resources": [
                nested(
                    template,
                    expressionEvaluationOptions={"scope": "Inner"},
                    parameters={"name": {"value": "[variables('name')]"}},
                )
            ],
        }
    ).resources
    assert found.is_deployment
    properties = found.body(Resources())["properties"]
    assert properties["template"] == template
    (inside,) = evaluate_template(properties["template"], properties["parameters"], FACTS).resources
    assert inside.name == "outside"


def test_an_outer_template_is_evaluated_from_outside_and_changes_no_more() -> None:
    there = account("there")
    template = {
        "resources": [
            account(
                "[concat(variables('name'), copyIndex())]",
                copy={"name": "each", "count": 2, "mode": "serial"},
                properties={"key": "[reference('there').key]", "i": "[copyIndex('each')]", "kept": "[[plain]"},
            ),
            account("last", dependsOn=["each"]),
        ]
    }
    found = evaluate({"variables": {"name": "n"}, "resources": [nested(template), there]}).resources
    assert [each.name for each in found] == ["there", "inside"]
    body = found[1].body(Resources(**{found[0].id: {"properties": {"key": "[not an expression]"}}}))
    inside = evaluate_template(body["properties"]["template"], {}, FACTS).resources
    assert [(each.name, [id.rpartition("/")[2] for id in each.depends_on]) for each in inside] == [
        ("n0", []), ("n1", ["n0"]), ("last", ["n0", "n1"]),
    ]  # fmt: skip
    assert inside[1].preview() == {"properties": {"key": "[not an expression]", "i": 1, "kept": "[plain]"}}


def test_an_inner_template_within_an_outer_one_stays() -> None:
    inner = {"parameters": {"p": {"type": "string"}}, "resources": [account("[parameters('p')]")]}
    outer = {
        "resources": [
            nested(
                inner,
                expressionEvaluationOptions={"scope": "inner"},
                parameters={"p": {"value": "[parameters('mine')]"}},
            )
        ]
    }
    (found,) = evaluate(
        {"parameters": {"mine": {"type": "string"}}, "resources": [nested(outer) | {"name": "around"}]}, mine="x"
    ).resources
    body = found.body(Resources())
    (middle,) = evaluate_template(body["properties"]["template"], {}, FACTS).resources
    properties = middle.body(Resources())["properties"]
    assert properties["parameters"] == {"p": {"value": "x"}}
    assert properties["template"] == inner


def test_templates_of_language_version_2_are_inner() -> None:
    template = {"languageVersion": "2.0", "parameters": {"p": {"type": "string"}}, "resources": {}}
    (found,) = evaluate({"resources": [nested(template, parameters={"p": {"value": 1}})]}).resources
    assert found.body(Resources())["properties"]["template"] == template


def test_a_template_and_properties_may_stand_in_variables() -> None:
    template = {"resources": [account("a")]}
    deployment = nested("[variables('template')]") | {"name": "one"}
    other = nested({}) | {"name": "two", "properties": "[variables('properties')]"}
    found = evaluate(
        {
            "variables": {"template": template, "properties": {"mode": "Incremental", "template": template}},
            "resources": [deployment, other],
        }
    ).resources
    for each in found:
        assert each.body(Resources())["properties"]["template"] == template


def test_a_template_may_stand_in_a_variable_one_level_deeper() -> None:
    template = {"parameters": {"p": {"type": "string", "defaultValue": "b"}}, "resources": [account("a")]}
    inner = {"expressionEvaluationOptions": {"scope": "inner"}}
    escaped = template | {"resources": [account("[[parameters('p')]")]}
    outer = {
        "resources": [
            nested("[variables('template')]") | {"name": "one"},
            nested("[variables('escaped')]", **inner) | {"name": "two"},
        ]
    }
    (found,) = evaluate(
        {"variables": {"template": template, "escaped": escaped}, "resources": [nested(outer) | {"name": "around"}]}
    ).resources
    around = found.body(Resources())["properties"]["template"]
    one, two = (each.body(Resources())["properties"] for each in evaluate_template(around, {}, FACTS).resources)
    assert one["template"] == template
    assert [each.name for each in evaluate_template(two["template"], {}, FACTS).resources] == ["b"]


def test_a_resource_without_a_type_is_refused_by_the_deployment_that_it_is_in() -> None:
    untyped = account("[concat('n', copyIndex())]", type="", copy={"name": "each", "count": 2})
    (found,) = evaluate({"resources": [nested({"resources": [untyped]})]}).resources
    inside = found.body(Resources())["properties"]["template"]
    with pytest.raises(InvalidTemplate, match="its 'type' and 'name' must be strings that are not empty"):
        evaluate_template(inside, {}, FACTS)


@pytest.mark.parametrize("wrong", ["[concat('a', 'b')]", "a", 1, None, []])
@pytest.mark.parametrize("scope", ["outer", "inner"])
def test_what_is_no_resource_is_refused_by_the_deployment_that_it_is_in(wrong: Any, scope: str) -> None:
    inside = {"resources": [account("a"), wrong]}
    (found,) = evaluate({"resources": [nested(inside, expressionEvaluationOptions={"scope": scope})]}).resources
    with pytest.raises(InvalidTemplate):
        evaluate_template(found.body(Resources())["properties"]["template"], {}, FACTS)
