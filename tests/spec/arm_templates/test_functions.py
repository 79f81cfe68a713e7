"""Every function of the template language, by its documented examples: tests/spec/arm_templates/*.toml."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.unit.arm.templates.test_evaluate import GROUP, Resources, evaluate

from vedette.arm.templates.errors import InvalidTemplate, OutputsFailed
from vedette.arm.templates.functions import CONTEXTUAL, LAZY, PURE

_CASES = [
    pytest.param(case, id=f"{path.stem}: {case['call'][:80]}")
    for path in sorted(Path(__file__).parent.glob("*.toml"))
    for case in tomllib.loads(path.read_text())["case"]
]
_THERE = Resources(**{
    f"{GROUP}/providers/Test.Store/accounts/there": {"location": "westeurope", "properties": {"key": 7}}
})  # fmt: skip


def _type(case: dict[str, Any]) -> str:
    value = json.loads(case.get("gives", "null"))
    names = {bool: "bool", int: "int", list: "array", dict: "object"}
    return names.get(type(value), "string")


@pytest.mark.parametrize("case", _CASES)
def test_case(case: dict[str, Any]) -> None:
    output = {"type": _type(case), "nullable": True, "value": f"[{case['call']}]"}
    template = {"resources": [], "outputs": {"it": output}}
    if "error" in case:
        with pytest.raises((InvalidTemplate, OutputsFailed)) as caught:
            evaluate(template).outputs(_THERE)
        wrong = caught.value.wrong["it"] if isinstance(caught.value, OutputsFailed) else caught.value.message
        assert case["error"] in wrong
        return
    outputs = evaluate(template).outputs(_THERE)
    assert (outputs["it"].value if "it" in outputs else None) == json.loads(case["gives"])


def test_every_function_has_a_case() -> None:
    """`parameters` and `variables` are what tests of templates are made of."""
    text = " ".join(str(case.values[0]["call"]).lower() for case in _CASES)
    elsewhere = {"parameters", "variables", "environment", "deployer", "references", "resourceinfo"}
    names = {*PURE, *LAZY, *CONTEXTUAL} - {"list*"} - elsewhere
    assert not [name for name in sorted(names) if f"{name}(" not in text]
