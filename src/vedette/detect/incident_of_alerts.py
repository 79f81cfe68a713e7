"""What an incident says of the alerts in it: products, tactics, techniques, rules, first and last activity."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import orjson

from vedette.core.instants import arm_time, instant_of
from vedette.detect.rule import Severity
from vedette.state.documents import Document

Properties = Mapping[str, Any]

_BY_SEVERITY = [severity.value for severity in Severity]


def told_by(known: Properties, alerts: Sequence[Document], workspace_id: str) -> dict[str, Any]:
    """The read-only properties of an incident that has these alerts now. `known` are its properties until now.

    What was told by alerts that are gone is told no more, but the times of activity, which a person may have set, only
    widen. An incident without alerts keeps what it was made with. `workspace_id` is the workspace's ARM id.
    """
    if not alerts:
        return {}
    each = [cast("dict[str, Any]", alert.body["properties"]) for alert in alerts]
    rules = [f"{workspace_id}/providers/Microsoft.SecurityInsights/alertRules/{name}" for name in _all(each, _rules)]
    return {
        "additionalData": {
            **known["additionalData"],
            "alertProductNames": _all(each, lambda alert: [alert.get("productName") or ""]),
            "tactics": _all(each, lambda alert: alert.get("tactics") or []),
            "techniques": _all(each, lambda alert: _listed(alert, "Techniques")),
        },
        "relatedAnalyticRuleIds": _known_first(known["relatedAnalyticRuleIds"], rules, all_told=all(map(_rules, each))),
        "firstActivityTimeUtc": earliest(known.get("firstActivityTimeUtc"), *_times(each, "startTimeUtc")),
        "lastActivityTimeUtc": latest(known.get("lastActivityTimeUtc"), *_times(each, "endTimeUtc")),
    }


def gravest(*severities: str) -> str:
    """The worst of some severities."""
    return min(severities, key=_BY_SEVERITY.index)


def union(known: Iterable[str], more: Iterable[str]) -> list[str]:
    """The texts of both, each once, in the order they came."""
    return list(dict.fromkeys([*known, *more]))


def earliest(known: str | None, *instants: datetime) -> str:
    """The first of an incident's time of activity, if it has one, and others."""
    return arm_time(min([*instants, *([] if known is None else [instant_of(known)])]))


def latest(known: str | None, *instants: datetime) -> str:
    """The last of an incident's time of activity, if it has one, and others."""
    return arm_time(max([*instants, *([] if known is None else [instant_of(known)])]))


def _known_first(known: Sequence[str], rules: Sequence[str], *, all_told: bool) -> list[str]:
    """The rules of alerts in the letter case that the incident has them in; also those that it has already, where not
    `all_told` theirs: the alerts of products name no rule."""
    spelled = {id.lower(): id for id in known}
    if not all_told:
        rules = [*known, *rules]
    return list(dict.fromkeys(spelled.get(id.lower(), id) for id in rules)) or list(known)


def _rules(alert: Properties) -> list[str]:
    return _listed(alert, "Analytic Rule Ids")


def _listed(alert: Properties, name: str) -> list[str]:
    """The texts of a JSON array among an alert's additional data."""
    try:
        value = orjson.loads(alert.get("additionalData", {}).get(name) or "[]")
    except orjson.JSONDecodeError:
        return []
    return [str(each) for each in cast("list[Any]", value)] if isinstance(value, list) else []


def _all(alerts: Sequence[Properties], of: Callable[[Properties], Iterable[str]]) -> list[str]:
    return [each for each in union((), (text for alert in alerts for text in of(alert))) if each]


def _times(alerts: Sequence[Properties], name: str) -> list[datetime]:
    return [instant_of(alert[name]) for alert in alerts if alert.get(name)]
