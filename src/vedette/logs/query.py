"""Runs a KQL query: compile, lower, run within limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter, sleep
from typing import Final

from vedette.core.errors import Overtaken, VedetteError
from vedette.core.settings import ExternalDataSettings
from vedette.engine.cancellation import Cancellation
from vedette.engine.engine import QueryEngine
from vedette.engine.limits import Limits
from vedette.kql.catalog import Catalog
from vedette.kql.compile import Query, compile_query
from vedette.kql.data import Data
from vedette.kql.diagnostics import Diagnostic
from vedette.logs.data import QueryData
from vedette.logs.external_data import NOTHING_ALLOWED
from vedette.logs.inline import CatalogWithInline, InlineTable
from vedette.logs.plan_cache import PlanCache, RecordingCatalog
from vedette.logs.result import QueryResult, QueryStatistics, ResultColumn
from vedette.logs.standard_names import RECEIVED
from vedette.sql.dialects.base import Dialect
from vedette.sql.lower import to_sql

Timespan = tuple[datetime | None, datetime | None]

_ANEW: Final = (0.0, 0.02, 0.05, 0.1, 0.2)  # seconds: a change is in the catalog soon after it is on the disk


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query and the circumstances that decide what it means. `timespan` limits TimeGenerated of every table read, or
    `by_arrival` the time at which its rows were received;
    `parameters` are literals for the parameters that it declares, `inline` is a table that it brings with it."""

    text: str
    now: datetime
    timespan: Timespan | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    inline: InlineTable | None = None
    by_arrival: bool = False

    @property
    def instants(self) -> dict[str, datetime | None]:
        """What `plan.Instant` means in it."""
        start, end = self.timespan or (None, None)
        return {"now": self.now, "start": start, "end": end}


def run_query(
    engine: QueryEngine,
    catalog: Catalog,
    query: QueryText,
    limits: Limits,
    plans: PlanCache | None = None,
    scope: str = "",
    cancellation: Cancellation | None = None,
    *,
    has_ip_database: bool = False,
    external: ExternalDataSettings = NOTHING_ALLOWED,
) -> QueryResult:
    """Run a query, compiling it only where `plans` has no plan of it for this `scope` (the workspace). `external` says
    which files it may fetch.

    A query whose tables are changed between its compilation and its start is compiled again, for what they are then.

    Raises KqlError with positions, and what `QueryEngine.run` raises.
    """
    for pause in _ANEW:
        try:
            return _run(engine, catalog, query, limits, plans, scope, cancellation, has_ip_database, external)
        except Overtaken:
            sleep(pause)
    try:
        return _run(engine, catalog, query, limits, plans, scope, cancellation, has_ip_database, external)
    except Overtaken as error:  # nothing changes so often: the SQL is wrong, and the fault ours
        raise VedetteError(error.code, error.message) from error


def _run(
    engine: QueryEngine,
    catalog: Catalog,
    query: QueryText,
    limits: Limits,
    plans: PlanCache | None,
    scope: str,
    cancellation: Cancellation | None,
    has_ip_database: bool,
    external: ExternalDataSettings,
) -> QueryResult:
    started = perf_counter()
    data = QueryData(engine, query.instants, limits, cancellation, external, query.inline)
    if query.inline is not None:
        catalog = CatalogWithInline(catalog, query.inline)
    dialect = engine.dialect
    if plans is None or query.parameters or query.inline is not None:
        compiled, sql = _compile(dialect, catalog, query, data)
    else:
        compiled, sql = _planned(dialect, catalog, query, data, plans, scope)
    ready = perf_counter()
    result = data.run(compiled, sql)
    return QueryResult(
        columns=tuple(
            ResultColumn(name, type, digit)
            for (name, type), digit in zip(compiled.columns, compiled.digits, strict=True)
        ),
        batches=result.batches,
        render=compiled.render,
        warnings=compiled.warnings if has_ip_database else (*compiled.warnings, *_without_locations(compiled)),
        statistics=QueryStatistics(ready - started, perf_counter() - ready, result.rows, result.bytes),
        truncated=result.truncated,
        plan=compiled.plan,
    )


def _without_locations(compiled: Query) -> tuple[Diagnostic, ...]:
    if compiled.locates is None:
        return ()
    return (
        Diagnostic(
            "WRN0100",
            "No location is known of any IP address, for this server has no database of them.",
            compiled.locates,
            "Start it with --ip-database and a file in MaxMind's format.",
            "warning",
        ),
    )


def _planned(
    dialect: Dialect, catalog: Catalog, query: QueryText, data: Data, plans: PlanCache, scope: str
) -> tuple[Query, str]:
    start, end = query.timespan or (None, None)
    key = (scope, query.text, start is not None, end is not None, query.by_arrival)
    found = plans.find(key, catalog)
    if found is not None:
        return found
    recording = RecordingCatalog(catalog)
    compiled, sql = _compile(dialect, recording, query, data)
    plans.keep(key, compiled, sql, recording)
    return compiled, sql


def _compile(dialect: Dialect, catalog: Catalog, query: QueryText, data: Data) -> tuple[Query, str]:
    compiled = compile_query(
        query.text,
        catalog,
        now=query.now,
        timespan=query.timespan,
        data=data,
        parameters=query.parameters,
        time_column=RECEIVED if query.by_arrival else "TimeGenerated",
    )
    return compiled, to_sql(compiled, dialect)
