"""Writes a syntax tree as KQL again, with every bracket; takes the places out of a tree, so that two compare."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from vedette.kql import syntax
from vedette.kql.diagnostics import Span
from vedette.kql.literals import format_timespan
from vedette.kql.types import ScalarType


def without_spans(node: Any) -> Any:
    """The tree as plain tuples, in which places in the text do not count."""
    if isinstance(node, tuple | list):
        return tuple(map(without_spans, node))
    if isinstance(node, dict):
        return {key: without_spans(value) for key, value in node.items()}
    if is_dataclass(node) and not isinstance(node, type):
        values = [getattr(node, field.name) for field in fields(node)]
        return (type(node).__name__, *(without_spans(value) for value in values if not _is_place(value)))
    return repr(node) if isinstance(node, float) else node  # NaN is not equal to itself


def _is_place(value: Any) -> bool:
    return isinstance(value, Span) or (
        isinstance(value, tuple) and bool(value) and all(isinstance(each, Span) for each in value)
    )


def text_of(query: syntax.Query) -> str:
    """The query as KQL text."""
    return ";\n".join(map(_statement, query.statements)) + (";" if _ends_in_let(query) else "")


def _ends_in_let(query: syntax.Query) -> bool:
    return not query.statements or not isinstance(query.statements[-1], syntax.ExpressionStatement)


def _statement(node: syntax.Statement) -> str:
    match node:
        case syntax.Let():
            return f"let {name(node.name)} = {_value(node.value)}"
        case syntax.Set():
            return f"set {node.name}" + (f" = {_value(node.value)}" if node.value is not None else "")
        case syntax.DeclareParameters():
            return f"declare query_parameters{_parameters(node.parameters)}"
        case syntax.Alias():
            return f"alias database {name(node.name)} = {_value(node.value)}"
        case syntax.Restrict():
            return f"restrict access to ({_list(node.names)})"
        case syntax.ExpressionStatement():
            return _value(node.expression)
        case _:
            raise NotImplementedError(type(node).__name__)


def name(text: str) -> str:
    """A name, in brackets and quotes."""
    return text if text.startswith("$") else f"['{_escaped(text)}']"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _string(text: str) -> str:
    return f"'{_escaped(text)}'"


def _list(nodes: Iterable[syntax.Expression]) -> str:
    return ", ".join(map(_item, nodes))


def _item(node: syntax.Expression) -> str:
    """An expression among others: a pipe would take those after it for its own."""
    return _atom(node) if isinstance(node, syntax.Pipe) else _value(node)


def _value(node: syntax.Expression) -> str:
    """An expression where a whole one may stand."""
    match node:
        case syntax.Pipe():
            steps = [] if node.source is None else [_atom(node.source)]
            return "\n| ".join([*steps, *map(_operator, node.operators)])
        case syntax.Lambda():
            view = "view " if node.is_view else ""
            return f"{view}{_parameters(node.parameters)} {{ {text_of(node.body)} }}"
        case syntax.Named():
            names = ", ".join(map(name, node.names))
            return f"{f'({names})' if len(node.names) > 1 else names} = {_item(node.value)}"
        case syntax.Ordered():
            direction = {None: "", True: " desc", False: " asc"}[node.descending]
            nulls = {None: "", True: " nulls first", False: " nulls last"}[node.nulls_first]
            value = _value(node.value)
            return f"{value} granny-{direction.lstrip()}{nulls}" if node.is_granny else f"{value}{direction}{nulls}"
        case syntax.Binary():
            return f"{_atom(node.left)} {node.operator} {_atom(node.right)}"
        case syntax.InList():
            return f"{_atom(node.operand)} {node.operator} ({_list(node.items)})"
        case syntax.Between():
            between = "!between" if node.negated else "between"
            return f"{_atom(node.operand)} {between} ({_value(node.low)} .. {_value(node.high)})"
        case syntax.Unary():
            return f"{node.operator}{_atom(node.operand)}"
        case _:
            return _plain(node)


def _atom(node: syntax.Expression) -> str:
    is_plain = isinstance(
        node, syntax.Name | syntax.Literal | syntax.Call | syntax.Star | syntax.Wildcard | syntax.Member | syntax.Index
    )
    return _plain(node) if is_plain else f"({_value(node)})"


def _plain(node: syntax.Expression) -> str:
    match node:
        case syntax.Name():
            return name(node.name)
        case syntax.Star():
            return "*"
        case syntax.Wildcard():
            return node.pattern
        case syntax.Literal():
            return _literal(node)
        case syntax.Member():
            return f"{_base(node.base)}.{node.name if '*' in node.name or node.name[:1].isdigit() else name(node.name)}"
        case syntax.Index():
            return f"{_base(node.base)}[{_bracketed(node.index)}]"
        case syntax.Call():
            base = f"{_base(node.base)}." if node.base is not None else ""
            return f"{base}{node.name}({', '.join(_argument(node, each) for each in node.arguments)})"
        case syntax.DataTable():
            return f"datatable({_columns(node.columns)})[{_list(node.values)}]"
        case syntax.ExternalData():
            return f"externaldata({_columns(node.columns)})[{_list(node.uris)}]{_properties(node.properties)}"
        case _:
            raise NotImplementedError(type(node).__name__)


def _bracketed(node: syntax.Expression) -> str:
    return _literal(node) if isinstance(node, syntax.Literal) else f"({_value(node)})"


def _base(node: syntax.Expression) -> str:
    return f"({_literal(node)})" if isinstance(node, syntax.Literal) else _atom(node)


def _argument(call: syntax.Call, argument: syntax.Argument) -> str:
    if call.name == "typeof":
        kind = argument.value.name if isinstance(argument.value, syntax.Name) else "*"
        return kind if argument.name is None else f"{argument.name}:{kind}"
    return (f"{argument.name} = " if argument.name is not None else "") + _value(argument.value)


def _literal(node: syntax.Literal) -> str:
    value: Any = node.value
    kind = node.type.value
    if node.type is ScalarType.dynamic:
        return f"dynamic({json.dumps(value)})"
    if value is None:
        return f"{kind}(null)"
    match node.type:
        case ScalarType.string:
            return _string(value)
        case ScalarType.bool:
            return str(value).lower()
        case ScalarType.long:
            return str(value)
        case ScalarType.datetime:
            assert isinstance(value, datetime)
            return f"datetime({value.isoformat()})"
        case ScalarType.timespan:
            return f"timespan({format_timespan(value)})"
        case _:
            return f"{kind}({value})"


def _columns(columns: Iterable[syntax.ColumnDeclaration]) -> str:
    return ", ".join(f"{name(each.name)}:{each.type.value}" for each in columns)


def _parameters(parameters: Iterable[syntax.Parameter]) -> str:
    return f"({', '.join(map(_parameter, parameters))})"


def _parameter(node: syntax.Parameter) -> str:
    if node.is_tabular:
        return f"{name(node.name)}:({'*' if node.columns is None else _columns(node.columns)})"
    assert node.type is not None
    default = f" = {_value(node.default)}" if node.default is not None else ""
    return f"{name(node.name)}:{node.type.value}{default}"


def _properties(given: Mapping[str, syntax.Expression] | tuple[tuple[str, syntax.Expression], ...]) -> str:
    pairs = given.items() if isinstance(given, Mapping) else given
    return f" with ({', '.join(f'{key}={_property(value)}' for key, value in pairs)})" if given else ""


def _property(node: syntax.Expression) -> str:
    if isinstance(node, syntax.Literal) and isinstance(node.value, list) and node.value:
        return ", ".join(map(str, node.value))
    return node.name if isinstance(node, syntax.Name) else _value(node)


def _hints(given: Mapping[str, syntax.Expression]) -> str:
    return "".join(f" hint.{key}={_property(value)}" for key, value in given.items())


def _option(key: str, value: str | None) -> str:
    return "" if value is None else f" {key}={value}"


def _steps(node: syntax.Expression) -> str:
    return f"({_value(node)})"


def _items(nodes: Iterable[syntax.MvExpandItem]) -> str:
    return ", ".join(
        (f"{name(each.name)} = " if each.name is not None else "")
        + _value(each.value)
        + (f" to typeof({each.type.value})" if each.type is not None else "")
        for each in nodes
    )


def _operator(node: syntax.Operator) -> str:
    match node:
        case syntax.Where():
            return f"where {_value(node.predicate)}"
        case syntax.Extend():
            return f"extend {_list(node.items)}"
        case syntax.Project():
            return f"project{node.variant} {_list(node.items)}"
        case syntax.Summarize():
            keys = f" by {_list(node.keys)}" if node.keys else ""
            return f"summarize{_hints(node.hints)} {_list(node.aggregates)}{keys}"
        case syntax.Distinct():
            return f"distinct {_list(node.items)}"
        case syntax.Sort():
            return f"sort by {_list(node.keys)}"
        case syntax.Top():
            return f"top {_value(node.count)} by {_list(node.keys)}"
        case syntax.TopNested():
            return ", ".join(map(_top_nested, node.clauses))
        case syntax.TopHitters():
            weight = f" by {_value(node.weight)}" if node.weight is not None else ""
            return f"top-hitters {_value(node.count)} of {_value(node.key)}{weight}"
        case syntax.Take():
            return f"take {_value(node.count)}"
        case syntax.Sample():
            return (
                f"sample {_value(node.count)}"
                if node.of is None
                else f"sample-distinct {_value(node.count)} of {_value(node.of)}"
            )
        case syntax.Count():
            return "count" + (f" as {name(node.name)}" if node.name is not None else "")
        case syntax.Join():
            what = "lookup" if node.is_lookup else "join"
            options = _option("kind", node.kind) + _hints(node.hints)
            return f"{what}{options} {_atom(node.right)} on {_list(node.conditions)}"
        case syntax.Union():
            options = _option("kind", node.kind) + _option("withsource", node.with_source)
            fuzzy = " isfuzzy=true" if node.is_fuzzy else ""
            return f"union{options}{fuzzy} {', '.join(map(_atom, node.tables))}"
        case syntax.Print():
            return f"print {_list(node.items)}"
        case syntax.Range():
            return f"range {name(node.name)} from {_value(node.start)} to {_value(node.stop)} step {_value(node.step)}"
        case syntax.MvExpand():
            options = _option("bagexpansion", node.bag_expansion) + _option("with_itemindex", node.item_index)
            limit = f" limit {_value(node.limit)}" if node.limit is not None else ""
            return f"mv-expand{options} {_items(node.items)}{limit}"
        case syntax.MvApply():
            limit = f" limit {_value(node.limit)}" if node.limit is not None else ""
            id = f" id {_value(node.id)}" if node.id is not None else ""
            index = _option("with_itemindex", node.item_index)
            return f"mv-apply{index} {_items(node.items)}{limit}{id} on {_steps(node.subquery)}"
        case syntax.Parse():
            what = "parse-where" if node.is_where else "parse"
            options = _option("kind", node.kind) + _option("flags", node.flags)
            return f"{what}{options} {_value(node.value)} with {' '.join(map(_parse_part, node.parts))}"
        case syntax.ParseKv():
            return f"parse-kv {_value(node.value)} as ({_columns(node.columns)}){_properties(node.options)}"
        case syntax.MakeSeries():
            return _make_series(node)
        case syntax.Evaluate():
            columns = ""
            if node.columns is not None:
                every = ["*"] if node.keeps_columns else []
                columns = f" : ({', '.join([*every, *filter(None, [_columns(node.columns)])])})"
            return f"evaluate{_hints(node.hints)} {_plain(node.call)}{columns}"
        case syntax.Invoke():
            return f"invoke {_plain(node.call)}"
        case syntax.As():
            return f"as{_hints(node.hints)} {name(node.name)}"
        case syntax.Serialize():
            return f"serialize {_list(node.items)}"
        case syntax.GetSchema():
            return "getschema"
        case syntax.Consume():
            return "consume"
        case syntax.Render():
            return f"render {node.visualization}{_properties(node.properties)}"
        case syntax.Search():
            tables = f" in ({', '.join(map(_atom, node.tables))})" if node.tables else ""
            return f"search{_option('kind', node.kind)}{tables} {_value(node.predicate)}"
        case syntax.Find():
            return _find(node)
        case syntax.Partition():
            return f"partition{_hints(node.hints)} by {_value(node.key)} {_steps(node.subquery)}"
        case syntax.Fork():
            return "fork " + " ".join(
                (f"{name(given)}=" if given is not None else "") + _steps(branch) for given, branch in node.branches
            )
        case syntax.Facet():
            steps = f" with {_steps(node.subquery)}" if node.subquery is not None else ""
            return f"facet by {_list(node.columns)}{steps}"
        case syntax.Reduce():
            given = ", ".join(f"{key}={_value(value)}" for key, value in node.parameters.items())
            kind = "" if node.kind is None else f" kind={_value(node.kind)}"
            return f"reduce{kind} by {_value(node.value)}" + (f" with {given}" if given else "")
        case syntax.Scan():
            return _scan(node)
        case syntax.AssertSchema():
            return f"assert-schema ({_columns(node.columns)})"
        case syntax.MakeGraph():
            return _make_graph(node)
        case syntax.GraphMatch():
            patterns = ", ".join(map(_pattern, node.patterns))
            return f"graph-match{_option('cycles', node.cycles)} {patterns}{_found(node)}"
        case syntax.GraphShortestPaths():
            given = _option("output", node.output) + _option("cycles", node.cycles)
            return f"graph-shortest-paths{given} {_pattern(node.pattern)}{_found(node)}"
        case syntax.GraphToTable():
            if node.is_several:
                raise NotImplementedError("nodes and edges at once, of which only the first are kept")
            return f"graph-to-table {node.kind}" + "".join(f" {key}={name(value)}" for key, value in node.ids.items())
        case syntax.GraphMarkComponents():
            return f"graph-mark-components kind={node.kind} with_component_id={name(node.component)}"
        case syntax.GraphOperator() | syntax.MacroExpand():
            return node.text
        case _:
            raise NotImplementedError(type(node).__name__)


def _make_graph(node: syntax.MakeGraph) -> str:
    nodes = ", ".join(f"{_atom(table)} on {name(id)}" for table, id in node.nodes)
    given = f" with {nodes}" if nodes else ""
    if node.node_id is not None:
        given = f" with_node_id={name(node.node_id)}"
    steps = " | ".join(map(_operator, node.steps))
    head = f"make-graph {name(node.source)} --> {name(node.target)}{given}"
    if node.partition is None:
        return f"{head} | {steps}" if steps else head
    rest = f" | {_steps(node.rest)[1:-1]}" if node.rest is not None else ""
    return f"{head} partitioned-by {name(node.partition)} ({steps}{rest})"


def _found(node: syntax.GraphMatch | syntax.GraphShortestPaths) -> str:
    where = f" where {_value(node.predicate)}" if node.predicate is not None else ""
    return f"{where} project {_list(node.items)}"


def _pattern(parts: syntax.GraphPattern) -> str:
    return "".join(_part(part) for part in parts)


def _part(part: syntax.GraphNode | syntax.GraphEdge) -> str:
    if isinstance(part, syntax.GraphNode):
        return f"({name(part.name) if part.name else ''})"
    length = f"*{_atom(part.least)}..{_atom(part.most)}" if part.least is not None and part.most is not None else ""
    inside = f"[{name(part.name) if part.name else ''}{length}]"
    return ("<-" if part.direction == "left" else "-") + inside + ("->" if part.direction == "right" else "-")


def _top_nested(clause: syntax.TopNestedClause) -> str:
    count = f" {_value(clause.count)}" if clause.count is not None else ""
    others = f" with others = {_value(clause.others)}" if clause.others is not None else ""
    return f"top-nested{count} of {_value(clause.key)}{others} by {_value(clause.aggregate)}"


def _parse_part(part: syntax.ParsePart) -> str:
    if part.text is not None:
        return _value(part.text)
    if part.column is None:
        return "*"
    return f"{name(part.column)}:{(part.type or ScalarType.string).value}"


def _make_series(node: syntax.MakeSeries) -> str:
    aggregates = ", ".join(
        _value(each.value) + (f" default = {_value(each.default)}" if each.default is not None else "")
        for each in node.aggregates
    )
    start = f" from {_value(node.start)}" if node.start is not None else ""
    stop = f" to {_value(node.stop)}" if node.stop is not None else ""
    keys = f" by {_list(node.keys)}" if node.keys else ""
    axis = f"{_value(node.axis)}{start}{stop} step {_value(node.step)}"
    if node.is_range and node.start is not None and node.stop is not None:
        axis = f"{_value(node.axis)} in range({_list((node.start, node.stop, node.step))})"
    return f"make-series{_hints(node.hints)} {aggregates} on {axis}{keys}"


def _find(node: syntax.Find) -> str:
    tables = f" in ({', '.join(map(_atom, node.tables))})" if node.tables else ""
    columns = ", ".join(
        f"{name(each.name)}:{each.type.value}" if isinstance(each, syntax.ColumnDeclaration) else _value(each)
        for each in node.project
    )
    shown = f" project{'-away' if node.is_away else ''} {columns}" if columns else ""
    return f"find{_option('withsource', node.with_source)}{tables} where {_value(node.predicate)}{shown}"


def _scan(node: syntax.Scan) -> str:
    order = f" order by {_list(node.order)}" if node.order else ""
    keys = f" partition by {_list(node.partition)}" if node.partition else ""
    declared = f" declare {_parameters(node.declared)}" if node.declared else ""
    steps = " ".join(map(_scan_step, node.steps))
    return f"scan{_option('with_match_id', node.match_id)}{order}{keys}{declared} with ({steps})"


def _scan_step(step: syntax.ScanStep) -> str:
    optional = " optional" if step.is_optional else ""
    assignments = f" => {_list(step.assignments)}" if step.assignments else ""
    output = _option("output", step.output)
    return f"step {name(step.name)}{optional}{output}: {_value(step.condition)}{assignments};"
