"""Templates put parentheses where meaning needs them and nowhere else."""

import pytest

from vedette.sql.fragment import Fragment, quote_name
from vedette.sql.template import is_atom, template


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c1", True),
        ("s1.c1", True),
        ("f(a, b)", True),
        ("(a + b)", True),
        ("(a) + (b)", False),
        ("f(a) + g(b)", False),
        ("f(')')", True),
        ("a + b", False),
        ("NOT f(a)", False),
        ("'a'", False),
    ],
)
def test_is_atom(text: str, expected: bool) -> None:
    assert is_atom(text) is expected


def test_a_delimited_hole_takes_a_fragment_as_it_is() -> None:
    assert template("f({a}, {b})").fill({"a": Fragment("x + y"), "b": Fragment("z", True)}) == "f(x + y, z)"


def test_an_open_hole_gets_parentheses_around_what_is_no_atom() -> None:
    assert template("{a} * {b}").fill({"a": Fragment("x + y"), "b": Fragment("z", True)}) == "(x + y) * z"


def test_the_rest_is_joined() -> None:
    filled = template("concat({first}, {*rest})").fill(
        {"first": Fragment("a", True)}, ("rest", (Fragment("b", True), Fragment("c || d")))
    )
    assert filled == "concat(a, b, c || d)"


def test_quotes_in_names_are_doubled() -> None:
    assert quote_name('a"b') == '"a""b"'
