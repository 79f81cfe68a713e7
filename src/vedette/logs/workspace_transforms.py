"""Workspace transformations: what a workspace does to records that come for a table without a rule of their own.

https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations#workspace-transformation-dcr
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from vedette.engine.arrow_types import ARROW_TYPES
from vedette.engine.engine import QueryEngine
from vedette.kql.types import ScalarType
from vedette.logs.collection_rule import DATA_COLLECTION_RULE, WORKSPACE_TRANSFORMS, Problems, parse_rule
from vedette.logs.streams import WORKSPACE_TABLE, table_of_stream
from vedette.logs.table_settings import WORKSPACE
from vedette.logs.transformation import Transformation, compile_transformation, transform
from vedette.state.store import StateStore

BOUND_BY: Final = "defaultDataCollectionRuleResourceId"
"""The property of a workspace that names its rule of kind WorkspaceTransforms."""


@dataclass(slots=True)
class _Table:
    """The statement for a table, compiled for the columns that it had last."""

    text: str
    columns: Mapping[str, ScalarType] = field(default_factory=dict[str, ScalarType])
    compiled: Transformation | None = None


class WorkspaceTransforms:
    """The transformations of all workspaces. They are read again when a rule or a workspace has changed."""

    def __init__(self, state: StateStore, engine: QueryEngine) -> None:
        self._state = state
        self._engine = engine
        self._lock = threading.Lock()
        self._version: tuple[int, int] | None = None
        self._tables: dict[tuple[str, str], _Table] = {}

    def applied(
        self, workspace: str, table: str, rows: pa.Table, columns: Mapping[str, ScalarType], now: datetime
    ) -> pa.Table:
        """What is left of rows for a table of a workspace (ARM id). `columns` are those of the table, and of rows as
        `logs.values` types them.

        Raises KqlError where the statement does not compile any more, and what `transform` raises.
        """
        found = self._transformation(workspace, table, columns, now)
        if found is None or rows.num_rows == 0:
            return rows
        arrays = [_read_column(rows, name, type) for name, type in found.reads.items()]
        records = pa.table(arrays, names=list(found.reads))
        given = transform(self._engine, found, records, {"now": now, "start": None, "end": None})
        return given.select([name for name in given.column_names if name in columns])

    def has(self, workspace: str, table: str) -> bool:
        """Whether the workspace (ARM id) transforms what comes for the table."""
        version = (self._state.version(DATA_COLLECTION_RULE), self._state.version(WORKSPACE))
        with self._lock:
            if version != self._version:
                self._tables = self._read()
                self._version = version
            return (workspace.lower(), table) in self._tables

    def _transformation(
        self, workspace: str, table: str, columns: Mapping[str, ScalarType], now: datetime
    ) -> Transformation | None:
        with self._lock:
            found = self._tables.get((workspace.lower(), table))
            if found is None:
                return None
            if found.columns != columns:
                found.compiled = compile_transformation(found.text, columns, now=now)
                found.columns = dict(columns)
            return found.compiled

    def _read(self) -> dict[tuple[str, str], _Table]:
        tables: dict[tuple[str, str], _Table] = {}
        for workspace in self._state.list(WORKSPACE):
            bound = workspace.body["properties"].get(BOUND_BY)
            document = self._state.get(bound) if isinstance(bound, str) and bound else None
            if document is None or document.body.get("kind") != WORKSPACE_TRANSFORMS:
                continue
            properties: dict[str, Any] = document.body["properties"]
            rule = parse_rule(WORKSPACE_TRANSFORMS, properties, Problems())
            for flow in rule.flows:
                if workspace.id.lower() not in flow.workspaces or not flow.transform:
                    continue
                for stream in flow.streams:
                    name = table_of_stream(stream) if stream.startswith(WORKSPACE_TABLE) else None
                    if name is not None:
                        tables[workspace.id.lower(), name] = _Table(flow.transform)
        return tables


def _read_column(rows: pa.Table, name: str, type: ScalarType) -> pa.Array | pa.ChunkedArray:
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, ARROW_TYPES[type])
    return rows[name].cast(ARROW_TYPES[type])  # a decimal is read from its text
