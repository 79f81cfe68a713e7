"""Copies of resources, properties, variables and outputs."""

from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import GROUP, Resources, account, evaluate
from tests.unit.arm.templates.test_nested import nested

from vedette.arm.templates.errors import InvalidTemplate

NAMES = ["a", "b", "c"]


def loop(name: str, count: Any, **more: Any) -> dict[str, Any]:
    return {"copy": {"name": name, "count": count} | more}


def test_a_resource_is_made_once_a_round_and_what_depends_on_the_loop_waits_for_all() -> None:
    found = evaluate(
        {
            "parameters": {"names": {"type": "array"}},
            "resources": [
                account("after", dependsOn=["each"]),
                account(
                    "[parameters('names')[copyIndex()]]",
                    **loop("each", "[length(parameters('names'))]"),
                    tags={"n": "[copyIndex(1)]", "named": "[copyIndex('each', 10)]"},
                ),
            ],
        },
        names=NAMES,
    )
    assert [each.name for each in found.resources] == [*NAMES, "after"]
    assert found.resources[1].preview() == {"tags": {"n": 2, "named": 11}}
    assert found.resources[3].depends_on == tuple(each.id for each in found.resources[:3])


def test_a_serial_loop_waits_for_the_batch_before() -> None:
    found = evaluate(
        {"resources": [account("[concat('n', copyIndex())]", **loop("each", 5, mode="Serial", batchSize=2))]}
    )
    waits = {each.name: [id.rpartition("/")[2] for id in each.depends_on] for each in found.resources}
    assert waits == {"n0": [], "n1": [], "n2": ["n0", "n1"], "n3": ["n0", "n1"], "n4": ["n2", "n3"]}


def test_properties_variables_and_outputs_are_copied() -> None:
    found = evaluate(
        {
            "variables": {
                "copy": [{"name": "top", "count": 2, "input": {"i": "[copyIndex('top', 1)]"}}],
                "inside": {"copy": [{"name": "made", "count": 2, "input": "[copyIndex('made')]"}], "kept": True},
            },
            "resources": [
                account(
                    "[concat('n', copyIndex())]",
                    **loop("each", 2),
                    properties={
                        "copy": [
                            {
                                "name": "disks",
                                "count": 2,
                                "input": {
                                    "lun": "[copyIndex('disks')]",
                                    "of": "[copyIndex()]",
                                    "too": "[copyIndex('each')]",
                                },
                            }
                        ],
                        "all": "[variables('inside')]",
                    },
                )
            ],
            "outputs": {"all": {"type": "array", "copy": {"count": 2, "input": "[variables('top')[copyIndex()].i]"}}},
        }
    )
    assert found.resources[1].preview()["properties"] == {
        "disks": [{"lun": 0, "of": 1, "too": 1}, {"lun": 1, "of": 1, "too": 1}],
        "all": {"made": [0, 1], "kept": True},
    }
    assert found.outputs(Resources())["all"].value == [1, 2]


def test_a_property_that_is_called_copy_and_is_no_loop_stays() -> None:
    found = evaluate({"resources": [account("a", properties={"copy": ["x"], "deep": {"copy": {"from": "y"}}})]})
    assert found.resources[0].preview()["properties"] == {"copy": ["x"], "deep": {"copy": {"from": "y"}}}


@pytest.mark.parametrize(
    ("count", "told"),
    [(801, "exceeds the limit of '800'"), (-1, "must not be negative"), ("3", "must be an integer")],
)
def test_a_count_that_is_none_is_refused(count: Any, told: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate({"resources": [account("[concat('n', copyIndex())]", **loop("each", count))]})
    assert told in caught.value.message


def test_no_round_makes_nothing() -> None:
    found = evaluate({"resources": [account("a", **loop("each", 0)), account("b", dependsOn=["a"])][:1]})
    assert found.resources == ()


def test_two_rounds_of_one_name_are_told() -> None:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate({"resources": [account("same", **loop("each", 2))]})
    assert "The resource 'Test.Store/accounts/same' is defined multiple times in a template." in caught.value.message


def test_symbolic_names_of_a_loop() -> None:
    found = evaluate(
        {
            "languageVersion": "2.0",
            "resources": {
                "all": account("[format('n{0}', copyIndex())]", **loop("all", 2)),
                "one": account("one", dependsOn=["all"], tags={"first": "[reference(format('all[{0}]', 0)).key]"}),
            },
            "outputs": {
                "keys": {"type": "array", "value": "[map(references('all'), lambda('x', lambdaVariables('x').key))]"}
            },
        }
    )
    ids = [f"{GROUP}/providers/Test.Store/accounts/n{number}" for number in range(2)]
    assert [each.symbolic_name for each in found.resources] == ["all[0]", "all[1]", "one"]
    assert found.resources[2].depends_on == tuple(ids)
    there = Resources(**{id: {"properties": {"key": at}} for at, id in enumerate(ids)})
    assert found.resources[2].body(there) == {"tags": {"first": 0}}
    assert found.outputs(there)["keys"].value == [0, 1]


_ASKING = "[length(reference('there').keys)]"


@pytest.mark.parametrize(
    "asking",
    [
        account("a", properties={"copy": [{"name": "made", "count": _ASKING, "input": 1}]}),
        account("a", properties={"copy": [{"name": "[reference('there').x]", "count": 1, "input": 1}]}),
        account("a", properties={"[reference('there').x]": 1}),
        account("a", properties={"deep": [{"[first(listKeys('there', '2020-01-01').keys)]": 1}]}),
        nested({"resources": [account("b", **loop("each", _ASKING))]}),
        nested({"resources": [account("b", **loop("[reference('there').x]", 1))]}),
        nested({"resources": [account("b", **loop("each", 1, mode="[reference('there').x]"))]}),
    ],
)
def test_the_shape_of_a_body_is_known_before_anything_is_deployed(asking: dict[str, Any]) -> None:
    with pytest.raises(InvalidTemplate, match=r"function '(reference|listKeys)' is not expected at this location"):
        evaluate({"resources": [account("there"), asking]})


def test_the_shape_of_an_output_may_ask_what_is_deployed() -> None:
    made = {"copy": [{"name": "made", "count": "[reference('there').number]", "input": 1}], "[reference('there').x]": 2}
    found = evaluate({"resources": [account("there")], "outputs": {"o": {"type": "object", "value": made}}})
    there = Resources(**{found.resources[0].id: {"properties": {"number": 2, "x": "named"}}})
    assert found.outputs(there)["o"].value == {"made": [1, 1], "named": 2}


def test_names_of_properties_from_secure_parameters_are_hidden() -> None:
    found = evaluate(
        {
            "parameters": {"key": {"type": "securestring"}},
            "resources": [account("a", tags={"[concat(parameters('key'), 'X')]": 1})],
        },
        key="secret",
    )
    assert found.resources[0].preview() == {"tags": {"secretX": 1}}
    assert "secretX" in found.hidden
