"""The TAXII connector against a real server, and the older protocol against answers as its specification has them."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import stix2
from tests.unit.intelligence.taxii_server import COLLECTION, PASSWORD, USER, TaxiiServer, taxii_server
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.core.errors import InvalidInput, Unavailable
from vedette.core.settings import EgressSettings
from vedette.intelligence.taxii_client import Collection, Fetch, Page, Place, read_page
from vedette.intelligence.taxii_polling import TaxiiPolling
from vedette.sentinel.kept_secrets import secrets_of

CONNECTOR = "dataConnectors/feed"
NEWEST = "ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id"
HEALTH = "SentinelHealth | where SentinelResourceType == 'Data connector' | sort by TimeGenerated asc"


@pytest.fixture(scope="module")
def taxii(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaxiiServer]:
    with taxii_server(tmp_path_factory.mktemp("taxii"), page=3) as server:
        server.add(*(indicator(number) for number in range(8)))
        server.add(json.loads(stix2.Malware(name="not kept", is_family=False).serialize()))
        yield server


@pytest.fixture
def whole(tmp_path: Path, taxii: TaxiiServer) -> Iterator[Whole]:
    egress = EgressSettings((f"127.0.0.1:{taxii.port}",), private_addresses=True)
    with whole_server(tmp_path, egress=egress) as opened:
        yield opened


def indicator(number: int, **more: Any) -> dict[str, Any]:
    made = stix2.Indicator(
        id=f"indicator--10000003-71a2-445c-ab86-92729{number:07d}",
        pattern=f"[ipv4-addr:value = '198.51.100.{number}']",
        pattern_type="stix",
        created="2024-01-01T00:00:00Z",
        valid_from="2024-01-01T00:00:00Z",
        **({"modified": "2024-01-01T00:00:00Z"} | more),
    )
    return json.loads(made.serialize())


def connect(whole: Whole, taxii: TaxiiServer, place: str = CONNECTOR, **more: Any) -> None:
    properties = {
        "tenantId": whole.services.estate.tenant_id,
        "friendlyName": "The feed",
        "taxiiServer": taxii.root,
        "collectionId": COLLECTION,
        "userName": USER,
        "password": PASSWORD,
        "pollingFrequency": "OnceAMinute",
        "dataTypes": {"taxiiClient": {"state": "Enabled"}},
    }
    body = {"kind": "ThreatIntelligenceTaxii", "properties": properties | more}
    assert whole.send("PUT", place, body, "2024-01-01-preview").status in (200, 201)


def polling(whole: Whole) -> TaxiiPolling:
    parts = whole.services
    return TaxiiPolling(
        parts.state,
        parts.clock,
        parts.workspaces,
        parts.estate.tenant_id,
        partial(secrets_of, parts.state),
        parts.settings.egress,
        parts.new_id,
    )


def test_a_collection_is_read_page_by_page_and_then_what_is_new(whole: Whole, taxii: TaxiiServer) -> None:
    connect(whole, taxii)
    now = whole.services.clock.now()
    polling(whole).poll_due(now)
    found = f"{NEWEST} | project ObservableValue, SourceSystem, LastUpdateMethod | sort by ObservableValue asc"
    assert whole.rows(found)[:8] == [[f"198.51.100.{number}", "The feed", "TAXII"] for number in range(8)]
    before = len(whole.rows(found))
    polling(whole).poll_due(now + timedelta(seconds=59))  # not due yet
    taxii.add(indicator(1, revoked=True, modified="2024-02-01T00:00:00Z"), indicator(before + 20))
    polling(whole).poll_due(now + timedelta(seconds=61))
    assert len(whole.rows(found)) == before + 1
    assert whole.rows(f"{NEWEST} | where ObservableValue == '198.51.100.1' | project Revoked") == [[True]]
    rows = whole.rows("ThreatIntelIndicators | count")
    polling(whole).poll_due(now + timedelta(minutes=5))
    assert whole.rows("ThreatIntelIndicators | count") == rows
    assert whole.rows(f"{HEALTH} | project OperationName, Status, SentinelResourceName") == [
        ["Data fetch status change", "Success", "The feed"]
    ]
    shown = whole.send("GET", CONNECTOR, version="2024-01-01-preview").body
    assert PASSWORD not in str(shown)


def test_a_poll_that_was_cut_short_goes_on_where_it_stood(
    whole: Whole, taxii: TaxiiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each poll is by another object, as after a restart, and reads one page."""
    monkeypatch.setattr("vedette.intelligence.taxii_polling._MOST_PAGES", 1)
    connect(whole, taxii)
    now = whole.services.clock.now()
    seen: list[int] = []
    for minutes in range(0, 10, 2):
        polling(whole).poll_due(now + timedelta(minutes=minutes))
        seen.append(whole.rows("ThreatIntelIndicators | distinct Id | count")[0][0])
    assert seen[0] <= 3 < seen[-1]
    assert seen == sorted(seen)
    assert seen[-1] >= 8
    rows = whole.rows("ThreatIntelIndicators | summarize count() by Id | where count_ > 1 | count")
    taken_again = whole.rows("ThreatIntelIndicators | where ObservableValue == '198.51.100.1' | count")
    assert rows[0][0] <= 1, taken_again  # only the one that was revoked has two versions


def test_a_server_that_forgot_where_to_go_on_is_read_again(
    whole: Whole, taxii: TaxiiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(whole, taxii)
    now = whole.services.clock.now()
    with monkeypatch.context() as patched:
        patched.setattr("vedette.intelligence.taxii_polling._MOST_PAGES", 1)
        polling(whole).poll_due(now)
    key = f"taxii:{whole.sentinel}/{CONNECTOR}".lower()
    with whole.services.state.transaction() as transaction:
        value = transaction.get_value(key)
        assert value is not None
        assert value["following"]
        transaction.set_value(key, value | {"following": "00000000-0000-0000-0000-000000000000"})
    polling(whole).poll_due(now + timedelta(minutes=2))
    assert whole.rows("ThreatIntelIndicators | distinct Id | count")[0][0] >= 8
    assert whole.rows(f"{HEALTH} | project Status") == [["Success"]]


def test_what_is_wrong_is_told_once_and_each_hour_and_when_it_is_over(whole: Whole, taxii: TaxiiServer) -> None:
    connect(whole, taxii, password="wrong")
    now = whole.services.clock.now()
    for minutes in (0, 1, 2, 61):
        polling(whole).poll_due(now + timedelta(minutes=minutes))
    connect(whole, taxii)
    polling(whole).poll_due(now + timedelta(minutes=62))
    rows = whole.rows(f"{HEALTH} | project OperationName, Status, Description")
    assert [row[:2] for row in rows] == [
        ["Data fetch status change", "Failure"],
        ["Data fetch failure summary", "Failure"],
        ["Data fetch status change", "Success"],
    ]
    assert "user name and password" in rows[0][2]
    assert PASSWORD not in str(rows)


def test_one_that_fails_in_a_way_of_its_own_keeps_no_other_waiting(
    whole: Whole, taxii: TaxiiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def reading(collection: Collection, place: Place, fetch: Fetch) -> Page:
        asked.append(collection.id)
        if collection.id == "bad":
            raise ValueError("nobody foresaw this")
        return read_page(collection, place, fetch)

    monkeypatch.setattr("vedette.intelligence.taxii_polling.read_page", reading)
    connect(whole, taxii, "dataConnectors/bad", collectionId="bad", pollingFrequency="OnceADay")
    connect(whole, taxii, pollingFrequency="OnceADay")
    now = whole.services.clock.now()
    polling(whole).poll_due(now)
    assert whole.rows(
        f"{HEALTH} | project SentinelResourceId endswith 'bad', Status, Description has 'ValueError'"
    ) == [
        [True, "Failure", True],
        [False, "Success", False],
    ]
    polling(whole).poll_due(now + timedelta(minutes=59))
    polling(whole).poll_due(now + timedelta(minutes=61))
    assert asked.count("bad") == 2


def test_a_slow_server_is_left_for_the_others(
    whole: Whole, taxii: TaxiiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page a poll, and the next one soon, however seldom it is polled."""
    monkeypatch.setattr("vedette.intelligence.taxii_polling._SECONDS", 0.0)
    connect(whole, taxii, pollingFrequency="OnceADay")
    now, seen = whole.services.clock.now(), list[int]()
    for minutes in range(5):
        polling(whole).poll_due(now + timedelta(minutes=minutes))
        seen.append(whole.rows("ThreatIntelIndicators | distinct Id | count")[0][0])
    assert seen[0] <= 3 < seen[1] < 8 <= seen[-1]


def test_hosts_that_are_not_allowed_are_not_asked(tmp_path: Path, taxii: TaxiiServer) -> None:
    with whole_server(tmp_path) as whole:
        connect(whole, taxii)
        polling(whole).poll_due(whole.services.clock.now())
        ((status, text),) = whole.rows(f"{HEALTH} | project Status, Description")
    assert status == "Failure"
    assert f"--egress-host 127.0.0.1:{taxii.port}" in text


def test_only_connectors_that_are_on_and_only_since_they_say(whole: Whole, taxii: TaxiiServer) -> None:
    now = whole.services.clock.now()
    connect(whole, taxii, dataTypes={"taxiiClient": {"state": "Disabled"}})
    polling(whole).poll_due(now)
    connect(whole, taxii, taxiiLookbackPeriod="2199-01-01T00:00:00Z")
    polling(whole).poll_due(now)
    assert whole.rows(f"{HEALTH} | project Status") == [["Success"]]
    assert whole.rows("ThreatIntelIndicators | count") == [[0]]


def test_the_server_polls_of_itself(whole: Whole, taxii: TaxiiServer) -> None:
    connect(whole, taxii)
    whole.services.periodic.run_due(whole.services.clock.now() + timedelta(minutes=1))
    deadline = time.monotonic() + 20
    while not whole.rows(HEALTH) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert whole.rows(f"{HEALTH} | project Status") == [["Success"]]
    assert whole.rows("ThreatIntelIndicators | distinct Id | count")[0][0] >= 8


def test_the_older_protocol() -> None:
    """https://docs.oasis-open.org/cti/taxii/v2.0/taxii-v2.0.html: another media type, and ranges of items."""
    every = [{"type": "indicator", "n": number} for number in range(2500)]
    asked: list[str] = []

    def fetch(url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        if "version=2.1" in headers["Accept"]:
            return 406, {}, b""
        asked.append(headers["Range"])
        first, last = (int(each) for each in headers["Range"].removeprefix("items ").split("-"))
        part = every[first : last + 1]
        told = {"content-range": f"items {first}-{first + len(part) - 1}/{len(every)}"}
        body = json.dumps({"type": "bundle", "objects": part}).encode()
        return 206, {**told, "x-taxii-date-added-last": f"2024-01-0{1 + first // 1000}T00:00:00Z"}, body

    place, read = Place(), list[Any]()
    for _ in range(3):
        page = read_page(Collection("https://taxii.example/root", "c"), place, fetch)
        read += page.objects
        place = page.next
    assert read == every
    assert not page.more
    assert asked == ["items 0-999", "items 1000-1999", "items 2000-2999"]
    assert (place.after, place.following, place.version) == ("2024-01-03T00:00:00Z", "", "2.0")


def test_a_range_that_is_none_ends_reading() -> None:
    told = {"content-range": f"items 0-{'9' * 5000}/*"}
    page = read_page(
        Collection("https://taxii.example/root", "c"), Place(version="2.0"), lambda *_: (206, told, b'{"objects": [1]}')
    )
    assert (page.objects, page.more) == ([1], False)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", InvalidInput),
        (404, b"", InvalidInput),
        (503, b"", Unavailable),
        (200, b"[]", InvalidInput),
        (200, b"<html>", InvalidInput),
        (200, b'{"objects": {}}', InvalidInput),
        (301, b"", InvalidInput),
    ],
)
def test_answers_that_are_none(status: int, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_page(Collection("https://taxii.example/root", "c"), Place(), lambda _url, _headers: (status, {}, body))
