import json
from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.detect.results import Results
from vedette.kql.types import ScalarType
from vedette.sentinel.hunting_queries import HuntingQuery
from vedette.sentinel.promotion import Finding, bookmark_bodies, mappings_by_columns

START, END = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 5, 2, tzinfo=UTC)


def columns(*names: str) -> dict[str, ScalarType]:
    return dict.fromkeys(names, ScalarType.string)


@pytest.mark.parametrize(
    ("names", "mappings"),
    [
        (
            ("Account_0_Name", "Account_0_UPNSuffix"),
            [("Account", (("Name", "Account_0_Name"), ("UPNSuffix", "Account_0_UPNSuffix")))],
        ),
        (
            ("Host_0_FullName", "Host_1_FullName"),
            [("Host", (("FullName", "Host_0_FullName"),)), ("Host", (("FullName", "Host_1_FullName"),))],
        ),
        (("IPCustomEntity",), [("IP", (("Address", "IPCustomEntity"),))]),
        (
            ("URLCustomEntity", "UrlCustomEntity"),
            [("URL", (("Url", "URLCustomEntity"),)), ("URL", (("Url", "UrlCustomEntity"),))],
        ),
        (("ip_0_address",), [("IP", (("Address", "ip_0_address"),))]),
        (("Wizard_0_Name", "Account_0_Wand", "Account_x_Name", "OddCustomEntity", "CustomEntity", "Account"), []),
    ],
)
def test_columns_that_name_entities(names: tuple[str, ...], mappings: Any) -> None:
    assert mappings_by_columns(columns(*names)) == mappings


def bodies(name: str, results: Results, **more: Any) -> list[tuple[str, dict[str, Any]]]:
    found = bookmark_bodies(Finding("T | take 1", START, END, name, **more), results)
    return [(id, body["properties"]) for id, body in found]


def test_a_row_as_a_bookmark() -> None:
    types = {
        "TimeGenerated": ScalarType.datetime,
        "AccountCustomEntity": ScalarType.string,
        "n": ScalarType.long,
        "span": ScalarType.timespan,
        "bag": ScalarType.dynamic,
        "gone": ScalarType.string,
    }
    row = [datetime(2024, 5, 1, 12, tzinfo=UTC), "A\\eve", 5, 600_000_000, {"a": [1]}, None]
    ((name, properties),) = bodies("Odd", Results(types, [row]), labels=["red"], tactics=["Impact"])
    assert properties["displayName"] == f"Odd - {name[:8]}"
    assert json.loads(properties["queryResult"]) == {
        "TimeGenerated": "2024-05-01T12:00:00.0000000Z",
        "AccountCustomEntity": "A\\eve",
        "n": 5,
        "span": "00:01:00",
        "bag": {"a": [1]},
    }
    assert (properties["eventTime"], properties["queryStartTime"]) == ("2024-05-01T12:00:00Z", "2024-05-01T00:00:00Z")
    assert properties["entityMappings"] == [
        {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "value": "A\\eve"}]}
    ]
    assert (properties["labels"], properties["tactics"], "notes" in properties) == (["red"], ["Impact"], False)


def test_names_and_ids() -> None:
    rows = Results(columns("who"), [["eve"], ["eve"], [""]])
    (first, one), (second, _two), (_third, three) = bodies("Seen {{who}}", rows)
    assert first == second
    assert one["displayName"] == "Seen eve"
    assert three["displayName"] == "Seen"
    assert three["eventTime"] == "2024-05-02T00:00:00Z"


@pytest.mark.parametrize(
    ("tactics", "techniques", "is_of"),
    [
        ((), (), True),
        (("impact",), (), True),
        (("Discovery",), (), False),
        ((), ("T1078",), True),
        ((), ("t1078.004",), True),
        ((), ("T107",), False),
        (("Impact",), ("T1499",), False),
    ],
)
def test_what_a_query_is_of(tactics: tuple[str, ...], techniques: tuple[str, ...], is_of: bool) -> None:
    query = HuntingQuery("id", "n", "N", "T", "", ("Impact", "Persistence"), ("T1078.004", "T1082"))
    assert query.is_of(tactics, techniques) is is_of
