"""Every built-in table: its file is sound, and its sample rows go in and come back."""

from pathlib import Path

import pytest

from vedette.core.clock import SystemClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.store import LogStore
from vedette.logs.tables import built_in, built_in_names

TABLES = Path(__file__).parents[3] / "tables"
WORKSPACE = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    engine = DuckDBEngine(tmp_path_factory.mktemp("logs") / "logs.duckdb")
    store = LogStore(engine, SystemClock(), None)
    store.create_workspace(WORKSPACE)
    yield store
    store.close()
    engine.close()


@pytest.mark.parametrize("name", sorted(file.stem for file in TABLES.glob("*.toml")))
def test_a_table_reads_back_its_samples(name: str, store: LogStore) -> None:
    table = built_in(name)
    assert table is not None
    assert table.note.endswith(".")
    assert "TimeGenerated" in table.columns
    if not table.samples:
        return
    store.append(WORKSPACE, name, table.samples).result()
    result = store.query(WORKSPACE, name)
    names = [column.name for column in result.columns]
    for sample, row in zip(table.samples, result.rows(), strict=True):
        values = dict(zip(names, row, strict=True))
        assert {column: values[column] for column in sample} == sample
        assert values["Type"] == name
        assert values["TenantId"] == WORKSPACE
        assert values["_BilledSize"] > 0
        assert values["_IsBillable"] == str(table.billable)


def test_names_are_exact() -> None:
    assert built_in("heartbeat") is None
    assert built_in("../pyproject") is None


def test_a_listed_table_has_names_and_types() -> None:
    table = built_in("AADUserInfo_CL")
    assert table is not None
    assert all(built_in(name) is not None for name in built_in_names())
    assert table.columns["Count_d"] is ScalarType.real
    assert table.columns["Id_g"] is ScalarType.string


def test_a_line_of_a_table_file_is_readable() -> None:
    longest = max((len(line), file.name) for file in TABLES.rglob("*.t*") for line in file.read_text().splitlines())
    assert longest[0] < 400, longest
