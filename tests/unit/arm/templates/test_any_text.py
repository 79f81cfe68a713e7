"""Whatever is written into a template, the answer is a value, or an error that says where it is wrong."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.arm.templates.test_evaluate import Resources, evaluate

from vedette.arm.templates.errors import InvalidTemplate, OutputsFailed
from vedette.arm.templates.places import read_with_places
from vedette.arm.templates.syntax import escaped, is_expression, plain, read
from vedette.expressions.errors import ExpressionError

_NAMES = (
    "concat", "add", "format", "parameters", "if", "createObject", "split", "json", "resourceId", "reference",
    "lambda", "map", "copyIndex", "length", "substring", "union", "uri", "dateTimeAdd", "range", "padLeft",
)  # fmt: skip
_PIECES = st.sampled_from((*_NAMES, "(", ")", "[", "]", "'", ",", ".", " ", "'a'", "1", "-5", "9" * 30, "''", "é"))
_NEARLY = st.lists(_PIECES | st.text(max_size=4), max_size=14).map("".join)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8) | _NEARLY.map("[{}]".format),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_SECTIONS = (
    "parameters", "variables", "functions", "resources", "outputs", "definitions", "languageVersion", "copy",
    "type", "name", "apiVersion", "condition", "dependsOn", "scope", "properties", "count", "input",
    "defaultValue", "value", "existing", "namespace", "members", "template", "mode", "batchSize",
)  # fmt: skip
_TEMPLATES = st.recursive(
    _JSON | st.sampled_from(("string", "object", "array", "int", "Microsoft.A/b", "x/y", "Serial", "2.0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_SECTIONS), inner, max_size=6),
    max_leaves=20,
)

_RESOURCES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(("A.B/c", "Microsoft.Resources/deployments", "a.b/C/", "A.B/c/d")),
        "name": st.sampled_from(("x", "[concat('n', copyIndex())]", "x/y")) | _JSON,
        "apiVersion": st.just("2020-01-01"),
    },
    optional={
        "properties": _TEMPLATES | st.fixed_dictionaries({"template": _TEMPLATES, "copy": _TEMPLATES}),
        "copy": st.fixed_dictionaries({"name": st.just("l"), "count": st.integers(0, 3) | _JSON}),
        "dependsOn": st.lists(st.sampled_from(("x", "l", "A.B/c/x", "y")) | _JSON, max_size=2) | _JSON,
        "resources": _TEMPLATES,
        "scope": st.sampled_from(("/", "A.B/c/x", "/subscriptions/s", "")) | _JSON,
        "condition": st.booleans() | _JSON,
        "existing": st.booleans(),
        "tags": _JSON,
    },
)


@given(_NEARLY)
def test_any_expression_is_read_or_refused(text: str) -> None:
    wrong = ""
    try:
        read(f"[{text}]")
    except ExpressionError as error:
        wrong = error.message
    assert not wrong or text in wrong


@given(_NEARLY)
def test_any_expression_has_a_value_or_is_refused(text: str) -> None:
    with suppress(InvalidTemplate, OutputsFailed, KeyError):  # KeyError: these tests' runtime has no such resource
        evaluate({"outputs": {"it": {"type": "string", "value": f"[{text}]"}}}).outputs(Resources())


@given(_TEMPLATES | st.fixed_dictionaries({"resources": st.lists(_RESOURCES, max_size=4)}, optional={"outputs": _JSON}))
def test_any_template_is_evaluated_or_refused(template: Any) -> None:
    with suppress(InvalidTemplate, OutputsFailed, KeyError):
        found = evaluate(template)
        for each in found.resources:
            if each.deployed:
                each.body(Resources())
        found.outputs(Resources())


@given(st.text())
def test_a_text_that_is_kept_from_being_an_expression_is_itself(text: str) -> None:
    assert not is_expression(escaped(text))
    assert plain(escaped(text)) == text


@given(_JSON)
def test_every_value_of_a_text_has_its_place(value: Any) -> None:
    text = f"// how it is written\n{json.dumps(value, indent=2)}"
    found, places = read_with_places(text)
    assert found == value
    assert places[()] == (2, 1)
    lines = text.split("\n")
    starts = dict.fromkeys("[{", (list, dict)) | {'"': str}
    for path, (line, column) in places.items():
        each = found
        for key in path:
            each = each[key]
        assert isinstance(each, starts.get(lines[line - 1][column - 1], (int, type(None))))
