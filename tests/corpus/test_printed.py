"""What the comparison with printed outputs takes for equal, and what it does not."""

from typing import Any

import pytest

from tests.corpus.printed import printed_verdict


def verdict(name: str, type: str, value: Any, heading: str, text: str, query: str = "T") -> str:
    case = {"query": query, "expected_columns": [heading], "expected_rows": [[text]]}
    return printed_verdict(case, ((name, type),), [[value]])


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        ("bool", True, "1"),
        ("long", 1234, "1,234"),
        ("long", None, "(null)"),
        ("real", 0.123456, "0.12"),
        ("datetime", "2024-05-01T12:00:00Z", "2024-05-01 12:00:00.0000000"),
        ("string", "text", '"text"'),
        ("string", "https://a.example/b", "<https://a.example/b>"),
        ("string", "https://a.example/b", "[https://a.example/b](https://a.example/b)"),
        ("string", '{"a":[1,2.5]}', '{ "a": [1, 2.50] }'),
        ("dynamic", {"a": 1, "b": None}, "{'b': null, 'a': 1}"),
        ("dynamic", [0.8405, 0.0], "[0.84, 0.0]"),
        ("dynamic", {"a": [1, 2, 3, 4]}, '{"a": [1, ..., 4]}'),
        ("dynamic", {"a": [1, 2, 3, 4]}, '{"a": [ … ]}'),
        ("dynamic", {"a": {"b": "c"}}, '{"a": "{"b": "c"}"}'),
    ],
)
def test_forms_that_are_equal(type: str, value: Any, text: str) -> None:
    assert verdict("x", type, value, "x", text) == "equal"


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        ("bool", True, "0"),
        ("long", 0, "(null)"),
        ("real", 0.123456, "0.15"),
        ("real", 0.05, "0.0"),
        ("string", "text", '"other"'),
        ("string", "https://a.example/b", "[https://a.example/b](https://a.example/c)"),
        ("string", "a b", "b a"),
        ("dynamic", {"a": 1}, "{'a': '1'}"),
        ("dynamic", [0.8405, 0.0], "[0.86, 0.0]"),
        ("dynamic", [0.84, 0.05], "[0.84, 0.0]"),
        ("dynamic", ["a", "b"], '["b", "a"]'),
        ("dynamic", [1, 2, 3], '[2, "…"]'),
        ("dynamic", [1, 2, 3], "[1, 2, 3, …, 3]"),
    ],
)
def test_values_that_differ(type: str, value: Any, text: str) -> None:
    assert verdict("x", type, value, "x", text) == "rows"


def test_arrays_without_an_order() -> None:
    query = "print x = geo_s2cell_neighbors('89c259')"
    assert verdict("x", "dynamic", ["a", "b"], "x", '["b", "a"]', query) == "equal"
    assert verdict("x", "dynamic", ["a", "a"], "x", '["b", "a"]', query) == "rows"
    assert verdict("x", "dynamic", [1, 2], "x", "[2, 1]", query) == "rows"
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    assert verdict("x", "dynamic", ring, "x", "[[1, 0], [1, 1], [0, 0], [1, 0]]", query) == "equal"
    assert verdict("x", "dynamic", ring, "x", "[[1, 1], [1, 0], [0, 0], [1, 1]]", query) == "rows"
    assert verdict("x", "dynamic", ring, "x", "[[1, 0], [1, 1], [0, 0], [1, 0]]") == "rows"


def test_headings() -> None:
    assert verdict("print_0", "long", 1, "result", "1", "print 1") == "equal"
    assert verdict("x", "long", 1, "result", "1", "print x = 1") == "names"
    assert verdict("Count", "long", 1, "count", "1", "T | count") == "names"
    assert verdict("_id", "long", 1, "ID", "1", "print _id = 1") == "equal"
    assert verdict("_id", "long", 1, "IDs", "1", "print _id = 1") == "names"
