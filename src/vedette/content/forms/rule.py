"""Analytics rules as the Azure-Sentinel repository has them: flat YAML with short durations and operators.

https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from vedette.content.forms.place import Place
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.problem import WrongContent
from vedette.content.short_durations import iso_duration, short_duration
from vedette.content.stable_names import stable_name
from vedette.detect.rule import Tactic

FORM = "rule"
RULE_KINDS = (
    "Scheduled",
    "NRT",
    "Fusion",
    "MLBehaviorAnalytics",
    "MicrosoftSecurityIncidentCreation",
    "ThreatIntelligence",
    "Correlation",
)
QUERY_KINDS = frozenset({"Scheduled", "NRT"})
_SCHEDULE = frozenset({"queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"})
MARKS_OF_RULES = _SCHEDULE | {"suppressionDuration", "suppressionEnabled", "eventGroupingSettings"}
_RENAMED = {"name": "displayName", "relevantTechniques": "techniques"}
_BACK = {new: old for old, new in _RENAMED.items()}
OF_FILE = frozenset(
    {"id", "kind", "version", "requiredDataConnectors", "requiredTechniques", "status", "metadata", "tags", "author"}
)
"""What a file says about itself and its rule's template; no property of a rule."""

TACTICS: Mapping[str, str] = {each.value.lower(): each.value for each in Tactic}
"""The tactics as the API spells them, by what they are in lower case."""

_OPERATORS = {"gt": "GreaterThan", "lt": "LessThan", "eq": "Equal", "ne": "NotEqual"}
_SHORT_OPERATORS = {long: short for short, long in _OPERATORS.items()}
_DURATIONS = ("queryFrequency", "queryPeriod", "suppressionDuration")
_DEFAULTS: Mapping[str, Any] = {
    "enabled": True,
    "severity": "Medium",
    "suppressionDuration": "PT5H",
    "suppressionEnabled": False,
}
_SCHEDULED_DEFAULTS: Mapping[str, Any] = {"triggerOperator": "GreaterThan", "triggerThreshold": 0}
_ORDER = (
    *("id", "name", "description", "version", "alertRuleTemplateName", "kind", "enabled", "severity"),
    *("queryFrequency", "queryPeriod", "startTimeUtc", "triggerOperator", "triggerThreshold"),
    *("tactics", "relevantTechniques", "subTechniques", "query", "entityMappings", "sentinelEntitiesMappings"),
    *("customDetails", "alertDetailsOverride", "eventGroupingSettings", "incidentConfiguration"),
    *("suppressionEnabled", "suppressionDuration"),
)


def is_rule(value: Mapping[str, Any]) -> bool:
    """Whether a mapping has the form of a rule, and not that of a hunting query."""
    kind = value.get("kind")
    if isinstance(kind, str):
        return kind.lower() in {each.lower() for each in RULE_KINDS} and "properties" not in value
    return "query" in value and not MARKS_OF_RULES.isdisjoint(value)


def read(place: Place, value: Mapping[str, Any]) -> Item:
    """The rule. Raises WrongContent."""
    kind = _kind(value)
    version = place.raw("version", value["version"]) if value.get("version") is not None else None
    properties = properties_of(value, kind, version)
    title = str(properties.get("displayName") or "")
    name = str(value.get("id") or "").strip() or stable_name(ALERT_RULE, title or kind)
    return Item(ALERT_RULE, name, {"kind": kind, "properties": properties}, source=place.source(FORM))


def _kind(value: Mapping[str, Any]) -> str:
    kind = str(value.get("kind") or "Scheduled")
    return next((each for each in RULE_KINDS if each.lower() == kind.lower()), kind)


def defaults_of(kind: str) -> dict[str, Any]:
    """What the API needs of a rule of this kind, and files leave out."""
    if kind not in QUERY_KINDS:
        return {"enabled": True}
    return dict(_DEFAULTS) | (dict(_SCHEDULED_DEFAULTS) if kind == "Scheduled" else {})


def properties_of(value: Mapping[str, Any], kind: str, version: str | None) -> dict[str, Any]:
    """The properties of a rule in this form; what is null counts as absent."""
    properties = {
        _RENAMED.get(name, name): each for name, each in value.items() if name not in OF_FILE and each is not None
    }
    properties = defaults_of(kind) | properties
    if kind in QUERY_KINDS and version is not None and properties.get("alertRuleTemplateName"):
        properties.setdefault("templateVersion", version)
    _read_lists(properties)
    operator = properties.get("triggerOperator")
    if isinstance(operator, str):
        properties["triggerOperator"] = _OPERATORS.get(operator.lower(), operator)
    return _durations(properties, iso_duration)


def _read_lists(properties: dict[str, Any]) -> None:
    """Tactics without blanks; techniques apart from those below them, which the API has in a list of their own."""
    if "tactics" in properties:
        properties["tactics"] = [each.replace(" ", "") for each in _texts(properties["tactics"], "tactics")]
    if "techniques" in properties:
        told = _texts(properties["techniques"], "relevantTechniques")
        properties["techniques"] = list(dict.fromkeys(each.partition(".")[0] for each in told))
        below = [each for each in told if "." in each]
        if below:
            have = _texts(properties.get("subTechniques") or (), "subTechniques")
            properties["subTechniques"] = list(dict.fromkeys([*have, *below]))
        elif len(told) != len(properties["techniques"]):
            properties["techniques"] = told


def _texts(value: Any, name: str) -> list[str]:
    """A list of texts, or one text with commas, as both are written."""
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    if isinstance(value, Sequence):
        return [str(each).strip() for each in cast("Sequence[Any]", value) if each is not None]
    raise WrongContent(f"'{name}' must be a list of texts", name)


def _durations(properties: dict[str, Any], change: Any) -> dict[str, Any]:
    changed = {
        name: change(each) if name in _DURATIONS and isinstance(each, str) else each
        for name, each in properties.items()
    }
    match changed:
        case {"incidentConfiguration": {"groupingConfiguration": {"lookbackDuration": str(lookback)} as grouping}}:
            held = cast("dict[str, Any]", grouping) | {"lookbackDuration": change(lookback)}
            incident = cast("dict[str, Any]", changed["incidentConfiguration"]) | {"groupingConfiguration": held}
            return changed | {"incidentConfiguration": incident}
        case _:
            return changed


def form_of(item: Item) -> dict[str, Any] | None:
    """The rule in this form, or None where the form has no room for it."""
    properties = item.body.get("properties")
    if set(item.body) != {"kind", "properties"} or not isinstance(properties, Mapping):
        return None
    told = {_BACK.get(name, name): each for name, each in cast("Mapping[str, Any]", properties).items()}
    if set(told) & OF_FILE or len(told) != len(cast("Mapping[str, Any]", properties)):
        return None
    told = _durations(told, short_duration)
    operator = told.get("triggerOperator")
    if isinstance(operator, str):
        told["triggerOperator"] = _SHORT_OPERATORS.get(operator, operator)
    if told.get("alertRuleTemplateName") and isinstance(told.get("templateVersion"), str):
        told["version"] = told.pop("templateVersion")
    told |= {"id": item.name, "kind": item.body["kind"]}
    return ordered(told, _ORDER)


def ordered(value: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """The entries in this order, and what is not in it behind, by name."""
    known = {name: value[name] for name in order if name in value}
    return known | {name: value[name] for name in sorted(value) if name not in known}
