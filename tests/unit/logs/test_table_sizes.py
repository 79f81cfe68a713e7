"""Sizes of tables: always right about rows, and never long about bytes."""

import pytest

from vedette.core.errors import InvalidInput
from vedette.engine.engine import TableExtent
from vedette.kql.catalog import Column, Table
from vedette.kql.types import ScalarType
from vedette.logs.table_sizes import TableSizes

COLUMNS = (Column("TimeGenerated", ScalarType.datetime, "TimeGenerated"),)


def table(name: str) -> Table:
    return Table(name, COLUMNS, ("s", name))


class Engine:
    """An engine whose tables have so many rows, and take so long to measure."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rows = {"A": 1, "B": 1}
        self.cost = 0.01
        self.measured: list[str] = []

    def clock(self) -> float:
        return self.now

    def extent(self, table: Table, _column: str) -> TableExtent:
        if table.name not in self.rows:
            raise InvalidInput("TableNotFound", table.name)
        return TableExtent(self.rows[table.name], None, None)

    def bytes_on_disk(self, table: Table) -> int:
        self.now += self.cost
        self.measured.append(table.name)
        return self.rows[table.name] * 100


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def sizes(engine: Engine) -> TableSizes:
    return TableSizes(engine, engine.clock)  # type: ignore[arg-type]


def there(_table: Table) -> bool:
    return True


def test_bytes_are_found_out_once_while_a_table_does_not_change(engine: Engine, sizes: TableSizes) -> None:
    for _ in range(3):
        engine.now += 1000
        assert [size.bytes_on_disk for size in sizes.of([table("A"), table("B")], there)] == [100, 100]
    assert engine.measured == ["A", "B"]


def test_a_table_that_grows_is_measured_again_after_a_while(engine: Engine, sizes: TableSizes) -> None:
    sizes.of([table("A")], there)
    engine.rows["A"] = 5
    (soon,) = sizes.of([table("A")], there)
    assert (soon.rows, soon.bytes_on_disk) == (5, 100)
    engine.now += 31
    (later,) = sizes.of([table("A")], there)
    assert later.bytes_on_disk == 500


def test_what_is_dear_is_measured_less_often(engine: Engine, sizes: TableSizes) -> None:
    engine.cost = 10.0
    sizes.of([table("A")], there)
    engine.rows["A"] = 5
    engine.now += 400
    assert sizes.of([table("A")], there)[0].bytes_on_disk == 100
    engine.now += 101
    assert sizes.of([table("A")], there)[0].bytes_on_disk == 500


def test_a_look_that_has_taken_long_leaves_the_rest_to_the_next(engine: Engine, sizes: TableSizes) -> None:
    engine.cost = 1.0
    both = [table("A"), table("B")]
    assert [size.bytes_on_disk for size in sizes.of(both, there)] == [100, None]
    assert [size.bytes_on_disk for size in sizes.of(both, there)] == [100, 100]


def test_a_table_that_goes_meanwhile_is_left_out(engine: Engine, sizes: TableSizes) -> None:
    assert [size.name for size in sizes.of([table("A"), table("Gone")], lambda _: False)] == ["A"]
    with pytest.raises(InvalidInput):
        sizes.of([table("Gone")], there)
