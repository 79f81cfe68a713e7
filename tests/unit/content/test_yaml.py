"""YAML is read without what could do harm, and written in one way from which the same comes back."""

from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vedette.content.yaml_reader import YamlProblem, read_yaml
from vedette.content.yaml_text import yaml_text

WORDS = ["yes", "~", "null", "=", "2020-01-01", "1:30", "0x1f", "1_000", "12e3", ".5", "5m", "1e5", "12-4", "- a", "#"]
TEXTS = (
    st.text(max_size=20)
    | st.text(alphabet=" \n\tab#:-|'\"{}[],&*!%@`\r\x85\u2028", max_size=14)
    | st.from_regex(r"[0-9a-f.\-+eE_:xo]{1,8}", fullmatch=True)
    | st.sampled_from(WORDS)
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
KEYS = TEXTS.filter(lambda text: text != "<<")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=10
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_the_same_by_every_reader(value: dict[str, Any]) -> None:
    text = yaml_text(value)
    assert read_yaml(text)[0] == (value,)
    assert yaml.safe_load(text) == value
    assert ruamel.yaml.YAML(typ="safe", pure=True).load(text) == value
    assert yaml_text(read_yaml(text)[0][0]) == text


def test_texts_of_several_lines_stay_readable() -> None:
    text = yaml_text({"query": "T\n  | take 1\n", "list": [{"a": "x\n\n"}, {"b": " y\nz"}, [1, {"c": []}]]})
    assert text == (
        "query: |\n  T\n    | take 1\nlist:\n  - a: |+\n      x\n\n  - b: |2-\n       y\n      z\n"
        "  -\n    - 1\n    - c: []\n"
    )


def test_values_have_their_places() -> None:
    values, marks = read_yaml("a: 1.10\nb:\n  - c: |\n      x\n  - 'd'\n---\ne: yes\n")
    assert values == ({"a": 1.1, "b": [{"c": "x\n"}, "d"]}, {"e": "yes"})
    assert (marks[(0, "a")].raw, marks[(0, "a")].line, marks[(0, "a")].column) == ("1.10", 1, 4)
    assert (marks[(0, "b", 0, "c")].line, marks[(0, "b", 0, "c")].style) == (3, "|")
    assert (marks[(0, "b", 1)].line, marks[(1, "e")].line) == (5, 7)


def test_aliases_are_copies() -> None:
    values, _ = read_yaml("a: &x [1, &y {b: 2}]\nc: *x\nd: *y\n")
    assert values == ({"a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": {"b": 2}},)
    assert values[0]["a"] is not values[0]["c"]


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a: [1,\nb: 2", 3, "begins at line 1"),
        ("a: b: c", 1, "mapping values are not allowed"),
        ("x: 1\na: !!python/object/apply:os.system ['true']", 2, "the tag"),
        ("a: !secret x", 1, "the tag '!secret'"),
        ("a: !!binary aGk=", 1, "the tag"),
        (BOMB, 6, "aliases make more than"),
        ("a: &a [*a]", 1, "names nothing"),
        ("a: *b", 1, "names nothing"),
        ("a: 1\nb: 2\na: 3", 3, "a second time"),
        ("[" * 100_000, 1, "nested deeper"),
        ("- " * 5_000 + "x", 1, "nested deeper"),
        ("? [a]\n: b", 1, "a key must be a text"),
        ("a: &a {x: 1}\nb:\n  <<: *a", 3, "merge keys"),
        ("a: 1\nb: \x07", 2, "control characters"),
        ("a: 1\n\tb: 2", 2, "found a tab"),
    ],
)
def test_what_is_refused_says_where(text: str, line: int, told: str) -> None:
    with pytest.raises(YamlProblem, match=told) as caught:
        read_yaml(text)
    assert caught.value.line == line


@pytest.mark.parametrize("number", [-(2**63), 2**64 - 1])
def test_a_number_of_64_bits_is_read(number: int) -> None:
    assert read_yaml(f"a: {number}")[0] == ({"a": number},)


@pytest.mark.parametrize("number", [-(2**63) - 1, 2**64])
def test_a_number_beyond_64_bits_is_refused_with_its_line(number: int) -> None:
    with pytest.raises(YamlProblem, match="64 bits") as raised:
        read_yaml(f"b: 1\na: {number}")
    assert raised.value.line == 2
