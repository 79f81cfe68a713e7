"""Queries that give several results, taken apart into queries that give one each.

A query gives several where it has several tabular statements, or ends in `fork` or `facet`.
https://learn.microsoft.com/kusto/query/batches, …/fork-operator and …/facet-operator
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from typing import Final, TypeVar

from vedette.kql import syntax
from vedette.kql.diagnostics import Diagnostic, KqlError, Span
from vedette.kql.parser import parse_query

SEVERAL_RESULTS: Final = "SEM0201"
"""The code of the error that a query gives a second result where one is wanted."""

PRIMARY: Final = "PrimaryResult"
MOST_RESULTS: Final = 50

_OF_FORK = "GenericResult"
T = TypeVar("T")

_NOT_BLANK = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class SingleResult:
    """A query of one result: what the result is called, and its text, whose positions are those of the whole query."""

    name: str
    text: str


def for_each_result(text: str, run: Callable[[str], T]) -> list[tuple[str, T]]:
    """What `run` gives for each of a query's results, with the result's name. Raises what `run` raises.

    Only a query that is refused for its second result is taken apart, so that others cost nothing more.
    """
    try:
        return [(PRIMARY, run(text))]
    except KqlError as error:
        if all(each.code != SEVERAL_RESULTS for each in error.diagnostics):
            raise
        singles = single_results(text)
        if [each.text for each in singles] == [text]:
            raise
    return [(each.name, run(each.text)) for each in singles]


def single_results(text: str) -> tuple[SingleResult, ...]:
    """The queries whose results are those of `text`, in order; one where there is nothing to take apart.

    Raises KqlError for a text that cannot be read, and beyond MOST_RESULTS results.
    """
    results = [each for each in parse_query(text).statements if isinstance(each, syntax.ExpressionStatement)]
    total = sum(_results_of(each.expression) for each in results)
    if total > MOST_RESULTS:
        message = f"The query gives {total} results; the limit is {MOST_RESULTS}."
        raise KqlError(text, [Diagnostic("LIM0003", message, results[-1].span)])
    found: list[SingleResult] = []
    for statement in results:
        alone = _without(text, (each.span for each in results if each is not statement))
        found += _of_statement(alone, statement.expression)
    return tuple(_numbered(found))


def _results_of(node: syntax.Expression) -> int:
    match _last(node):
        case syntax.Fork() as fork:
            return len(fork.branches)
        case syntax.Facet() as facet:
            return len(facet.columns) + (facet.subquery is not None)
        case _:
            return 1


def _of_statement(text: str, node: syntax.Expression) -> Iterator[SingleResult]:
    last = _last(node)
    match last:
        case syntax.Fork():
            for name, branch in last.branches:
                yield SingleResult(name or _name_of(branch) or _OF_FORK, _only(text, last.span, branch.span))
        case syntax.Facet():
            if last.subquery is not None:
                yield SingleResult(_name_of(last.subquery) or PRIMARY, _only(text, last.span, last.subquery.span))
            for column in last.columns:
                yield SingleResult(PRIMARY, _counted(text, last.span, column))
        case _:
            yield SingleResult(_name_of(node) or PRIMARY, text)


def _last(node: syntax.Expression) -> syntax.Operator | None:
    return node.operators[-1] if isinstance(node, syntax.Pipe) else None


def _name_of(node: syntax.Expression) -> str | None:
    last = _last(node)
    return last.name if isinstance(last, syntax.As) else None


def _counted(text: str, operator: Span, column: syntax.Expression) -> str:
    """How often each value of a column is there; the column is where it was, for errors about it."""
    if not isinstance(column, syntax.Name):
        raise KqlError(
            text, [Diagnostic("SEM0200", "'facet' counts the values of columns by their names.", column.span)]
        )
    alone = _only(text, operator, column.span)
    projected = "project" + alone[operator.start + len("project") : operator.end]
    name = column.name.replace("\\", "\\\\").replace("'", "\\'")
    counted = f" | summarize ['count_{name}'] = count() by ['{name}']"
    return alone[: operator.start] + projected + counted + alone[operator.end :]


def _only(text: str, whole: Span, part: Span) -> str:
    """The text with a stretch of it blank, except for a part of that."""
    return _without(text, (Span(whole.start, part.start), Span(part.end, whole.end)))


def _without(text: str, spans: Iterable[Span]) -> str:
    """The text with some stretches blank; lines stay lines."""
    for span in spans:
        blank = _NOT_BLANK.sub(" ", text[span.start : span.end])
        text = text[: span.start] + blank + text[span.end :]
    return text


def _numbered(results: Iterable[SingleResult]) -> Iterator[SingleResult]:
    """The results with names that differ: `Name`, `Name_2`, `Name_3`."""
    taken: set[str] = set()
    for each in results:
        numbered = (f"{each.name}_{number}" for number in count(2))
        name = next(name for name in chain([each.name], numbered) if name not in taken)
        taken.add(name)
        yield SingleResult(name, each.text)
