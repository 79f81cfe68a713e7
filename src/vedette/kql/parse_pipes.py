"""Reads pipes: a source, then operators by name; takes up the thread at the next `|` after an error."""

import re
from collections.abc import Callable

from vedette.kql import parse_graphs as graph
from vedette.kql import parse_row_operators as row
from vedette.kql import parse_table_operators as table
from vedette.kql.cursor import (
    Cursor,
    SyntaxFailure,
    advance,
    ahead,
    check_height,
    expected,
    failure,
    move_to,
    record,
    span_from,
)
from vedette.kql.diagnostics import Span, suggestion
from vedette.kql.lexer import Token
from vedette.kql.parse_expressions import expression
from vedette.kql.syntax import Expression, GraphOperator, MacroExpand, Operator, Pipe


def _graph(cursor: Cursor, start: Token) -> GraphOperator:
    return GraphOperator(
        _rest(cursor, start), start.text, cursor.text[start.start : cursor.tokens[cursor.index - 1].end]
    )


def _known_by_name(cursor: Cursor, start: Token) -> MacroExpand:
    span = _rest(cursor, start)
    return MacroExpand(span, start.text, cursor.text[span.start : span.end])


def _rest(cursor: Cursor, start: Token) -> Span:
    """Step over everything up to the operator's end."""
    move_to(cursor, _end_of_step(cursor, cursor.index, cursor.index))
    return span_from(cursor, start.start)


OPERATORS: dict[str, Callable[[Cursor, Token], Operator]] = {
    "as": row.as_,
    "assert-schema": row.assert_schema,
    "consume": row.consume,
    "count": row.count,
    "distinct": row.distinct,
    "evaluate": table.evaluate,
    "execute-and-cache": _known_by_name,
    "extend": row.extend,
    "facet": table.facet,
    "filter": row.where,
    "find": table.find,
    "fork": table.fork,
    "getschema": row.getschema,
    "graph-mark-components": graph.graph_mark_components,
    "graph-match": graph.graph_match,
    "graph-merge": _graph,
    "graph-shortest-paths": graph.graph_shortest_paths,
    "graph-to-table": graph.graph_to_table,
    "graph-where-edges": _graph,
    "graph-where-nodes": _graph,
    "invoke": table.invoke,
    "join": table.join,
    "limit": row.take,
    "lookup": table.lookup,
    "macro-expand": _known_by_name,
    "make-graph": graph.make_graph,
    "make-series": table.make_series,
    "makeseries": table.make_series,
    "mv-apply": row.mv_apply,
    "mvapply": row.mv_apply,
    "mv-expand": row.mv_expand,
    "mvexpand": row.mv_expand,
    "order": row.sort,
    "parse": row.parse,
    "parse-kv": row.parse_kv,
    "parse-where": row.parse_where,
    "partition": table.partition,
    "print": row.print_,
    "project": row.project,
    "project-away": row.project_away,
    "project-by-names": row.project_by_names,
    "project-keep": row.project_keep,
    "project-rename": row.project_rename,
    "project-reorder": row.project_reorder,
    "range": row.range_,
    "reduce": row.reduce,
    "render": table.render,
    "sample": row.sample,
    "sample-distinct": row.sample_distinct,
    "scan": table.scan,
    "search": table.search,
    "serialize": row.serialize,
    "sort": row.sort,
    "summarize": table.summarize,
    "take": row.take,
    "top": row.top,
    "top-hitters": row.top_hitters,
    "top-nested": row.top_nested,
    "union": table.union,
    "where": row.where,
}

_SOURCES = frozenset({"evaluate", "find", "macro-expand", "print", "range", "search", "union"})
"""The operators that need no table before them."""

_OPERATOR_NAME = re.compile(r"[A-Za-z_]\w*(?:-[A-Za-z]\w*)*")


def pipe(cursor: Cursor) -> Expression:
    """`source | operator | …`, or just an expression."""
    outer, cursor.height = cursor.height, 0
    start = cursor.token
    if start.kind == "name" and _starts_with_source_operator(cursor):
        read = _operators(cursor, start, None, [_operator(cursor)])
    else:
        read = expression(cursor)
        if cursor.token.text == "|":
            read = _operators(cursor, start, read, [])
    cursor.height = max(outer, cursor.height)
    return read


def steps(cursor: Cursor) -> Expression:
    """The steps of a sub-query, `where x | take 1`; a pipe with a source of its own is taken too."""
    start = cursor.token
    if start.kind != "name" or not _starts_with_step(cursor):
        return pipe(cursor)
    outer, cursor.height = cursor.height, 0
    read = _operators(cursor, start, None, [_operator(cursor)])
    cursor.height = max(outer, cursor.height)
    return read


def _starts_with_step(cursor: Cursor) -> bool:
    if cursor.token.text in ("count", "serialize", "getschema", "consume"):
        return True
    return _name_of_operator(cursor) in OPERATORS and ahead(cursor).text not in ("|", ")", ".")


def _starts_with_source_operator(cursor: Cursor) -> bool:
    word, following = _name_of_operator(cursor), ahead(cursor)
    if word not in _SOURCES:
        return False
    if following.kind == "end":
        return word in ("print", "union")
    if word == "range":
        return "from" in (ahead(cursor, 2).text, ahead(cursor, 4).text)
    return following.text not in ("|", ";", ")", ".", "=", ",")


def _operators(cursor: Cursor, start: Token, source: Expression | None, operators: list[Operator]) -> Expression:
    while cursor.token.text == "|" and cursor.token.kind == "symbol":
        advance(cursor)
        first = cursor.index
        try:
            operators.append(_operator(cursor))
            _expect_end_of_step(cursor)
        except SyntaxFailure as failed:
            move_to(cursor, _end_of_step(cursor, first, cursor.index))
            record(cursor, failed)
    span = span_from(cursor, start.start)
    cursor.height += len(operators)
    check_height(cursor.height, span)
    return Pipe(span, source, tuple(operators))


def _expect_end_of_step(cursor: Cursor) -> None:
    if cursor.token.kind not in ("symbol", "end"):
        raise unexpected_end(cursor)


def unexpected_end(cursor: Cursor) -> SyntaxFailure:
    """The exception for something that stands where a step or statement should end."""
    token = cursor.token
    if token.text in (")", "]"):
        return failure("SYN0007", f"This '{token.text}' closes no bracket.", token.span)
    return expected(cursor, "'|', ';' or the end", _hint_at_end(cursor, token))


def _hint_at_end(cursor: Cursor, token: Token) -> str | None:
    if token.text == "=":
        return "Use '==' to compare, and 'let name = …;' to define a name."
    if token.text == "{":
        return "A function's parameters have types: (name:string) { … }."
    if token.text in ("let", "set", "declare"):
        return f"A ';' is missing before '{token.text}'."
    if token.kind != "name":
        return None
    if _name_of_operator(cursor) in OPERATORS:
        return f"A '|' is missing before '{token.text}'."
    previous = cursor.tokens[cursor.index - 1]
    if previous.text == "not":
        return f"Write not({token.text})."
    if "\n" in cursor.text[previous.end : token.start]:
        return (
            suggestion(token.text, _EXPRESSION_WORDS) or "If a new statement starts here, a ';' is missing before it."
        )
    return suggestion(token.text, _EXPRESSION_WORDS) or "A comma or an operator may be missing before it."


_EXPRESSION_WORDS = (
    *("and", "or", "in", "has", "has_any", "has_all", "contains", "startswith", "endswith"),
    *("hasprefix", "hassuffix", "between", "matches"),
)


def _name_of_operator(cursor: Cursor) -> str:
    found = _OPERATOR_NAME.match(cursor.text, cursor.token.start)
    text = found.group() if found else ""
    return text if text in OPERATORS else cursor.token.text


def _operator(cursor: Cursor) -> Operator:
    token = cursor.token
    if token.kind not in ("name", "typed"):
        raise expected(cursor, "an operator such as where or summarize after '|'")
    word = _name_of_operator(cursor)
    read = OPERATORS.get(word)
    if read is None:
        found = _OPERATOR_NAME.match(cursor.text, token.start)
        whole = found.group() if found else token.text
        span = Span(token.start, token.start + len(whole))
        raise failure("SYN0005", f"There is no operator '{whole}'.", span, suggestion(whole, OPERATORS))
    while cursor.token.start < token.start + len(word):
        advance(cursor)
    return read(cursor, Token("name", word, token.start, token.start + len(word)))


def _end_of_step(cursor: Cursor, first: int, failed: int) -> int:
    """The index of the token that ends the step which begins at `first`.

    That is the next `|`, `;` or closing bracket that is not the step's own, at or after the token where reading failed.
    """
    depth = 0
    index = first
    tokens = cursor.tokens
    while tokens[index].kind != "end":
        token = tokens[index]
        if token.kind == "symbol":
            if token.text in ("(", "[", "{"):
                depth += 1
            elif token.text in (")", "]", "}"):
                if depth == 0 and index >= failed:
                    return index
                depth = max(depth - 1, 0)
            elif token.text in ("|", ";") and depth == 0 and index >= failed:
                return index
        index += 1
    return index
