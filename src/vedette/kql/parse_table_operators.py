"""Reads the operators that aggregate, combine or split tables: summarize, join, union, partition, scan …"""

from vedette.kql.cursor import (
    Cursor,
    accept,
    accept_word,
    advance,
    ahead,
    at_word,
    expect,
    expect_closing,
    expected,
    name,
    span_from,
    word,
)
from vedette.kql.lexer import Token
from vedette.kql.parse_columns import column_declaration
from vedette.kql.parse_declarations import parameters
from vedette.kql.parse_expressions import ADDITIVE, expression
from vedette.kql.parse_lists import item, items, name_pattern, ordered_items
from vedette.kql.parse_operands import call, operand, properties, property_value
from vedette.kql.parse_options import name_value, options, refuse_unknown_option
from vedette.kql.syntax import (
    Call,
    ColumnDeclaration,
    Evaluate,
    Expression,
    Facet,
    Find,
    Fork,
    Invoke,
    Join,
    MakeSeries,
    MakeSeriesAggregate,
    Member,
    Name,
    Named,
    Ordered,
    Partition,
    Render,
    Scan,
    ScanStep,
    Search,
    Summarize,
    Union,
)


def summarize(cursor: Cursor, start: Token) -> Summarize:
    """`summarize [aggregates] [by keys]`."""
    hints, _ = options(cursor)
    aggregates: tuple[Expression, ...] = ()
    if not at_word(cursor, "by"):
        aggregates = items(cursor)
    keys = items(cursor) if accept_word(cursor, "by") else ()
    return Summarize(span_from(cursor, start.start), aggregates, keys, hints)


_JOIN_OPTIONS = ("kind", "isfuzzy")


def join(cursor: Cursor, start: Token) -> Join:
    """`join [kind=k] right on conditions`."""
    return _join(cursor, start, is_lookup=False)


def lookup(cursor: Cursor, start: Token) -> Join:
    """`lookup [kind=k] right on conditions`."""
    return _join(cursor, start, is_lookup=True)


def _join(cursor: Cursor, start: Token, *, is_lookup: bool) -> Join:
    hints, given = options(cursor, _JOIN_OPTIONS)
    refuse_unknown_option(cursor, ("kind",), start.text)
    right = operand(cursor)
    expect(cursor, "on", f"after the table of '{start.text}'")
    conditions = [expression(cursor)]
    while accept(cursor, ","):
        conditions.append(expression(cursor))
    kind = given.get("kind")
    kind_span = start.span if kind is None else kind.span
    span = span_from(cursor, start.start)
    return Join(span, right, tuple(conditions), name_value(kind), kind_span, is_lookup, hints)


_UNION_OPTIONS = ("kind", "withsource", "isfuzzy")


def union(cursor: Cursor, start: Token) -> Union:
    """`union [kind=k] [withsource=name] [isfuzzy=true] tables`."""
    _, given = options(cursor, (*_UNION_OPTIONS, "with_source"))
    refuse_unknown_option(cursor, _UNION_OPTIONS, "union")
    tables = _sources(cursor)
    kind = name_value(given.get("kind"))
    source = name_value(given.get("withsource") or given.get("with_source"))
    is_fuzzy = (name_value(given.get("isfuzzy")) or "").lower() in ("true", "1")
    return Union(span_from(cursor, start.start), tables, kind, source, is_fuzzy)


def _sources(cursor: Cursor) -> tuple[Expression, ...]:
    tables = [name_pattern(cursor)]
    while accept(cursor, ","):
        tables.append(name_pattern(cursor))
    return tuple(tables)


def _source_list(cursor: Cursor) -> tuple[Expression, ...]:
    """`in (T, U*)`, if it stands here."""
    if not (cursor.token.text == "in" and ahead(cursor).text == "("):
        return ()
    advance(cursor)
    opening = advance(cursor)
    tables = _sources(cursor)
    expect_closing(cursor, ")", opening)
    return tables


def search(cursor: Cursor, start: Token) -> Search:
    """`search [kind=k] [in (tables)] predicate`."""
    _, given = options(cursor, ("kind",))
    tables = _source_list(cursor)
    predicate = _predicate_with_colon(cursor)
    return Search(span_from(cursor, start.start), predicate, tables, name_value(given.get("kind")))


def _predicate_with_colon(cursor: Cursor) -> Expression:
    before, cursor.reads_colon = cursor.reads_colon, True
    try:
        return expression(cursor)
    finally:
        cursor.reads_colon = before


def find(cursor: Cursor, start: Token) -> Find:
    """`find [withsource=name] [in (tables)] [where] predicate [project … | project-away … | project-smart]`."""
    _, given = options(cursor, ("withsource", "datascope", "with_source"))
    tables = _source_list(cursor)
    accept_word(cursor, "where")
    predicate = _predicate_with_colon(cursor)
    columns: tuple[Expression | ColumnDeclaration, ...] = ()
    is_away = False
    if at_word(cursor, "project"):
        advance(cursor)
        is_smart = False
        if accept(cursor, "-"):
            is_away = cursor.token.text == "away"
            is_smart = cursor.token.text == "smart"
            if not (is_away or is_smart):
                raise expected(cursor, "project, project-away or project-smart")
            advance(cursor)
        columns = () if is_smart else _find_columns(cursor)
    source = name_value(given.get("withsource") or given.get("with_source"))
    return Find(span_from(cursor, start.start), predicate, tables, source, columns, is_away)


def _find_columns(cursor: Cursor) -> tuple[Expression | ColumnDeclaration, ...]:
    found: list[Expression | ColumnDeclaration] = []
    while True:
        is_typed = cursor.token.kind == "name" and ahead(cursor).text == ":"
        found.append(column_declaration(cursor) if is_typed else name_pattern(cursor))
        if not accept(cursor, ","):
            return tuple(found)


def make_series(cursor: Cursor, start: Token) -> MakeSeries:
    """`make-series aggregates on axis [from a] [to b] step s [by keys]`, or `on axis in range(a, b, s)`."""
    hints, given = options(cursor, ("kind",))
    aggregates = [_series_aggregate(cursor)]
    while accept(cursor, ","):
        aggregates.append(_series_aggregate(cursor))
    expect(cursor, "on", "before the axis")
    axis = _named_additive(cursor)
    is_range = accept_word(cursor, "in")
    if is_range:
        first, last, step = _range_call(cursor)
    else:
        first = expression(cursor) if accept_word(cursor, "from") else None
        last = expression(cursor) if accept_word(cursor, "to") else None
        expect(cursor, "step", "before the width of a step")
        step = expression(cursor)
    keys = items(cursor) if accept_word(cursor, "by") else ()
    return MakeSeries(
        span_from(cursor, start.start), tuple(aggregates), axis, first, last, step, keys, {**hints, **given}, is_range
    )


def _series_aggregate(cursor: Cursor) -> MakeSeriesAggregate:
    value = item(cursor)
    default = None
    if cursor.token.text == "default":
        advance(cursor)
        expect(cursor, "=", "after 'default'")
        default = expression(cursor)
    return MakeSeriesAggregate(value, default)


def _named_additive(cursor: Cursor) -> Expression:
    """The axis: `in` after it is no comparison."""
    token = cursor.token
    if token.kind == "name" and ahead(cursor).text == "=":
        advance(cursor)
        advance(cursor)
        value = expression(cursor, ADDITIVE)
        return Named(span_from(cursor, token.start), (token.text,), (token.span,), value)
    return expression(cursor, ADDITIVE)


def _range_call(cursor: Cursor) -> tuple[Expression, Expression, Expression]:
    expect(cursor, "range", "after 'in'")
    opening = expect(cursor, "(", "after 'range'")
    first = expression(cursor)
    expect(cursor, ",", "after the first value")
    last = expression(cursor)
    expect(cursor, ",", "after the last value")
    step = expression(cursor)
    expect_closing(cursor, ")", opening)
    return first, last, step


def evaluate(cursor: Cursor, start: Token) -> Evaluate:
    """`evaluate [hint.x=y] plugin(arguments) [: (schema)]`."""
    hints, _ = options(cursor)
    plugin = _called(cursor, "a plugin's name")
    columns: tuple[ColumnDeclaration, ...] | None = None
    keeps_columns = False
    if accept(cursor, ":"):
        columns, keeps_columns = _schema(cursor)
    return Evaluate(span_from(cursor, start.start), plugin, columns, hints, keeps_columns)


def _schema(cursor: Cursor) -> tuple[tuple[ColumnDeclaration, ...], bool]:
    opening = expect(cursor, "(", "after ':'")
    columns: list[ColumnDeclaration] = []
    keeps_columns = False
    while cursor.token.text != ")":
        if accept(cursor, "*"):
            keeps_columns = True
        else:
            columns.append(column_declaration(cursor))
        if not accept(cursor, ","):
            break
    expect_closing(cursor, ")", opening)
    return tuple(columns), keeps_columns


def _called(cursor: Cursor, what: str) -> Call:
    if cursor.token.kind != "name" or ahead(cursor).text != "(":
        raise expected(cursor, f"{what} and its arguments")
    return call(cursor)


def invoke(cursor: Cursor, start: Token) -> Invoke:
    """`invoke f(arguments)`."""
    function = operand(cursor)
    if not isinstance(function, Call):
        raise expected(cursor, "a function and its arguments after 'invoke'")
    return Invoke(span_from(cursor, start.start), function)


def render(cursor: Cursor, start: Token) -> Render:
    """`render kind [with (properties)]`; some properties may stand before, without `with` and brackets."""
    visualization = word(cursor, "a kind of chart after 'render'").text
    given: dict[str, Expression] = {}
    while cursor.token.kind == "name" and ahead(cursor).text == "=":
        key = advance(cursor).text
        advance(cursor)
        given[key] = property_value(cursor)
        accept(cursor, ",")
    if accept_word(cursor, "with"):
        given = {**given, **properties(cursor)}
    return Render(span_from(cursor, start.start), visualization, given)


# --- operators with sub-queries ------------------------------------------------------------------------------------


def _steps(cursor: Cursor, where: str) -> Expression:
    opening = expect(cursor, "(", where)
    steps = cursor.read_steps(cursor)
    expect_closing(cursor, ")", opening)
    return steps


def partition(cursor: Cursor, start: Token) -> Partition:
    """`partition [hint.x=y] by key (steps)` or `{ query }`."""
    hints, _ = options(cursor)
    expect(cursor, "by", "after 'partition'")
    key = _path(cursor)
    opening = cursor.token
    if opening.text == "{":
        advance(cursor)
        subquery = cursor.read_pipe(cursor)
        accept(cursor, ";")
        expect_closing(cursor, "}", opening)
    else:
        subquery = _steps(cursor, "before the steps")
    return Partition(span_from(cursor, start.start), key, subquery, hints)


def _path(cursor: Cursor) -> Expression:
    """A name with members, whose brackets behind it are not a call's."""
    text, span = name(cursor, "a column's name")
    path: Expression = Name(span, text)
    while accept(cursor, "."):
        member, member_span = name(cursor, "a name after '.'")
        path = Member(span_from(cursor, span.start), path, member, member_span)
    return path


def fork(cursor: Cursor, start: Token) -> Fork:
    """`fork name=(steps) (steps)`."""
    branches: list[tuple[str | None, Expression]] = []
    while cursor.token.text == "(" or ahead(cursor).text == "=" or cursor.token.text == "[":
        given = None
        if cursor.token.text != "(":
            given, _ = name(cursor, "a branch's name")
            expect(cursor, "=", "after the branch's name")
        branches.append((given, _steps(cursor, "before a branch's steps")))
        accept(cursor, ",")
    if not branches:
        raise expected(cursor, "'(' and the first branch")
    return Fork(span_from(cursor, start.start), tuple(branches))


def facet(cursor: Cursor, start: Token) -> Facet:
    """`facet by columns [with (steps)]`."""
    expect(cursor, "by", "after 'facet'")
    columns = items(cursor)
    steps = None
    if accept_word(cursor, "with"):
        steps = _steps(cursor, "after 'with'")
    return Facet(span_from(cursor, start.start), columns, steps)


def scan(cursor: Cursor, start: Token) -> Scan:
    """`scan [with_match_id=m] [order by …] [partition by …] [declare (…)] with (steps)`."""
    _, given = options(cursor, ("with_match_id", "kind"))
    order: tuple[Ordered, ...] = ()
    keys: tuple[Expression, ...] = ()
    if accept_word(cursor, "order") or accept_word(cursor, "sort"):
        expect(cursor, "by", "after 'order'")
        order = ordered_items(cursor)
    if accept_word(cursor, "partition"):
        expect(cursor, "by", "after 'partition'")
        keys = items(cursor)
    declared = parameters(cursor) if accept_word(cursor, "declare") else ()
    expect(cursor, "with", "before the steps")
    opening = expect(cursor, "(", "after 'with'")
    steps: list[ScanStep] = []
    while cursor.token.text != ")":
        steps.append(_scan_step(cursor))
        if not accept(cursor, ";"):
            break
    expect_closing(cursor, ")", opening)
    match_id = name_value(given.get("with_match_id"))
    return Scan(span_from(cursor, start.start), tuple(steps), match_id, order, keys, declared)


def _scan_step(cursor: Cursor) -> ScanStep:
    start = expect(cursor, "step", "at the start of a step").start
    given, _ = name(cursor, "a step's name")
    is_optional = accept_word(cursor, "optional")
    _, output = options(cursor, ("output",))
    expect(cursor, ":", "before the step's condition")
    condition = expression(cursor)
    assignments: list[Named] = []
    if accept(cursor, "=>"):
        for value in items(cursor):
            if not isinstance(value, Named):
                raise expected(cursor, "assignments as in 'a = x' after '=>'")
            assignments.append(value)
    span = span_from(cursor, start)
    return ScanStep(given, is_optional, name_value(output.get("output")), condition, tuple(assignments), span)
