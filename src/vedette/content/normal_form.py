"""The one form of a body in which two ways to say the same thing are equal, so that a plan after an apply is empty.

Durations (`PT60M`, `PT1H`), the casing of choices and of ARM ids, the order of what is a set, nothing said against the
default said, empty against missing. Queries, messages and names that users chose are compared to the letter. This form
is for comparing alone: what is sent is what the file says.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from vedette.content.bodies import as_mapping
from vedette.content.item import Item
from vedette.content.server_owned import without_server_made
from vedette.core.durations import format_duration, parse_duration
from vedette.core.errors import InvalidInput

_DURATIONS = frozenset({"queryfrequency", "queryperiod", "suppressionduration", "lookbackduration", "defaultduration"})
_CHOICES = frozenset(
    {"kind", "severity", "triggeroperator", "aggregationkind", "matchingmethod", "entitytype", "identifier"}
    | {
        "groupbyentities",
        "groupbyalertdetails",
        "alertproperty",
        "tactics",
        "techniques",
        "subtechniques",
        "triggerson",
    }
    | {"triggerswhen", "actiontype", "conditiontype", "operator", "classification", "classificationreason", "status"}
    | {"severitiesfilter", "state", "principaltype", "location", "principalid", "productfilter", "propertyname"}
)
_SETS = frozenset({"tactics", "techniques", "subtechniques", "groupbyentities", "groupbyalertdetails"}) | {
    "severitiesfilter",
    "groupbycustomdetails",
    "displaynamesfilter",
    "displaynamesexcludefilter",
}
_SWITCHES = frozenset({"enabled", "suppressionenabled", "createincident", "reopenclosedincident", "isenabled"})
_NUMBERS = frozenset({"triggerthreshold", "order", "version", "numberoflinestoskip"})
_VERBATIM = frozenset(
    {"query", "customdetails", "itemskeyvalue", "rawcontent", "description", "displayname", "queryresult", "notes"}
    | {"serializeddata", "alertdisplaynameformat", "alertdescriptionformat", "message", "functionparameters"}
)
"""What people wrote, and what holds names of theirs: compared as it stands."""

_CODE: Mapping[str, frozenset[str]] = {
    "Playbook": frozenset({"definition", "parameters"}),
    "DataConnector": frozenset(
        {"connectoruiconfig", "pollingconfig", "connectordefinition", "request", "response", "paging", "auth"}
        | {"authentication", "dcrconfig", "addonattributes", "data"}
    ),
}
"""Properties that are programs: in them letter case, order, and empty against missing mean something."""

_ARM_ID = re.compile(r"/(?:subscriptions|providers)/\S+", re.IGNORECASE)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(?:Z|\+00:?00)")
_OF_2019 = {"all": "AllEntities", "none": "AnyAlert", "custom": "Selected"}

_QUERY_RULE: Mapping[str, Any] = {
    "eventGroupingSettings": {"aggregationKind": "SingleAlert"},
    "incidentConfiguration": {
        "createIncident": True,
        "groupingConfiguration": {
            "enabled": False,
            "reopenClosedIncident": False,
            "lookbackDuration": "PT5H",
            "matchingMethod": "AllEntities",
        },
    },
}
"""What Sentinel fills in: https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update"""

_SEARCH: Mapping[str, Any] = {"version": 2}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Parser": _SEARCH,
    "HuntingQuery": _SEARCH,
    "SavedSearch": _SEARCH,
    "Playbook": {"state": "Enabled"},
    "Workbook": {"version": "Notebook/1.0"},
}
_TOP: Mapping[str, Mapping[str, Any]] = {
    "AlertRule": {"kind": "Scheduled"},
    "Workbook": {"kind": "shared"},
    "Connection": {"kind": "V1"},
}


class Choice(str):
    """A text in which letter case makes no difference; it is shown as it was written."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.casefold() == other.casefold()

    def __hash__(self) -> int:
        return hash(self.casefold())


def normal_form(item: Item) -> dict[str, Any]:
    """An item's body, as it is compared."""
    body = without_server_made(item.kind, item.body)
    properties = _decapitalised(body.pop("properties"))
    shape = _SHAPES.get(item.kind.name)
    if shape is not None:
        properties = shape(item, properties)
    defaults = _DEFAULTS.get(item.kind.name, {})
    top = {**_TOP.get(item.kind.name, {}), **body}
    if item.kind.name == "AlertRule" and str(top.get("kind")).lower() in ("scheduled", "nrt"):
        defaults = _QUERY_RULE
    form = {**{name: each for name, each in top.items() if name != "tags"}, "tags": _own_tags(top.get("tags"))}
    code = {name: each for name, each in properties.items() if name.lower() in _CODE.get(item.kind.name, ())}
    rest = {name: each for name, each in properties.items() if name not in code}
    normal = cast("dict[str, Any]", _normal("", {**form, "properties": _filled(defaults, rest)})) or {}
    code = {name: each for name, each in code.items() if each not in (None, "", [], {})}
    return {**normal, "properties": {**normal.get("properties", {}), **code}} if code else normal


def normal_value(name: str, value: Any) -> Any:
    """The form of a value of the property of that name."""
    return _normal(name, value)


def _decapitalised(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Older api-versions, and templates, write the names of properties with capitals."""
    return {name[:1].lower() + name[1:]: value for name, value in properties.items()}


def _own_tags(tags: Any) -> Any:
    """Without what portals list resources by, which the service puts there."""
    if not isinstance(tags, dict):
        return tags
    return {name: each for name, each in cast("dict[str, Any]", tags).items() if not name.lower().startswith("hidden-")}


def _filled(defaults: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, with the defaults where nothing is."""
    filled = dict(said)
    for name, default in defaults.items():
        value = filled.get(name)
        if value is None:
            filled[name] = default
        elif isinstance(default, Mapping) and isinstance(value, Mapping):
            filled[name] = _filled(cast("Mapping[str, Any]", default), cast("Mapping[str, Any]", value))
    return filled


def _normal(name: str, value: Any) -> Any:
    """The form of a property's value; None for what is as good as not there."""
    lower = name.lower()
    if value is None or value in ("", [], {}):
        return None
    if lower in _VERBATIM:
        return value
    if isinstance(value, dict):
        told = ((each, _normal(str(each), inner)) for each, inner in cast("dict[str, Any]", value).items())
        return {each: inner for each, inner in told if inner is not None} or None
    if isinstance(value, list):
        items = [each for each in (_normal(name, inner) for inner in cast("list[Any]", value)) if each is not None]
        return (sorted(items, key=_folded) if lower in _SETS else items) or None
    return _scalar(lower, value)


def _folded(value: Any) -> str:
    return str(value).casefold()


def _scalar(name: str, value: Any) -> Any:
    if name in _SWITCHES and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if name in _NUMBERS and isinstance(value, str | float) and _whole(value) is not None:
        return _whole(value)
    if not isinstance(value, str):
        return value
    if name in _DURATIONS:
        return _duration(value)
    instant = _INSTANT.fullmatch(value)
    if instant is not None:
        fraction = (instant[2] or "").rstrip("0")
        return f"{instant[1]}{'.' + fraction if fraction else ''}Z"
    if name in _CHOICES or _ARM_ID.fullmatch(value):
        return Choice(value)
    return value


def _whole(value: str | float) -> int | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _duration(text: str) -> str:
    try:
        return format_duration(parse_duration(text))
    except InvalidInput:
        return text


def _rule(_item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """Api-version 2019-01-01-preview has `entitiesMatchingMethod` where later ones have `matchingMethod`."""
    match properties:
        case {"incidentConfiguration": {"groupingConfiguration": {"entitiesMatchingMethod": str(old), **rest}}}:
            matching = rest.get("matchingMethod") or _OF_2019.get(old.lower(), old)
            incident = {**properties["incidentConfiguration"]}
            incident["groupingConfiguration"] = {**rest, "matchingMethod": matching}
            return {**properties, "incidentConfiguration": incident}
        case _:
            return properties


def _search(_item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """Tags are a set of pairs."""
    tags = properties.get("tags")
    if not isinstance(tags, list):
        return properties
    pairs = [_decapitalised(each) for each in cast("list[dict[str, Any]]", tags)]
    return {**properties, "tags": sorted(pairs, key=lambda each: str(each.get("name")).lower())}


def _automation(_item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """Actions go by their order."""
    actions = properties.get("actions")
    if not isinstance(actions, list):
        return properties
    ordered = sorted(cast("list[dict[str, Any]]", actions), key=lambda each: float(each.get("order") or 0))
    return {**properties, "actions": ordered}


def _watchlist(item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """The alias is the name; the text of an upload is compared as items, elsewhere."""
    ignored = ("rawcontent", "contenttype", "numberoflinestoskip")
    left = {name: each for name, each in properties.items() if name.lower() not in ignored}
    return {**left, "watchlistAlias": Choice(item.name)}


def _connection(item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """Of the API only its id is said; what it is called comes from the service. Secrets are never shown."""
    api = as_mapping(properties.get("api"))
    hidden = ("parametervalues", "customparametervalues", "parametervalueset", "nonsecretparametervalues")
    left = {name: each for name, each in properties.items() if name.lower() not in hidden}
    return {**left, "displayName": properties.get("displayName") or item.name, "api": {"id": api.get("id")}}


def _assignment(_item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """A role is known by its GUID, whatever scope it is named below."""
    role = str(properties.get("roleDefinitionId") or "").rstrip("/").rpartition("/")[2]
    return {**properties, "roleDefinitionId": Choice(role)}


_SHAPES: Mapping[str, Callable[[Item, dict[str, Any]], dict[str, Any]]] = {
    "AlertRule": _rule,
    "Parser": _search,
    "HuntingQuery": _search,
    "SavedSearch": _search,
    "AutomationRule": _automation,
    "Watchlist": _watchlist,
    "Connection": _connection,
    "RoleAssignment": _assignment,
}
