import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.demo.cast import INTRUDER_ADDRESS, VICTIM
from vedette.demo.load import load
from vedette.demo.story import tell
from vedette.detect.entity_documents import incident_entities
from vedette.detect.incidents import INCIDENT
from vedette.sentinel.alert_rules import ALERT_RULE

Assemble = Callable[[datetime], Any]
RULES = {
    "harbourline-password-spray": {INTRUDER_ADDRESS, VICTIM.account},
    "harbourline-impossible-travel": {INTRUDER_ADDRESS, VICTIM.account},
    "harbourline-encoded-powershell": {VICTIM.host.partition(".")[0], VICTIM.account},
    "harbourline-dns-tunnel": {VICTIM.address, "ledger-sync.example"},
    "harbourline-large-transfer": {VICTIM.address, INTRUDER_ADDRESS},
}


@pytest.mark.parametrize(
    "now",
    [
        datetime(2024, 5, 1, 12, tzinfo=UTC),
        datetime(2024, 2, 29, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 30, 17, 123_456, tzinfo=UTC),
    ],
    ids=lambda now: now.isoformat(),
)
def test_each_rule_finds_the_intruder_and_nobody_else(assemble: Assemble, now: datetime) -> None:
    parts = assemble(now)
    demo = load(parts.context, parts.logs, parts.owner)
    assert demo.loaded
    assert set(demo.rules) == set(RULES)
    outcomes = parts.detections.advance_to(parts.clock, now + timedelta(seconds=1))
    assert [outcome.failure for outcome in outcomes] == [None] * 5
    assert {outcome.rule_id.rpartition("/")[2]: len(outcome.incidents) for outcome in outcomes} == dict.fromkeys(
        RULES, 1
    )
    state = parts.context.state
    for outcome in outcomes:
        (incident,) = outcome.incidents
        named = {str(entity.body["properties"]["friendlyName"]) for entity in incident_entities(state, incident)}
        assert named >= RULES[outcome.rule_id.rpartition("/")[2]]
        properties = state.get(incident).body["properties"]
        assert properties["additionalData"]["alertsCount"] == 1
        assert properties["additionalData"]["tactics"]


def test_the_details_say_what_happened(assemble: Assemble) -> None:
    now = datetime(2024, 5, 1, 12, tzinfo=UTC)
    parts = assemble(now)
    load(parts.context, parts.logs, parts.owner)
    parts.detections.run_due(now)
    found = parts.logs.query(parts.workspace_id, "SecurityAlert")
    names = [column.name for column in found.columns]
    alerts = [dict(zip(names, row, strict=True)) for row in found.rows()]
    details = {
        alert["AlertType"].rpartition("_")[2]: json.loads(json.loads(alert["ExtendedProperties"])["Custom Details"])
        for alert in alerts
    }
    assert details["harbourline-password-spray"]["FailedUsers"] == ["40"]
    assert details["harbourline-dns-tunnel"]["DifferentNames"] == ["240"]
    assert details["harbourline-large-transfer"]["Connections"] == ["60"]
    assert len(details["harbourline-encoded-powershell"]["Tools"]) == 7
    assert sorted(details["harbourline-impossible-travel"]["Countries"]) == ["CA", "NL"]
    severities = {alert["AlertType"].rpartition("_")[2]: alert["AlertSeverity"] for alert in alerts}
    assert severities["harbourline-large-transfer"] == "High"


def test_the_next_day_is_quiet(assemble: Assemble) -> None:
    now = datetime(2024, 5, 1, 12, tzinfo=UTC)
    parts = assemble(now)
    load(parts.context, parts.logs, parts.owner)
    parts.detections.advance_to(parts.clock, now + timedelta(days=2))
    assert parts.context.state.count(INCIDENT) == 5


def test_it_is_loaded_once(assemble: Assemble) -> None:
    parts = assemble(datetime(2024, 5, 1, 12, tzinfo=UTC))
    first = load(parts.context, parts.logs, parts.owner)
    parts.clock.advance(timedelta(hours=1))
    again = load(parts.context, parts.logs, parts.owner)
    assert (first.loaded, again.loaded) == (True, False)
    assert again.events == first.events
    assert again.rules == first.rules
    for table, number in first.events.items():
        assert len(parts.logs.query(parts.workspace_id, table).rows()) == number
    assert parts.context.state.count(ALERT_RULE) == 5


def test_a_load_that_was_cut_off_is_made_up_for(assemble: Assemble) -> None:
    now = datetime(2024, 5, 1, 12, tzinfo=UTC)
    parts = assemble(now)
    story = tell(now)
    with parts.context.state.transaction() as transaction:
        transaction.set_value("demo", {"end": now.isoformat(), "events": {}, "rules": None})
    for table in list(story)[:2]:
        parts.logs.append(parts.workspace_id, table, story[table]).result()
    parts.clock.advance(timedelta(minutes=5))
    demo = load(parts.context, parts.logs, parts.owner)
    assert demo.loaded
    for table, events in story.items():
        assert len(parts.logs.query(parts.workspace_id, table).rows()) == len(events) == demo.events[table]
    assert parts.context.state.count(ALERT_RULE) == 5
