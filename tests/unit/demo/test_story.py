import ipaddress
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml

from vedette.demo.cast import DOMAIN, PEOPLE, VICTIM
from vedette.demo.rules import demo_rules
from vedette.demo.story import tell
from vedette.detect.rule import parse_rule
from vedette.logs.tables import built_in

END = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def story() -> dict[str, list[dict[str, Any]]]:
    return tell(END)


def test_the_story_is_a_few_thousand_events_of_one_day(story: dict[str, list[dict[str, Any]]]) -> None:
    moments = [event["TimeGenerated"] for events in story.values() for event in events]
    assert 4000 < len(moments) < 8000
    assert END - timedelta(days=1) < min(moments)
    assert max(moments) < END


def test_it_is_the_same_whenever_it_is_told(story: dict[str, list[dict[str, Any]]]) -> None:
    other_end = datetime(2031, 8, 9, 3, 14, 15, 926_535, tzinfo=UTC)
    other = tell(other_end)
    for table, events in story.items():
        assert [END - event["TimeGenerated"] for event in events] == [
            other_end - event["TimeGenerated"] for event in other[table]
        ]
    assert tell(END) == story


def test_every_event_fits_its_table(story: dict[str, list[dict[str, Any]]]) -> None:
    for table, events in story.items():
        known = built_in(table)
        assert known is not None
        assert {name for event in events for name in event} <= set(known.columns)


def test_every_address_is_private_or_set_aside_for_documentation(story: dict[str, list[dict[str, Any]]]) -> None:
    documentation = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    texts = {
        event[name]
        for events in story.values()
        for event in events
        for name in ("IPAddress", "ClientIP", "SourceIP", "DestinationIP")
        if name in event
    }
    for text in texts:
        address = ipaddress.ip_address(text)
        assert address in ipaddress.ip_network("10.0.0.0/8") or any(address in each for each in documentation)


def test_the_cast() -> None:
    assert len(PEOPLE) == len({person.principal_name for person in PEOPLE}) == 40
    assert VICTIM.principal_name == f"mara.lindqvist@{DOMAIN}"


def test_the_rules_are_readable_and_alike() -> None:
    rules = list(demo_rules())
    assert len({rule.name for rule in rules}) == 5
    for rule in rules:
        read = parse_rule(rule.properties)
        assert read.tactics
        assert read.techniques
        assert read.entity_mappings
        assert read.description


def test_each_rule_file_begins_by_saying_what_it_looks_for() -> None:
    for file in (files("vedette.demo") / "rules").iterdir():
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert yaml.safe_load(text)
