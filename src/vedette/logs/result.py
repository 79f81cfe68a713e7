"""What a query over log tables answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson
import pyarrow as pa

from vedette.kql import plan
from vedette.kql.diagnostics import Diagnostic
from vedette.kql.functions.entry import Function
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result under its KQL name. `digit` is the seventh of a datetime's second, which its values lack."""

    name: str
    type: ScalarType
    digit: int = 0


@dataclass(frozen=True, slots=True)
class QueryStatistics:
    """What a query cost: seconds of compiling and of running, rows and bytes of the answer."""

    compile_seconds: float
    run_seconds: float
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Columns, and batches with their values in the same order; the batches' own column names mean nothing.

    In the batches a datetime is timestamp[us] in UTC, a timespan int64 ticks of 100 ns, a dynamic JSON text (null for
    null), guid and decimal text. `truncated`: there are more rows than the limits allow. `plan` is what was run.
    """

    columns: tuple[ResultColumn, ...]
    batches: Sequence[pa.RecordBatch]
    render: dict[str, Any] | None
    warnings: tuple[Diagnostic, ...]
    statistics: QueryStatistics
    truncated: bool
    plan: plan.Plan

    def tables_read(self) -> list[tuple[str, str]]:
        """The stored tables that the query read, each with the schema that it is in, in order."""
        tables = [scan.table for scan in scans(self.plan)]
        return sorted(
            {
                (table.relation[0], table.name)
                for table in tables
                if table.relation is not None and len(table.relation) > 1
            }
        )

    def rows(self) -> list[list[Any]]:
        """Python values: aware datetimes, int ticks, parsed dynamics, guid and decimal as text."""
        return [list(row) for batch in self.batches for row in zip(*self._values(batch), strict=True)]

    def _values(self, batch: pa.RecordBatch) -> list[list[Any]]:
        return [
            _read(array.to_pylist(), _READERS.get(column.type))
            for array, column in zip(batch.columns, self.columns, strict=True)
        ]


def scans(root: plan.Plan) -> Iterator[plan.Scan]:
    """Every scan in a plan, those of its subqueries too; what is shared is looked at once."""
    waiting: list[Any] = [root]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, plan.Scan):
            yield part
        elif isinstance(part, tuple | list):
            waiting.extend(cast("tuple[Any, ...]", part))
        elif is_dataclass(part) and not isinstance(part, type | Function):
            waiting.extend(getattr(part, field.name) for field in fields(part))


def _read(values: list[Any], reader: Callable[[Any], Any] | None) -> list[Any]:
    if reader is None:
        return values
    return [None if value is None else reader(value) for value in values]


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


_READERS: Mapping[ScalarType, Callable[[Any], Any]] = {
    ScalarType.datetime: _aware,
    ScalarType.dynamic: orjson.loads,
}
