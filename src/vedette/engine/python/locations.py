"""Where an IP address is, by a database in MaxMind's format such as GeoLite2 City, which the server is told of."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import maxminddb
import orjson

from vedette.engine.python.function import PythonFunction


@lru_cache(maxsize=65_536)
def of_address(address: str | None, database: str | None) -> str | None:
    """JSON bag of `country`, `state`, `city`, `latitude` and `longitude`, as far as the database knows them; an empty
    one without a database, None for what is no address. Raises ValueError for a file that is no database.

    https://learn.microsoft.com/kusto/query/geo-info-from-ip-address-function
    """
    try:
        parsed = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return None
    if not database:
        return "{}"
    record: Any = _reader(database).get(parsed)
    return orjson.dumps(_located(record) if isinstance(record, dict) else {}).decode()


@lru_cache(maxsize=4)
def _reader(path: str) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(path)
    except (OSError, maxminddb.InvalidDatabaseError):
        raise ValueError("the database of locations by IP address cannot be read") from None


def _located(record: Any) -> dict[str, Any]:
    subdivisions = record.get("subdivisions") or [{}]
    place = record.get("location", {})
    found = {
        "country": _name(record.get("country", {})),
        "state": _name(subdivisions[0]),
        "city": _name(record.get("city", {})),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _name(part: Any) -> str | None:
    return part.get("names", {}).get("en")


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_locations_of": PythonFunction(of_address, ("VARCHAR", "VARCHAR"), "VARCHAR")
}
"""By the names that SQL calls them by."""
