"""Any text is answered soon, with a tree or with findings: limits, long chains, random texts."""

import re
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kql.diagnostics import KqlError, render
from vedette.kql.parser import MAX_LENGTH, MAX_NESTING, parse_query

MANY = 10_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("print " + "(" * MANY + "1" + ")" * MANY, "LIM0002"),
        ("(" * MANY, "LIM0002"),
        ("print dynamic(" + "[" * MANY + "]" * MANY + ")", "LIM0002"),
        ("let f = () {" * MANY + "T" + "};f" * MANY, "LIM0002"),
        ("T" + " | join (T" * MANY + ") on a" * MANY, "LIM0002"),
        ("print " + "+".join(["1"] * MANY), "LIM0002"),
        ("print a" + ".a" * MANY, "LIM0002"),
        ("print a" + "[0]" * MANY, "LIM0002"),
        ("T" + " | take 1" * MANY, "LIM0002"),
        ("print ((" + "+1" * 60 + ")" + "+1" * 200 + ")", "LIM0002"),
        ("print " + "-" * MANY + "1", "SYN0002"),
        ("print " + " has ".join(["a"] * MANY), "SYN0009"),
        ("T //" + " " * MAX_LENGTH, "LIM0001"),
        ("print 1" + "0" * MANY, "SYN0008"),
    ],
)
def test_refused_by_name(text: str, code: str) -> None:
    started = process_time()
    with pytest.raises(KqlError) as caught:
        parse_query(text)
    assert caught.value.code == code
    assert len(str(caught.value)) < 500
    assert process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "T | where " + " and ".join(["a == 1"] * MANY),
        "T | where a in (" + ", ".join(["'x'"] * MANY) + ")",
        "T | extend " + ", ".join(f"a{number} = {number}" for number in range(MANY)),
        "print " + '"a" ' * MANY,
        "".join(f"let a{number} = {number};" for number in range(MANY)) + "T",
        "".join(f"let a{number} = T | where x | take 1;" for number in range(1000)) + "T",
        "T | where " + "f(" * MAX_NESTING + "1" + ")" * MAX_NESTING,
        "T" + " | where a in (T" * MAX_NESTING + ")" * MAX_NESTING,
        "T" + " | where f(T" * MAX_NESTING + ")" * MAX_NESTING,
        "T" + " | join (T" * MAX_NESTING + ") on a" * MAX_NESTING,
        "T | partition by a (" + "partition by a (" * (MAX_NESTING - 1) + "take 1" + ")" * MAX_NESTING,
        "let f = () {" * (MAX_NESTING - 1) + "T" + "}; f" * (MAX_NESTING - 1),
    ],
)
def test_long_but_accepted(text: str) -> None:
    started = process_time()
    parse_query(text)
    assert process_time() - started < 5


WORDS = re.findall(
    r"\S+",
    r"""
    T a b c where extend project project-away summarize by join kind inner on union mv-expand to typeof long let f
    view datatable externaldata with parse make-series from step in between has contains and or not matches regex
    dynamic true null datetime(2024-01-01) datetime(x) long(null) 1d 1.5 2 0x1 'x' "y" @'z' h'q' | | ; ; ( ) ( ) [
    ] { } , , . = == != < > => : .. + - * / % =~ !in !has in~ $left $right nulls first asc desc search find print
    range scan partition fork facet render evaluate as serialize top of sort order count take declare
    query_parameters pattern set alias restrict hint.strategy make-graph --> ```a``` 'unclosed " // ¿
    """,
)


@settings(max_examples=200, deadline=2000)
@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from([" ", "", "\n"]))
def test_any_soup_of_tokens_is_answered(words: list[str], between: str) -> None:
    answered(between.join(words))


@settings(max_examples=150, deadline=2000)
@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    answered(text)


@settings(max_examples=150, deadline=2000)
@given(st.text(alphabet="T|;(){}[],.'\"\\@hd=!~<>-+*/: \n\t1234567890eExX_$`~", max_size=120))
def test_any_text_of_the_syntax_is_answered(text: str) -> None:
    answered(text)


def answered(text: str) -> None:
    with suppress(KqlError):
        parse_query(text)
    error = refusal(f"T | where {text}")
    if error is None:
        return
    starts = [finding.span.start for finding in error.diagnostics]
    assert starts == sorted(starts)
    for finding in error.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= len(error.text)
        assert render(error.text, finding)


def refusal(text: str) -> KqlError | None:
    try:
        parse_query(text)
    except KqlError as error:
        return error
    return None
