"""Keys and values with quotes and escapes."""

import json
from typing import Any

import pyarrow as pa
import pytest

from vedette.engine.python.kv import values


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("a=1,b=2", {}, ["1", "2"]),
        ("a=1,a=3", {}, ["1", ""]),
        ("b='x,y',a=2", {"quotes": ["'"]}, ["2", "x,y"]),
        ("'a'=1,b='x' rest,c", {"quotes": ["'"]}, ["1", "x"]),
        ("b='never closed,a=2", {"quotes": ["'"]}, ["2", "'never closed"]),
        ("b=x, y,a=1,2", {"greedy": True}, ["1,2", "x, y"]),
        ("a:(1) b:(2 3)", {"pair": "", "kv": "", "quotes": ["()"]}, ["1", "2 3"]),
        ("", {"quotes": ["'"]}, ["", ""]),
        ("=,=,a", {"quotes": ["'"]}, ["", ""]),
    ],
)
def test_values(text: str, given: dict[str, Any], expected: list[str]) -> None:
    format = {"keys": ["a", "b"], "pair": ",", "kv": "=", "quotes": [], "escapes": ["\\"], "greedy": False, **given}
    assert values(pa.array([text]), pa.array([json.dumps(format)])).to_pylist() == [expected]
