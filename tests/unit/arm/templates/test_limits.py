"""Templates that would compute without end, or fill the memory, are refused soon."""

from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import FACTS, Resources, account, evaluate

from vedette.arm.templates.context import Budget
from vedette.arm.templates.errors import InvalidTemplate, OutputsFailed
from vedette.arm.templates.evaluate import evaluate_template
from vedette.arm.templates.functions.hashes import template_hash
from vedette.expressions.errors import ExpressionError


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


def _times(name: str, number: int) -> str:
    return ", ".join([f"variables('{name}')"] * number)


_BIG = {
    "r": "[range(0, 10000)]",
    "b": f"[concat({_times('r', 50)})]",
    "s": "[padLeft('x', 10000)]",
    "t": f"[concat({_times('s', 300)})]",
}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"length(concat({_times('b', 1500)}))", "has more than"),
        (f"length(createArray({_times('b', 1500)}))", "has more than"),
        ("length(map(range(0, 100), lambda('x', uniqueString(variables('t')))))", "more than 40000000 characters"),
    ],
)
def test_what_a_function_is_given_counts(text: str, told: str) -> None:
    assert told in refusal({"variables": _BIG | {"z": f"[{text}]"}})


def test_a_template_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.arm.templates.context._LONGEST", 0.3)
    doubling: dict[str, Any] = {}
    for side in "ab":
        doubling |= {
            f"{side}{n + 1}": f"[createArray(variables('{side}{n}'), variables('{side}{n}'))]" for n in range(17)
        }
    same = "[length(map(range(0, 1000), lambda('x', equals(variables('a17'), variables('b17')))))]"
    assert "take longer than 0 seconds" in refusal({"variables": {"a0": [0], "b0": [0]} | doubling | {"z": same}})


def test_copies_inside_copies_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.arm.templates.context._MOST_STEPS", 50_000)

    def copied(depth: int) -> Any:
        return {"copy": [{"name": "", "count": 800, "input": copied(depth - 1)}]} if depth else 1

    assert "take more than 50000 steps" in refusal({"variables": {"v": copied(3)}})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("[int('99999999999999999999999999')]", "gives a number that is too large"),
        ("[float('nan')]", "cannot make a number"),
        ("[float('1e999')]", "cannot make a number"),
        ("[mul(float('1e308'), 10)]", "gives a number that is too large"),
        ("[lambda('x', 1)]", "is only for the parameters of functions that take lambda expressions"),
        ("[createArray(lambda('x', 1))]", "is only for the parameters"),
        ("[if(true(), lambda('x', 1), 1)]", "is only for the parameters"),
        ("[map(createArray(1), lambda('x', lambda('y', 1)))]", "is only for the parameters"),
    ],
)
def test_what_is_no_json_is_no_value(value: str, told: str) -> None:
    assert told in refusal({"variables": {"v": value}})


def test_depths_of_what_is_written_and_of_values_add_up() -> None:
    deep: dict[str, Any] = {f"v{n + 1}": f"[createArray(variables('v{n}'))]" for n in range(190)}
    written: Any = "[variables('v190')]"
    for _ in range(90):
        written = [written]
    assert "nested deeper than 200 levels" in refusal({"variables": {"v0": 1} | deep | {"z": written}})


def test_all_resources_of_nested_deployments_are_counted() -> None:
    budget = Budget()
    many = {"resources": [account("[concat('n', copyIndex())]", copy={"name": "each", "count": 800})]}
    for _ in range(3):
        evaluate_template(many, None, FACTS, budget=budget)
    with pytest.raises(InvalidTemplate, match="have more than 3000 resources together"):
        evaluate_template(many, None, FACTS, budget=budget)


@pytest.mark.parametrize("given", [[1], "abc", 5])
def test_parameters_are_an_object(given: Any) -> None:
    with pytest.raises(InvalidTemplate, match="must be given as an object"):
        evaluate_template({"resources": []}, given, FACTS)


def test_a_deployment_may_compute_several_times_what_a_template_may() -> None:
    with pytest.raises(ExpressionError, match="more than 4000000 steps"):
        Budget(4).step(4_000_001)
    with pytest.raises(ExpressionError, match="more than 160000000 characters"):
        Budget(4).spend(160_000_001)
    Budget(4).step(4_000_000)
    Budget(4).spend(160_000_000)


def test_errors_of_lambda_expressions_tell_where_they_are_explained() -> None:
    told = refusal({"variables": {"v": "[map(createArray(1), lambda(1, 2))]"}})
    assert (
        "names of its variables to be string literals. Please see https://aka.ms/arm-template-expressions/#lambda"
        in (told)
    )
