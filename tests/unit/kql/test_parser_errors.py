"""Findings: their codes, places, words and hints, and taking up the thread after them."""

import pytest

from vedette.kql.diagnostics import Diagnostic, KqlError
from vedette.kql.parser import parse_query


def findings(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(KqlError) as caught:
        parse_query(text)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("text", "code", "offset", "message", "hint"),
    [
        ("T | wher a", "SYN0005", 4, "There is no operator 'wher'.", "Did you mean 'where'?"),
        ("T | mv-expnd a", "SYN0005", 4, "There is no operator 'mv-expnd'.", "Did you mean 'mv-expand'?"),
        ("T where a", "SYN0002", 2, "Expected '|', ';' or the end, found 'where'.", "A '|' is missing before 'where'."),
        ("T | where a AND b", "SYN0002", 12, "Expected '|', ';' or the end, found 'AND'.", "Did you mean 'and'?"),
        ("T | where a = 1", "SYN0002", 12, "Expected a comparison, found '='.", "Use '==' to compare."),
        ("T | where (a", "SYN0006", 10, "The '(' at 1:11 is never closed.", "A ')' is missing."),
        ("T | where a)", "SYN0007", 11, "This ')' closes no bracket.", None),
        ("T | where f(a b)", "SYN0002", 14, "Expected ',' or ')', found 'b'.", None),
        ("T | where a == 'x", "SYN0004", 15, "This text is never closed: a ' is missing.", None),
        ("T | where a == “x", "SYN0001", 15, "Unexpected character '“'.", 'Use straight quotes (").'),
        ("T | where a in 1", "SYN0002", 15, "Expected '(' after 'in', found '1'.", "Write it as in: x in (1, 2)."),
        (
            "T | where a between (1, 2)",
            "SYN0002",
            22,
            "Expected '..' between the two bounds, found ','.",
            "Write it as in: x between (1 .. 5).",
        ),
        ("T | where not a", "SYN0002", 14, "Expected '|', ';' or the end, found 'a'.", "Write not(a)."),
        ("T | where !a", "SYN0002", 10, "Expected an expression, found '!a'.", "Use 'not(…)'."),
        (
            "T | where a == b == c",
            "SYN0009",
            17,
            "Comparisons do not chain: '==' follows another one.",
            "Use 'and', or brackets.",
        ),
        (
            "T | extend first = 1",
            "SYN0013",
            11,
            "The word 'first' is reserved and cannot be a name as it stands.",
            "Write ['first'].",
        ),
        (
            "T | project a, to",
            "SYN0013",
            15,
            "The word 'to' is reserved and cannot be a name as it stands.",
            "Write ['to'].",
        ),
        (
            "print long(f(1))",
            "SYN0008",
            6,
            "'long(…)' holds a constant, not an expression.",
            "Use tolong(…) to convert.",
        ),
        ("print hasprefix(a, 'b')", "SYN0013", 6, "'hasprefix' is no function.", "It is an operator: x hasprefix y."),
        (
            "print datetime(2024-13-01)",
            "SYN0008",
            6,
            "'2024-13-01' is no datetime constant.",
            "Write it as in datetime(2024-03-01 10:30); use todatetime(…) to convert a column.",
        ),
        ('print "a\\d"', "SYN0008", 8, "'\\d' is not an escape.", "Write '\\\\d', or put @ before the text: @\"…\"."),
        (
            "print 99999999999999999999",
            "SYN0008",
            6,
            "99999999999999999999 does not fit into a long (64 bits).",
            "Use real or decimal.",
        ),
        (
            "print dynamic([a])",
            "SYN0002",
            15,
            "Expected a constant in dynamic(…), found 'a'.",
            "Use bag_pack(…), pack_array(…) or todynamic(…) for columns.",
        ),
        ("datatable(a:strin)[1]", "SYN0011", 12, "There is no type 'strin'.", "Did you mean 'string'?"),
        ("datatable(a:long)[1 + 1]", "SYN0002", 20, "Expected ',' or ']', found '+'.", None),
        ("union kid=outer T", "SYN0012", 6, "'union' has no option 'kid'.", "Did you mean 'kind'?"),
        ("T | join (U) a", "SYN0002", 13, "Expected 'on' after the table of 'join', found 'a'.", None),
        ("T | top 5", "SYN0002", 9, "Expected 'by' after the number of rows, found the end of the query.", None),
        (
            "T |",
            "SYN0002",
            3,
            "Expected an operator such as where or summarize after '|', found the end of the query.",
            None,
        ),
        (
            "| where a",
            "SYN0002",
            0,
            "Expected an expression, found '|'.",
            "A pipe starts with a table, or with union, print, range, search or find.",
        ),
        (
            "let a = 1\nT",
            "SYN0002",
            10,
            "Expected '|', ';' or the end, found 'T'.",
            "If a new statement starts here, a ';' is missing before it.",
        ),
        (
            "let a = 1 let b = 2; T",
            "SYN0002",
            10,
            "Expected '|', ';' or the end, found 'let'.",
            "A ';' is missing before 'let'.",
        ),
        (
            "let f = (x) { x }; T",
            "SYN0002",
            12,
            "Expected '|', ';' or the end, found '{'.",
            "A function's parameters have types: (name:string) { … }.",
        ),
        ("", "SYN0003", 0, "The query is empty.", "Start with a table's name."),
        (";;", "SYN0003", 0, "There is no query here, only comments.", "Start with a table's name."),
        ("// a\n// b", "SYN0003", 0, "There is no query here, only comments.", "Start with a table's name."),
        (".show tables", "SYN0010", 0, "Management commands, which start with '.', are not queries.", None),
        ("T }", "SYN0007", 2, "This '}' closes no bracket.", None),
    ],
)
def test_one_finding(text: str, code: str, offset: int, message: str, hint: str | None) -> None:
    (found,) = findings(text)
    assert (found.code, found.span.start, found.message, found.hint) == (code, offset, message, hint)


def test_several_findings_in_one_pass() -> None:
    text = """
        let f = (a:long) { T | wher a };
        let g = U | project a b | sumarize count();
        V | where x = | extend first = 2 | take
    """
    assert [(found.code, text[found.span.start : found.span.end]) for found in findings(text)] == [
        ("SYN0005", "wher"),
        ("SYN0002", "b"),
        ("SYN0005", "sumarize"),
        ("SYN0002", "="),
        ("SYN0013", "first"),
        ("SYN0002", ""),
    ]


def test_an_unclosed_bracket_does_not_hide_the_next_statement() -> None:
    assert [found.code for found in findings("let a = f(1; let b = T | foo; b")] == ["SYN0006", "SYN0005"]


def test_findings_that_follow_from_an_unclosed_text_are_left_out() -> None:
    assert [found.code for found in findings('T | foo | where f(a, "x | take 1')] == ["SYN0005", "SYN0004"]


def test_there_are_never_more_than_twenty() -> None:
    assert len(findings("T" + " | foo" * 1000)) == 20
