"""How long does it take to match events with a million indicators, and how much longer than a join written by hand?"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb
import pyarrow as pa

from bench.question import Finding, interleaved
from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.intelligence.match_query import match_query
from vedette.intelligence.matched_columns import matched_tables
from vedette.logs.store import LogStore

INDICATORS = 1_000_000
EVENTS = 1_000_000
RUNS = 3
TARGET = 5.0  # microseconds an event
RATIO = 6.0

_WORKSPACE = "11111111-1111-1111-1111-111111111111"
_AT_A_TIME = 100_000
_MATCHING = 100
_START = datetime(2026, 1, 1, tzinfo=UTC)
_BY_HAND = """
    WITH seen AS (
        SELECT 'ip' AS kind, DestinationIP AS value, count(*) AS n FROM events GROUP BY ALL
        UNION ALL SELECT 'ip', SourceIP, count(*) FROM events GROUP BY ALL
        UNION ALL SELECT 'url', lower(RequestURL), count(*) FROM events GROUP BY ALL
        UNION ALL SELECT 'domain', regexp_extract(lower(RequestURL), '//([^/]+)', 1), count(*) FROM events GROUP BY ALL
    )
    SELECT seen.*, indicators.id FROM seen JOIN indicators
        ON indicators.kind = seen.kind AND indicators.value = seen.value
"""


def ask() -> list[Finding]:
    """Medians over RUNS: a table's rows of one window, two columns of addresses and one of URLs."""
    random.seed(7)
    with TemporaryDirectory() as folder:
        engine = DuckDBEngine(Path(folder) / "logs.duckdb")
        clock = VirtualClock(_START)
        logs = LogStore(engine, clock, None)
        logs.create_workspace(_WORKSPACE, "bench")
        indicators = [_indicators(first) for first in range(0, INDICATORS, _AT_A_TIME)]
        for batch in indicators:
            logs.append_arrow(_WORKSPACE, "ThreatIntelIndicators", batch).result()
        clock.set(_START + timedelta(minutes=1))
        values = indicators[0]["ObservableValue"].to_pylist()
        events = [_events(values if first == 0 else ()) for first in range(0, EVENTS, _AT_A_TIME)]
        for batch in events:
            logs.append_arrow(_WORKSPACE, "CommonSecurityLog", batch).result()
        by_hand = duckdb.connect(str(Path(folder) / "hand.duckdb"))
        _load(by_hand, indicators, events)
        ours, hand = interleaved(RUNS, lambda: _ours(logs), lambda: _hand(by_hand))
        by_hand.close()
        logs.close()
        engine.close()
    per_event = ours / EVENTS * 1e6
    note = f"{1e6 / per_event:,.0f} events/s with {INDICATORS:,} indicators; median of {RUNS}"
    than = f"{EVENTS:,} events: {ours:.2f} s; a join by hand, of exact values alone, in DuckDB: {hand:.2f} s"
    return [
        Finding("matching of indicators", per_event, TARGET, "µs an event", note),
        Finding("matching of indicators", ours / hand, RATIO, "x", than),
    ]


def _indicators(first: int) -> pa.Table:
    """Half addresses, a fifth names, a fifth URLs, a tenth hashes; some are networks."""
    keys: list[str] = []
    values: list[str] = []
    for number in range(first, first + _AT_A_TIME):
        part = number % 10
        if number % 20_000 == 0:
            keys.append("ipv4-addr:value")
            values.append(f"{_address()}/24")
        elif part < 5:
            keys.append("ipv4-addr:value")
            values.append(_address())
        elif part < 7:
            keys.append("domain-name:value")
            values.append(_name())
        elif part < 9:
            keys.append("url:value")
            values.append(f"https://{_name()}/{number}")
        else:
            keys.append("file:hashes.'SHA-256'")
            values.append(f"{random.getrandbits(256):064x}")
    return pa.table(
        {
            "Id": [f"indicator-{number}" for number in range(first, first + _AT_A_TIME)],
            "ObservableKey": keys,
            "ObservableValue": values,
            "IsActive": [True] * _AT_A_TIME,
        }
    )


def _events(matching: Sequence[str]) -> pa.Table:
    """Events of a firewall: clients of one network, some servers often and others once."""
    often = [_address() for _ in range(2_000)]
    sites = [_name() for _ in range(5_000)]
    known = [value for value in matching if value.count(".") == 3 and "/" not in value][:_MATCHING]
    targets = [random.choice(often) if random.random() < 0.8 else _address() for _ in range(_AT_A_TIME)]
    for place, value in enumerate(known):
        targets[place * 997 % _AT_A_TIME] = value
    return pa.table(
        {
            "SourceIP": [f"10.0.{random.randrange(16)}.{random.randrange(256)}" for _ in range(_AT_A_TIME)],
            "DestinationIP": targets,
            "RequestURL": [f"https://{random.choice(sites)}/{random.randrange(20)}" for _ in range(_AT_A_TIME)],
            "DeviceAction": ["allow"] * _AT_A_TIME,
        }
    )


def _address() -> str:
    return f"{random.randrange(1, 224)}.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def _name() -> str:
    return f"{random.getrandbits(40):x}.example.{random.choice(('com', 'net', 'org'))}"


def _ours(logs: LogStore) -> float:
    start, end = _START + timedelta(minutes=1), _START + timedelta(minutes=2)
    instants = {"start": start, "end": end, "since": _START - timedelta(days=14)}
    parameters = {name: f"datetime({each.isoformat()})" for name, each in instants.items()}
    text = match_query(matched_tables()["CommonSecurityLog"], "arrived")
    began = perf_counter()
    found = logs.query(_WORKSPACE, text, parameters=parameters).rows()
    took = perf_counter() - began
    assert len(found) >= _MATCHING, f"only {len(found)} matches"
    return took


def _load(connection: duckdb.DuckDBPyConnection, indicators: Sequence[pa.Table], events: Sequence[pa.Table]) -> None:
    told, arrived = pa.concat_tables(indicators), pa.concat_tables(events)
    connection.register("told", told)
    connection.register("arrived", arrived)
    connection.execute(
        "CREATE TABLE indicators AS SELECT Id AS id, CASE WHEN ObservableKey LIKE 'ip%' THEN 'ip' "
        "WHEN ObservableKey LIKE 'url%' THEN 'url' WHEN ObservableKey LIKE 'domain%' THEN 'domain' ELSE 'hash' END "
        "AS kind, lower(ObservableValue) AS value FROM told"
    )
    connection.execute("CREATE TABLE events AS SELECT * FROM arrived")


def _hand(connection: duckdb.DuckDBPyConnection) -> float:
    began = perf_counter()
    found = connection.execute(_BY_HAND).fetchall()
    took = perf_counter() - began
    assert len(found) >= _MATCHING
    return took
