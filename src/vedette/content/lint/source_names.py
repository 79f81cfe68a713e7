"""The names in a query that rows come from: of tables, views and functions."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from vedette.kql import syntax
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query
from vedette.kql.walk import walk

_WRAPPING = frozenset({"materialize", "toscalar"})


@lru_cache(maxsize=4)
def source_names(text: str) -> frozenset[int]:
    """Where such names begin; none in what is no KQL."""
    try:
        query = parse_query(text)
    except KqlError:
        return frozenset()
    return frozenset(each for part in walk(query) for source in _sources(part) for each in _begins(source))


def _sources(part: Any) -> Iterator[Any]:
    match part:
        case syntax.Pipe(source=source) if source is not None:
            yield source
        case syntax.Union(tables=tables) | syntax.Find(tables=tables):
            yield from tables
        case syntax.Join(right=right):
            yield right
        case syntax.Invoke(call=call):
            yield call
        case syntax.ExpressionStatement(expression=expression):
            yield expression
        case syntax.Let(value=syntax.Name() as name):
            yield name
        case _:
            pass


def _begins(source: Any) -> Iterator[int]:
    """A table within `materialize(…)` and the like is the source of a pipe or stands alone in the call."""
    match source:
        case syntax.Name():
            yield source.span.start
        case syntax.Call():
            yield source.name_span.start
            if source.name in _WRAPPING:
                for each in source.arguments:
                    yield from _begins(each.value)
        case syntax.Member():
            yield source.name_span.start
        case _:
            pass
