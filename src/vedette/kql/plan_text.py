"""Plans as people read them: a line for each node, its input indented below it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from vedette.kql import plan
from vedette.kql.literals import format_timespan
from vedette.kql.types import ScalarType


def plan_text(node: plan.Plan) -> str:
    """The tree, the last step first."""
    return "\n".join(_lines(node, 0, set()))


def expression_text(node: plan.Expression) -> str:
    """An expression with every conversion written down."""
    match node:
        case plan.Constant():
            return _constant(node)
        case plan.Instant():
            return _instant(node)
        case plan.Reference():
            return node.field.name
        case plan.Convert():
            return f"{expression_text(node.operand)}→{node.type.value}"
        case plan.Apply():
            return _call(node.function.name, node.arguments)
        case plan.Extract():
            return f"{expression_text(node.base)}[{expression_text(node.key)}]"
        case plan.Logical():
            return "(" + f" {node.operator} ".join(map(expression_text, node.operands)) + ")"
        case plan.ScalarSubquery():
            return f"toscalar({_one_line(node.plan)})"
        case plan.InValues():
            values = ", ".join(map(expression_text, node.values))
            return f"{expression_text(node.operand)} {_membership(node)} ({values})"
        case plan.InSubquery():
            return f"{expression_text(node.operand)} {_membership(node)} ({_one_line(node.plan)})"


def node_title(node: plan.Plan) -> str:
    """What one node does, in one line."""
    match node:
        case plan.Scan():
            stored = "" if node.table.relation is not None else ", no rows stored"
            return f"scan {node.table.name}{stored}"
        case plan.Values():
            return f"values: {len(node.rows)} rows of {_names(node.fields)}"
        case plan.Series():
            bounds = ", ".join(map(expression_text, (node.start, node.stop, node.step)))
            return f"range {node.field.name}: {bounds}"
        case plan.Filter():
            return f"filter {expression_text(node.predicate)}"
        case plan.Project():
            return f"project {_items(node.items)}"
        case plan.Summarize():
            aggregates = ", ".join(f"{field.name} = {_aggregate(call)}" for field, call in node.aggregates)
            return f"summarize {aggregates}" + (f" by {_items(node.keys)}" if node.keys else "")
        case plan.Sort() if not node.keys:
            return "in the present order"
        case plan.Sort():
            keys = ", ".join(map(_sort_key, node.keys))
            return f"sort by {keys}" + (f", first {expression_text(node.limit)}" if node.limit is not None else "")
        case plan.Window():
            return "window " + ", ".join(f"{field.name} = {_window_call(call)}" for field, call in node.calls)
        case plan.Numbered():
            within = f" in each {', '.join(map(expression_text, node.partition))}" if node.partition else ""
            order = f" by {', '.join(map(_sort_key, node.order))}" if node.order else ""
            return f"number the rows{within}{order}"
        case plan.Limit():
            return f"limit {expression_text(node.count)}"
        case plan.Join():
            keys = " and ".join(f"{expression_text(one)} = {expression_text(other)}" for one, other in node.keys)
            return f"join {node.kind} on {keys}"
        case plan.DistinctOn():
            return "distinct on " + ", ".join(map(expression_text, node.keys))
        case plan.Union():
            return f"union of {len(node.inputs)}"
        case plan.Expand():
            return "expand " + ", ".join(f"{field.name} = {expression_text(value)}" for field, value in node.items)
        case plan.TableFunction():
            arguments = "".join(f", {expression_text(argument)}" for argument in node.arguments)
            taken = ", ".join(column.name for column in node.columns)
            return f"python {node.function}({taken}{arguments}) giving {_names(node.fields)}"
        case plan.Stepwise():
            arguments = "".join(f", {expression_text(argument)}" for argument in node.arguments)
            return f"python {node.function}({_items(node.columns)}{arguments}) giving {_names(node.results)} beside"
        case plan.Shared():
            kept = "computed once" if node.is_materialized else "named"
            return f"{node.name} ({kept})"


def _lines(node: plan.Plan, depth: int, seen: set[int]) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(node, plan.Shared):
        if node.id in seen:
            yield f"{indent}{node.name} (as above)"
            return
        seen.add(node.id)
    yield f"{indent}{node_title(node)}"
    for child in plan.inputs(node):
        yield from _lines(child, depth + 1, seen)


def _one_line(node: plan.Plan) -> str:
    children = " ; ".join(map(_one_line, plan.inputs(node)))
    return f"{children} | {node_title(node)}" if children else node_title(node)


def _items(items: tuple[tuple[plan.Field, plan.Expression], ...]) -> str:
    return ", ".join(
        field.name
        if isinstance(value, plan.Reference) and value.field.name == field.name
        else f"{field.name} = {expression_text(value)}"
        for field, value in items
    )


def _names(fields: tuple[plan.Field, ...]) -> str:
    return ", ".join(f"{field.name}: {field.type.value}" for field in fields)


def _sort_key(key: plan.SortKey) -> str:
    order = "desc" if key.descending else "asc"
    nulls = "" if key.nulls_first != key.descending else f" nulls {'first' if key.nulls_first else 'last'}"
    return f"{expression_text(key.value)} {order}{nulls}"


def _aggregate(call: plan.Aggregate) -> str:
    if isinstance(call, plan.ArgBest):
        best = "arg_max" if call.is_max else "arg_min"
        return f"{best}({expression_text(call.key)}, {expression_text(call.value)})"
    return _call(call.function.name, call.arguments)


def _window_call(call: plan.WindowCall) -> str:
    partition = ", ".join(map(expression_text, call.partition))
    return _call(call.function.name, call.arguments) + (f" by {partition}" if partition else "")


def _call(name: str, arguments: tuple[plan.Expression, ...]) -> str:
    if not name.isidentifier() and len(arguments) == 2:
        return f"({expression_text(arguments[0])} {name} {expression_text(arguments[1])})"
    return f"{name}({', '.join(map(expression_text, arguments))})"


def _membership(node: plan.InValues | plan.InSubquery) -> str:
    return ("!" if node.negated else "") + ("in~" if node.folded else "in")


def _instant(node: plan.Instant) -> str:
    if not node.offset:
        return f"{node.of}()"
    sign = "+" if node.offset > 0 else "-"
    return f"({node.of}() {sign} {format_timespan(abs(node.offset))})"


def _constant(node: plan.Constant) -> str:
    value = node.value
    if value is None:
        return f"{node.type.value}(null)"
    match node.type:
        case ScalarType.string:
            return json.dumps(value, ensure_ascii=False)
        case ScalarType.datetime if isinstance(value, datetime):
            return f"datetime({(value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat()})"
        case ScalarType.timespan if isinstance(value, int):
            return format_timespan(value)
        case ScalarType.dynamic:
            return f"dynamic({json.dumps(value, ensure_ascii=False)})"
        case ScalarType.bool:
            return "true" if value else "false"
        case _:
            return str(value)
