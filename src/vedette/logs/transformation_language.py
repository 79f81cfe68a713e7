"""The part of KQL that a transformation may use: what works on one record at a time, by the published list.

https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations-kql
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final, cast

from vedette.kql import syntax
from vedette.kql.diagnostics import Diagnostic, KqlError, Span
from vedette.kql.operators.table import operator_name

SOURCE: Final = "source"
"""The name of the table that holds the records."""

PARSED_COLUMNS: Final = 10
"""Most columns of one `parse`."""

_PROJECTS = frozenset({"", "-away", "-rename"})

_STRING_OPERATORS = frozenset(
    f"{negation}{operator}{case}"
    for operator in ("contains", "has", "startswith", "endswith")
    for negation in ("", "!")
    for case in ("", "_cs")
)
_OPERATORS = _STRING_OPERATORS | frozenset(
    {"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "=~", "!~", "and", "or", "matches regex"}
)
_LISTS = frozenset({"in", "!in"})

_FUNCTIONS = frozenset(
    """
    binary_and binary_or binary_not binary_shift_left binary_shift_right binary_xor
    tobool todatetime todouble toreal toguid toint tolong tostring totimespan
    ago datetime_add datetime_diff datetime_part dayofmonth dayofweek dayofyear endofday endofmonth endofweek endofyear
    getmonth monthofyear getyear hourofday make_datetime make_timespan now startofday startofmonth startofweek
    startofyear weekofyear
    array_concat array_length pack_array pack parse_json parse_xml zip
    abs bin floor ceiling exp exp10 exp2 isfinite isinf isnan log log10 log2 pow round sign
    case iif iff max_of min_of
    base64_encodestring base64_decodestring countof extract extract_all indexof isempty isnotempty replace
    replace_string split strcat strcat_delim strlen substring tolower toupper hash_sha256
    gettype isnotnull isnull not
    columnifexists parse_cef_dictionary geo_location
    """.split()  # noqa: SIM905 (a list of so many words reads better as text)
)
"""The published functions; `iff`, `not` and `replace_string` stand in published transformations and not in the list."""

_INSTEAD = {
    "column_ifexists": "columnifexists",
    "base64_encode_tostring": "base64_encodestring",
    "base64_decode_tostring": "base64_decodestring",
    "bag_pack": "pack",
    "todynamic": "parse_json",
    "coalesce": "iif(isnull(…), …, …)",
}


def check_language(text: str, query: syntax.Query) -> None:
    """Refuse what a transformation may not use. Raises KqlError that points at each such place."""
    nodes = list(_nodes(query))
    bound = {node.name: node.value for node in nodes if isinstance(node, syntax.Let)}
    found = [finding for node in nodes if (finding := _finding(node, bound)) is not None]
    found += _source_findings(query, bound)
    if found:
        raise KqlError(text, sorted(found, key=lambda finding: finding.span.start))


def _finding(node: syntax.Node, bound: Mapping[str, syntax.Expression]) -> Diagnostic | None:
    match node:
        case syntax.Let() | syntax.ExpressionStatement():
            return None
        case syntax.Statement():
            return _refused("This statement", node.span)
        case syntax.Parse(is_where=False):
            return _parse_finding(node)
        case syntax.Parse():
            return _refused("The operator 'parse-where'", node.span)
        case syntax.Where() | syntax.Extend() | syntax.Print():
            return None
        case syntax.Project(variant=variant) if variant in _PROJECTS:
            return None
        case syntax.Project(variant=variant):
            return _refused(f"The operator 'project{variant}'", node.span)
        case syntax.Operator():
            return _refused(f"The operator '{operator_name(node)}'", node.span)
        case syntax.ExternalData():
            return _refused("'externaldata'", node.span)
        case syntax.Call():
            return _call_finding(node, bound)
        case syntax.Binary(operator=operator) if operator not in _OPERATORS:
            return _refused(f"The operator '{operator}'", node.operator_span)
        case syntax.InList(operator=operator) if operator not in _LISTS:
            return _refused(f"The operator '{operator}'", node.operator_span)
        case syntax.InList(items=items) if any(_reads_source(item, bound, frozenset()) for item in items):
            return _refused(f"A list of values from '{SOURCE}'", node.operator_span)
        case syntax.Lambda(parameters=parameters) if any(each.is_tabular for each in parameters):
            return _refused("A function of tables", node.span)
        case syntax.Between():
            return _refused("The operator 'between'", node.span, "Compare with '>=' and '<='.")
        case _:
            return None


def _call_finding(node: syntax.Call, bound: Mapping[str, syntax.Expression]) -> Diagnostic | None:
    if node.base is not None:
        return _refused("A call on another workspace or database", node.span)
    if node.name in _FUNCTIONS or node.name in bound:
        return None
    instead = _INSTEAD.get(node.name)
    return _refused(f"The function '{node.name}'", node.name_span, f"Use '{instead}'." if instead else None)


def _parse_finding(node: syntax.Parse) -> Diagnostic | None:
    columns = sum(part.column is not None for part in node.parts)
    if columns <= PARSED_COLUMNS:
        return None
    return Diagnostic(
        "SEM0299",
        f"One 'parse' of a transformation gives at most {PARSED_COLUMNS} columns, and this gives {columns}.",
        node.span,
        "Split it into several.",
    )


def _source_findings(query: syntax.Query, bound: Mapping[str, syntax.Expression]) -> list[Diagnostic]:
    """The statement that gives the result must read `source`, itself or through a `let`."""
    results = [each for each in query.statements if isinstance(each, syntax.ExpressionStatement)]
    if not results:
        return []
    last = results[-1].expression
    if len(results) == 1 and _reads_source(last, bound, frozenset()):
        return []
    return [
        Diagnostic(
            "SEM0299",
            f"A transformation is one statement over '{SOURCE}', the records as they arrive.",
            results[-1].span,
            f"Begin with '{SOURCE} | …'.",
        )
    ]


def _reads_source(node: syntax.Expression, bound: Mapping[str, syntax.Expression], seen: frozenset[str]) -> bool:
    match node:
        case syntax.Pipe(source=syntax.Expression() as source):
            return _reads_source(source, bound, seen)
        case syntax.Name(name=name) | syntax.Call(name=name) if name in bound and name not in seen:
            return _reads_source(bound[name], bound, seen | {name})
        case syntax.Lambda(body=syntax.Query(statements=(*_, syntax.ExpressionStatement(expression=last)))):
            return _reads_source(last, bound, seen)
        case syntax.Name(name=name):
            return name == SOURCE
        case _:
            return False


def _refused(what: str, span: Span, hint: str | None = None) -> Diagnostic:
    return Diagnostic(
        "SEM0299", f"{what} cannot be used in a transformation, which sees one record at a time.", span, hint
    )


def _nodes(value: Any) -> Iterator[syntax.Node]:
    """Every node of a tree, whatever holds it."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, syntax.Node):
            yield each
        if isinstance(each, tuple):
            waiting += cast("tuple[Any, ...]", each)
        elif isinstance(each, dict):
            waiting += cast("dict[str, Any]", each).values()
        elif isinstance(each, syntax.Node | syntax.Argument | syntax.Parameter | syntax.ParsePart):
            waiting += [getattr(each, field.name) for field in fields(each) if field.name != "span"]
