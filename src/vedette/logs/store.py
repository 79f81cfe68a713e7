"""The log tables of all workspaces: append rows durably, query them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import structlog

from vedette import __version__
from vedette.core.clock import Clock
from vedette.core.errors import NotFound, StorageFull, Unavailable
from vedette.core.ids import NewId, new_id
from vedette.core.metrics import Metrics
from vedette.core.settings import ExternalDataSettings
from vedette.engine.cancellation import Cancellation
from vedette.engine.engine import LogEngine, StoredFile, Transaction
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.kql.catalog import Catalog
from vedette.kql.compile import Query, compile_query
from vedette.kql.query_now import query_now
from vedette.kql.types import ScalarType
from vedette.logs.arrivals import Arrivals
from vedette.logs.arrow_rows import typed_rows
from vedette.logs.catalog import TableKey, TableRegister, WorkspaceCatalog, columns_for
from vedette.logs.daily_cap import DailyCaps
from vedette.logs.explain import Explanation, explain
from vedette.logs.external_data import NOTHING_ALLOWED
from vedette.logs.inline import InlineTable
from vedette.logs.intake import OWN_ROWS, Intake, capped, schema_of_workspace, workspace_of_schema
from vedette.logs.known_requests import KnownRequests, RequestId
from vedette.logs.outbox import APPLIED, OutboxDrain
from vedette.logs.plan_cache import PlanCache
from vedette.logs.query import QueryText, Timespan, run_query
from vedette.logs.query_record import SERVER, Caller, QueryRecord
from vedette.logs.result import QueryResult
from vedette.logs.saved_functions import SavedFunctions
from vedette.logs.scope import QueryScope, ScopedCatalog
from vedette.logs.standard_columns import Arrival, with_arrow_times, with_standard_values, with_times
from vedette.logs.standard_names import with_standard_columns
from vedette.logs.table_changes import TableChanges, moment, quoted
from vedette.logs.table_settings import SettingsOfTables, WorkspaceSettings
from vedette.logs.table_sizes import TableSize, TableSizes
from vedette.logs.tables import built_in
from vedette.logs.values import arrow_table
from vedette.logs.workspace_transforms import WorkspaceTransforms
from vedette.logs.writer import Batch, Change, LogWriter
from vedette.state.store import StateStore

_log = structlog.get_logger(__name__)

_TABLES_FACT = "built_in_tables"


@dataclass(frozen=True, slots=True)
class Placed:
    """Typed rows for a table of a workspace, which are stored in one batch with others; `columns` are those that the
    table may not have yet."""

    workspace_id: str
    table: str
    rows: pa.Table
    columns: Mapping[str, ScalarType] = field(default_factory=dict[str, ScalarType])


class LogStore:
    """Append and query; every method may be called from any thread. Workspace ids are matched in any case."""

    def __init__(
        self,
        engine: LogEngine,
        clock: Clock,
        state: StateStore | None,
        new_batch_id: NewId = new_id,
        *,
        has_ip_database: bool = False,
        external: ExternalDataSettings = NOTHING_ALLOWED,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._sizes = TableSizes(engine)
        self.queries = QueryRecord(self._metrics)
        self._engine = engine
        self._clock = clock
        self._new_batch_id = new_batch_id
        self._external = external
        self._schemas = set(engine.schemas())
        self._register = TableRegister(engine.tables())
        self._plans = PlanCache(self._metrics)
        self._has_ip_database = has_ip_database
        self._writer = LogWriter(engine, self._register, self._metrics)
        self.daily_caps = DailyCaps(lambda id: self.settings(id).daily_bytes, self._capped_bytes_since)
        self._intake = Intake(self._writer, self.daily_caps, self._metrics, clock)
        self._requests = KnownRequests(engine.requests())
        applied = int(engine.fact(APPLIED) or 0)
        self._state = state
        self._applied_commits = 0
        self._outbox = OutboxDrain(state, applied, self._prepare, self._intake.write) if state else None
        self._functions = SavedFunctions(state) if state else None
        self._transforms = WorkspaceTransforms(state, engine) if state else None
        self._settings = SettingsOfTables(state) if state else None
        self.tables = TableChanges(engine, self._register, self._writer, self._existing_schema)
        self._names: dict[str, str] = {}
        self._resource_ids: dict[str, str] = {}
        self._update_tables()

    @property
    def has_ip_database(self) -> bool:
        """Whether queries know where IP addresses are."""
        return self._has_ip_database

    def create_workspace(self, workspace_id: str, name: str = "", resource_id: str = "") -> None:
        """Make room for a workspace's tables, and note what queries may call it; the tables of one that exists stay."""
        schema = schema_of_workspace(workspace_id)
        self._names.update({each.lower(): workspace_id for each in (workspace_id, name, resource_id) if each})
        self._resource_ids[workspace_id.lower()] = resource_id
        if schema not in self._schemas:
            with self._engine.write() as transaction:
                transaction.create_schema(schema, name)
            self._schemas.add(schema)

    def discard_workspace(self, workspace_id: str) -> None:
        """Drop every table of a workspace, for good; what waits for it is stored first, and nothing is taken any more.

        Doing it again, or for a workspace that is not there, changes nothing.
        """
        schema = schema_of_workspace(workspace_id)
        self._schemas.discard(schema)
        for name in [name for name, id in list(self._names.items()) if id.lower() == workspace_id.lower()]:
            del self._names[name]

        def drop(transaction: Transaction) -> None:
            for table in self._register.stored_tables(schema):
                transaction.drop_table(table)
            transaction.drop_schema(schema)

        def forget(_: None) -> None:
            self._register.forget(schema)
            self._resource_ids.pop(workspace_id.lower(), None)
            self._intake.forget(workspace_id)

        self._writer.submit(Change(drop, forget, makes_room=True)).result()

    def catalog(self, workspace_id: str) -> WorkspaceCatalog:
        """The names that queries over the workspace can use. Raises NotFound (WorkspaceNotFoundError)."""

        def other(name: str) -> WorkspaceCatalog | None:
            id = self._names.get(name.rstrip("/").lower())
            return self.catalog(id) if id is not None and id.lower() == workspace_id.lower() else None

        resource_id = self._resource_ids.get(workspace_id.lower(), "")
        saved = self._functions.of(resource_id) if self._functions and resource_id else {}
        settings = self.settings(workspace_id)
        schema = self._existing_schema(workspace_id)
        return WorkspaceCatalog(schema, self._register, saved, other, settings, self._clock.now())

    def workspace_ids(self) -> list[str]:
        """The GUIDs of the workspaces."""
        return [workspace_of_schema(schema) for schema in sorted(self._schemas)]

    def settings(self, workspace_id: str) -> WorkspaceSettings:
        """What is set about the workspace's tables."""
        resource_id = self._resource_ids.get(workspace_id.lower(), "")
        return self._settings.of(resource_id) if self._settings and resource_id else WorkspaceSettings()

    def catalog_of(self, scope: str | QueryScope) -> Catalog:
        """The names that queries of a workspace, by its GUID, or of a scope can use. Raises NotFound
        (WorkspaceNotFoundError)."""
        return self.catalog(scope) if isinstance(scope, str) else ScopedCatalog(scope, self.catalog)

    def append(
        self,
        workspace_id: str,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        columns: Mapping[str, ScalarType] | None = None,
        request_id: RequestId | None = None,
        way: str = OWN_ROWS,
        facts: Mapping[str, str] | None = None,
        beside: Sequence[Placed] = (),
    ) -> Future[None]:
        """Store rows, all or none. The future resolves when they are on the disk and the next query sees them.

        `columns` gives the types of columns that the table may not have yet, and makes a table that does not exist;
        a column that exists keeps its type. Values are those of `logs.values.arrow_table`; standard columns are filled.
        With a `request_id`, rows for the same table are stored once, however often they are sent within
        `known_requests.WINDOW`, at the same time and across restarts too.
        `way` is the way in that metrics count the rows under: collector, ingestion, syslog, otlp …. `facts` are stored
        together with the rows, for `fact` to find, and so are the rows `beside` them.
        Raises, before anything is stored: InvalidInput for a value that does not fit, NotFound for an unknown
        workspace or table, Unavailable when nothing can be stored.
        """
        with self._intake.taking([(workspace_id, table)], way) as batch:
            key, typed = self._prepare(workspace_id, table, rows, columns, transforms=True)
            every = self._with(beside, {key: typed})
            return batch.until(self._submit(workspace_id, table, every, request_id, way, facts))

    def append_tables(
        self,
        workspace_id: str,
        tables: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        request_id: RequestId | None = None,
        way: str = OWN_ROWS,
    ) -> Future[None]:
        """`append` for rows of several tables of a workspace, together or not at all; no table is made."""
        names = " ".join(sorted(tables))
        with self._intake.taking([(workspace_id, table) for table in tables], way) as batch:
            typed = dict(self._prepare(workspace_id, table, rows, transforms=True) for table, rows in tables.items())
            return batch.until(self._submit(workspace_id, names, typed, request_id, way))

    def append_arrow(
        self,
        workspace_id: str,
        table: str,
        rows: pa.Table,
        *,
        columns: Mapping[str, ScalarType] | None = None,
        request_id: RequestId | None = None,
        way: str = OWN_ROWS,
        facts: Mapping[str, str] | None = None,
        beside: Sequence[Placed] = (),
    ) -> Future[None]:
        """`append` for rows that are typed already, of the Arrow types that `logs.arrow_rows.typed_rows` takes."""
        with self._intake.taking([(workspace_id, table)], way) as batch:
            received = self._clock.now()
            key, typed = self._planned(workspace_id, table, columns, partial(typed_rows, rows))
            typed = self._transformed(workspace_id, key, with_arrow_times(typed, received), received)
            every = self._with(beside, {key: self._arrived(workspace_id, table, typed, received)})
            return batch.until(self._submit(workspace_id, table, every, request_id, way, facts))

    def append_together(
        self,
        rows: Mapping[tuple[str, str], pa.Table],
        *,
        request_id: RequestId | None = None,
        way: str = OWN_ROWS,
        beside: Sequence[Placed] = (),
    ) -> Future[None]:
        """Store rows for several tables, by workspace id and table, together or not at all, else as `append_arrow`.

        They come through a data collection rule, so the workspaces' own transformations leave them alone, but not those
        `beside` them.
        """
        places = [*rows, *((each.workspace_id, each.table) for each in beside)]
        workspaces, tables = (" ".join(sorted(set(names))) for names in zip(*places, strict=True))
        with self._intake.taking(rows, way) as batch:
            received = self._clock.now()
            typed: dict[TableKey, pa.Table] = {}
            for (workspace_id, table), part in rows.items():
                key, planned = self._planned(workspace_id, table, None, partial(typed_rows, part))
                typed[key] = self._arrived(workspace_id, table, with_arrow_times(planned, received), received)
            return batch.until(self._submit(workspaces, tables, self._with(beside, typed), request_id, way))

    def query(
        self,
        scope: str | QueryScope,
        text: str,
        *,
        timespan: Timespan | None = None,
        by_arrival: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        now: datetime | None = None,
        cancellation: Cancellation | None = None,
        parameters: Mapping[str, str] | None = None,
        inline: InlineTable | None = None,
        caller: Caller = SERVER,
        with_waiting: bool = True,
    ) -> QueryResult:
        """Run KQL over a workspace's tables, or over those of a scope; `timespan` limits TimeGenerated of each, or with
        `by_arrival` the time at which its rows were received; `now` is what now() means unless the query says that
        itself, `parameters` are literals for the parameters that the query declares, and `inline` is a table that it
        brings with it. `caller` is whom metrics and the status name. Rows of the server itself that wait are stored
        first, but not without `with_waiting`.

        Raises KqlError with positions, TimedOut, TooLarge, InvalidInput, NotFound, Unavailable.
        """
        if with_waiting:
            self.apply_waiting()
        query = QueryText(
            text, query_now(text) or now or self._clock.now(), timespan, parameters or {}, inline, by_arrival
        )
        key, first = (scope, scope) if isinstance(scope, str) else (scope.key, scope.workspaces[0])
        catalog = self.catalog_of(scope)
        with self.queries.running(first.lower(), query, caller) as run:
            run.result = run_query(
                self._engine,
                catalog,
                query,
                limits,
                self._plans,
                key.lower(),
                cancellation,
                has_ip_database=self._has_ip_database,
                external=self._external,
            )
        return run.result

    def explain(self, scope: str | QueryScope, text: str, *, timespan: Timespan | None, now: datetime) -> Explanation:
        """How the query would run. Raises KqlError with positions, NotFound."""
        catalog = self.catalog_of(scope)
        query = QueryText(text, query_now(text) or now, timespan)
        return explain(self._engine, catalog, query, external=self._external)

    def compiled(self, scope: str | QueryScope, text: str, *, timespan: Timespan | None, now: datetime) -> Query:
        """A query that is understood and not run. Raises KqlError with positions, NotFound."""
        return compile_query(text, self.catalog_of(scope), now=now, timespan=timespan)

    def apply_outbox(self) -> None:
        """Move the log rows that committed documents emitted into their tables, each exactly once."""
        if self._outbox is not None and self._state is not None:
            commits = self._state.waiting_commits
            with self._intake.receiving.batch(self._clock.now()):
                self._outbox.drain()
            self._applied_commits = max(commits, self._applied_commits)

    def apply_waiting(self) -> None:
        """`apply_outbox`, if there are rows that waited. What cannot be stored now stays on record for later.

        A thread that holds the state's write transaction does nothing: another that drains may wait for it.
        """
        if self._state is None or self._state.is_writing:
            return
        if self._state.waiting_commits > self._applied_commits:
            try:
                self.apply_outbox()
            except Unavailable as error:
                _log.warning("rows wait on", reason=error.message)

    def table_sizes(self, workspace_id: str) -> list[TableSize]:
        """How large the workspace's stored tables are, in the order of their names."""
        schema = self._existing_schema(workspace_id)
        stored = (self._register.stored((schema, name)) for name in self.stored_tables(workspace_id))
        tables = [table for table in stored if table is not None]
        return self._sizes.of(tables, lambda table: self._register.stored((schema, table.name)) is not None)

    def settled(self) -> datetime:
        """The instant before which no row was received that queries do not see yet."""
        return self._intake.receiving.settled(self._clock.now())

    def fact(self, key: str) -> str | None:
        """What `append` stored last among its facts under a key; None when nothing was."""
        return self._engine.fact(key)

    def stored_tables(self, workspace_id: str) -> list[str]:
        """The names of the tables that the workspace has stored rows of, in order."""
        return sorted(self._register.stored_names(self._existing_schema(workspace_id)))

    def without_checkpoints(self) -> AbstractContextManager[None]:
        """The time in which files that `cut` gave keep what they had; appending goes on."""
        return self._engine.without_checkpoints()

    def cut(self) -> list[StoredFile]:
        """The files that together hold all that is stored at this instant; only within `without_checkpoints`."""
        return self._engine.cut()

    def waiting_bytes(self) -> int:
        """How long the engine's write-ahead log is."""
        return self._engine.waiting_bytes()

    def stop_queries(self) -> None:
        """End the queries that run, and refuse others, for the server is stopping; appending goes on."""
        self._engine.stop_queries()

    def close(self) -> None:
        """Store what is waiting and stop accepting. The engine stays open."""
        self._writer.close()

    @property
    def arrivals(self) -> Arrivals:
        """What arrived of late."""
        return self._intake.arrivals

    def tell_refusals(self, to: Callable[[str, str, str, str], None]) -> None:
        """Have rows that came and were not stored told: workspace, table, code and reason."""
        self._intake.on_refused = to

    @property
    def waiting(self) -> tuple[int, int]:
        """How many batches wait to be stored, and their bytes."""
        return self._writer.waiting

    def _with(self, beside: Sequence[Placed], typed: dict[TableKey, pa.Table]) -> dict[TableKey, pa.Table]:
        """The rows with those beside them, as their tables store them."""
        for each in beside:
            received = self._clock.now()
            key, rows = self._planned(each.workspace_id, each.table, each.columns, partial(typed_rows, each.rows))
            rows = self._transformed(each.workspace_id, key, with_arrow_times(rows, received), received)
            rows = self._arrived(each.workspace_id, each.table, rows, received)
            before = typed.get(key)
            typed[key] = rows if before is None else pa.concat_tables([before, rows], promote_options="default")
        return typed

    def _submit(
        self,
        workspace_id: str,
        table: str,
        typed: Mapping[TableKey, pa.Table],
        request_id: RequestId | None,
        way: str,
        facts: Mapping[str, str] | None = None,
    ) -> Future[None]:
        kept = self._intake.within_caps(typed, way)
        if request_id is None or not kept:
            return self._intake.write(Batch(kept, facts or {}), way)
        return self._requests.once(
            request_id.key(workspace_id, table),
            self._clock.now(),
            lambda request: self._intake.write(Batch(kept, request=request), way),
        )

    def _capped_bytes_since(self, workspace_id: str, start: datetime) -> float:
        tables = [quoted(name) for name in self.stored_tables(workspace_id) if capped(name)]
        if not tables:
            return 0.0
        named = ", ".join(f"({table} | project _BilledSize, _TimeReceived)" for table in tables)
        text = f"union {named} | where _TimeReceived >= {moment(start)} | summarize toreal(sum(_BilledSize))"
        ((total,),) = self.query(workspace_id, text).rows()
        return total or 0.0

    def _prepare(
        self,
        workspace_id: str,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        declared: Mapping[str, ScalarType] | None = None,
        *,
        transforms: bool = False,
    ) -> tuple[TableKey, pa.Table]:
        received = self._clock.now()
        timed = with_times(rows, received)
        key, typed = self._planned(workspace_id, table, declared, lambda columns: arrow_table(timed, columns))
        if transforms:
            typed = self._transformed(workspace_id, key, typed, received)
        return key, self._arrived(workspace_id, table, typed, received)

    def _transformed(self, workspace_id: str, key: TableKey, rows: pa.Table, received: datetime) -> pa.Table:
        """What the workspace's own transformation leaves of rows for a table."""
        workspace = self._resource_ids.get(workspace_id.lower(), "")
        if self._transforms is None or not self._transforms.has(workspace, key[1]):
            return rows
        columns = with_standard_columns(self._register.planned(key) or {})
        left = self._transforms.applied(workspace, key[1], rows, columns, received)
        return with_arrow_times(typed_rows(left, columns), received)

    def _planned(
        self,
        workspace_id: str,
        table: str,
        declared: Mapping[str, ScalarType] | None,
        typed: Callable[[Mapping[str, ScalarType]], pa.Table],
    ) -> tuple[TableKey, pa.Table]:
        """The rows as the table's columns have them, once the table is sure to have these columns."""
        key = (self._existing_schema(workspace_id), table)
        while True:
            columns = columns_for(self._register, key, declared)
            rows = typed(columns)
            if self._register.plan(key, columns):
                return key, rows
            # Another batch settled the type of a new column meanwhile: take that one.

    def _arrived(self, workspace_id: str, table: str, rows: pa.Table, received: datetime) -> pa.Table:
        known = built_in(table)
        billable = known.billable if known else True
        return with_standard_values(
            rows, Arrival(workspace_id.lower(), table, billable, received, self._new_batch_id())
        )

    def _existing_schema(self, workspace_id: str) -> str:
        schema = schema_of_workspace(workspace_id)
        if schema not in self._schemas:
            raise NotFound("WorkspaceNotFoundError", f"There is no workspace '{workspace_id}' here.")
        return schema

    def _update_tables(self) -> None:
        """Give stored built-in tables the columns that this release added to them."""
        if self._engine.fact(_TABLES_FACT) == __version__:
            return
        empty: dict[TableKey, pa.Table] = {}
        for schema in self._schemas:
            for name in self._register.stored_names(schema):
                key = (schema, name)
                self._register.plan(key, columns_for(self._register, key, {}))
                empty[key] = pa.table({})
        try:
            self._writer.submit(Batch(empty, {_TABLES_FACT: __version__})).result()
        except StorageFull as error:  # each table gets them with its next rows, or all at the next start
            _log.warning("the built-in tables have not got their new columns yet", reason=error.message)
