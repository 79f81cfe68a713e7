"""Data collection rules at work: finds a rule by its immutable id and takes records through it into tables."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.core.clock import Clock
from vedette.core.errors import InvalidInput, NotFound
from vedette.engine.engine import QueryEngine
from vedette.kql.types import ScalarType
from vedette.logs.collection_flows import Route, misfits, routes
from vedette.logs.collection_rule import DATA_COLLECTION_RULE, CollectionRule, Problems, parse_rule
from vedette.logs.custom_log import NEWEST, OLDEST
from vedette.logs.known_requests import RequestId
from vedette.logs.standard_columns import WRITTEN_BY_US
from vedette.logs.standard_names import TIME_GENERATED
from vedette.logs.store import LogStore, Placed
from vedette.logs.stream_records import stream_table
from vedette.logs.transformation import transform
from vedette.state.documents import Document
from vedette.state.store import StateStore


@dataclass(slots=True)
class ActiveRule:
    """A stored rule, and what was compiled of it so far."""

    resource_id: str
    immutable_id: str
    rule: CollectionRule
    _routes: dict[str, tuple[Route, ...]] = field(default_factory=dict[str, "tuple[Route, ...]"])

    def routes(self, stream: str, now: datetime) -> tuple[Route, ...]:
        """What becomes of a stream, compiled when it is first asked for."""
        found = self._routes.get(stream)
        if found is None:
            found = self._routes[stream] = routes(self.rule, stream, now)
        return found


class Collection:
    """The rules of the estate. Its methods may be called from any thread; rules are read again when one has changed.
    `workspace_id` gives the GUID of a workspace by its ARM id."""

    def __init__(
        self,
        state: StateStore,
        engine: QueryEngine,
        logs: LogStore,
        workspace_id: Callable[[str], str | None],
        clock: Clock,
    ) -> None:
        self._state = state
        self._engine = engine
        self._logs = logs
        self._id_of_workspace = workspace_id
        self._clock = clock
        self._lock = threading.Lock()
        self._version = -1
        self._by_etag: dict[str, ActiveRule] = {}
        self._by_immutable_id: dict[str, ActiveRule] = {}

    def rule(self, immutable_id: str) -> ActiveRule:
        """The rule of an immutable id. Raises NotFound (NotFound)."""
        version = self._state.version(DATA_COLLECTION_RULE)
        with self._lock:
            if version != self._version:
                self._read()
                self._version = version
            found = self._by_immutable_id.get(immutable_id)
        if found is None:
            raise NotFound("NotFound", f"Data collection rule with immutable Id '{immutable_id}' not found.")
        return found

    def append(
        self,
        rule: ActiveRule,
        stream: str,
        records: Sequence[Mapping[str, Any]],
        request_id: RequestId | None = None,
        beside: Sequence[Placed] = (),
    ) -> Future[None] | None:
        """Take records through the rule into all its tables, or into none; the future resolves when they are on the
        disk, None means that nothing is left of them. A `request_id` is that of `LogStore.append`, rows `beside` them
        too.

        Raises NotFound for a stream that the rule does not have, InvalidInput for what does not fit a table, and what
        `transform` and `LogStore.append` raise.
        """
        now = self._clock.now()
        by_table: dict[tuple[str, str], list[pa.Table]] = {}
        for route in self._routes(rule, stream, now):
            rows = self._transformed(route, records, now)
            if rows.num_rows:
                table = self._workspace_id(route.workspace), route.table
                by_table.setdefault(table, []).append(self._fitted(route, rows, now))
        if not by_table and not beside:
            return None
        rows = {table: pa.concat_tables(parts, promote_options="default") for table, parts in by_table.items()}
        return self._logs.append_together(rows, request_id=request_id, way="ingestion", beside=beside)

    def _routes(self, rule: ActiveRule, stream: str, now: datetime) -> tuple[Route, ...]:
        found = rule.routes(stream, now)
        if not found:
            raise NotFound(
                "NotFound",
                f"Stream '{stream}' was not configured in the data collection rule '{rule.immutable_id}'.",
            )
        return found

    def _transformed(self, route: Route, records: Sequence[Mapping[str, Any]], now: datetime) -> pa.Table:
        rows = stream_table(records, route.reads)
        if route.transformation is None:
            return rows
        return transform(self._engine, route.transformation, rows, {"now": now, "start": None, "end": None})

    def _fitted(self, route: Route, rows: pa.Table, now: datetime) -> pa.Table:
        """The rows with the columns that the table has, as it is now."""
        columns = self._columns(route)
        wrong = misfits(route.gives, columns)
        if wrong is not None:
            raise InvalidInput("InvalidTransformOutput", wrong)
        kept = [name for name in rows.column_names if name in columns and name not in WRITTEN_BY_US]
        return _with_believable_times(rows.select(kept), now)

    def _columns(self, route: Route) -> dict[str, ScalarType]:
        table = self._logs.catalog(self._workspace_id(route.workspace)).table(route.table)
        if table is None:
            raise InvalidInput(
                "InvalidOutputTable", f"The table '{route.table}' does not exist in '{route.workspace}'."
            )
        return {column.name: column.type for column in table.columns}

    def _workspace_id(self, resource_id: str) -> str:
        id = self._id_of_workspace(resource_id)
        if id is None:
            raise InvalidInput("InvalidDestination", f"The workspace '{resource_id}' does not exist any more.")
        return id

    def _read(self) -> None:
        """All rules anew; what was compiled of those that are the same is kept."""
        documents = self._state.list(DATA_COLLECTION_RULE)
        by_etag = {document.etag: self._by_etag.get(document.etag) or _active(document) for document in documents}
        self._by_etag = by_etag
        self._by_immutable_id = {rule.immutable_id: rule for rule in by_etag.values()}


def _active(document: Document) -> ActiveRule:
    properties = document.body["properties"]
    rule = parse_rule(document.body.get("kind"), properties, Problems())
    return ActiveRule(document.id, properties["immutableId"], rule)


def _with_believable_times(rows: pa.Table, now: datetime) -> pa.Table:
    """The rows, the time of arrival in place of a time that is too old or too far ahead.

    https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns#timegenerated
    """
    if TIME_GENERATED not in rows.column_names:
        return rows
    times = rows[TIME_GENERATED]
    oldest, newest, received = (
        pa.scalar(instant.replace(tzinfo=None), times.type) for instant in (now - OLDEST, now + NEWEST, now)
    )
    late = pc.call_function("less", [times, oldest])
    early = pc.call_function("greater", [times, newest])
    odd = pc.call_function("or", [late, early])
    if not pc.call_function("any", [odd]).as_py():
        return rows
    believed = pc.call_function("if_else", [odd, received, times])
    return rows.set_column(rows.column_names.index(TIME_GENERATED), TIME_GENERATED, believed)
