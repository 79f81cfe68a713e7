"""`externaldata`: rows of files on the web, which are fetched when the query runs."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.catalog import Column, Table
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import Span, suggestion
from vedette.kql.environment import Environment, RowScope
from vedette.kql.external import FORMATS, External
from vedette.kql.functions.library import scalar_functions
from vedette.kql.overloads import apply_entries
from vedette.kql.types import ScalarType

_PROPERTIES = ("format", "ignoreFirstRecord", "ignoreLastRecord", "ingestionMapping", "zipPattern")
_NEVER_READ = frozenset({"apacheavro", "avro", "orc", "parquet", "w3clogfile", "azmonstream", "tsve"})


def values_of_externaldata(binder: Binder, node: syntax.ExternalData, environment: Environment) -> plan.Plan:
    """`externaldata(...)[...]` (https://learn.microsoft.com/kusto/query/externaldata-operator). Cells come as text and
    are converted to the columns' types; a dynamic is parsed as JSON."""
    external = _external(binder, node, environment)
    columns = tuple(Column(column.name, ScalarType.string, f"c{n}") for n, column in enumerate(node.columns))
    texts = tuple(binder.new_field(column.name, ScalarType.string) for column in columns)
    hosts = Table(f"externaldata {', '.join(map(_shown, external.uris))}", columns, (external.name,))
    rows = plan.Scan(hosts, tuple(column.physical for column in columns), texts)
    items = [
        (binder.new_field(column.name, column.type), _cell(binder, plan.Reference(text), column.type, node.span))
        for column, text in zip(node.columns, texts, strict=True)
    ]
    return plan.Project(rows, tuple(items))


def _cell(binder: Binder, text: plan.Expression, type: ScalarType, span: Span) -> plan.Expression:
    if type is ScalarType.dynamic:
        return apply_entries(binder, "parse_json()", scalar_functions()["parse_json"], (text,), span)
    return convert(text, type)


def _shown(uri: str) -> str:
    """The address without what may be secret in it."""
    return uri.partition("?")[0]


def _external(binder: Binder, node: syntax.ExternalData, environment: Environment) -> External:
    if not node.columns:
        binder.fail("SEM0210", "'externaldata' needs columns.", node.span)
    given = _properties(binder, node, environment)
    uris = tuple(_text(binder, uri, environment) for uri in node.uris)
    format = given.get("format")
    if format is not None and format.lower() not in FORMATS:
        _refuse_format(binder, format, node)
    names = tuple(column.name for column in node.columns)
    found = External(
        "",
        uris,
        format.lower() if format is not None else None,
        tuple(f"c{number}" for number in range(len(names))),
        tuple(column.type is ScalarType.dynamic for column in node.columns),
        _paths(binder, node, names, given.get("ingestionMapping")),
        given.get("ignoreFirstRecord", False),
        given.get("ignoreLastRecord", False),
        given.get("zipPattern"),
    )
    for known in binder.externals:
        if replace(known, name="") == found:
            return known
    binder.externals.append(replace(found, name=f"external_{len(binder.externals) + 1}"))
    return binder.externals[-1]


def _refuse_format(binder: Binder, format: str, node: syntax.ExternalData) -> None:
    if format.lower() in _NEVER_READ:
        binder.fail("SEM0299", f"'externaldata' does not read the format '{format}'.", node.span)
    binder.fail("SEM0255", f"'{format}' is no format.", node.span, suggestion(format, FORMATS))


def _properties(binder: Binder, node: syntax.ExternalData, environment: Environment) -> dict[str, Any]:
    known = {name.lower(): name for name in _PROPERTIES}
    given: dict[str, Any] = {}
    for written, value in node.properties.items():
        name = known.get(written.lower())
        if name is None:
            binder.fail(
                "SEM0255",
                f"'externaldata' has no property '{written}'.",
                value.span,
                suggestion(written, _PROPERTIES) or f"It has: {', '.join(_PROPERTIES)}.",
            )
        given[name] = _bool(binder, value) if name.startswith("ignore") else _text(binder, value, environment)
    return given


def _bool(binder: Binder, node: syntax.Expression) -> bool:
    value = node.value if isinstance(node, syntax.Literal) else node.name if isinstance(node, syntax.Name) else None
    text = str(value).lower()
    if text not in ("true", "false"):
        binder.fail("SEM0255", "This is true or false.", node.span)
    return text == "true"


def _text(binder: Binder, node: syntax.Expression, environment: Environment) -> str:
    if isinstance(node, syntax.Name) and environment.lookup(node.name) is None:
        return node.name
    value = binder.bind_scalar(binder, node, RowScope((), environment))
    if not isinstance(value, plan.Constant) or not isinstance(value.value, str):
        binder.fail("SEM0255", "This must be a constant text.", node.span)
    return value.value


def _paths(
    binder: Binder, node: syntax.ExternalData, names: Sequence[str], mapping: str | None
) -> tuple[str | int | None, ...]:
    """Where each column is in a record: as the mapping says, or its name."""
    if mapping is None:
        return tuple(f"$[{json.dumps(name)}]" for name in names)
    try:
        entries: Any = json.loads(mapping)
        places = {_key(entry, "column"): _place(entry) for entry in entries}
    except (ValueError, TypeError, AttributeError):
        binder.fail("SEM0255", "The ingestionMapping is a JSON array with a column and a path each.", node.span)
    return tuple(places.get(name) for name in names)


def _place(entry: dict[str, Any]) -> str | int | None:
    properties: dict[str, Any] = cast(dict[str, Any], _key(entry, "properties") or {})
    path = _key(entry, "path") or _key(properties, "path")
    if path is not None:
        return str(path)
    ordinal = next((each for each in (_key(entry, "ordinal"), _key(properties, "ordinal")) if each is not None), None)
    return None if ordinal is None else int(ordinal)


def _key(entry: dict[str, Any], name: str) -> Any:
    """A property under a name in any case."""
    return next((value for key, value in entry.items() if key.lower() == name), None)
