"""Reads the operators on the rows or columns of one table: where, extend, project, sort, parse, mv-expand …"""

from dataclasses import replace

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
)
from vedette.kql.lexer import Token
from vedette.kql.parse_columns import column_declarations, type_name
from vedette.kql.parse_expressions import expression
from vedette.kql.parse_lists import item, items, name_pattern, ordered, ordered_items
from vedette.kql.parse_literals import text_constant
from vedette.kql.parse_operands import repeated_properties
from vedette.kql.parse_options import name_value, options
from vedette.kql.syntax import (
    As,
    AssertSchema,
    Consume,
    Count,
    Distinct,
    Expression,
    Extend,
    GetSchema,
    MvApply,
    MvExpand,
    MvExpandItem,
    Named,
    Ordered,
    Parse,
    ParseKv,
    ParsePart,
    Print,
    Project,
    Range,
    Reduce,
    Sample,
    Serialize,
    Sort,
    Take,
    Top,
    TopHitters,
    TopNested,
    TopNestedClause,
    Where,
)
from vedette.kql.types import ScalarType


def where(cursor: Cursor, start: Token) -> Where:
    """`where predicate`."""
    predicate = expression(cursor)
    if cursor.token.text == "=":
        raise expected(cursor, "a comparison", "Use '==' to compare.")
    return Where(span_from(cursor, start.start), predicate)


def extend(cursor: Cursor, start: Token) -> Extend:
    """`extend a = x, y`."""
    found = items(cursor)
    return Extend(span_from(cursor, start.start), found)


def project(cursor: Cursor, start: Token) -> Project:
    """`project items`; the items may be missing."""
    found = () if _ends(cursor) else items(cursor)
    return Project(span_from(cursor, start.start), "", found)


def project_rename(cursor: Cursor, start: Token) -> Project:
    """`project-rename new = old, …`."""
    found = () if _ends(cursor) else items(cursor)
    return Project(span_from(cursor, start.start), "-rename", found)


def project_away(cursor: Cursor, start: Token) -> Project:
    """`project-away a, b*`."""
    return _project_patterns(cursor, start, "-away")


def project_keep(cursor: Cursor, start: Token) -> Project:
    """`project-keep a, b*`."""
    return _project_patterns(cursor, start, "-keep")


def project_by_names(cursor: Cursor, start: Token) -> Project:
    """`project-by-names a, dynamic([…])`."""
    return _project_patterns(cursor, start, "-by-names")


def project_reorder(cursor: Cursor, start: Token) -> Project:
    """`project-reorder a, b* asc`."""
    found: list[Expression] = []
    while True:
        pattern = name_pattern(cursor)
        is_granny = at_word(cursor, "granny") and ahead(cursor).text == "-"
        if is_granny:
            advance(cursor)
            advance(cursor)
        in_order = ordered(cursor, pattern)
        if is_granny:
            in_order = replace(in_order, is_granny=True)
        found.append(pattern if in_order.descending is None else in_order)
        if not accept(cursor, ","):
            return Project(span_from(cursor, start.start), "-reorder", tuple(found))


def _project_patterns(cursor: Cursor, start: Token, variant: str) -> Project:
    found = [name_pattern(cursor)]
    while accept(cursor, ","):
        found.append(name_pattern(cursor))
    return Project(span_from(cursor, start.start), variant, tuple(found))


def _ends(cursor: Cursor) -> bool:
    return cursor.token.kind == "end" or cursor.token.text in ("|", ";", ")", "}")


def distinct(cursor: Cursor, start: Token) -> Distinct:
    """`distinct a, b`, `distinct *`."""
    options(cursor)
    found = items(cursor)
    return Distinct(span_from(cursor, start.start), found)


def sort(cursor: Cursor, start: Token) -> Sort:
    """`sort by keys`."""
    options(cursor)
    expect(cursor, "by", f"after '{start.text}'")
    keys = ordered_items(cursor)
    return Sort(span_from(cursor, start.start), keys)


def top(cursor: Cursor, start: Token) -> Top:
    """`top n by keys`."""
    options(cursor)
    count_of = expression(cursor)
    expect(cursor, "by", "after the number of rows")
    keys = ordered_items(cursor)
    return Top(span_from(cursor, start.start), count_of, keys)


def top_hitters(cursor: Cursor, start: Token) -> TopHitters:
    """`top-hitters n of key [by weight]`."""
    count_of = expression(cursor)
    expect(cursor, "of", "after the number of rows")
    key = item(cursor)
    weight = expression(cursor) if accept_word(cursor, "by") else None
    return TopHitters(span_from(cursor, start.start), count_of, key, weight)


def top_nested(cursor: Cursor, start: Token) -> TopNested:
    """`top-nested n of key by aggregate, top-nested …`."""
    clauses = [_top_nested_clause(cursor)]
    while accept(cursor, ","):
        for word in ("top", "-", "nested"):
            expect(cursor, word, "as in 'top-nested'")
        clauses.append(_top_nested_clause(cursor))
    return TopNested(span_from(cursor, start.start), tuple(clauses))


def _top_nested_clause(cursor: Cursor) -> TopNestedClause:
    count_of = None if at_word(cursor, "of") else expression(cursor)
    expect(cursor, "of", "before the column")
    key = item(cursor)
    others = None
    if accept_word(cursor, "with"):
        expect(cursor, "others", "after 'with'")
        expect(cursor, "=", "after 'others'")
        others = expression(cursor)
    expect(cursor, "by", "before the aggregate")
    aggregate: Ordered = ordered(cursor, item(cursor))
    return TopNestedClause(count_of, key, others, aggregate)


def take(cursor: Cursor, start: Token) -> Take:
    """`take n`."""
    options(cursor)
    count_of = expression(cursor)
    return Take(span_from(cursor, start.start), count_of)


def sample(cursor: Cursor, start: Token) -> Sample:
    """`sample n`."""
    count_of = expression(cursor)
    return Sample(span_from(cursor, start.start), count_of)


def sample_distinct(cursor: Cursor, start: Token) -> Sample:
    """`sample-distinct n of column`."""
    count_of = expression(cursor)
    expect(cursor, "of", "after the number of values")
    of = expression(cursor)
    return Sample(span_from(cursor, start.start), count_of, of)


def count(cursor: Cursor, start: Token) -> Count:
    """`count [as name]`."""
    given = name(cursor, "a name after 'as'")[0] if accept_word(cursor, "as") else None
    return Count(span_from(cursor, start.start), given)


def serialize(cursor: Cursor, start: Token) -> Serialize:
    """`serialize [items]`."""
    options(cursor)
    found = () if _ends(cursor) else items(cursor)
    return Serialize(span_from(cursor, start.start), found)


def as_(cursor: Cursor, start: Token) -> As:
    """`as [hint.materialized=true] name`."""
    hints, _ = options(cursor)
    given, _ = name(cursor, "a name after 'as'")
    return As(span_from(cursor, start.start), given, hints)


def getschema(cursor: Cursor, start: Token) -> GetSchema:
    """`getschema`."""
    options(cursor, ("kind",))
    return GetSchema(span_from(cursor, start.start))


def consume(cursor: Cursor, start: Token) -> Consume:
    """`consume`."""
    options(cursor, ("decodeblocks",))
    return Consume(span_from(cursor, start.start))


def assert_schema(cursor: Cursor, start: Token) -> AssertSchema:
    """`assert-schema (name:type, …)`."""
    columns = column_declarations(cursor)
    return AssertSchema(span_from(cursor, start.start), columns)


def print_(cursor: Cursor, start: Token) -> Print:
    """`print items`."""
    found = items(cursor)
    return Print(span_from(cursor, start.start), found)


def range_(cursor: Cursor, start: Token) -> Range:
    """`range name from a to b step c`."""
    column, _ = name(cursor, "a column's name after 'range'")
    expect(cursor, "from", "after the column's name")
    first = expression(cursor)
    expect(cursor, "to", "after the first value")
    last = expression(cursor)
    expect(cursor, "step", "after the last value")
    step = expression(cursor)
    return Range(span_from(cursor, start.start), column, first, last, step)


def reduce(cursor: Cursor, start: Token) -> Reduce:
    """`reduce [kind=source] by value [with threshold = x, characters = y]`."""
    _, given = options(cursor, ("kind",))
    expect(cursor, "by", "after 'reduce'")
    value = expression(cursor)
    parameters: dict[str, Expression] = {}
    if accept_word(cursor, "with"):
        _, parameters = options(cursor, ("threshold", "characters"), separator=",")
    return Reduce(span_from(cursor, start.start), value, parameters, given.get("kind"))


# --- parse ---------------------------------------------------------------------------------------------------------


def parse(cursor: Cursor, start: Token) -> Parse:
    """`parse [kind=k [flags=f]] value with parts`."""
    return _parse(cursor, start, is_where=False)


def parse_where(cursor: Cursor, start: Token) -> Parse:
    """`parse-where [kind=k [flags=f]] value with parts`."""
    return _parse(cursor, start, is_where=True)


def _parse(cursor: Cursor, start: Token, *, is_where: bool) -> Parse:
    _, given = options(cursor, ("kind", "flags"))
    kind = name_value(given.get("kind")) or "simple"
    flags = name_value(given.get("flags"))
    value = expression(cursor)
    expect(cursor, "with", "before the pattern")
    parts: list[ParsePart] = []
    while not _ends(cursor):
        parts.append(_parse_part(cursor))
    if not parts:
        raise expected(cursor, "a pattern of texts, columns and '*'")
    return Parse(span_from(cursor, start.start), value, tuple(parts), kind, flags, is_where)


def _parse_part(cursor: Cursor) -> ParsePart:
    token = cursor.token
    if token.text == "*":
        advance(cursor)
        return ParsePart(span=token.span)
    if token.kind == "string":
        text = text_constant(cursor)
        return ParsePart(text=text, span=text.span)
    if token.kind == "name" or token.text == "[":
        column, _ = name(cursor, "a column's name")
        kind = type_name(cursor) if accept(cursor, ":") else ScalarType.string
        return ParsePart(column=column, type=kind, span=span_from(cursor, token.start))
    raise expected(cursor, "a text, a column or '*' in the pattern")


def parse_kv(cursor: Cursor, start: Token) -> ParseKv:
    """`parse-kv value as (columns) [with (options)]`."""
    value = expression(cursor)
    expect(cursor, "as", "before the columns")
    columns = column_declarations(cursor)
    given = repeated_properties(cursor) if accept_word(cursor, "with") else []
    return ParseKv(span_from(cursor, start.start), value, columns, tuple(given))


# --- mv-expand, mv-apply -------------------------------------------------------------------------------------------


def mv_expand(cursor: Cursor, start: Token) -> MvExpand:
    """`mv-expand [bagexpansion=b] [with_itemindex=i] items [limit n]`."""
    _, given = options(cursor, ("kind", "bagexpansion", "with_itemindex"))
    found = _mv_items(cursor)
    limit = expression(cursor) if accept_word(cursor, "limit") else None
    expansion = name_value(given.get("bagexpansion")) or name_value(given.get("kind"))
    index = name_value(given.get("with_itemindex"))
    return MvExpand(span_from(cursor, start.start), found, index, expansion, limit)


def mv_apply(cursor: Cursor, start: Token) -> MvApply:
    """`mv-apply [with_itemindex=i] items [limit n] [id x] on (steps)`."""
    _, given = options(cursor, ("kind", "bagexpansion", "with_itemindex"))
    found = _mv_items(cursor)
    limit = expression(cursor) if accept_word(cursor, "limit") else None
    id_value = expression(cursor) if accept_word(cursor, "id") else None
    expect(cursor, "on", "before the steps")
    opening = expect(cursor, "(", "after 'on'")
    steps = cursor.read_steps(cursor)
    expect_closing(cursor, ")", opening)
    index = name_value(given.get("with_itemindex"))
    return MvApply(span_from(cursor, start.start), found, index, limit, steps, id_value)


def _mv_items(cursor: Cursor) -> tuple[MvExpandItem, ...]:
    found = [_mv_item(cursor)]
    while accept(cursor, ","):
        found.append(_mv_item(cursor))
    return tuple(found)


def _mv_item(cursor: Cursor) -> MvExpandItem:
    value = item(cursor)
    given = None
    if isinstance(value, Named):
        given, value = value.names[0], value.value
    kind = None
    if at_word(cursor, "to") and ahead(cursor).text == "typeof":
        advance(cursor)
        advance(cursor)
        opening = expect(cursor, "(", "after 'typeof'")
        kind = type_name(cursor)
        expect_closing(cursor, ")", opening)
    return MvExpandItem(given, value, kind)
