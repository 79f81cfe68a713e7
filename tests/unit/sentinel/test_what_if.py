"""What a deployment would do, told before it, and after it that nothing is left to be done."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, nested, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import InvalidInput


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with whole_server(tmp_path_factory.mktemp("what-if")) as whole:
        yield Deploying(whole)


def what_if(server: Deploying, template: Any, format: str = "FullResourcePayloads", **more: Any) -> dict[str, Any]:
    """The changes of the template's resources and of others, by the last part of their ids."""
    properties = {"mode": "Incremental", "template": template, "whatIfSettings": {"resultFormat": format}, **more}
    answered = server.send("POST", f"{server.address('never')}/whatIf", {"properties": properties})
    assert (answered.status, answered.body["status"]) == (200, "Succeeded")
    return {each["resourceId"].rpartition("/")[2]: each for each in answered.body["properties"]["changes"]}


def test_before_and_after(server: Deploying) -> None:
    wanted = template(
        pack("one", tags={"a": "b"}), pack("two", tags={"of": "[reference('one', '2019-09-01', 'Full').location]"})
    )
    before = what_if(server, wanted)
    assert (before["one"]["changeType"], before["two"]["changeType"]) == ("Create", "Create")
    assert before["one"]["after"]["tags"] == {"a": "b"}
    assert before["two"]["after"]["tags"] == {"of": "[reference('one', '2019-09-01', 'Full').location]"}
    assert "one" not in server.ids()
    server.deploy("real", wanted)
    after = what_if(server, wanted)
    assert {after[each]["changeType"] for each in ("one", "two")} == {"NoChange"}, after
    assert after["one"]["delta"] == []


def test_changes_are_told_property_by_property(server: Deploying) -> None:
    server.deploy("first", template(pack("changed", tags={"stays": "1", "goes": "2", "turns": "3"})))
    told = what_if(server, template(pack("changed", tags={"stays": "1", "turns": "4", "comes": "5"})))["changed"]
    assert told["changeType"] == "Modify"
    assert sorted(told["delta"], key=lambda each: each["path"]) == [
        {"path": "tags.comes", "propertyChangeType": "Create", "after": "5"},
        {"path": "tags.goes", "propertyChangeType": "Delete", "before": "2"},
        {"path": "tags.turns", "propertyChangeType": "Modify", "before": "3", "after": "4"},
    ]
    assert told["before"]["tags"] == {"stays": "1", "goes": "2", "turns": "3"}
    assert told["after"]["tags"] == {"stays": "1", "turns": "4", "comes": "5"}
    current = server.send("GET", f"{server.group}/providers/{PACKS}/changed").body
    assert current["tags"] == {"stays": "1", "goes": "2", "turns": "3"}


def test_arrays(server: Deploying) -> None:
    rule = {
        "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
        "apiVersion": "2020-08-01",
        "name": f"{server.whole.services.estate.workspace_name}/hunt",
    }
    properties = {"category": "Hunting Queries", "displayName": "Hunt", "query": "Heartbeat"}
    tags = [{"name": "tactics", "value": "Impact"}, {"name": "x", "value": "y"}]
    server.deploy("hunt", template(rule | {"properties": properties | {"tags": tags}}))
    told = what_if(server, template(rule | {"properties": properties | {"tags": [tags[0] | {"value": "Discovery"}]}}))
    (change,) = told["hunt"]["delta"]
    assert (change["path"], change["propertyChangeType"]) == ("properties.tags", "Array")
    assert change["children"] == [
        {"path": "0.value", "propertyChangeType": "Modify", "before": "Impact", "after": "Discovery"},
        {"path": "1", "propertyChangeType": "Delete", "before": {"name": "x", "value": "y"}},
    ]


def test_what_is_not_in_the_template(server: Deploying) -> None:
    server.deploy("other", template(pack("other")))
    assert what_if(server, template())["other"]["changeType"] == "Ignore"
    told = what_if(server, template(), mode="Complete")["other"]
    assert (told["changeType"], told["before"]["location"]) == ("Delete", "eastus")
    assert "other" in server.ids()


def test_ids_only(server: Deploying) -> None:
    server.deploy("there", template(pack("there")))
    told = what_if(server, template(pack("there"), pack("absent")), "ResourceIdOnly")
    assert told["there"] == {"resourceId": f"{server.group}/providers/{PACKS}/there", "changeType": "Deploy"}
    assert told["absent"].keys() == {"resourceId", "changeType"}


def test_secure_values_are_not_shown(server: Deploying) -> None:
    wanted = template(
        pack("secret", tags={"plain": "[parameters('key')]", "within": "[concat('key=', parameters('key'))]"}),
        parameters={"key": {"type": "securestring"}},
    )
    told = what_if(server, wanted, parameters={"key": {"value": "do-not-tell"}})["secret"]
    assert told["after"]["tags"] == {"plain": "*******", "within": "*******"}


def test_what_comes_from_a_secure_value_is_not_shown(server: Deploying) -> None:
    tags = {
        "upper": "[toUpper(parameters('key'))]",
        "encoded": "[variables('encoded')]",
        "copied": "[variables('copied')[0]]",
        "pin": "[string(variables('pin'))]",
        "plain": "[parameters('plain')]",
    }
    inner = template(
        pack("hidden-in", tags={"again": "[toLower(parameters('handed'))]"}), parameters={"handed": {"type": "string"}}
    )
    wanted = template(
        pack("hidden", tags=tags),
        nested(
            "handing",
            inner,
            properties={
                "expressionEvaluationOptions": {"scope": "inner"},
                "parameters": {"handed": {"value": "[concat(parameters('key'), 'X')]"}},
            },
        ),
        parameters={
            "key": {"type": "securestring"},
            "pin": {"type": "securestring"},
            "plain": {"type": "string", "defaultValue": "shown"},
        },
        variables={
            "encoded": "[base64(parameters('key'))]",
            "pin": "[add(int(parameters('pin')), 1)]",
            "copy": [{"name": "copied", "count": 1, "input": "[concat(parameters('key'), copyIndex('copied'))]"}],
        },
    )
    given = {"key": {"value": "doNotTell"}, "pin": {"value": "123456"}}
    told = what_if(server, wanted, parameters=given)
    assert told["hidden"]["after"]["tags"] == dict.fromkeys(tags, "*******") | {"plain": "shown"}
    assert told["hidden-in"]["after"]["tags"] == {"again": "*******"}


def test_secure_numbers_are_secret_in_the_deployments_that_they_are_handed_to(server: Deploying) -> None:
    inner = template(
        pack("counted-in", tags={"again": "[string(add(parameters('handed'), 1))]"}),
        parameters={"handed": {"type": "int"}},
    )
    wanted = template(
        nested(
            "counting",
            inner,
            properties={
                "expressionEvaluationOptions": {"scope": "inner"},
                "parameters": {"handed": {"value": "[parameters('held').pin]"}},
            },
        ),
        parameters={"held": {"type": "secureObject"}},
    )
    told = what_if(server, wanted, parameters={"held": {"value": {"pin": 123456}}})
    assert told["counted-in"]["after"]["tags"] == {"again": "*******"}


def test_errors_do_not_quote_secure_values(server: Deploying) -> None:
    parameters = {"key": {"type": "securestring"}}
    for expression in (
        "[int(parameters('key'))]",
        "[json(concat('{', parameters('key')))]",
        "[base64ToString(parameters('key'))]",
        "[createObject('a', 1)[parameters('key')]]",
        "[int(variables('of'))]",
    ):
        wanted = template(
            pack("x", tags={"a": expression}), parameters=parameters, variables={"of": "[toUpper(parameters('key'))]"}
        )
        with pytest.raises(InvalidInput) as refused:
            server.validate("quoting", wanted, parameters={"key": {"value": "DO-NOT-TELL!"}})
        assert "DO-NOT-TELL" not in str(refused.value.message)
        assert "secure parameter" in refused.value.message


def test_nested_templates_are_unfolded(server: Deploying) -> None:
    inner = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "inside",
        "properties": {"mode": "Incremental", "template": template(pack("within"))},
    }
    told = what_if(server, template(inner))
    assert told["within"]["changeType"] == "Create"
    assert "inside" not in told
