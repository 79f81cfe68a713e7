"""Expressions: precedence, names, calls, constants."""

import pytest
from tests.unit.kql.syntax_text import shown

from vedette.kql.diagnostics import Span
from vedette.kql.parser import parse_expression
from vedette.kql.syntax import Binary, Call, Member


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a and b and c and d", "((a and b) and (c and d))"),
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a + b == c * d", "((a + b) == (c * d))"),
        ("a + b has 'x'", "(a + (b has 'x'))"),
        ("a == b has 'x'", "(a == (b has 'x'))"),
        ("a < b == c", "((a < b) == c)"),
        ("-a has 'x'", "(-a has 'x')"),
        ("1 - -2", "(1 - -2)"),
        ("-(-5)", "--5"),
        ("a <> b", "(a != b)"),
        ("a matches regex 'x'", "(a matches regex 'x')"),
        ("a !has_cs 'x' or b =~ 'y'", "((a !has_cs 'x') or (b =~ 'y'))"),
        ("a in (1, 2) and b !in~ ('x')", "((a in [1, 2]) and (b !in~ ['x']))"),
        ("a has_any (T | project x)", "(a has_any [T | Project(variant=, items=[x])])"),
        (
            "a between (1 .. 2) or b !between (ago(1d)..now())",
            "((a between 1..2) or (b !between ago(timespan<864000000000>)..now()))",
        ),
        ("1..5 == 2", None),
        ("not(a) and b", "(not(a) and b)"),
        ("* has 'x'", "(* has 'x')"),
        ("(T | count) > 1", "(T | Count() > 1)"),
    ],
)
def test_operators(text: str, shape: str | None) -> None:
    if shape is not None:
        assert shown(parse_expression(text)) == shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a.b['c'].d[0]", "a.b['c'].d[0]"),
        ("a.['b c'].[0]", "a.b c[0]"),
        ("['a b']", "a b"),
        ("['a b'].c", "a b.c"),
        ("a[b + 1]", "a[(b + 1)]"),
        ("f()", "f()"),
        ("f (1, x=2, *)", "f(1, x=2, *)"),
        ("toscalar(T | count)", "toscalar(T | Count())"),
        ("workspace('w').T", "workspace('w').T"),
        ("cluster('c').database('d').T", "cluster('c').database('d').T"),
        ("typeof(long)", "typeof(long)"),
        ("f(typeof(*, a:long))", "f(typeof(*, a=long))"),
        (
            "kind + count + step + on + from + pattern + order + type",
            "(((((((kind + count) + step) + on) + from) + pattern) + order) + type)",
        ),
        ("3plogTime", "3plogTime"),
        ("datetime(now)", "now()"),
    ],
)
def test_names_and_calls(text: str, shape: str) -> None:
    assert shown(parse_expression(text)) == shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("5", "5"),
        ("0xFF", "255"),
        (".5", "0.5"),
        ("1.5h", "timespan<54000000000>"),
        ("true", "True"),
        ("'a' \"b\"", "'ab'"),
        ("int(5)", "int<5>"),
        ("int(null)", "int<None>"),
        ("long('5')", "5"),
        ("bool(1)", "True"),
        ("real(nan)", "nan"),
        ("decimal(1.50)", "decimal<1.50>"),
        ("guid(74BE27DE-1e4e-49d9-b579-fe0b331d3642)", "guid<74be27de-1e4e-49d9-b579-fe0b331d3642>"),
        ("datetime(2024-01-02 10:00)", "datetime<2024-01-02 10:00:00+00:00>"),
        ("datetime()", "datetime<None>"),
        ("time(1.02:03:04)", "timespan<937840000000>"),
        ("dynamic(null)", "dynamic<None>"),
        ("dynamic([1, -2.5, 'x', true, null, []])", "dynamic<[1, -2.5, 'x', True, None, []]>"),
        (
            "dynamic({'a': {\"b\": 1d}, 'c': datetime(2020)})",
            "dynamic<{'a': {'b': '1.00:00:00'}, 'c': '2020-01-01T00:00:00.0000000Z'}>",
        ),
        ("dynamic(99999999999999999999)", "dynamic<1e+20>"),
    ],
)
def test_constants(text: str, shape: str) -> None:
    assert shown(parse_expression(text)) == shape


def test_spans() -> None:
    tree = parse_expression("aa + f(b).c")
    assert isinstance(tree, Binary)
    assert (tree.span, tree.operator_span) == (Span(0, 11), Span(3, 4))
    assert isinstance(tree.right, Member)
    assert (tree.right.span, tree.right.name_span) == (Span(5, 11), Span(10, 11))
    assert isinstance(tree.right.base, Call)
    assert (tree.right.base.span, tree.right.base.name_span) == (Span(5, 9), Span(5, 6))


def test_a_long_chain_of_conditions_is_a_low_tree() -> None:
    tree = parse_expression(" or ".join(f"a == {number}" for number in range(5000)))
    height = 0
    node = tree
    while isinstance(node, Binary):
        node, height = node.left, height + 1
    assert height <= 15
