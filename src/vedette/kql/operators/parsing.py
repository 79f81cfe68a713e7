"""`parse` and `parse-where`: columns out of a text by a pattern."""

import re
from collections.abc import Sequence

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import Span
from vedette.kql.environment import Environment, RowScope
from vedette.kql.functions.library import scalar_functions
from vedette.kql.functions.operators import FUNCTIONS, PARSE_GROUP, PARSE_MATCH
from vedette.kql.functions.parse_steps import NUMBERS
from vedette.kql.operators.input import required
from vedette.kql.operators.parsing_steps import Column, Piece, Star, in_steps, parse_in_steps
from vedette.kql.overloads import apply_entries
from vedette.kql.types import ScalarType

_MATCHES = next(entry for entry in FUNCTIONS if entry.name == "matches regex")
_NUMBERS = frozenset({ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.decimal})
_ASSURED = _NUMBERS | {ScalarType.string, ScalarType.bool, ScalarType.dynamic}
_CAPTURES = {
    ScalarType.int: r"(\s*[+-]?\d+)",
    ScalarType.long: r"(\s*[+-]?\d+)",
    ScalarType.real: r"(\s*[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)",
    ScalarType.decimal: r"(\s*[+-]?\d+(?:\.\d*)?)",
    ScalarType.bool: r"(\s*(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|0|1))",
    ScalarType.guid: r"([0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12})",
}
_LITERALLY = re.compile(r"([\\.+*?()|\[\]{}^$])")


def bind_parse(binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment) -> plan.Plan:
    """`parse`: rows that do not fit keep empty columns; `parse-where` drops them (https://learn.microsoft.com/kusto/query/parse-operator)."""
    assert isinstance(node, syntax.Parse)
    rows = required(binder, node, source)
    scope = RowScope(rows.fields, environment)
    text = convert(binder.bind_scalar(binder, node.value, scope), ScalarType.string)
    pattern, columns, pieces = parse_pattern(binder, node, scope)
    steps = in_steps(pieces) if columns and _ends_by_texts(node, columns) else None
    if steps is not None:
        matched, texts = parse_in_steps(binder, rows, text, pattern, steps, is_where=node.is_where)
    else:
        pattern_constant = plan.Constant(pattern, ScalarType.string)
        if node.is_where:
            rows = plan.Filter(rows, plan.Apply(_MATCHES, (text, pattern_constant), ScalarType.bool))
        if not columns:
            return rows
        matched, texts = _by_expression(binder, rows, text, pattern_constant, len(columns))
    values = [_converted(text, type, node.kind) for (_, type), text in zip(columns, texts, strict=True)]
    parsed = plan.Project(matched, _items(binder, rows, columns, values))
    if node.kind != "simple":
        return parsed
    added = parsed.fields[len(rows.fields) :]
    return _all_or_nothing(binder, parsed, [*_replaced(rows, parsed), *added], is_where=node.is_where)


def _ends_by_texts(node: syntax.Parse, columns: Sequence[tuple[str, ScalarType]]) -> bool:
    """Whether columns end where the next text begins: not where the texts are expressions, or numbers may fail by
    themselves."""
    return node.kind == "simple" or (node.kind == "relaxed" and not any(type in _NUMBERS for _, type in columns))


def _by_expression(
    binder: Binder, rows: plan.Plan, text: plan.Expression, pattern: plan.Constant, count: int
) -> tuple[plan.Plan, list[plan.Expression]]:
    """The rows with the groups of a match beside them, and the text of each."""
    groups = binder.new_field("parsed", ScalarType.dynamic)
    match = plan.Apply(PARSE_MATCH, (text, pattern, plan.Constant(count, ScalarType.long)), ScalarType.dynamic)
    matched = plan.Project(rows, (*binder.keep(rows.fields), (groups, match)))
    places = (plan.Constant(position, ScalarType.long) for position in range(count))
    return matched, [plan.Apply(PARSE_GROUP, (plan.Reference(groups), place), ScalarType.string) for place in places]


def _converted(text: plan.Expression, type: ScalarType, kind: str) -> plan.Expression:
    """A column's value. Of a simple pattern a number's text is one."""
    number = NUMBERS.get(type) if kind == "simple" else None
    return convert(text, type) if number is None else plan.Apply(number, (text,), type)


def _replaced(rows: plan.Plan, parsed: plan.Plan) -> list[plan.Field]:
    """Columns that were there before and now hold parsed values."""
    pairs = zip(rows.fields, parsed.fields, strict=False)
    return [after for before, after in pairs if before.id != after.id]


def _all_or_nothing(binder: Binder, parsed: plan.Plan, columns: Sequence[plan.Field], *, is_where: bool) -> plan.Plan:
    """A simple parse fails as a whole when one value does not convert; patterns assure that only for numbers and
    texts."""
    unsure = [column for column in columns if column.type not in _ASSURED]
    if not unsure:
        return parsed
    tests = tuple(
        apply_entries(binder, "isnotnull()", scalar_functions()["isnotnull"], (plan.Reference(column),), Span(0, 0))
        for column in unsure
    )
    converts = tests[0] if len(tests) == 1 else plan.Logical("and", tests)
    if is_where:
        return plan.Filter(parsed, converts)
    items: list[tuple[plan.Field, plan.Expression]] = []
    for column in parsed.fields:
        if column not in columns:
            items.append((column, plan.Reference(column)))
            continue
        nothing = plan.Constant("" if column.type is ScalarType.string else None, column.type)
        choice = (converts, plan.Reference(column), nothing)
        value = apply_entries(binder, "iff()", scalar_functions()["iff"], choice, Span(0, 0))
        items.append((binder.new_field(column.name, column.type), value))
    return plan.Project(parsed, tuple(items))


def _items(
    binder: Binder, rows: plan.Plan, columns: list[tuple[str, ScalarType]], values: Sequence[plan.Expression]
) -> tuple[tuple[plan.Field, plan.Expression], ...]:
    items = list(binder.keep(rows.fields))
    names = [field.name for field, _ in items]
    for (name, type), value in zip(columns, values, strict=True):
        item = (binder.new_field(name, type), value)
        if name in names:
            items[names.index(name)] = item
        else:
            items.append(item)
            names.append(name)
    return tuple(items)


def parse_pattern(
    binder: Binder, node: syntax.Parse, scope: RowScope
) -> tuple[str, list[tuple[str, ScalarType]], list[Piece]]:
    """The pattern as one RE2 expression with a group for each column, the columns, and its pieces. Raises KqlError."""
    is_regex = node.kind == "regex"
    flags = _flags(binder, node) if is_regex else "s"
    star = ".*" if is_regex else ".*?"
    pieces = [f"(?{flags})" if flags else "", "^"]
    columns: list[tuple[str, ScalarType]] = []
    found: list[Piece] = []
    for position, part in enumerate(node.parts):
        is_last = position == len(node.parts) - 1
        if part.is_star:
            pieces.append("" if is_last else star)
            found.append(Star())
        elif part.column is not None:
            if is_regex and position > 0 and node.parts[position - 1].column is not None:
                binder.fail(
                    "SEM0254", f"A pattern must stand before '{part.column}', to end the column before it.", node.span
                )
            columns.append((part.column, part.type or ScalarType.string))
            pieces.append(_capture(columns[-1][1], node.kind, is_last=is_last))
            found.append(Column(_CAPTURES.get(columns[-1][1], "")))
        elif part.text is not None:
            text = _text(binder, part, scope)
            pieces.append(re.sub(r"(?<!\\)\((?!\?)", "(?:", text) if is_regex else _LITERALLY.sub(r"\\\1", text))
            found.append(text)
    return "".join(pieces), columns, found


def _capture(type: ScalarType, kind: str, *, is_last: bool) -> str:
    """The group that takes a column's text: greedy where patterns are the user's, else as little as will do. A relaxed
    number takes its digits where there are any and may fail by itself."""
    anything = "(.*)" if is_last or kind == "regex" else "(.*?)"
    known = _CAPTURES.get(type, anything)
    if kind == "relaxed" and type in _NUMBERS:
        return f"({known[1:-1]}|{anything[1:-1]})"
    return known


def _text(binder: Binder, part: syntax.ParsePart, scope: RowScope) -> str:
    assert part.text is not None
    value = binder.bind_scalar(binder, part.text, RowScope((), scope.environment))
    if not isinstance(value, plan.Constant) or not isinstance(value.value, str):
        binder.fail("SEM0252", "The texts of a parse pattern are constants.", part.text.span)
    return value.value


def _flags(binder: Binder, node: syntax.Parse) -> str:
    flags = node.flags or ""
    if any(flag not in "imsU" for flag in flags):
        binder.fail("SEM0253", f"'{flags}' are not flags of RE2.", node.span, "The flags are i, m, s and U.")
    return flags
