"""Locations by IP address, from whatever database the server is told of."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest

from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.python import locations


class Reader:
    """One city."""

    def get(self, address: IPv4Address | IPv6Address) -> dict[str, Any] | None:
        if str(address) != "81.2.69.142":
            return None
        return {
            "country": {"names": {"en": "United Kingdom"}},
            "subdivisions": [{"names": {"en": "England"}}],
            "location": {"latitude": 51.5, "longitude": -0.1},
        }


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(locations, "_reader", lambda path: Reader())
    locations.of_address.cache_clear()
    return "cities.mmdb"


def test_what_the_database_knows_of_an_address(database: str) -> None:
    known = '{"country":"United Kingdom","state":"England","latitude":51.5,"longitude":-0.1}'
    assert locations.of_address("81.2.69.142", database) == known
    assert locations.of_address("10.0.0.1", database) == "{}"
    assert locations.of_address("nowhere", database) is None


def test_without_a_database_nothing_is_known() -> None:
    assert locations.of_address("2a03:2880::25de", None) == "{}"
    assert locations.of_address("nowhere", None) is None


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "no.mmdb").write_text("no")
    with pytest.raises(ValueError, match="cannot be read"):
        locations.of_address("81.2.69.142", str(tmp_path / "no.mmdb"))


def test_the_engine_knows_the_path_that_it_was_opened_with(tmp_path: Path) -> None:
    for path in (Path("/data/it's.mmdb"), None, Path("/data/other.mmdb")):
        engine = DuckDBEngine(tmp_path / "logs.duckdb", ip_database=path)
        (answer,) = [batch.column(0).to_pylist() for batch in engine.run("SELECT kql_ip_database() AS x").batches]
        engine.close()
        assert answer == [None if path is None else str(path)]
