"""The reference of the language, read from the same entries that the compiler runs: for people, editors and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar, cast

from vedette.kql.functions.entry import AggregateFunction, Function, WindowFunction
from vedette.kql.functions.library import aggregate_functions, refused_names, scalar_functions, window_functions
from vedette.kql.operators.descriptions import OPERATOR_DESCRIPTIONS, OperatorDescription
from vedette.kql.operators.table import OPERATORS, operator_name
from vedette.kql.plugins.library import plugins, refused_plugins
from vedette.kql.signatures import Parameter, parse_parameters
from vedette.kql.special_descriptions import SPECIAL_DESCRIPTIONS

_Entry = TypeVar("_Entry", Function, AggregateFunction, WindowFunction)

Kind = Literal["scalar function", "aggregate function", "window function", "operator", "plugin", "refused"]

_WRITTEN_OTHERWISE = frozenset(
    {
        "as",
        "datatable",
        "invoke",
        "lookup",
        "parse-where",
        "project-away",
        "project-by-names",
        "project-keep",
        "project-rename",
        "project-reorder",
    }
)
"""Operators that have no bind function of their own: forms of others, and what the parser or `bind_query` resolves."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of one name. `signatures` are its overloads as KQL text; `examples` pair KQL with what it gives.

    For a refused name, `doc` is the reason.
    """

    name: str
    kind: Kind
    signatures: tuple[str, ...]
    doc: str
    examples: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    deprecated_aliases: tuple[str, ...] = ()


@cache
def pages() -> tuple[Page, ...]:
    """Every operator, function and refused name; each kind in alphabetical order, operators first."""
    operators = [
        Page(each.name, "operator", (each.syntax,), each.doc, ((each.example, ""),) if each.example else ())
        for each in running_operators()
    ]
    special = [
        Page(each.name, "scalar function", each.signatures, each.doc, each.examples, each.aliases, each.deprecated)
        for each in SPECIAL_DESCRIPTIONS
    ]
    running = [
        Page(each.name, "plugin", (each.syntax,), each.doc, ((each.example, ""),) if each.example else ())
        for each in plugins().values()
    ]
    described = {page.name for page in special}
    scalars = [page for page in map(_scalar, _own_names(scalar_functions()).values()) if page.name not in described]
    aggregates = [_aggregate(entries) for entries in _own_names(aggregate_functions()).values()]
    windows = [_scalar(entries, "window function") for entries in _own_names(window_functions()).values()]
    known = {*scalar_functions(), *aggregate_functions(), *window_functions(), *described}
    known.update(alias for page in special for alias in (*page.aliases, *page.deprecated_aliases))
    reasons = {**refused_plugins(), **refused_names()}
    refused = [Page(name, "refused", (), reason) for name, reason in reasons.items() if name not in known]
    groups = (operators, [*scalars, *special], aggregates, windows, running, refused)
    return tuple(page for group in groups for page in sorted(group, key=lambda page: page.name))


def running_operators() -> tuple[OperatorDescription, ...]:
    """The descriptions of the operators that run."""
    runs = {operator_name(kind) for kind in OPERATORS} | _WRITTEN_OTHERWISE
    return tuple(each for each in OPERATOR_DESCRIPTIONS if each.name in runs)


def find(name: str) -> tuple[Page, ...]:
    """The pages of a name or an alias, ignoring case: a name may be a scalar function and an aggregate both."""
    wanted = name.lower().removesuffix("()")
    return tuple(
        page
        for page in pages()
        if wanted in (each.lower() for each in (page.name, *page.aliases, *page.deprecated_aliases))
    )


def value_text(value: Any) -> str:
    """An example's expected value as KQL would write it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        return "{" + ", ".join(f"{value_text(key)}: {value_text(each)}" for key, each in items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, cast(Sequence[Any], value))) + "]"
    return str(value)


def _own_names(by_name: Mapping[str, tuple[_Entry, ...]]) -> dict[str, list[_Entry]]:
    """The entries under their own names, each overload once."""
    own: dict[str, list[_Entry]] = {}
    for name, entries in by_name.items():
        for entry in entries:
            if entry.name == name and name.isidentifier():
                own.setdefault(name, []).append(entry)
    return own


def _scalar(entries: Sequence[Function], kind: Kind = "scalar function") -> Page:
    first = entries[0]
    return Page(
        first.name,
        kind,
        tuple(dict.fromkeys(map(_signature, entries))),
        first.doc,
        tuple((text, value_text(value)) for entry in entries for text, value in entry.examples),
        tuple(dict.fromkeys(alias for entry in entries for alias in entry.aliases)),
        tuple(dict.fromkeys(alias for entry in entries for alias in entry.deprecated_aliases)),
    )


def _aggregate(entries: Sequence[AggregateFunction]) -> Page:
    first = entries[0]
    return Page(
        first.name,
        "aggregate function",
        tuple(dict.fromkeys(map(_signature, entries))),
        first.doc,
        tuple((text, value_text(value)) for entry in entries for text, value in entry.examples),
        tuple(dict.fromkeys(alias for entry in entries for alias in entry.aliases)),
    )


def _signature(entry: Function | AggregateFunction) -> str:
    parameters = ", ".join(map(_parameter, parse_parameters(entry.params)))
    returns = f": {entry.returns}" if isinstance(entry.returns, str) and entry.returns.isidentifier() else ""
    return f"{entry.name}({parameters}){returns}"


def _parameter(parameter: Parameter) -> str:
    text = f"{parameter.name}: {parameter.type}"
    if parameter.is_rest:
        return f"{text}, ..."
    return f"{text} = {parameter.default}" if parameter.default is not None else text
