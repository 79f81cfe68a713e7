"""Tokens: kinds, offsets, and what cannot be read."""

import pytest

from vedette.kql.lexer import PADDING, tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    tokens, findings = tokenize(text)
    assert not findings
    return [(token.kind, token.text) for token in tokens if token.kind != "end"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("abc", "name"),
        ("_a1", "name"),
        ("$left", "name"),
        ("3plogTime", "name"),
        ("5dd", "name"),
        ("1us", "name"),
        ("Größe", "name"),
        ("3d", "timespan"),
        ("1.5h", "timespan"),
        ("10ms", "timespan"),
        ("1tick", "timespan"),
        ("5min", "timespan"),
        ("2hours", "timespan"),
        ("7microseconds", "timespan"),
        ("12", "long"),
        ("0xFF", "long"),
        ("1.5", "real"),
        ("1.", "real"),
        ("1e3", "real"),
        ("1.5E-3", "real"),
        ('"a\\"b"', "string"),
        ("'a\\'b'", "string"),
        ('@"a""b\\"', "string"),
        ("@'a''b'", "string"),
        ('h"secret"', "string"),
        ("H@'secret'", "string"),
        ("```a\n'b\"```", "string"),
        ("~~~a\nb~~~", "string"),
        ("datetime(2024-01-01 10:00)", "typed"),
        ("datetime( 'x (y) z' )", "typed"),
        ("long (5)", "typed"),
        ("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "typed"),
        ("real(+inf)", "typed"),
        ("!has_cs", "symbol"),
        ("!in~", "symbol"),
        ("in~", "symbol"),
        ("=~", "symbol"),
        ("<>", "symbol"),
        ("=>", "symbol"),
        ("..", "symbol"),
    ],
)
def test_one_token(text: str, kind: str) -> None:
    assert kinds(text) == [(kind, text)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("1..5", ["1", "..", "5"]),
        ("a-b", ["a", "-", "b"]),
        ("a//b\n+c // d", ["a", "+", "c"]),
        ("long(tostring(1))", ["long", "(", "tostring", "(", "1", ")", ")"]),
        ("x:long)", ["x", ":", "long", ")"]),
        ("a\u00a0==\ufeff\u200b1", ["a", "==", "1"]),
        ("hash('a')", ["hash", "(", "'a'", ")"]),
        ("a in~(b)", ["a", "in~", "(", "b", ")"]),
        ("'//' 1", ["'//'", "1"]),
    ],
)
def test_several_tokens(text: str, tokens: list[str]) -> None:
    assert [found for _, found in kinds(text)] == tokens


def test_offsets_and_the_end() -> None:
    tokens, _ = tokenize("ab  'c'\n")
    assert [(token.start, token.end) for token in tokens[:2]] == [(0, 2), (4, 7)]
    assert [(token.kind, token.start) for token in tokens[2:]] == [("end", 8)] * (PADDING + 1)


def test_unexpected_characters_are_reported_once_a_run_and_skipped() -> None:
    tokens, findings = tokenize("a && b ‘c")
    assert [token.text for token in tokens if token.kind != "end"] == ["a", "b", "c"]
    assert [(finding.code, finding.span.start, finding.hint) for finding in findings] == [
        ("SYN0001", 2, "Use 'and'."),
        ("SYN0001", 7, "Use straight quotes (')."),
    ]


@pytest.mark.parametrize("text", ['"abc', "'abc", '@"abc', '"abc\\"', "```abc\n", "h'abc"])
def test_a_text_that_is_never_closed(text: str) -> None:
    _, findings = tokenize(text)
    assert [finding.code for finding in findings] == ["SYN0004"]


def test_an_unclosed_text_ends_with_its_line() -> None:
    tokens, findings = tokenize('"abc\nnext')
    assert [token.text for token in tokens[:2]] == ['"abc', "next"]
    assert len(findings) == 1
