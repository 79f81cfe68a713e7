"""ClickHouse's templates of the functions over rows in their order
(https://clickhouse.com/docs/sql-reference/window-functions)."""

from collections.abc import Mapping

from vedette.kql.functions.entry import SqlTemplate

# Both must be of one type, and only one of them may be Nullable.
_VALUE = "if(false, {default}, {value})"
_DEFAULT = "if(true, {default}, {value})"

WINDOWS: Mapping[str, SqlTemplate] = {
    "restarted": "toInt64(countIf({restart}) OVER ({window} ROWS UNBOUNDED PRECEDING))",
    "changed": "toInt64(row_number() OVER ({window}) = 1 OR {value} IS DISTINCT FROM lag({value}) OVER ({window}))",
    "run_start": "if(row_number() OVER ({window}) = 1 OR {value} IS DISTINCT FROM lag({value}) OVER ({window}), "
    "toInt64(row_number() OVER ({window})), NULL)",
    "prev": f"lag({_VALUE}, {{offset}}, {_DEFAULT}) OVER ({{window}})",
    "next": f"lead({_VALUE}, {{offset}}, {_DEFAULT}) OVER ({{window}})",
    "row_cumsum": "ifNull(sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING), 0)",
    "row_rank_dense": "sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING)",
    "row_rank_min": "max({term}) OVER ({window} ROWS UNBOUNDED PRECEDING)",
    "row_number": "({start} - 1 + toInt64(row_number() OVER ({window})))",
}
"""By the entry's name."""
