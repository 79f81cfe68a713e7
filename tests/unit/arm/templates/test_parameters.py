"""Parameters, their types and bounds; variables; user-defined functions; outputs."""

from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import FACTS, Resources, account, evaluate

from vedette.arm.templates.errors import InvalidTemplate, OutputsFailed
from vedette.arm.templates.evaluate import evaluate_template
from vedette.arm.templates.places import read_with_places


def refusal(definition: dict[str, Any], *given: Any, **template: Any) -> str:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate({"parameters": {"p": definition}} | template, **({"p": given[0]} if given else {}))
    return caught.value.message


def value(definition: dict[str, Any], *given: Any, **template: Any) -> Any:
    (found,) = evaluate({"parameters": {"p": definition}} | template, **({"P": given[0]} if given else {})).parameters
    return found.value


def test_values_are_given_or_by_default() -> None:
    assert value({"type": "string", "defaultValue": "[resourceGroup().location]"}) == "westeurope"
    assert value({"type": "String", "defaultValue": "x"}, "y") == "y"
    assert value({"type": "int"}, 0) == 0
    assert value({"type": "string", "nullable": True}) is None
    assert value({"type": "string"}, "[not evaluated]") == "[not evaluated]"


def test_a_default_is_made_once_and_may_ask_others() -> None:
    found = evaluate(
        {
            "parameters": {
                "second": {"type": "string", "defaultValue": "[concat(parameters('first'), '!')]"},
                "first": {"type": "string", "defaultValue": "[newGuid()]"},
                "when": {"type": "string", "defaultValue": "[utcNow()]"},
                "day": {"type": "string", "defaultValue": "[utcNow('d')]"},
                "password": {"type": "secureString", "defaultValue": "secret"},
            },
            "resources": [account("[parameters('first')]"), account("[parameters('SECOND')]")],
        }
    )
    second, first, when, day, _ = found.parameters
    assert second.value == f"{first.value}!"
    assert [each.name for each in found.resources] == [first.value, second.value]
    assert (when.value, day.value) == ("20240501T123000Z", "05/01/2024")
    assert found.shown_parameters()["password"] == {"type": "SecureString"}
    assert found.shown_parameters()["when"] == {"type": "String", "value": "20240501T123000Z"}


@pytest.mark.parametrize(
    ("definition", "given", "told"),
    [
        ({"type": "string"}, (), "The value for the template parameter 'p' is not provided."),
        ({"type": "string"}, (5,), "Expected a value of type 'String, Uri', but received a value of type 'Integer'."),
        ({"type": "bool"}, ("true",), "Expected a value of type 'Boolean', but received a value of type 'String'."),
        ({"type": "string", "allowedValues": ["a", "b"]}, ("c",), "not part of the allowed value(s): 'a,b'"),
        ({"type": "array", "allowedValues": ["a", "b"]}, (["a", "z"],), "The provided value 'z'"),
        ({"type": "string", "minLength": 3}, ("ab",), "Length of the value should be greater than or equal to '3'."),
        ({"type": "array", "maxLength": 1}, ([1, 2],), "The number of items should be less than or equal to '1'."),
        ({"type": "int", "maxValue": 3}, (4,), "The value should be less than or equal to '3'."),
        ({"type": "text"}, ("a",), "'p' has the type 'text'"),
        (
            {"type": "string", "defaultValue": "[parameters('p')]"},
            (),
            "Circular dependency detected on template parameter",
        ),
        ({"type": "string", "defaultValue": "[variables('v')]"}, (), "'variables' is not expected at this location"),
        (
            {"type": "securestring", "allowedValues": ["hush"]},
            ("shh",),
            "The provided value for the template parameter 'p'",
        ),
    ],
)
def test_what_a_parameter_cannot_be(definition: dict[str, Any], given: tuple[Any, ...], told: str) -> None:
    assert told in refusal(definition, *given)


def test_a_parameter_that_is_not_there_and_a_secret_of_a_vault_are_refused() -> None:
    with pytest.raises(InvalidTemplate, match="The only supported parameters for this template are 'p'"):
        evaluate({"parameters": {"p": {"type": "string"}}}, q=1)
    with pytest.raises(InvalidTemplate, match="refers to a secret of a key vault"):
        evaluate_template({"parameters": {"p": {"type": "string"}}}, {"p": {"reference": {}}}, FACTS)


TYPES = {
    "name": {"type": "string", "minLength": 2},
    "rule": {
        "type": "object",
        "properties": {
            "name": {"$ref": "#/definitions/name"},
            "next": {"$ref": "#/definitions/rule", "nullable": True},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}, "nullable": True},
        },
        "additionalProperties": False,
    },
    "shape": {
        "type": "object",
        "discriminator": {
            "propertyName": "kind",
            "mapping": {
                "circle": {"type": "object", "properties": {"kind": {"type": "string"}, "r": {"type": "int"}}},
                "none": {"type": "object", "properties": {"kind": {"type": "string"}}},
            },
        },
    },
    "pair": {"type": "array", "prefixItems": [{"type": "int"}, {"type": "string"}], "items": False},
    "loop": {"$ref": "#/definitions/loop"},
}


@pytest.mark.parametrize(
    ("type", "given", "told"),
    [
        ("rule", {"name": "ab", "next": {"name": "cd"}, "tags": {"a": "b"}}, None),
        ("rule", {"NAME": "ab"}, None),
        ("rule", {"name": "ab", "next": {"name": "c"}}, "'p.next.name' is not valid. Length of the value should be"),
        ("rule", {"tags": {}}, "It is missing the following required property(ies): 'name'"),
        ("rule", {"name": "ab", "x": 1}, "property(ies) are not permitted: 'x'"),
        ("rule", {"name": "ab", "tags": {"a": 1}}, "'p.tags.a' is not valid. Expected a value of type 'String, Uri'"),
        ("shape", {"kind": "circle", "r": 1}, None),
        ("shape", {"kind": "circle"}, "required property(ies): 'r'"),
        ("shape", {"kind": "square"}, "must be one of 'circle, none'"),
        ("pair", [1, "a"], None),
        ("pair", ["a"], "'p[0]' is not valid. Expected a value of type 'Integer'"),
        ("pair", [1, "a", 2], "The number of items should be less than or equal to '2'"),
        ("loop", 1, "or one that refers to itself"),
        ("nothing", 1, "which is no type of the template's definitions"),
    ],
)
def test_types_of_the_template(type: str, given: Any, told: str | None) -> None:
    definition = {"$ref": f"#/definitions/{type}"}
    if told is None:
        assert value(definition, given, definitions=TYPES) == given
    else:
        assert told in refusal(definition, given, definitions=TYPES)


def test_variables_are_evaluated_in_any_order_and_cannot_go_in_circles() -> None:
    found = evaluate(
        {
            "variables": {"b": "[variables('A').x[0]]", "a": {"x": ["[toUpper('y')]"]}},
            "outputs": {"o": {"type": "string", "value": "[variables('b')]"}},
        }
    )
    assert found.outputs(Resources())["o"].value == "Y"
    for variables, told in (
        ({"a": "[variables('b')]", "b": "[variables('a')]"}, "'a' -> 'b' -> 'a'"),
        ({"a": "[variables('z')]"}, "The template variable 'z' is not found."),
        ({"a": "[reference('z')]"}, "The template function 'reference' is not expected at this location."),
        ({f"v{number}": 1 for number in range(257)}, "Limit: '256' and actual: '257'"),
    ):
        with pytest.raises(InvalidTemplate) as caught:
            evaluate({"variables": variables})
        assert told in caught.value.message


FUNCTIONS = [
    {
        "namespace": "contoso",
        "members": {
            "uniqueName": {
                "parameters": [{"name": "prefix", "type": "string"}],
                "output": {"type": "string", "value": "[concat(toLower(parameters('prefix')), '-x')]"},
            },
            "outside": {"parameters": [], "output": {"type": "string", "value": "[variables('v')]"}},
        },
    }
]


def test_functions_of_the_template() -> None:
    def called(text: str) -> Any:
        template = {
            "functions": FUNCTIONS,
            "variables": {"v": 1},
            "outputs": {"o": {"type": "string", "value": f"[{text}]"}},
        }
        return evaluate(template).outputs(Resources())["o"].value

    assert called("Contoso.UniqueName('STORE')") == "store-x"
    for text, told in (
        ("contoso.uniqueName()", "expects '1' parameter(s) and was given '0'"),
        ("contoso.outside()", "'variables' is not expected at this location"),
        ("contoso.none()", "The template function 'contoso.none' is not valid."),
    ):
        with pytest.raises((InvalidTemplate, OutputsFailed)) as caught:
            called(text)
        assert told in f"{caught.value.message} {caught.value.details}"


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ({"type": "nonsense", "value": 1}, "'o' has the type 'nonsense'"),
        ({"type": "string", "value": "[foo(]"}, "Unable to parse language expression"),
        ({"type": "string", "value": "[foo(reference('/a/b', '2020-01-01'))]"}, "is not valid"),
        ({"type": "array", "copy": {"count": 2, "input": "[noSuch(1)]"}}, "'noSuch' is not valid"),
        ({"type": "string", "condition": "[noSuch(1)]", "value": 1}, "'noSuch' is not valid"),
        (None, "must be an object"),
    ],
)
def test_what_is_wrong_with_an_output_is_told_before_anything_is_deployed(output: Any, told: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate({"outputs": {"o": output}})
    assert told in caught.value.message


def test_outputs_are_told_one_by_one() -> None:
    found = evaluate(
        {
            "outputs": {
                "left": {"type": "string", "value": "x", "condition": "[equals(1, 2)]"},
                "hidden": {"type": "secureObject", "value": {"key": 1}},
                "wrong": {"type": "int", "value": "[reference('/a/b', '2020-01-01').text]"},
                "worse": {"type": "string", "value": "[reference('/a/b', '2020-01-01').none]"},
            }
        }
    )
    with pytest.raises(OutputsFailed) as caught:
        found.outputs(Resources(**{"/a/b": {"properties": {"text": "x"}}}))
    assert list(caught.value.wrong) == ["wrong", "worse"]
    assert "Expected 'Integer'. Actual 'String'." in caught.value.wrong["wrong"]
    assert caught.value.message.startswith("Unable to evaluate template outputs: 'wrong,worse'.")
    assert found.shown_parameters() == {}


def test_lines_and_columns_are_told_where_the_text_is_known() -> None:
    text = """{
  // who makes it
  "parameters": {
    "who": { "type": "string" }
  },
  "resources": [
    { "type": "A.B/c", "name": "[noSuch()]", "apiVersion": "2020-01-01" }
  ]
}"""
    template, places = read_with_places(text)
    with pytest.raises(InvalidTemplate) as caught:
        evaluate_template(template, {}, FACTS, places)
    assert "parameter 'who' at line '4' and column '12' is not provided." in caught.value.message
    with pytest.raises(InvalidTemplate) as caught:
        evaluate_template(template, {"who": {"value": "me"}}, FACTS, places)
    assert "The template resource '[noSuch()]' at line '7' and column '5' is not valid: " in caught.value.message
    assert caught.value.details["additionalInfo"] == [
        {"type": "TemplateViolation", "info": {"lineNumber": 7, "linePosition": 5, "path": "resources[0]"}}
    ]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ([], "must be a JSON object"),
        ({"languageVersion": "9.0"}, "The language version '9.0' is not one of '1.0, "),
        ({"imports": {"kubernetes": {}}}, "The template's 'imports' are not served here"),
        ({"parameters": []}, "The template's 'parameters' must be an object."),
        ({"resources": "x"}, "The template resources must be an array"),
    ],
)
def test_what_is_no_template(template: Any, told: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        evaluate_template(template, {}, FACTS)
    assert told in caught.value.message
