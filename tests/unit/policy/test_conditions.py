"""Conditions of rules on a resource: operators, fields, arrays, counts, functions; and what is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.core.errors import InvalidInput
from vedette.policy.conditions import types_named
from vedette.policy.errors import EvaluationFailed
from vedette.policy.evaluation import holds, told
from vedette.policy.reading import read_condition
from vedette.policy.scene import Facts, Scene
from vedette.policy.target import Target

TYPE = "Microsoft.Test/things"
BODY: dict[str, Any] = {
    "location": "East US",
    "kind": "Blue",
    "sku": {"name": "Standard_LRS"},
    "tags": {"costCenter": "A-17", "odd.name": "x"},
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "text": "Hello World",
        "number": 5,
        "flag": True,
        "strings": ["a", "b"],
        "empty": [],
        "rules": [
            {"port": 22, "access": "Allow", "prefixes": ["10.0.0.0/8", "*"]},
            {"port": 443, "access": "Deny", "prefixes": []},
        ],
        "logs": [{"enabled": True}, {"enabled": True}],
    },
}
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/server"
FACTS = Facts(
    datetime(2024, 5, 1, tzinfo=UTC),
    subscription={"subscriptionId": "s", "tags": {}},
    resource_group={"name": "g", "location": "eastus", "tags": {"env": "prod"}},
    request={"apiVersion": "2024-01-01"},
)


def scene(**parameters: Any) -> Scene:
    return Scene(Target(ID, TYPE, "server", "server", BODY), FACTS, parameters)


def outcome(condition: Any, **parameters: Any) -> bool:
    """Both ways of evaluating agree."""
    read = read_condition(condition)
    found = holds(read, scene(**parameters))
    assert told(read, scene(**parameters)).result is found
    return found


def of(path: str) -> str:
    return f"{TYPE}/{path}"


HOLD: list[Any] = [
    {"field": "type", "equals": "microsoft.test/THINGS"},
    {"field": "name", "like": "ser*"},
    {"field": "name", "notLike": "x*"},
    {"field": "kind", "in": ["red", "blue"]},
    {"field": "location", "equals": "eastus"},
    {"field": "location", "in": ["westus", "East us"]},
    {"field": "id", "contains": "/resourcegroups/G/"},
    {"field": "identity.type", "equals": "systemassigned"},
    {"field": "tags['costCenter']", "match": "?-##"},
    {"field": "tags[costcenter]", "exists": True},
    {"field": "tags.costCenter", "matchInsensitively": "a-##"},
    {"field": "tags['odd.name']", "equals": "X"},
    {"field": "tags['other']", "exists": "false"},
    {"field": "tags", "containsKey": "COSTCENTER"},
    {"field": "tags", "notContainsKey": "other"},
    {"field": of("sku.name"), "equals": "standard_lrs"},
    {"field": of("text"), "contains": "LO WO"},
    {"field": of("flag"), "equals": "True"},
    {"field": of("number"), "equals": "5"},
    {"field": of("number"), "greater": 4},
    {"field": of("number"), "lessOrEquals": "5"},
    {"field": of("text"), "less": "hellp"},
    {"field": of("missing"), "exists": False},
    {"field": of("missing"), "notEquals": "x"},
    {"field": of("missing"), "equals": ""},
    {"field": of("strings"), "contains": "B"},
    {"field": of("strings[*]"), "in": ["a", "b", "c"]},
    {"field": of("empty[*]"), "equals": "anything"},
    {"field": of("missing[*].name"), "equals": "anything"},
    {"field": of("logs.enabled"), "equals": "True"},
    {"field": of("rules[*].port"), "greater": 20},
    {"field": "Microsoft.Other/things/text", "exists": False},
    {"not": {"field": of("rules[*].access"), "equals": "Allow"}},
    {"anyOf": [{"field": "kind", "equals": "x"}, {"field": "kind", "equals": "Blue"}]},
    {"allOf": []},
    {"value": "[concat(field('name'), '-', parameters('suffix'))]", "equals": "server-one"},
    {"value": "[resourceGroup().tags['env']]", "equals": "prod"},
    {"value": "[resourceGroup().tags['none']]", "equals": ""},
    {"value": "[requestContext().apiVersion]", "greaterOrEquals": "2023-01-01"},
    {"value": "[addDays(utcNow(), -1)]", "equals": "2024-04-30T00:00:00.0000000Z"},
    {"value": "[ipRangeContains('10.0.0.0/8', '10.1.0.0-10.1.0.9')]", "equals": True},
    {"value": "[field('Microsoft.Test/things/strings[*]')]", "equals": ["A", "b"]},
    {"field": "[concat('tags[', parameters('tag'), ']')]", "equals": "a-17"},
    {"count": {"field": of("rules[*]")}, "equals": 2},
    {"count": {"field": of("missing[*]")}, "equals": 0},
    {
        "count": {
            "field": of("rules[*]"),
            "where": {
                "allOf": [
                    {"field": of("rules[*].access"), "equals": "Allow"},
                    {"value": "[current('Microsoft.Test/things/rules[*].port')]", "equals": 22},
                    {"value": "[current().port]", "equals": 22},
                ]
            },
        },
        "equals": 1,
    },
    {
        "count": {
            "field": of("rules[*]"),
            "where": {
                "count": {"field": of("rules[*].prefixes[*]"), "where": {"value": "[current()]", "equals": "*"}},
                "greater": 0,
            },
        },
        "equals": 1,
    },
    {"count": {"field": of("rules[*].prefixes[*]")}, "equals": 2},
    {
        "count": {
            "value": "[parameters('ports')]",
            "name": "port",
            "where": {
                "count": {
                    "field": of("rules[*]"),
                    "where": {"field": of("rules[*].port"), "equals": "[current('port')]"},
                },
                "equals": 1,
            },
        },
        "equals": "[length(parameters('ports'))]",
    },
]


@pytest.mark.parametrize("condition", HOLD)
def test_what_holds(condition: Any) -> None:
    assert outcome(condition, suffix="one", tag="costCenter", ports=[22, 443])


def test_the_opposite_operators_do_not_hold_where_theirs_do() -> None:
    for name in ("Equals", "Like", "In", "Contains", "Match"):
        value = ["server"] if name == "In" else "server"
        assert outcome({"field": "name", name[0].lower() + name[1:]: value})
        assert not outcome({"field": "name", f"not{name}": value})


def test_match_tells_letter_cases_apart_and_all_others_do_not() -> None:
    assert not outcome({"field": "name", "match": "SERVER"})
    assert outcome({"field": "name", "matchInsensitively": "SERVER"})
    assert outcome({"field": "name", "equals": "SERVER"})


def test_what_cannot_be_compared_is_an_error_and_told() -> None:
    condition = read_condition({"field": of("flag"), "greater": 3})
    with pytest.raises(EvaluationFailed, match="greater"):
        holds(condition, scene())
    shown = told(condition, scene())
    assert shown.result is None
    assert "greater" in shown.why


def test_every_comparison_is_told_with_what_was_there() -> None:
    condition = read_condition(
        {"allOf": [{"field": "kind", "equals": "red"}, {"field": of("rules[*].port"), "greater": 100}]}
    )
    shown = told(condition, scene())
    first, second = shown.inside
    assert (shown.kind, shown.result) == ("AllOf", False)
    assert (first.kind, first.expression, first.actual, first.operator, first.expected) == (
        "Field",
        "kind",
        "Blue",
        "Equals",
        "red",
    )
    assert (second.actual, second.path) == ([22, 443], "properties.rules[0].port, properties.rules[1].port")
    assert second.why == "all of 2 members must hold"


def test_the_types_of_a_rule() -> None:
    rule = {"allOf": [{"field": "type", "in": ["A/b", "c/d"]}, {"field": "location", "equals": "x"}]}
    assert types_named(read_condition(rule)) == {"a/b", "c/d"}
    assert types_named(read_condition({"anyOf": [rule, {"field": "name", "equals": "x"}]})) is None
    assert types_named(read_condition({"not": {"field": "type", "equals": "a/b"}})) is None


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ([], "object"),
        ({"field": "kind"}, "one operator"),
        ({"field": "kind", "equals": 1, "exists": True}, "one operator"),
        ({"field": "kind", "same": 1}, "same"),
        ({"equals": 1}, "one of 'field'"),
        ({"field": "nothing", "equals": 1}, "nothing"),
        ({"allOf": {}}, "array"),
        ({"allOf": [], "field": "kind"}, "beside"),
        ({"field": "kind", "in": "x"}, "array"),
        ({"field": "kind", "like": "*a*"}, "wildcard"),
        ({"field": "kind", "exists": "perhaps"}, "true or false"),
        ({"value": "[reference('x')]", "equals": 1}, "reference"),
        ({"value": "[listKeys('x', 'y')]", "equals": 1}, "listKeys"),
        ({"value": "[nothing()]", "equals": 1}, "nothing"),
        ({"value": "[concat(]", "equals": 1}, "expected"),
        ({"count": {"field": of("text")}, "equals": 1}, "array"),
        ({"count": {"field": of("a[*]"), "name": "x"}, "equals": 1}, "name"),
    ],
)
def test_what_is_refused(condition: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match="parse") as refused:
        read_condition(condition)
    assert refused.value.code == "InvalidPolicyRule"
    assert said in refused.value.message


def test_conditions_have_a_depth() -> None:
    deep: Any = {"field": "kind", "equals": "x"}
    for _ in range(80):
        deep = {"not": deep}
    with pytest.raises(InvalidInput, match="deeper"):
        read_condition(deep)
