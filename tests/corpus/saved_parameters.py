"""The parameters of a published parser, which its text leaves out: read off the inner function that its last statement
calls with names of no other meaning, `parser(starttime, endtime, disabled)`."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from vedette.kql import syntax
from vedette.kql.diagnostics import KqlError, Span
from vedette.kql.parser import parse_query

_DEFAULTS = {
    "bool": "false",
    "datetime": "datetime(null)",
    "dynamic": "dynamic([])",
    "string": "'*'",
    "int": "int(null)",
}

Parameters = dict[str, str]
"""The text of each parameter by its name."""


def all_parameters(bodies: Sequence[str]) -> list[str]:
    """The parameter list of each body, as `T:(*), x:string='*'`; empty for one that cannot be read or takes none.

    A body that has no inner function, and uses names that are parameters of others, has the list of theirs that
    holds most of these names.
    """
    parsed = [_parsed(body) for body in bodies]
    found = [_declared(body, query) if query else {} for body, query in zip(bodies, parsed, strict=True)]
    names = {name for parameters in found for name in parameters if name.islower() and "=" in parameters[name]}
    for position, query in enumerate(parsed):
        wanted = names.intersection(_free(query, frozenset())).union(found[position])
        if wanted - found[position].keys():
            nearest = min(found, key=lambda its: (len(wanted - its.keys()), len(its)))
            missing = {name: its[name] for its in found for name in wanted - nearest.keys() if name in its}
            found[position] = {**nearest, **missing}
    return [", ".join(parameters.values()) for parameters in found]


def _parsed(body: str) -> syntax.Query | None:
    try:
        return parse_query(body)
    except KqlError:
        return None


def _declared(body: str, query: syntax.Query) -> Parameters:
    """The parameters of the function that the last statement is or calls, and those of an operator-like body."""
    statements = query.statements
    if statements and isinstance(statements[-1], syntax.Let) and isinstance(statements[-1].value, syntax.Lambda):
        return {parameter.name: _text(body, parameter) for parameter in statements[-1].value.parameters}
    lets = {statement.name: statement.value for statement in statements if isinstance(statement, syntax.Let)}
    found: Parameters = {}
    for call in _calls(statements[-1:]):
        inner = lets.get(call.name)
        if isinstance(inner, syntax.Lambda):
            for name, parameter in _passed(call, inner):
                if name not in lets:
                    text = _optional(_text(body, parameter).replace(parameter.name, name, 1), parameter)
                    found.setdefault(name, text)
    free = set(_free(query, frozenset()))
    if "T" in free:
        found = {"T": "T:(*)", **found, **({"field": "field:string"} if "field" in free else {})}
    return found


def body_of(body: str) -> str:
    """The body as it is saved: of a file that only defines functions, one that calls the last of them."""
    query = _parsed(body)
    last = query.statements[-1] if query and query.statements else None
    if isinstance(last, syntax.Let) and isinstance(last.value, syntax.Lambda):
        arguments = ", ".join(parameter.name for parameter in last.value.parameters)
        return f"{body.rstrip().removesuffix(';')};\n{last.name}({arguments})"
    return body


def _text(body: str, parameter: syntax.Parameter) -> str:
    return body[parameter.span.start : parameter.span.end]


def _optional(text: str, parameter: syntax.Parameter) -> str:
    if parameter.is_tabular or parameter.default is not None or parameter.type is None:
        return text
    return f"{text}={_DEFAULTS.get(parameter.type.value, 'dynamic(null)')}"


def _passed(call: syntax.Call, inner: syntax.Lambda) -> Iterator[tuple[str, syntax.Parameter]]:
    by_name = {parameter.name: parameter for parameter in inner.parameters}
    for position, argument in enumerate(call.arguments):
        parameter = by_name.get(argument.name) if argument.name else inner.parameters[position]
        if isinstance(argument.value, syntax.Name) and parameter is not None:
            yield argument.value.name, parameter


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple | list):
        yield from node
    elif isinstance(node, dict):
        yield from node.values()
    elif is_dataclass(node) and not isinstance(node, Span):
        for part in fields(node):
            yield getattr(node, part.name)


def _calls(node: Any) -> Iterator[syntax.Call]:
    if isinstance(node, syntax.Call):
        yield node
    for child in _children(node):
        yield from _calls(child)


def _free(node: Any, bound: frozenset[str]) -> Iterator[str]:
    match node:
        case syntax.Query():
            for statement in node.statements:
                yield from _free(statement, bound)
                if isinstance(statement, syntax.Let):
                    bound |= {statement.name}
        case syntax.Lambda():
            yield from _free(node.body, bound | {parameter.name for parameter in node.parameters})
        case syntax.Name():
            if node.name not in bound:
                yield node.name
        case syntax.Argument():
            yield from _free(node.value, bound)
        case _:
            for child in _children(node):
                yield from _free(child, bound)
