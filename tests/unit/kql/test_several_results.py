"""Queries of several results, taken apart."""

import pytest

from vedette.kql.diagnostics import KqlError
from vedette.kql.several_results import MOST_RESULTS, single_results


def taken_apart(text: str) -> list[tuple[str, str]]:
    return [(each.name, " ".join(each.text.split())) for each in single_results(text)]


def test_a_query_of_one_result_is_itself() -> None:
    text = "let n = 1; // two\nT | where a == n | as Named"
    assert [(each.name, each.text) for each in single_results(text)] == [("Named", text)]


def test_statements() -> None:
    text = "let n = 1; T | count;\nU | take n; print 1;"
    assert taken_apart(text) == [
        ("PrimaryResult", "let n = 1; T | count; ; ;"),
        ("PrimaryResult_2", "let n = 1; ; U | take n; ;"),
        ("PrimaryResult_3", "let n = 1; ; ; print 1;"),
    ]


def test_branches_of_a_fork_have_names_of_their_own_or_given_ones() -> None:
    text = "T | fork (where a > ')' | count) Few=(take 1) (take 2 | as Two) (take 3)"
    assert taken_apart(text) == [
        ("GenericResult", "T | where a > ')' | count"),
        ("Few", "T | take 1"),
        ("Two", "T | take 2 | as Two"),
        ("GenericResult_2", "T | take 3"),
    ]


def test_columns_of_a_facet() -> None:
    text = "T | facet by a, ['b c'] with (take 5); U"
    assert taken_apart(text) == [
        ("PrimaryResult", "T | take 5 ;"),
        ("PrimaryResult_2", "T | project a | summarize ['count_a'] = count() by ['a'];"),
        ("PrimaryResult_3", "T | project ['b c'] | summarize ['count_b c'] = count() by ['b c'];"),
        ("PrimaryResult_4", "; U"),
    ]


@pytest.mark.parametrize("word", ["n > 1", "absent"])
def test_what_is_left_stands_where_it_stood(word: str) -> None:
    text = f"T\n| fork (count)\n  (where {word})"
    (_, second) = single_results(text)
    assert second.text.index(word) == text.index(word)
    assert second.text.count("\n") == text.count("\n")


def test_more_results_than_anybody_reads() -> None:
    columns = ", ".join(f"a{number}" for number in range(20_000))
    for text in ("T | fork " + "(count) " * (MOST_RESULTS + 1), f"T | facet by {columns}", "print 1;" * 1200):
        with pytest.raises(KqlError, match=f"limit is {MOST_RESULTS}"):
            single_results(text)


def test_names_differ() -> None:
    assert [name for name, _ in taken_apart("T | fork a=(count) a=(take 1) a_2=(take 2)")] == ["a", "a_2", "a_2_2"]


def test_a_facet_by_an_expression() -> None:
    with pytest.raises(KqlError, match="by their names"):
        single_results("T | facet by bin(a, 1)")
