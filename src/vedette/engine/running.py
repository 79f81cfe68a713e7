"""Runs a compiled query, and once more with numbers that wrap around where one leaves its type's range."""

from collections.abc import Mapping
from datetime import datetime

from vedette.core.errors import InvalidInput
from vedette.engine.cancellation import Cancellation
from vedette.engine.engine import QueryEngine, Tables
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.engine.result import EngineResult
from vedette.kql.compile import Query
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql


def run_compiled(
    engine: QueryEngine,
    query: Query,
    sql: str,
    instants: Mapping[str, datetime | None],
    limits: Limits = DEFAULT_LIMITS,
    cancellation: Cancellation | None = None,
    tables: Tables | None = None,
) -> EngineResult:
    """Run `sql`, which the engine's dialect has of `query`, over its tables and these. Raises what
    `QueryEngine.run` raises.

    Kusto's integers wrap around. Arithmetic that does is several times slower, and hardly ever needed: so a query is
    first run with the engine's own, which raises, and as nothing has been sent by then, run again.
    """
    try:
        return engine.run(fill(sql, instants), limits, cancellation, tables)
    except InvalidInput as error:
        wrapping = engine.dialect.wrapping()
        if error.code != "QueryValueOutOfRange" or wrapping is None:
            raise
    return engine.run(fill(to_sql(query, wrapping), instants), limits, cancellation, tables)
