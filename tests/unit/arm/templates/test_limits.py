"""Templates that would compute without end, or fill the memory, are refused soon."""

from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import Resources, account, evaluate

from vedette.arm.templates.errors import InvalidTemplate, OutputsFailed
from vedette.arm.templates.functions.hashes import template_hash


def refusal(template: dict[str, Any]) -> str:
    with pytest.raises((InvalidTemplate, OutputsFailed)) as caught:
        evaluate(template).outputs(Resources())
    return str(caught.value.details.get("details") or caught.value.message)


def output(text: str, **template: Any) -> dict[str, Any]:
    return template | {"outputs": {"o": {"type": "object", "value": f"[{text}]"}}}


def test_values_that_double_are_too_large() -> None:
    for double in ("concat(variables('v{0}'), variables('v{0}'))", "createArray(variables('v{0}'), variables('v{0}'))"):
        doubling = {f"v{number + 1}": f"[{double.format(number)}]" for number in range(100)}
        assert "has more than" in refusal({"variables": {"v0": "x"} | doubling})
    growing = "reduce(range(0, 200), 1, lambda('a', 'b', createArray(lambdaVariables('a'), lambdaVariables('a'))))"
    assert "has more than 4194304 characters" in refusal(output(growing))


def test_loops_inside_one_another_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.arm.templates.context._MOST_STEPS", 50_000)
    inner = "map(range(0, 10000), lambda('x', 1))"
    many = f"map(range(0, 10000), lambda('y', length({inner})))"
    assert "take more than 50000 steps" in refusal(output(many))


def test_all_bodies_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.arm.templates.context._MOST_STEPS", 50_000)
    many = account("[concat('n', copyIndex())]", copy={"name": "each", "count": 800})
    assert "take more than 50000 steps" in refusal(
        {"resources": [many | {"tags": {"x": "[length(map(range(0, 100), lambda('x', 1)))]"}}]}
    )


def test_functions_that_call_themselves_end() -> None:
    members = {"again": {"parameters": [], "output": {"type": "int", "value": "[add(my.again(), 1)]"}}}
    functions = [{"namespace": "my", "members": members}]
    assert "is called deeper than '20'" in refusal(output("my.again()", functions=functions))


def test_what_is_nested_too_deeply_is_told() -> None:
    assert "nested deeper than 100 levels" in refusal(output("not(" * 150 + "true()" + ")" * 150))
    value: Any = "x"
    for _ in range(150):
        value = [value]
    assert "nested deeper than 100 levels" in refusal({"resources": [account("a", properties=value)]})
    chain = {f"v{number}": f"[{'concat(' * 40}variables('v{number + 1}'){')' * 40}]" for number in range(255)}
    assert "nested too deeply" in refusal({"variables": chain | {"v255": "x"}})
    assert "exceeds the limit of '24576' characters" in refusal(output("concat('" + "x" * 25_000 + "')"))


def test_a_template_has_at_most_4_megabytes() -> None:
    assert "exceeds the limit of '4194304' characters" in refusal({"variables": {"v": "x" * 5_000_000}})


def test_the_hash_of_a_template_is_the_one_that_bicep_writes() -> None:
    compiled = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": {"_generator": {"name": "bicep", "version": "0.4.1.14562"}},
        "parameters": {"yourName": {"type": "string"}},
        "functions": [],
        "variables": {"hello": "Hello World! - Hi"},
        "resources": [],
        "outputs": {
            "helloWorld": {
                "type": "string",
                "value": "[format('{0} {1}', variables('hello'), parameters('yourName'))]",
            }
        },
    }
    assert template_hash(compiled) == "14009903274351708763"


def test_chains_of_what_is_there_are_gone_along_once() -> None:
    there = [
        account(f"e{step}{side}", existing=True, dependsOn=[f"e{step + 1}a", f"e{step + 1}b"])
        for step in range(60)
        for side in "ab"
    ]
    last = [account("e60a", existing=True), account("e60b", existing=True, dependsOn=["first"])]
    found = evaluate({"resources": [account("last", dependsOn=["e0a", "e0b"]), *there, *last, account("first")]})
    first, second = found.resources[:2]
    assert (first.name, second.name, second.depends_on) == ("first", "last", (first.id,))


def test_a_namespace_may_begin_like_a_function() -> None:
    members = {"f": {"parameters": [], "output": {"type": "string", "value": "x"}}}
    functions = [{"namespace": "listing", "members": members}]
    template = {"functions": functions, "resources": [account("a", tags={"t": "[listing.f()]"})]}
    assert evaluate(template).resources[0].preview() == {"tags": {"t": "x"}}
