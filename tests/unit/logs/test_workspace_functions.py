"""The functions that every workspace has: each can be called, and does what its page says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.asim import asim_functions
from vedette.logs.store import LogStore

WORKSPACE = "11111111-1111-1111-1111-111111111111"
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def logs() -> Iterator[LogStore]:
    engine = DuckDBEngine(None)
    store = LogStore(engine, VirtualClock(NOW), None)
    store.create_workspace(WORKSPACE)
    yield store
    store.close()
    engine.close()


def rows(logs: LogStore, text: str) -> list[list[object]]:
    return logs.query(WORKSPACE, text, timespan=(NOW - timedelta(minutes=5), NOW)).rows()


@pytest.mark.parametrize("name", asim_functions())
def test_each_unifying_parser_runs(logs: LogStore, name: str) -> None:
    answer = logs.query(WORKSPACE, f"{name} | where EventResult == 'Failure' | take 1")
    assert {"EventVendor", "EventProduct", "TimeGenerated"} <= {column.name for column in answer.columns}


def test_filtering_parameters(logs: LogStore) -> None:
    events = [
        {"DnsQuery": "a.contoso.com", "EventResultDetails": "NXDOMAIN", "EventType": "Query", "SrcIpAddr": "10.0.0.1"},
        {"DnsQuery": "b.example.org", "EventResultDetails": "NOERROR", "EventType": "Query", "SrcIpAddr": "10.0.0.2"},
    ]
    logs.append(WORKSPACE, "ASimDnsActivityLogs", events).result()
    for call in (
        "_Im_Dns(domain_has_any=dynamic(['contoso.com']))",
        "_Im_Dns(responsecodename='NXDOMAIN')",
        "imDns(ago(1h), now(), srcipaddr='10.0.0.1')",
        "_ASim_Dns | where ResponseCodeName == 'NXDOMAIN'",
    ):
        assert logs.query(WORKSPACE, f"{call} | project Query").rows() == [["a.contoso.com"]]


def test_watchlists(logs: LogStore) -> None:
    def item(id: str, status: str, at: int, **values: str) -> dict[str, object]:
        return {
            "TimeGenerated": NOW - timedelta(days=3),
            "_DTItemType": "watchlist-item",
            "_DTItemId": id,
            "_DTItemStatus": status,
            "_DTTimestamp": NOW + timedelta(seconds=at),
            "WatchlistAlias": "Vips",
            "SearchKey": values.get("User", ""),
            "WatchlistItem": values,
        }

    items = [
        item("1", "Create", 0, User="ada", Town="London"),
        item("2", "Create", 1, User="bob", Town="Paris"),
        item("1", "Update", 2, User="ada", Town="Turin"),
        item("2", "Delete", 3, User="bob", Town="Paris"),
        item("3", "Create", 4, User="cid", Town="Rome"),
    ]
    named = {**item("w", "Create", 0), "_DTItemType": "watchlist", "WatchlistItem": None}
    logs.append(WORKSPACE, "Watchlist", [*items, named]).result()
    assert rows(logs, "_GetWatchlist('Vips') | project SearchKey, User, Town | sort by User asc") == [
        ["ada", "ada", "Turin"],
        ["cid", "cid", "Rome"],
    ]
    assert rows(logs, "_GetWatchlist('Vips', dynamic(['cid'])) | project Town") == [["Rome"]]
    assert rows(logs, "_GetWatchlistAlias") == [["Vips"]]
    assert rows(logs, "print 'ada' in ((_GetWatchlist('Vips') | project User))") == [[True]]
    others = "_GetWatchlist('None') | where Nickname == 'x' | join (_GetWatchlist('Nobody')) on Nickname"
    assert rows(logs, f"{others} | project Nickname") == []


def test_nothing_is_known_of_a_file(logs: LogStore) -> None:
    query = "datatable(SHA1:string)['x'] | invoke FileProfile(SHA1, 1000) | project SHA1, Signer, ProfileAvailability"
    assert logs.query(WORKSPACE, query).rows() == [["x", "", "Missing"]]


def test_a_table_that_is_stored_under_the_name_is_meant(logs: LogStore) -> None:
    logs.append(WORKSPACE, "imRegistry", [{"a_s": "x"}], columns={"a_s": ScalarType.string}).result()
    assert logs.query(WORKSPACE, "imRegistry | project a_s").rows() == [["x"]]
