"""Python functions over whole tables: order, exact types, arguments, refusals, any place in a plan."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from tests.spec.kql.running import TablesInMemory

from vedette.core.errors import InvalidInput, VedetteError
from vedette.engine import duckdb_python
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.python.function import RowsRefused
from vedette.engine.python.table_function import PythonTableFunction, Rows
from vedette.kql import plan
from vedette.kql.compile import Query, compile_query
from vedette.kql.types import ScalarType
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
Given = list[tuple[Rows, tuple[Any, ...]]]


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(None)
    yield engine
    engine.close()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """What the function `py_echo_same`, which gives its rows back, was called with."""
    calls: Given = []

    def same(rows: Rows, *arguments: Any) -> Sequence[Any]:
        calls.append((rows, arguments))
        if arguments[:1] == ("refuse",):
            raise RowsRefused("these rows are odd.")
        if arguments[:1] == ("fail",):
            raise TypeError("a mistake")
        return rows.columns

    topic = ModuleType("echo")
    topic.__dict__["TABLE_FUNCTIONS"] = {"py_echo_same": PythonTableFunction(same)}
    monkeypatch.setitem(sys.modules, "vedette.engine.python.echo", topic)
    monkeypatch.setattr(duckdb_python, "_TOPICS", frozenset({"echo"}))
    return calls


def run(
    engine: DuckDBEngine,
    text: str,
    *arguments: plan.Expression,
    around: Callable[[plan.Plan], plan.Plan] = lambda table: table,
) -> list[tuple[Any, ...]]:
    """The rows that a query gives when all of its rows go through `py_echo_same`."""
    rows = compile_query(text, TablesInMemory(), now=NOW).plan
    fields = tuple(plan.Field(1000 + field.id, field.name, field.type) for field in rows.fields)
    table = around(plan.TableFunction(rows, "py_echo_same", arguments, rows.fields, fields))
    query = Query(table, tuple((field.name, field.type) for field in table.fields), None, (), False)
    batches = engine.run(fill(to_sql(query, DuckDB()), {"now": NOW})).batches
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def test_every_type_comes_back_as_it_was(engine: DuckDBEngine, given: Given) -> None:
    text = """
        print b = true, i = int(5), l = 9007199254740993, r = 0.1, m = decimal(1.25), s = 'x',
            t = datetime(2020-01-01 00:00:00.123456), p = time(1.00:00:00.0000001),
            g = toguid('0123456789abcdef0123456789abcdef'), d = dynamic({'a': [1, 2.5, 9007199254740993]})
        | union (datatable(b:bool)[bool(null)])"""
    moment = datetime(2020, 1, 1, 0, 0, 0, 123456)
    guid = "01234567-89ab-cdef-0123-456789abcdef"
    assert run(engine, text) == [
        (True, 5, 9007199254740993, 0.1, "1.25", "x", moment, 864000000001, guid, '{"a":[1,2.5,9007199254740993]}'),
        (None, None, None, None, None, "", None, None, None, None),
    ]
    [(rows, _)] = given
    assert rows.values(9) == [{"a": [1, 2.5, 9007199254740993]}, None]


def test_the_rows_come_in_the_input_s_order(engine: DuckDBEngine, given: Given) -> None:
    assert run(engine, "range x from 1 to 300000 step 1 | sort by x desc") == [(x,) for x in range(300000, 0, -1)]
    assert given[0][0].columns[0].to_pylist() == list(range(300000, 0, -1))


def test_a_function_is_called_for_no_rows_too(engine: DuckDBEngine, given: Given) -> None:
    assert run(engine, "datatable(a:long, d:dynamic)[]") == []
    assert [(rows.count, rows.types) for rows, _ in given] == [(0, (ScalarType.long, ScalarType.dynamic))]


def test_arguments_are_values_of_their_types(engine: DuckDBEngine, given: Given) -> None:
    arguments = (
        plan.Constant("it's", ScalarType.string),
        plan.Constant({"a": 1}, ScalarType.dynamic),
        plan.Instant("now"),
        plan.Constant(None, ScalarType.long),
    )
    assert run(engine, "print a = 1", *arguments) == [(1,)]
    assert given[0][1] == ("it's", {"a": 1}, NOW.replace(tzinfo=None), None)


def test_it_stands_anywhere_in_a_plan_and_runs_once_for_several_readers(engine: DuckDBEngine, given: Given) -> None:
    def twice(table: plan.Plan) -> plan.Plan:
        readers = [
            plan.Shared(1, "t", table, tuple(plan.Field(at + f.id, f.name, f.type) for f in table.fields))
            for at in (2000, 3000)
        ]
        return plan.Union(tuple(readers), table.fields)

    assert run(engine, "range x from 1 to 3 step 1", around=twice) == [(1,), (2,), (3,), (1,), (2,), (3,)]
    assert len(given) == 1


def test_what_it_refuses_is_told_and_what_fails_is_our_fault(engine: DuckDBEngine, given: Given) -> None:
    with pytest.raises(InvalidInput) as refused:
        run(engine, "print a = 1", plan.Constant("refuse", ScalarType.string))
    assert refused.value.message == "The query cannot be run: these rows are odd."
    with pytest.raises(VedetteError) as failed:
        run(engine, "print a = 1", plan.Constant("fail", ScalarType.string))
    assert failed.value.code == "InternalServerError"
    assert "mistake" not in failed.value.message


def test_too_many_rows_are_refused(engine: DuckDBEngine, given: Given) -> None:
    with pytest.raises(InvalidInput) as raised:
        run(engine, "range x from 1 to 3000000 step 1")
    assert "at most 2000000 rows" in raised.value.message
    assert not given


def test_only_so_many_stay_defined(engine: DuckDBEngine, given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_python, "CAPACITY", 2)
    for columns in ("a = 1", "a = 1, b = 1", "a = 1, b = 1, c = 1", "a = 1"):
        run(engine, f"print {columns}")
    assert len(given) == 4


def test_functions_run_where_pyarrow_was_loaded_without_numpy() -> None:
    """As the server loads it."""
    program = """
from vedette.cli.lean_start import unneeded_hidden
with unneeded_hidden():
    from vedette.engine.duckdb import DuckDBEngine
import sys
assert "numpy" not in sys.modules
import numpy as np, pyarrow as pa
from vedette.engine.python.arrays import arrow_of, nulls_of, numpy_of
for values in ([1, None, 3], [1.5, None], [True, None, False, True] * 5, []):
    array = pa.array(values, pa.int64() if not values else None)
    for part in (array, array.slice(1)):
        again = arrow_of(numpy_of(part), nulls=nulls_of(part))
        assert again.to_pylist() == part.to_pylist(), (again, part)
engine = DuckDBEngine(None)
assert engine.run("SELECT py_hashing_long(CAST(i AS BIGINT)) AS h FROM range(3) r(i)").rows == 3
from datetime import UTC, datetime
from vedette.kql.compile import compile_query
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.lower import to_sql
class Nothing:
    table = function = workspace = lambda self, name: None
    table_names = function_names = lambda self: ()
query = "datatable(a:string, b:long, t:datetime)['x', 1, '2024-05-01', 'x', long(null), '2024-05-01']"
compiled = compile_query(query + " | evaluate basket(0.5)", Nothing(), now=datetime.now(UTC))
assert engine.run(to_sql(compiled, DuckDB())).rows == 3, engine.run(to_sql(compiled, DuckDB())).batches
print("ok")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "ok", done.stderr
