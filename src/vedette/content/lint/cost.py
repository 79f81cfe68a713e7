"""Queries that run and cost more than they need to: what they read, in what order, and how they compare.

https://learn.microsoft.com/kusto/query/best-practices
"""

import re
from collections.abc import Callable, Iterator

from vedette.content.lint.catalog import FilesCatalog
from vedette.content.lint.finding import Finding
from vedette.content.lint.subject import Subject
from vedette.kql import syntax
from vedette.kql.diagnostics import KqlError
from vedette.kql.likely_mistakes import likely_mistakes
from vedette.kql.parser import parse_query
from vedette.kql.walk import walk

_TIME = "TimeGenerated"
_FROM_COMPILER = {"WRN0003": "VED204", "WRN0004": "VED601", "WRN0005": "VED602"}
_TERM = re.compile(r"[A-Za-z0-9]{4,}")
_CASES = frozenset({"tolower", "toupper"})
_COMPARED = frozenset({"==", "!=", "=~", "!~", "has", "!has", "contains", "!contains", "startswith", "endswith"})
_RANGES = frozenset({"<", "<=", ">", ">=", "==", "!="})
_KEEP_ORDER = frozenset({"bin", "floor", "startofday", "startofhour", "startofweek", "startofmonth", "startofyear",
                         "endofday", "endofweek", "endofmonth", "endofyear", "todatetime", "datetime_add",
                         "unixtime_seconds_todatetime", "tolong", "datetime_diff"})  # fmt: skip
_FILTERS = (
    syntax.Where, syntax.Take, syntax.Top, syntax.Summarize, syntax.Distinct, syntax.Search, syntax.Count,
    syntax.Invoke, syntax.Evaluate, syntax.TopNested, syntax.MakeSeries, syntax.Sample,
)  # fmt: skip
_COLLECTS = frozenset({"make_set", "make_list", "makeset", "makelist"})

Found = Iterator[tuple[str, str, int]]
"""A code, a message, and the offset of the character that it is about."""


def check_cost(subject: Subject, query: str, catalog: FilesCatalog) -> Iterator[Finding]:
    """Findings about a query that can be read; a rule's period, or a function's caller, confines its tables."""
    confined = subject.is_rule or bool(subject.properties.get("functionAlias"))
    try:
        mistakes = likely_mistakes(query, catalog, has_timespan=confined)
        tree = parse_query(query)
    except KqlError:  # told by the rules about syntax
        return
    for mistake in mistakes:
        code = _FROM_COMPILER.get(mistake.code)
        if code is not None:
            hint = f" {mistake.hint}" if mistake.hint else ""
            yield subject.in_query(code, f"{mistake.message}{hint}", mistake.span.start)
    own = {statement.name for statement in tree.statements if isinstance(statement, syntax.Let)}

    def is_table(name: syntax.Name) -> bool:
        return name.name not in own and catalog.table(name.name) is not None

    match tree.statements[-1]:
        case syntax.ExpressionStatement(expression=syntax.Name() as whole) if is_table(whole) and not confined:
            message = f"'{whole.name}' is read for all of time. Add 'where {_TIME} > ago(1d)' after it."
            yield subject.in_query("VED601", message, whole.span.start)
        case _:
            pass
    for node in walk(tree):
        for code, message, offset in _of_node(node, is_table):
            yield subject.in_query(code, message, offset)


def _of_node(node: object, is_table: Callable[[syntax.Name], bool]) -> Found:
    match node:
        case syntax.Pipe():
            yield from _of_pipe(node, is_table)
        case syntax.Where():
            yield from _of_where(node)
        case syntax.Binary():
            yield from _of_comparison(node)
        case syntax.InList(operand=operand):
            yield from _case(operand)
        case syntax.Between(operand=syntax.Call() as call) if _wraps_time(call):
            yield _wrapped(call)
        case syntax.Call(name=name, arguments=arguments) if name in _COLLECTS and len(arguments) == 1:
            yield "VED612", f"'{name}' has no limit; write '{name}(…, 100)'", node.span.start
        case syntax.Distinct(items=(syntax.Star(),)):
            yield "VED613", "'distinct *' compares every column; name those that are meant", node.span.start
        case syntax.Join() if node.kind is None and not node.is_lookup:
            yield "VED606", "the join is of kind innerunique, as nothing is said; say 'kind=…'", node.span.start
        case syntax.Union(tables=tables) if any(isinstance(each, syntax.Star) or _is_all(each) for each in tables):
            yield "VED603", "'union *' reads every table; name those that are meant", node.span.start
        case syntax.Find(tables=()):
            yield "VED603", "'find' reads every table; name those that are meant", node.span.start
        case _:
            pass


def _is_all(each: syntax.Expression) -> bool:
    return isinstance(each, syntax.Wildcard) and each.pattern == "*"


def _of_pipe(pipe: syntax.Pipe, is_table: Callable[[syntax.Name], bool]) -> Found:
    steps = pipe.operators
    if pipe.source is None and steps and isinstance(steps[0], syntax.Search) and not steps[0].tables:
        yield "VED603", "'search' reads every table; write 'search in (…)'", steps[0].span.start
    reads = isinstance(pipe.source, syntax.Name) and is_table(pipe.source)
    filtered = not reads
    gathered = False
    for step in steps:
        if isinstance(step, syntax.Join) and not step.is_lookup:
            if not filtered:
                yield "VED605", "the left side of the join is a whole table; filter it first", step.span.start
            if isinstance(step.right, syntax.Name) and is_table(step.right):
                yield "VED605", f"'{step.right.name}' is joined whole; filter it first", step.right.span.start
        if isinstance(step, syntax.Where) and gathered and _confines(step.predicate):
            yield "VED611", f"{_TIME} is filtered after the join; filter each table before it", step.span.start
        if isinstance(step, syntax.Where) and not filtered and _is_regex(_first(step.predicate)):
            yield "VED609", "a regular expression is the first filter; let 'has' or the like go first", step.span.start
        filtered = filtered or isinstance(step, _FILTERS)
        gathered = gathered or isinstance(step, syntax.Join | syntax.Union)


def _first(predicate: syntax.Expression) -> syntax.Expression:
    while isinstance(predicate, syntax.Binary) and predicate.operator == "and":
        predicate = predicate.left
    return predicate


def _is_regex(node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Binary) and node.operator == "matches regex"


def _confines(predicate: syntax.Expression) -> bool:
    """Whether a condition compares the bare TimeGenerated with something that is no column."""
    return any(
        isinstance(node, syntax.Binary)
        and node.operator in _RANGES
        and isinstance(node.left, syntax.Name)
        and node.left.name == _TIME
        and isinstance(node.right, syntax.Call | syntax.Literal)
        for node in walk(predicate)
    )


def _of_where(where: syntax.Where) -> Found:
    for node in walk(where.predicate):
        if isinstance(node, syntax.Binary) and isinstance(node.left, syntax.Star):
            yield "VED610", "every column is looked into; name those that are meant", node.span.start


def _of_comparison(node: syntax.Binary) -> Found:
    if node.operator in ("contains", "!contains") and isinstance(node.right, syntax.Literal):
        text = node.right.value
        if isinstance(text, str) and _TERM.fullmatch(text):
            word = node.operator.replace("contains", "has")
            yield "VED604", f"'{text}' is a whole term; '{word}' finds it faster", node.operator_span.start
    if node.operator in _COMPARED:
        yield from _case(node.left)
    if node.operator in _RANGES:
        for side in (node.left, node.right):
            if isinstance(side, syntax.Call) and _wraps_time(side):
                yield _wrapped(side)


def _case(operand: syntax.Expression) -> Found:
    if not isinstance(operand, syntax.Call) or operand.name not in _CASES or len(operand.arguments) != 1:
        return
    if isinstance(operand.arguments[0].value, syntax.Name | syntax.Member):
        yield "VED607", f"'{operand.name}' before comparing; '=~', 'in~' or 'has' need none", operand.span.start


def _wraps_time(call: syntax.Call) -> bool:
    return call.name in _KEEP_ORDER and any(
        isinstance(each.value, syntax.Name) and each.value.name == _TIME for each in call.arguments
    )


def _wrapped(call: syntax.Call) -> tuple[str, str, int]:
    return "VED608", f"{_TIME} is inside '{call.name}'; compare the bare column", call.span.start
