"""The query of a search job: which ones there can be, and the columns by which a result tells where it comes from.

https://learn.microsoft.com/azure/azure-monitor/logs/search-jobs#kql-query-limitations
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from vedette.core.errors import InvalidInput
from vedette.kql import syntax
from vedette.kql.parser import parse_query

ORIGINALS: Final = {
    "_OriginalType": "Type",
    "_OriginalItemId": "_ItemId",
    "_OriginalTimeGenerated": "TimeGenerated",
}
"""What a result says of its source row, each by the column of the source table that it is taken from."""

_OPERATORS = (syntax.Where, syntax.Extend, syntax.Project, syntax.Parse)
_VARIANTS = frozenset({"", "-away", "-keep", "-rename", "-reorder"})
_CHOOSING = frozenset({"", "-keep"})
_NAMES = "where, extend, project, project-away, project-keep, project-rename, project-reorder, parse and parse-where"
_OF_TABLES = frozenset({"toscalar", "table", "workspace", "cluster", "database", "external_table", "materialized_view"})


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`text` gives the results of the query, with the columns of `ORIGINALS`, from the rows of the table `source`."""

    source: str
    text: str


def search_query(text: str) -> SearchQuery:
    """Read a search job's query, which must begin with a table and go on with operators that see one row at a time.

    Raises KqlError, and InvalidInput (InvalidParameter) for what a search job cannot run.
    """
    statements = parse_query(text).statements
    if len(statements) != 1 or not isinstance(statements[0], syntax.ExpressionStatement):
        raise _invalid("is one expression that begins with the name of a table, without 'let' or 'set'")
    expression = statements[0].expression
    source, operators = (
        (expression.source, expression.operators) if isinstance(expression, syntax.Pipe) else (expression, ())
    )
    if not isinstance(source, syntax.Name):
        raise _invalid("begins with the name of a table")
    for operator in operators:
        _check(operator)
    extended = ", ".join(f"{name} = {column}" for name, column in ORIGINALS.items())
    pieces = [text[: source.span.end], f" | extend {extended}"]
    at = source.span.end
    for operator in operators:
        pieces.append(text[at : operator.span.end])
        at = operator.span.end
        if isinstance(operator, syntax.Project) and operator.variant in _CHOOSING:
            pieces.append(", " + ", ".join(ORIGINALS))
    return SearchQuery(source.name, "".join([*pieces, "\n"]))


def _check(operator: syntax.Operator) -> None:
    allowed = isinstance(operator, _OPERATORS)
    if isinstance(operator, syntax.Project):
        allowed = operator.variant in _VARIANTS
    if not allowed:
        raise _invalid(f"can use the operators {_NAMES}; '{type(operator).__name__.lower()}' is none of them")
    for node in _nodes(operator):
        if isinstance(node, syntax.Pipe) or (isinstance(node, syntax.Call) and node.name in _OF_TABLES):
            raise _invalid("reads one table, and no other inside its operators")


def _nodes(value: Any) -> Iterator[Any]:
    """Every node in a tree."""
    if is_dataclass(value):
        yield value
        for each in fields(value):
            yield from _nodes(getattr(value, each.name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _nodes(each)
    elif isinstance(value, dict):
        yield from _nodes(tuple(value.values()))


def _invalid(rule: str) -> InvalidInput:
    return InvalidInput("InvalidParameter", f"The query of a search job {rule}.")
