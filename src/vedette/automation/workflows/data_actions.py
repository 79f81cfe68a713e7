"""Actions on data alone: Compose, ParseJson, Select, Query, Join, Table, and the variables.

https://learn.microsoft.com/azure/logic-apps/logic-apps-perform-data-operations
"""

import csv
import io
from collections.abc import Callable, Iterator
from html import escape
from typing import Any, cast

from vedette.automation.expressions.evaluate import evaluate
from vedette.automation.workflows.conditions import holds
from vedette.automation.workflows.definition import part
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.outcomes import Done, failed
from vedette.automation.workflows.records import Record
from vedette.automation.workflows.schema_check import problems
from vedette.expressions.errors import ExpressionError
from vedette.expressions.mathematics import in_range
from vedette.expressions.values import (
    MOST_TEXT,
    Json,
    check_size,
    is_number,
    joined,
    limited,
    parse_json,
    text_of,
    type_name,
)

_MOST_ITEMS = 100_000
_FIRST: dict[str, Callable[[], Any]] = {
    "boolean": bool,
    "integer": int,
    "float": int,
    "string": str,
    "object": dict[str, Any],
    "array": list[Any],
}
"""What a variable holds that is given no value."""
_OF_TYPE: dict[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": is_number,
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def compose(record: Record, _action: Json, _place: Place) -> Done:
    """The inputs are the outputs."""
    return Done(record.inputs)


def parse(record: Record, _action: Json, _place: Place) -> Done:
    """A text, or a value, held against a schema."""
    content = part(record.inputs).get("content")
    if content is None:
        raise ExpressionError("Required property 'content' expects a value but got null. Path ''.")
    try:
        value = parse_json(content) if isinstance(content, str) else content
    except ExpressionError as error:
        return failed(
            "InvalidJSON",
            "The 'content' property of actions of type 'ParseJson' must be valid JSON. The provided value cannot be "
            f"parsed: '{error.message}'.",
        )
    wrong = problems(value, part(record.inputs).get("schema"))
    if wrong:
        return Done(
            {"body": value, "errors": wrong},
            "Failed",
            "ValidationFailed",
            {"code": "ValidationFailed", "message": f"The schema validation failed. {wrong[0]['message']}"},
        )
    return Done({"body": value})


def select(record: Record, action: Json, place: Place) -> Done:
    """Each item made into another one."""
    shape = part(action.get("inputs")).get("select")
    made: list[Any] = []
    left = MOST_TEXT
    for _ in _items(record, place):
        made.append(evaluate(shape, place))
        left = check_size(made[-1], left)
    return Done({"body": made})


def query(record: Record, action: Json, place: Place) -> Done:
    """The items for which a condition holds."""
    where = part(action.get("inputs")).get("where")
    return Done({"body": [place.one for _ in _items(record, place) if holds(where, place)]})


def join(record: Record, _action: Json, place: Place) -> Done:
    """The items as one text."""
    between = text_of(part(record.inputs).get("joinWith"))
    return Done({"body": joined((text_of(item) for item in _items(record, place)), between)})


def table(record: Record, action: Json, place: Place) -> Done:
    """The items as a table in CSV or HTML, whose columns are those given, else the first item's properties."""
    inputs = part(record.inputs)
    given = part(action.get("inputs")).get("columns")
    columns = [part(each) for each in cast("list[Any]", given)] if isinstance(given, list) else None
    rows: list[list[str]] = []
    headers: list[str] = []
    if columns is not None:
        headers = [text_of(evaluate(each.get("header", ""), place)) for each in columns]
    left = MOST_TEXT
    for item in _items(record, place):
        if columns is None:
            if not isinstance(item, dict):
                raise ExpressionError(f"A table is made of objects, not of values of type '{type_name(item)}'.")
            headers = headers or list(cast("Json", item))
            rows.append([text_of(cast("Json", item).get(name)) for name in headers])
        else:
            rows.append([text_of(evaluate(each.get("value"), place)) for each in columns])
        left = check_size(rows[-1], left)
    return Done({"body": limited(_html(headers, rows) if _is_html(inputs) else _csv(headers, rows))})


def _is_html(inputs: Json) -> bool:
    format = str(inputs.get("format", "")).upper()
    if format not in ("HTML", "CSV"):
        raise ExpressionError(f"The format of a table is CSV or HTML, not '{format[:20]}'.")
    return format == "HTML"


def _csv(headers: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return text.getvalue()


def _html(headers: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in headers)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _items(record: Record, place: Place) -> Iterator[Any]:
    items = part(record.inputs).get("from")
    if not isinstance(items, list):
        raise ExpressionError(
            f"The 'from' property value in the '{record.kind}' action inputs is of type '{type_name(items)}'. The "
            "value must be an array."
        )
    given = cast("list[Any]", items)
    if len(given) > _MOST_ITEMS:
        raise ExpressionError(f"The action goes through at most {_MOST_ITEMS} items, not {len(given)}.")
    for item in given:
        place.one = item
        yield item


def initialize(record: Record, _action: Json, place: Place) -> Done:
    """Variables with their types and first values."""
    made: list[Json] = []
    for given in cast("list[Any]", part(record.inputs).get("variables") or []):
        variable = part(given)
        name, type = text_of(variable.get("name")), text_of(variable.get("type")).lower()
        if not name or type not in _OF_TYPE:
            raise ExpressionError(f"The variable '{name[:80]}' has no name, or its type is none that there is.")
        if name.lower() in place.facts.variables:
            return failed("InvalidVariableOperation", f"The variable '{name}' is initialized already.")
        value = variable.get("value")
        first = _FIRST[type]() if value is None else _fitting(name, type, value)
        made.append({"name": name, "type": type, "value": first})
    record.state = {"variables": made}
    return Done(None)


def assign(record: Record, _action: Json, place: Place) -> Done:
    """SetVariable, AppendToStringVariable, AppendToArrayVariable, IncrementVariable and DecrementVariable."""
    inputs = part(record.inputs)
    name, value = text_of(inputs.get("name")), inputs.get("value")
    known = place.facts.variables.get(name.lower())
    if known is None:
        return failed(
            "InvalidVariableOperation", f"The variable '{name[:80]}' must be initialized before it can be used."
        )
    after = _fitting(name, known.type, _after(record.kind, known.type, known.value, value))
    told = {"name": known.name, "type": known.type.capitalize(), "value": after}
    record.state = {"variables": [{**told, "type": known.type}]}
    return Done({"body": told})


def _after(kind: str, type: str, held: Any, value: Any) -> Any:
    match kind:
        case "appendtostringvariable" if type == "string":
            return limited(text_of(held) + text_of(value))
        case "appendtoarrayvariable" if type == "array":
            items = cast("list[Any]", held or [])
            if len(items) >= _MOST_ITEMS:
                raise ExpressionError(f"A variable holds at most {_MOST_ITEMS} items.")
            return [*items, value]
        case "incrementvariable" | "decrementvariable" if type in ("integer", "float"):
            by = 1 if value is None else value
            if not is_number(by):
                raise ExpressionError(f"A variable is changed by a number, not by a value of type '{type_name(by)}'.")
            return in_range("add", (held or 0) + (by if kind == "incrementvariable" else -by))
        case "setvariable":
            return value
        case _:
            raise ExpressionError(f"A variable of type '{type.capitalize()}' cannot be changed in this way.")


def _fitting(name: str, type: str, value: Any) -> Any:
    if type == "string" and value is not None and not isinstance(value, str):
        return text_of(value)
    if value is None or _OF_TYPE[type](value):
        return value
    raise ExpressionError(
        f"The variable '{name[:80]}' of type '{type.capitalize()}' cannot be set to a value of type "
        f"'{type_name(value)}'. The variable supports values of types '{type.capitalize()}' only."
    )


DATA_ACTIONS: dict[str, Callable[[Record, Json, Place], Done]] = {
    "compose": compose,
    "parsejson": parse,
    "select": select,
    "query": query,
    "join": join,
    "table": table,
    "initializevariable": initialize,
    "setvariable": assign,
    "appendtostringvariable": assign,
    "appendtoarrayvariable": assign,
    "incrementvariable": assign,
    "decrementvariable": assign,
}
"""What each does with its evaluated inputs; raises ExpressionError."""

PER_ITEM: dict[str, frozenset[str]] = {
    "select": frozenset({"select"}),
    "query": frozenset({"where"}),
    "table": frozenset({"columns"}),
}
"""The inputs that are evaluated for each item, and not before."""
