"""Alerts, incidents, entities and values as a test's report shows them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from vedette.core.instants import arm_time
from vedette.detect.entity import Entity
from vedette.rule_tests.moments import told_distance
from vedette.rule_tests.run import Found, Incident

_LONGEST = 160


def shown_value(value: Any) -> str:
    """A value on one line, cut where it is long."""
    if isinstance(value, datetime):
        text = arm_time(value)
    elif isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, dict):
        told = cast("Mapping[str, Any]", value)
        text = " and ".join(f"{name} {shown_value(each)}" for name, each in told.items())
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def shown_entity(entity: Entity) -> str:
    """`IP 203.0.113.9`, `Account Name="ana" UPNSuffix="contoso.com"`."""
    fields = {name: each for name, each in entity.fields.items() if not isinstance(each, dict | list)}
    if len(fields) == 1:
        return f"{entity.kind} {next(iter(fields.values()))}"
    return f"{entity.kind} " + " ".join(f"{name}={shown_value(each)}" for name, each in fields.items())


def shown_alert(found: Found, clock: datetime) -> list[str]:
    """An alert in a few lines, the first of which names it."""
    alert = found.alert
    lines = [f"{alert.severity.value} {shown_value(alert.display_name)} at {told_distance(found.at, clock)}"]
    if alert.entities:
        lines.append("  " + ", ".join(shown_entity(each) for each in alert.entities))
    if alert.custom_details:
        lines.append(
            "  " + ", ".join(f"{name}: {shown_value(list(each))}" for name, each in alert.custom_details.items())
        )
    return lines


def shown_incident(incident: Incident, clock: datetime) -> list[str]:
    """An incident on one line."""
    told = incident.properties
    opened = told_distance(incident.created, clock)
    return [f"{told['severity']} {shown_value(told['title'])} with {incident.alerts} alerts, opened at {opened}"]
