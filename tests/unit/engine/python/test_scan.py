"""The programs of scan: every function that a program may call is there, and arithmetic is Kusto's."""

import math
from typing import Any

import pytest

from vedette.engine.python.scan_expressions import FUNCTIONS, compiled
from vedette.kql import scan_program


def test_what_the_compiler_lets_through_can_be_run() -> None:
    assert scan_program.FUNCTIONS == FUNCTIONS


@pytest.mark.parametrize(
    ("name", "types", "values", "expected"),
    [
        ("/", ["long", "long"], [-7, 2], -3),
        ("/", ["long", "long"], [1, 0], None),
        ("/", ["real", "real"], [-1.0, 0.0], -math.inf),
        ("/", ["timespan", "timespan"], [30, 60], 0.5),
        ("%", ["long", "long"], [-7, 3], 2),
        ("+", ["long", "long"], [2**63 - 1, 1], -(2**63)),
        ("==", ["long", "long"], [None, 1], False),
        ("==", ["long", "long"], [None, None], None),
        ("!=", ["long", "long"], [None, 1], True),
        ("<", ["long", "long"], [None, 1], None),
        ("iff", ["bool", "long", "long"], [None, 1, 2], 2),
        ("coalesce", ["string", "string"], ["", "x"], "x"),
        ("max_of", ["long", "long"], [None, 2], 2),
        ("strcat", ["string", "long", "bool"], ["a", 1, True], "a1True"),
    ],
)
def test_functions(name: str, types: list[str], values: list[Any], expected: Any) -> None:
    code = ["call", name, types, [["constant", value] for value in values]]
    assert compiled(code, [], [])(0, []) == expected


def test_a_condition_with_an_unknown_part() -> None:
    unknown, true, false = ["constant", None], ["constant", True], ["constant", False]
    assert compiled(["and", [unknown, false]], [], [])(0, []) is False
    assert compiled(["and", [unknown, true]], [], [])(0, []) is None
    assert compiled(["or", [unknown, true]], [], [])(0, []) is True
    assert compiled(["or", [unknown, false]], [], [])(0, []) is None
