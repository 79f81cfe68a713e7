"""`parse-kv`: columns out of the keys and values of a text."""

import json
import re
from typing import Any

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.functions.entry import Function, SqlCall, quote
from vedette.kql.operators.input import required
from vedette.kql.types import ScalarType

_OPTIONS = ("pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex")


def _values(call: SqlCall) -> str:
    """The values as a list. What a regular expression says is left to the engine; quotes need a scanner."""
    text, how = call.arguments[0], call.constants[1]
    if how["regex"]:
        pattern = quote(how["regex"])
        keys = f"list_transform(regexp_extract_all({text}, {pattern}, 1), lambda key: trim(key))"
        found = f"regexp_extract_all({text}, {pattern}, 2)"
        return f"[{', '.join(f'trim({found}[list_position({keys}, {quote(key)})])' for key in how['keys'])}]"
    if how["quotes"] or how["greedy"]:
        return f"py_kv_values({text}, {quote(json.dumps(how))})"
    return f"[{', '.join(f'regexp_extract({text}, {quote(_pattern(key, how))}, 1)' for key in how['keys'])}]"


def _pattern(key: str, how: dict[str, Any]) -> str:
    """The first appearance of a key between delimiters, and its value as the group."""
    if not how["pair"]:
        return rf"(?:^|[^[:alnum:]]){_literal(key)}[^[:alnum:]]+([[:alnum:]]+)"
    pair, kv = _literal(how["pair"]), _literal(how["kv"])
    space = "" if how["pair"].isspace() or how["kv"].isspace() else r"\s*"
    return rf"(?s)(?:^|{pair}){space}{_literal(key)}{space}{kv}{space}(.*?){space}(?:{pair}|$)"


def _literal(text: str) -> str:
    return re.sub(r"([!-/:-@\[-^`{-~])", r"\\\1", text)


_KV_VALUES = Function(
    "kv values",
    "text: string, how!: dynamic",
    "dynamic",
    "The values of some keys, as the engine's own list; read only by `kv value`.",
    _values,
    [],
)
_KV_VALUE = Function(
    "kv value",
    "values: dynamic, index!: long",
    "string",
    "One of the values of `kv values`.",
    lambda call: f"coalesce({call.arguments[0]}[{call.constants[1] + 1}], '')",
    [],
)


def bind_parse_kv(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`parse-kv` (https://learn.microsoft.com/kusto/query/parse-kv-operator). A column of that name is replaced."""
    assert isinstance(node, syntax.ParseKv)
    rows = required(binder, node, source)
    value = binder.bind_scalar(binder, node.value, RowScope(rows.fields, environment))
    text = binder.new_field("text", ScalarType.string)
    named = plan.Project(rows, (*binder.keep(rows.fields), (text, convert(value, ScalarType.string))))
    how = plan.Constant(_how(binder, node, environment), ScalarType.dynamic)
    values = binder.new_field("values", ScalarType.dynamic)
    found = plan.Apply(_KV_VALUES, (plan.Reference(text), how), ScalarType.dynamic)
    scanned = plan.Project(named, (*binder.keep(rows.fields), (values, found)))
    items = {field.name: (field, plan.Reference(field)) for field in rows.fields}
    every: dict[str, tuple[plan.Field, plan.Expression]] = dict(items)
    for position, column in enumerate(node.columns):
        at = plan.Constant(position, ScalarType.long)
        one = plan.Apply(_KV_VALUE, (plan.Reference(values), at), ScalarType.string)
        every[column.name] = (binder.new_field(column.name, column.type), convert(one, column.type))
    return plan.Project(scanned, tuple(every.values()))


def _how(binder: Binder, node: syntax.ParseKv, environment: Environment) -> dict[str, Any]:
    given: dict[str, list[Any]] = {name: [] for name in _OPTIONS}
    for name, value in node.options:
        if name not in given:
            binder.fail("SEM0254", f"'parse-kv' has no option '{name}'.", value.span, f"It has: {', '.join(_OPTIONS)}.")
        given[name].append(_constant(binder, name, value, environment))
    pair, kv, pattern = (next(iter(given[name]), "") for name in ("pair_delimiter", "kv_delimiter", "regex"))
    if bool(pair) != bool(kv):
        binder.fail("SEM0254", "'pair_delimiter' and 'kv_delimiter' are given both or not at all.", node.span)
    if pattern and (pair or given["quote"]):
        binder.fail("SEM0254", "With 'regex' there are no delimiters and quotes.", node.span)
    if pattern and _groups(pattern) != 2:
        binder.fail("SEM0254", "The regex has two groups: the key and the value.", node.span)
    for quotes in given["quote"]:
        if len(quotes) not in (1, 2):
            binder.fail("SEM0254", "'quote' is one character, or an opening and a closing one.", node.span)
    return {
        "keys": [column.name for column in node.columns],
        "pair": pair,
        "kv": kv,
        "quotes": given["quote"],
        "escapes": given["escape"],
        "greedy": True in given["greedy"],
        "regex": pattern,
    }


def _constant(binder: Binder, name: str, node: syntax.Expression, environment: Environment) -> Any:
    value = binder.bind_scalar(binder, node, RowScope((), environment))
    wanted = ScalarType.bool if name == "greedy" else ScalarType.string
    if not isinstance(value, plan.Constant) or value.type is not wanted:
        binder.fail("SEM0254", f"'{name}' is a constant {wanted.value}.", node.span)
    return value.value


def _groups(pattern: str) -> int:
    """How many groups a regular expression of RE2 takes out."""
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "", pattern)
    return len(re.findall(r"\((?!\?)|\(\?P?<[A-Za-z]", bare))
