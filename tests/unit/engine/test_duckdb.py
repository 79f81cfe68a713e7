"""The engine: limits, sandbox, types on disk, names, format, one opener."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from vedette.core.errors import InvalidInput, TimedOut, TooLarge, Unavailable, Unsupported, VedetteError
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.limits import Limits
from vedette.engine.result import EngineResult
from vedette.kql.types import ScalarType

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE (a.range + b.range) % 7 = 3"
GUID = "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11"


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(None)
    yield engine
    engine.close()


def rows(engine: DuckDBEngine, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for batch in engine.run(sql).batches for row in batch.to_pylist()]


def test_a_timeout_stops_the_query_and_the_engine_goes_on(engine: DuckDBEngine) -> None:
    with pytest.raises(TimedOut) as raised:
        engine.run(ENDLESS, Limits(timeout=timedelta(milliseconds=50)))
    assert raised.value.code == "GatewayTimeout"
    assert rows(engine, "SELECT 42") == [(42,)]


def test_a_timeout_stops_only_its_own_query(engine: DuckDBEngine) -> None:
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(
            engine.run, "SELECT count(*) FROM range(3000000) a, range(40) b WHERE a.range % 7 = b.range"
        )
        with pytest.raises(TimedOut):
            engine.run(ENDLESS, Limits(timeout=timedelta(milliseconds=50)))
        assert slow.result().rows == 1


@pytest.mark.parametrize(("limit", "rows", "truncated"), [(10, 10, True), (5000, 5000, False), (4999, 4999, True)])
def test_the_row_limit_cuts_and_says_so(engine: DuckDBEngine, limit: int, rows: int, truncated: bool) -> None:
    result = engine.run("SELECT range FROM range(5000)", Limits(rows=limit))
    assert (result.rows, result.truncated) == (rows, truncated)
    assert sum(batch.num_rows for batch in result.batches) == rows


def test_the_byte_limit_cuts_and_the_rest_is_not_computed(engine: DuckDBEngine) -> None:
    result = engine.run("SELECT repeat('x', 1000) FROM range(100000000)", Limits(bytes=1_000_000))
    assert result.truncated
    assert 900 < result.rows < 1000
    assert result.bytes <= 1_000_000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM '/etc/passwd'",
    ],
)
def test_a_query_reaches_nothing_outside(engine: DuckDBEngine, sql: str) -> None:
    with pytest.raises(VedetteError):
        engine.run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO 'out.csv'",
        "ATTACH 'other.duckdb'",
        "INSTALL httpfs",
        "SET memory_limit = '1GB'",
        "CREATE TABLE t (a INTEGER)",
        "SELECT 1; SELECT 2",
    ],
)
def test_nothing_but_one_select_runs(engine: DuckDBEngine, sql: str) -> None:
    with pytest.raises(ValueError, match="one SELECT"):
        engine.run(sql)


def test_settings_hold_for_queries(engine: DuckDBEngine) -> None:
    assert rows(engine, "SELECT current_setting('TimeZone'), 1 // 0, 5 % 0") == [("UTC", None, None)]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT regexp_matches('a', '(')", InvalidInput),
        ("SELECT CAST('x' || range AS BIGINT) FROM range(3)", InvalidInput),
        ("SELECT 9223372036854775807 + range FROM range(3)", InvalidInput),
        ("SELECT secret_column FROM range(3)", VedetteError),
    ],
)
def test_errors_say_nothing_of_the_sql(engine: DuckDBEngine, sql: str, error: type[VedetteError]) -> None:
    with pytest.raises(error) as raised:
        engine.run(sql)
    assert "SELECT" not in raised.value.message
    assert "secret_column" not in raised.value.message


def test_a_query_that_needs_too_much_memory_is_refused_by_name() -> None:
    engine = DuckDBEngine(None, memory_limit=40_000_000, threads=1)
    with pytest.raises(TooLarge) as raised:
        engine.run("SELECT list(range || 'abcdefghijklmnopqrstuvwxyz') FROM range(5000000)")
    assert raised.value.code == "QueryMemoryExceeded"
    engine.close()


def test_a_query_that_others_leave_no_memory_is_run_again(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = engine._run  # pyright: ignore[reportPrivateUsage]
    crowded = iter([True, True, False])
    ran: list[str] = []

    def crowded_out(sql: str, *rest: Any) -> EngineResult:
        ran.append(sql)
        if next(crowded):
            raise TooLarge("QueryMemoryExceeded", "The query needs more memory than it may have.")
        return run(sql, *rest)

    monkeypatch.setattr(engine, "_run", crowded_out)
    with pytest.raises(TooLarge):
        engine.run("SELECT 1 AS one")
    assert len(ran) == 1  # nobody else holds any
    with engine._queries.counted(cast("Any", object())):  # pyright: ignore[reportPrivateUsage]
        assert engine.run("SELECT 1 AS one").rows == 1
    assert len(ran) == 3


def test_a_large_sort_spills_beside_the_file(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "it's.duckdb", memory_limit=100_000_000, threads=1)
    sql = "SELECT count(*) FROM (SELECT hash(range) h, repeat('x', 100) s FROM range(1500000) ORDER BY h LIMIT 1400000)"
    assert rows(engine, sql) == [(1_400_000,)]
    engine.close()


def test_every_type_comes_back_after_a_restart(tmp_path: Path) -> None:
    columns = {f"c_{type.value}": type for type in ScalarType}
    values = {
        "c_bool": pa.array([True, None]),
        "c_int": pa.array([-(2**31), None], pa.int32()),
        "c_long": pa.array([2**63 - 1, None], pa.int64()),
        "c_real": pa.array([float("nan"), None], pa.float64()),
        "c_decimal": pa.array([Decimal("-1.5"), None], pa.decimal128(38, 17)),
        "c_string": pa.array(["zażółć\0", None], pa.string()),
        "c_datetime": pa.array([datetime(2024, 1, 1, 1, 2, 3, 456789), None], pa.timestamp("us")),
        "c_timespan": pa.array([-1, None], pa.int64()),
        "c_guid": pa.array([GUID, None], pa.string()),
        "c_dynamic": pa.array(['{"a":[1,null,"x"],"A":{"":1.5}}', None], pa.string()),
    }
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    with engine.write() as transaction:
        transaction.create_schema("s", "label")
        table = transaction.create_table("s", "T", columns)
        transaction.append(table, pa.table(values))
    engine.close()

    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    assert engine.schemas() == {"s": "label"}
    assert engine.tables() == {"s": [table]}
    first, second = rows(
        engine,
        "SELECT * REPLACE (CAST(CAST(c_dynamic AS JSON) AS VARCHAR) AS c_dynamic, CAST(c_guid AS VARCHAR) AS c_guid) "
        "FROM s.T",
    )
    assert str(first) == str(
        (
            True,
            -(2**31),
            2**63 - 1,
            float("nan"),
            Decimal("-1.50000000000000000"),
            "zażółć\0",
            datetime(2024, 1, 1, 1, 2, 3, 456789),
            -1,
            GUID,
            '{"A":{"":1.5},"a":[1,null,"x"]}',
        )
    )
    assert [value for value in second if value is not None] == [""]
    engine.close()


def test_names_that_differ_in_case_only_are_different(engine: DuckDBEngine) -> None:
    with engine.write() as transaction:
        transaction.create_schema("s", "")
        lower = transaction.create_table(
            "s", "t", {"a": ScalarType.long, "A": ScalarType.string, 'x"y': ScalarType.long}
        )
        upper = transaction.create_table("s", "T", {"rowid": ScalarType.long})
        lower = transaction.add_columns(lower, {"a~2": ScalarType.long, "É": ScalarType.long, "é": ScalarType.long})
        transaction.append(lower, pa.table({"A": ["text"], "a": [1], 'x"y': [2], "a~2": [3], "É": [4], "é": [5]}))
        transaction.append(upper, pa.table({"rowid": [7]}))
    assert lower.relation != upper.relation
    assert len({column.physical.lower() for column in lower.columns}) == len(lower.columns)
    by_name = {column.name: column.physical.replace('"', '""') for column in lower.columns}
    selected = ", ".join(f'"{by_name[name]}"' for name in ("a", "A", 'x"y', "a~2", "É", "é"))
    assert lower.relation is not None
    assert rows(engine, f'SELECT {selected} FROM s."{lower.relation[1]}"') == [(1, "text", 2, 3, 4, 5)]
    assert engine.tables() == {"s": [upper, lower]}


def test_a_new_column_is_empty_text_or_null_in_old_rows(engine: DuckDBEngine) -> None:
    with engine.write() as transaction:
        transaction.create_schema("s", "")
        table = transaction.create_table("s", "t", {"a": ScalarType.long})
        transaction.append(table, pa.table({"a": [1]}))
    with engine.write() as transaction:
        table = transaction.add_columns(table, {"text": ScalarType.string, "number": ScalarType.long})
        transaction.append(table, pa.table({"a": [2]}))
    assert rows(engine, "SELECT a, text, number FROM s.t ORDER BY a") == [(1, "", None), (2, "", None)]


def test_an_exception_rolls_everything_back(engine: DuckDBEngine) -> None:
    def write() -> None:
        with engine.write() as transaction:
            transaction.create_schema("s", "")
            transaction.set_fact("key", "value")
            table = transaction.create_table("s", "t", {"d": ScalarType.dynamic})
            transaction.append(table, pa.table({"d": ["{not json"]}))

    with pytest.raises(InvalidInput, match="cannot be stored"):
        write()
    assert engine.schemas() == {}
    assert engine.fact("key") is None
    with engine.write() as transaction:
        transaction.set_fact("key", "value")
    assert engine.fact("key") == "value"


def test_old_rows_and_tables_can_be_deleted(engine: DuckDBEngine) -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    with engine.write() as transaction:
        transaction.create_schema("s", "")
        table = transaction.create_table("s", "t", {"TimeGenerated": ScalarType.datetime})
        times = pa.array([datetime(2024, 1, 1, 11), datetime(2024, 1, 1, 12)], pa.timestamp("us"))
        transaction.append(table, pa.table({"TimeGenerated": times}))
        assert transaction.delete_before(table, "TimeGenerated", noon) == 1
    assert rows(engine, "SELECT count(*) FROM s.t") == [(1,)]
    with engine.write() as transaction:
        transaction.drop_table(table)
    assert engine.tables() == {}


def test_readers_see_whole_transactions_while_a_writer_commits(engine: DuckDBEngine) -> None:
    with engine.write() as transaction:
        transaction.create_schema("s", "")
        table = transaction.create_table("s", "t", {"n": ScalarType.long})
    batch = pa.table({"n": list(range(100))})
    done = threading.Event()
    counts: list[int] = []

    def read() -> None:
        while not done.is_set():
            counts.append(int(str(rows(engine, "SELECT count(*) FROM s.t")[0][0])))

    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        for _ in range(40):
            with engine.write() as transaction:
                transaction.append(table, batch)
        done.set()
        for reader in readers:
            reader.result()
    assert all(count % 100 == 0 for count in counts)
    assert rows(engine, "SELECT count(*) FROM s.t") == [(4000,)]


def test_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "logs.duckdb"
    engine = DuckDBEngine(path)
    with engine.write() as transaction:
        transaction.set_fact("format", "99")
    engine.close()
    with pytest.raises(Unsupported, match="format 99, which a newer release"):
        DuckDBEngine(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logs.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(Unavailable, match="cannot be opened"):
        DuckDBEngine(path)


def test_a_second_process_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "logs.duckdb"
    engine = DuckDBEngine(path)
    program = (
        "import sys; from pathlib import Path; from vedette.core.errors import Unavailable\n"
        "from vedette.engine.duckdb import DuckDBEngine\n"
        "try: DuckDBEngine(Path(sys.argv[1]))\n"
        "except Unavailable as error: print(error.code, error.message)"
    )
    second = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    engine.close()
    assert second.stdout.startswith(f"DataDirectoryInUse The log data in '{path}' is in use by another process (PID ")


def test_an_error_after_the_first_rows_is_told_as_one_before_them(engine: DuckDBEngine) -> None:
    late = "SELECT CASE WHEN i < 200000 THEN i ELSE CAST('x' || i AS BIGINT) END FROM range(1000000) AS numbers(i)"
    with pytest.raises(InvalidInput) as raised:
        engine.run(late)
    assert raised.value.code == "QueryValueOutOfRange"


def test_a_limit_of_time_holds_after_the_first_rows(engine: DuckDBEngine) -> None:
    slow = "SELECT md5(repeat(CAST(i AS VARCHAR), 3000)) FROM range(10000000) AS numbers(i)"
    with pytest.raises(TimedOut):
        engine.run(slow, Limits(timeout=timedelta(milliseconds=500)))
