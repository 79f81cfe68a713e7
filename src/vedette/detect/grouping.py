"""Which alerts of a rule belong into one incident."""

import orjson

from vedette.core.ids import derived_id
from vedette.detect.alert import Alert
from vedette.detect.rule import AlertDetail, GroupingConfiguration, MatchingMethod


def group_key(grouping: GroupingConfiguration | None, alert: Alert) -> str | None:
    """Equal for two alerts of a rule that its grouping puts together; None for an alert that stays alone.

    An alert without a mapped entity matches no other by its entities; one without a value for a selected entity type
    matches no other by that type. A change of what is grouped by begins new incidents.
    """
    if grouping is None or not grouping.enabled:
        return None
    match grouping.matching_method:
        case MatchingMethod.AnyAlert:
            return derived_id("any")
        case MatchingMethod.AllEntities:
            keys = sorted(entity.key for entity in alert.entities)
            return derived_id("entities", *keys) if keys else None
        case MatchingMethod.Selected:
            return _selected(grouping, alert)


def _selected(grouping: GroupingConfiguration, alert: Alert) -> str | None:
    parts: list[str] = []
    for kind in sorted(set(grouping.group_by_entities)):
        keys = sorted(entity.key for entity in alert.entities if entity.kind == kind)
        if not keys:
            return None
        parts += ["entity", kind, *keys]
    for detail in sorted(set(grouping.group_by_alert_details), key=lambda each: each.value):
        parts += ["detail", detail.value, _detail(detail, alert)]
    for name in sorted(set(grouping.group_by_custom_details)):
        parts += ["custom", name, orjson.dumps(sorted(alert.custom_details.get(name, ()))).decode()]
    return derived_id("selected", *parts) if parts else None


def _detail(detail: AlertDetail, alert: Alert) -> str:
    match detail:
        case AlertDetail.DisplayName:
            return alert.display_name
        case AlertDetail.Severity:
            return alert.severity.value
