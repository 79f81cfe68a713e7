"""What runs and is probably not meant, or costs more than its writer thinks: for editors and linters, not for answers.

* WRN0003 a function by a name that it had once
* WRN0004 a table is read for all of time
* WRN0005 all rows are put in order, and none are left out
"""

from collections.abc import Iterator, Sequence
from functools import cache

from vedette.kql import syntax
from vedette.kql.catalog import Catalog
from vedette.kql.diagnostics import Diagnostic, Instead
from vedette.kql.functions.library import aggregate_functions, scalar_functions
from vedette.kql.parser import parse_query
from vedette.kql.walk import walk

_TIME = "TimeGenerated"
_TIMES = frozenset({_TIME, "ingestion_time", "_TimeReceived"})
_FEW_ROWS = (
    syntax.Summarize,
    syntax.Distinct,
    syntax.Count,
    syntax.Top,
    syntax.Take,
    syntax.TopNested,
    syntax.MakeSeries,
)
_ENDS_ORDER = (*_FEW_ROWS, syntax.Scan, syntax.Serialize)


def likely_mistakes(text: str, catalog: Catalog, *, has_timespan: bool = False) -> tuple[Diagnostic, ...]:
    """Warnings about a query that compiles, in text order. With `has_timespan` the caller confines all tables to a
    time. Raises KqlError where the text cannot be read."""
    query = parse_query(text)
    found = [*_old_names(query), *_unbounded_sorts(query)]
    if not has_timespan:
        found.extend(_times_that_are_not_confined(query, catalog))
    return tuple(sorted(found, key=lambda finding: finding.span.start))


def _old_names(query: syntax.Query) -> Iterator[Diagnostic]:
    own = {statement.name for statement in query.statements if isinstance(statement, syntax.Let)}
    for node in walk(query):
        if isinstance(node, syntax.Call) and node.name not in own:
            name = _names_once_had().get(node.name)
            if name is not None:
                message = f"'{node.name}' is an old name of '{name}'."
                hint = Instead(f"Write {name}.", node.name, name)
                yield Diagnostic("WRN0003", message, node.name_span, hint, "warning")


@cache
def _names_once_had() -> dict[str, str]:
    scalars = (entry for entries in scalar_functions().values() for entry in entries)
    aggregates = (entry for entries in aggregate_functions().values() for entry in entries)
    old = {alias: entry.name for entry in scalars for alias in entry.deprecated_aliases}
    old |= {alias: entry.name for entry in aggregates for alias in entry.aliases}
    return {"argmax": "arg_max", "argmin": "arg_min", "any": "take_any", "columnifexists": "column_ifexists", **old}


def _unbounded_sorts(query: syntax.Query) -> Iterator[Diagnostic]:
    for node in walk(query):
        if not isinstance(node, syntax.Pipe) or not isinstance(node.source, syntax.Name):
            continue
        for position, step in enumerate(node.operators):
            if isinstance(step, _FEW_ROWS):
                break
            if isinstance(step, syntax.Sort) and not _is_bounded(node.operators[position + 1 :]):
                message = "All rows of the table are put in order."
                yield Diagnostic("WRN0005", message, step.span, "Write 'top n by …' for the first ones.", "warning")


def _is_bounded(steps: Sequence[syntax.Operator]) -> bool:
    return any(isinstance(step, _ENDS_ORDER) for step in steps)


def _times_that_are_not_confined(query: syntax.Query, catalog: Catalog) -> Iterator[Diagnostic]:
    own = {statement.name for statement in query.statements if isinstance(statement, syntax.Let)}
    for node in walk(query):
        if not isinstance(node, syntax.Pipe) or not isinstance(node.source, syntax.Name):
            continue
        source = node.source
        table = None if source.name in own else catalog.table(source.name)
        if table is None or all(column.name != _TIME for column in table.columns) or _is_confined(node.operators):
            continue
        message = f"'{source.name}' is read for all of time."
        yield Diagnostic("WRN0004", message, source.span, f"Add 'where {_TIME} > ago(1d)' after it.", "warning")


def _is_confined(steps: Sequence[syntax.Operator]) -> bool:
    for step in steps:
        if isinstance(step, syntax.Where) and any(
            isinstance(node, syntax.Name | syntax.Call) and node.name in _TIMES for node in walk(step.predicate)
        ):
            return True
        if isinstance(step, syntax.Take):
            return True
        if isinstance(step, syntax.Summarize | syntax.Join):
            return False
    return False
