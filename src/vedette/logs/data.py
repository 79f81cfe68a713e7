"""Answers what the compiler asks of the data while it makes a plan, within the limits of the query it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pyarrow as pa

from vedette.core.errors import TooLarge
from vedette.core.settings import ExternalDataSettings
from vedette.engine.cancellation import Cancellation
from vedette.engine.engine import QueryEngine
from vedette.engine.limits import Limits
from vedette.engine.result import EngineResult
from vedette.engine.running import run_compiled
from vedette.kql import plan
from vedette.kql.compile import Query
from vedette.kql.external import External
from vedette.logs.external_data import NOTHING_ALLOWED, ExternalFiles
from vedette.logs.inline import InlineTable
from vedette.sql.lower import to_sql

_LEAST_TIMEOUT = timedelta(milliseconds=1)


@dataclass(slots=True)
class QueryData:
    """The data as one query sees it. `instants` are what `now`, `start` and `end` mean to it; the time of what it asks
    is part of its own. `inline` is a table that the query brings with it."""

    engine: QueryEngine
    instants: Mapping[str, datetime | None]
    limits: Limits
    cancellation: Cancellation | None = None
    external: ExternalDataSettings = NOTHING_ALLOWED
    inline: InlineTable | None = None
    _started: float = field(default_factory=monotonic)
    _files: ExternalFiles = field(init=False)

    def __post_init__(self) -> None:
        self._files = ExternalFiles(self.external, self._is_cancelled)

    def remaining(self) -> Limits:
        """The limits with the time that is left."""
        left = self.limits.timeout - timedelta(seconds=monotonic() - self._started)
        return replace(self.limits, timeout=max(left, _LEAST_TIMEOUT))

    def run(self, query: Query, sql: str) -> EngineResult:
        """Run a compiled query with the files that it reads. Raises what fetching and running raise."""
        deadline = self._started + self.limits.timeout.total_seconds()
        read = [external for external in query.externals if external.name in sql]
        tables: dict[str, pa.Table] = dict(self._files.tables(read, deadline)) if read else {}
        if self.inline is not None and self.inline.relation in sql:
            tables[self.inline.relation] = self.inline.arrow()
        return run_compiled(self.engine, query, sql, self.instants, self.remaining(), self.cancellation, tables)

    def _is_cancelled(self) -> bool:
        return self.cancellation is not None and self.cancellation.is_cancelled

    def rows(self, node: plan.Plan, externals: Sequence[External]) -> Sequence[tuple[Any, ...]]:
        """All rows of a plan. Raises TooLarge where there are more than a query may give, and what running raises."""
        columns = tuple((field.name, field.type) for field in node.fields)
        query = Query(node, columns, None, (), False, externals=tuple(externals))
        result = self.run(query, to_sql(query, self.engine.dialect))
        if result.truncated:
            raise TooLarge("QueryTooWide", "The data has more different values here than a query may have columns.")
        return [row for batch in result.batches for row in zip(*(each.to_pylist() for each in batch), strict=True)]
