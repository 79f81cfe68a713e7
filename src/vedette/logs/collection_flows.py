"""Where the records of a stream go: compiled, and checked against the tables that take them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vedette.kql.catalog import Table
from vedette.kql.diagnostics import KqlError, line_and_column
from vedette.kql.types import ScalarType
from vedette.logs.collection_rule import CollectionRule, Flow, Problems
from vedette.logs.standard_columns import WRITTEN_BY_US
from vedette.logs.standard_names import TIME_GENERATED, with_standard_columns
from vedette.logs.streams import table_of_output, table_of_stream, takes_records
from vedette.logs.tables import built_in
from vedette.logs.transformation import Transformation, compile_transformation

TableOf = Callable[[str, str], Table | None]
"""The table of a workspace (ARM id in lower case) by name; None where there is none."""

_TYPE_NAMES: Final[Mapping[ScalarType, str]] = {
    ScalarType.bool: "Boolean",
    ScalarType.int: "Int",
    ScalarType.long: "Long",
    ScalarType.real: "Double",
    ScalarType.decimal: "Decimal",
    ScalarType.string: "String",
    ScalarType.datetime: "DateTime",
    ScalarType.timespan: "TimeSpan",
    ScalarType.guid: "Guid",
    ScalarType.dynamic: "Dynamic",
}
_TEXTS = frozenset({ScalarType.string, ScalarType.guid})


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of a stream's records: their columns, the transformation (None: none), the workspace (ARM id, in
    lower case), and its table."""

    reads: Mapping[str, ScalarType]
    transformation: Transformation | None
    workspace: str
    table: str

    @property
    def gives(self) -> Mapping[str, ScalarType]:
        """The columns of what is stored, as far as the table has them."""
        return self.reads if self.transformation is None else self.transformation.gives


def routes(rule: CollectionRule, stream: str, now: datetime) -> tuple[Route, ...]:
    """Everything that a rule does with a stream. Raises KqlError for a transformation that does not compile."""
    return tuple(
        route
        for flow in rule.flows
        if stream in flow.streams and not flow.elsewhere
        for route in _routes(rule, flow, stream, now)
    )


def _routes(rule: CollectionRule, flow: Flow, stream: str, now: datetime) -> Iterator[Route]:
    table = _table(flow, stream)
    if table is None:
        return
    reads = columns_of_stream(rule, stream)
    transformation = compile_transformation(flow.transform, reads, now=now)
    for workspace in flow.workspaces:
        yield Route(reads, transformation, workspace, table)


def columns_of_stream(rule: CollectionRule, stream: str) -> Mapping[str, ScalarType]:
    """The declared columns, or those of the built-in table that a stream of Microsoft's is for."""
    if stream in rule.streams:
        return rule.streams[stream]
    known = built_in(table_of_stream(stream) or "")
    return with_standard_columns(known.columns) if known is not None else {}


def check_flows(rule: CollectionRule, table_of: TableOf, now: datetime, problems: Problems) -> None:
    """Note what of the rule's flows does not compile, or does not fit the tables."""
    for index, flow in enumerate(rule.flows):
        target = f"properties.dataFlows[{index}]"
        for stream in flow.streams:
            _check(rule, flow, stream, table_of, now, target, problems)


def _check(
    rule: CollectionRule, flow: Flow, stream: str, table_of: TableOf, now: datetime, target: str, problems: Problems
) -> None:
    try:
        found = list(_routes(rule, flow, stream, now))
    except KqlError as error:
        _add_kql_error(error, target, problems)
        return
    for route in found:
        table = table_of(route.workspace, route.table) if takes_records(route.table) else None
        if table is None:
            name = next(name for name, id in rule.workspaces.items() if id == route.workspace)
            problems.add(
                "InvalidOutputTable",
                f"Table for output stream '{flow.output or stream}' is not available for destination '{name}'.",
                target,
            )
        elif TIME_GENERATED not in route.gives:
            problems.add(
                "InvalidTransformQuery", f"The transformation's output must have the column '{TIME_GENERATED}'.", target
            )
        elif wrong := misfits(route.gives, {column.name: column.type for column in table.columns}):
            problems.add("InvalidTransformOutput", wrong, target)


def misfits(gives: Mapping[str, ScalarType], takes: Mapping[str, ScalarType]) -> str | None:
    """What is wrong with the types of columns that a table has too; None when nothing is."""
    wrong = [
        f"{name} [produced:'{_TYPE_NAMES[type]}', output:'{_TYPE_NAMES[takes[name]]}']"
        for name, type in gives.items()
        if name in takes and name not in WRITTEN_BY_US and not _fits(type, takes[name])
    ]
    if not wrong:
        return None
    return "Types of transform output columns do not match the ones defined by the output stream: " + ", ".join(wrong)


def _fits(given: ScalarType, taken: ScalarType) -> bool:
    """The documentation has some columns as texts that workspaces have as guids, so these are as good as one type."""
    return given is taken or {given, taken} <= _TEXTS


def _table(flow: Flow, stream: str) -> str | None:
    if flow.output is not None:
        return table_of_output(flow.output)
    return table_of_output(stream) or table_of_stream(stream)


def _add_kql_error(error: KqlError, target: str, problems: Problems) -> None:
    for finding in error.diagnostics:
        if finding.severity == "error":
            line, column = line_and_column(error.text, finding.span.start)
            kind = "SyntaxError" if finding.is_syntax else "SemanticError"
            hint = f" {finding.hint}" if finding.hint else ""
            problems.add(
                "InvalidTransformQuery",
                f"Error occurred while compiling query in query: {kind}:{finding.code} at {line}:{column} : "
                f"{finding.message}{hint}",
                target,
            )
