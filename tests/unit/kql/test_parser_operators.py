"""Tabular operators: every one, in the shape of its node."""

from pathlib import Path

import pytest
from tests.unit.kql.syntax_text import shown

from vedette.kql.parser import parse_query

HOUR = "timespan<36000000000>"


def cases() -> list[tuple[str, str]]:
    """Pairs of lines: an operator, and indented its shape."""
    lines = Path(__file__).with_name("parser_operators.txt").read_text(encoding="utf-8").splitlines()
    return [(text, shape.strip().replace("HOUR", HOUR)) for text, shape in zip(lines[::2], lines[1::2], strict=True)]


@pytest.mark.parametrize(("text", "shape"), cases())
def test_after_a_pipe(text: str, shape: str) -> None:
    assert shown(parse_query(f"T | {text} | take 1")) == f"T | {shape} | Take(count=1)"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("print a = 1, 2", "Print(items=[a=1, 2])"),
        ("range x from 1 to 10 step 1", "Range(name=x, start=1, stop=10, step=1)"),
        ("union A, B", "Union(tables=[A, B])"),
        ("union *", "Union(tables=[~*])"),
        ("search 'x'", "Search(predicate='x')"),
        ("find a == 1", "Find(predicate=(a == 1))"),
        ("evaluate f()", "Evaluate(call=f())"),
        (
            "datatable(a:long, ['b c']:string)[-1, 'x', long(null), \"y\",]",
            "DataTable(columns=[a:long, b c:string], values=[-1, 'x', long<None>, 'y'])",
        ),
        (
            "externaldata(a:string)[@'u', h'v'] with (format='csv')",
            "ExternalData(columns=[a:string], uris=['u', 'v'], properties={format='csv'})",
        ),
    ],
)
def test_sources(text: str, shape: str) -> None:
    assert shown(parse_query(f"{text} | take 1")) == f"{shape} | Take(count=1)"


def test_range_is_a_function_elsewhere() -> None:
    assert shown(parse_query("print range(1, 10, 1)")) == "Print(items=[range(1, 10, 1)])"


def test_pipes_in_brackets() -> None:
    assert shown(parse_query("(union A, (B | take 1)) | count")) == "Union(tables=[A, B | Take(count=1)]) | Count()"
    assert shown(parse_query("T | where (U | count) > 1")) == "T | Where(predicate=(U | Count() > 1))"
