"""Alerts and incidents that there would be, as JSON values: of backtests, previews and tests of rules."""

from typing import Any

from vedette.core.instants import arm_time
from vedette.detect.alert import Alert
from vedette.detect.backtest import WouldBeIncident
from vedette.detect.entity_json import entities_json


def would_be_alert(alert: Alert) -> dict[str, Any]:
    """An alert that there would be."""
    return {
        "displayName": alert.display_name,
        "severity": alert.severity.value,
        "startTimeUtc": arm_time(alert.start),
        "endTimeUtc": arm_time(alert.end),
        "tactics": list(alert.tactics),
        "entities": entities_json(alert.entities),
        "customDetails": {name: list(values) for name, values in alert.custom_details.items()},
    }


def would_be_incident(each: WouldBeIncident) -> dict[str, Any]:
    """An incident that there would be."""
    return {
        "createdTimeUtc": arm_time(each.opened),
        "title": each.title,
        "severity": each.severity,
        "alertsCount": each.alerts_count,
        "firstActivityTimeUtc": arm_time(each.first),
        "lastActivityTimeUtc": arm_time(each.last),
    }
