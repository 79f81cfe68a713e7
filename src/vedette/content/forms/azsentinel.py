"""AZSentinel's settings files and its exports: lists of flat rules by kind, hunting rules, data connectors.

Its names are PowerShell's, in any letter case. https://github.com/wortell/AZSentinel#usage
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vedette.content.forms import rule
from vedette.content.forms.place import Place
from vedette.content.item import Item
from vedette.content.kind_of_type import HUNTING_CATEGORY, kind_of_search
from vedette.content.kinds import ALERT_RULE, ALERT_RULE_ACTION, DATA_CONNECTOR, HUNTING_QUERY
from vedette.content.plain_values import list_of, mapping_of
from vedette.content.problem import Problem, WrongContent
from vedette.content.server_made import own_body
from vedette.content.stable_names import stable_name
from vedette.core.errors import InvalidInput

FORM = "azsentinel"
ANALYTICS = "analytics"
HUNTING = "Hunting"
_SOURCE = "AzureActivityLog"
_CONNECTORS = ("AzureSecurityCenter", "Office365", "ThreatIntelligenceTaxii")
_ROOTS = {each.lower(): each for each in (ANALYTICS, HUNTING, _SOURCE, *rule.RULE_KINDS, *_CONNECTORS)}
_NOT_KEPT = frozenset({"id", "etag", "kind", "status", "lastmodifiedutc", "name", "playbookname", "playbookstatus"})
_MATCHING = {"all": "AllEntities", "none": "AnyAlert", "custom": "Selected"}
"""Of api-version 2019-01-01-preview, which AZSentinel speaks, in what later ones call it."""

_NAMES = {
    each.lower(): each
    for each in (
        *("displayName", "description", "severity", "enabled", "query", "queryFrequency", "queryPeriod", "tactics"),
        *("techniques", "triggerOperator", "triggerThreshold", "suppressionDuration", "suppressionEnabled", "category"),
        *("incidentConfiguration", "groupingConfiguration", "createIncident", "aggregationKind", "tags", "version"),
        *("alertRuleTemplateName", "eventGroupingSettings", "productFilter", "severitiesFilter", "displayNamesFilter"),
        *("entityMappings", "customDetails", "alertDetailsOverride", "functionAlias", "functionParameters"),
        *("reopenClosedIncident", "lookbackDuration", "entitiesMatchingMethod", "matchingMethod", "groupByEntities"),
    )
}
_DEFAULTS: Mapping[str, Any] = {
    "suppressionDuration": "PT1H",
    "eventGroupingSettings": {"aggregationKind": "SingleAlert"},
}
_GROUPING: Mapping[str, Any] = {
    "enabled": False,
    "reopenClosedIncident": False,
    "lookbackDuration": "PT5H",
    "matchingMethod": "AllEntities",
    "groupByEntities": ["Account", "IP", "Host", "URL", "FileHash"],
}


def is_settings(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a settings file: nothing but known roots, each with a list or, for one rule, a mapping."""
    return bool(value) and all(
        key.lower() in _ROOTS and (each is None or isinstance(each, list | Mapping)) for key, each in value.items()
    )


def is_rule(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is one of its rules without a root around it."""
    folded = {key.lower() for key in value}
    return "displayname" in folded and "properties" not in folded and "query" in folded


def read_settings(place: Place, value: Mapping[str, Any]) -> Iterator[Item | Problem]:
    """Every rule, action, hunting query and connector of a settings file."""
    for key, told in value.items():
        root = _ROOTS[key.lower()]
        for at, each in _elements(told):
            where = place.child(key, *at)
            if not isinstance(each, Mapping):
                yield where.document.problem(where.at, f"what '{key}' lists are objects")
                continue
            try:
                yield from _read_one(where, root, mapping_of(each))
            except WrongContent as error:
                yield where.document.problem((*where.at, *error.at), error.message)


def _elements(told: Any) -> list[tuple[tuple[int, ...], Any]]:
    return [((), told)] if isinstance(told, Mapping) else [((at,), each) for at, each in enumerate(list_of(told))]


def read_rule(place: Place, value: Mapping[str, Any]) -> Iterator[Item | Problem]:
    """A rule, or a hunting query, without a root around it."""
    told = _folded(value)
    yield from _read_one(place, ANALYTICS if "kind" not in told else str(told["kind"]), value)


def _read_one(place: Place, root: str, value: Mapping[str, Any]) -> Iterator[Item | Problem]:
    told = _folded(value)
    if root in _CONNECTORS:
        yield _connector(place, root, told)
    elif root == _SOURCE:
        message = (
            f"'{_SOURCE}' sets up a data source, which is no content: route the activity log by diagnostic settings"
        )
        yield place.document.problem(place.at, message, is_warning=True)
    elif root == HUNTING or (root == ANALYTICS and "queryFrequency" not in told and "severity" not in told):
        yield _hunting(place, told)
    else:
        yield from _rule(place, "Scheduled" if root == ANALYTICS else root, told)


def _folded(value: Mapping[str, Any]) -> dict[str, Any]:
    """The entries under the names of the management API; what is null or empty counts as absent."""
    return {_NAMES.get(key.lower(), key): each for key, each in value.items() if each is not None and each != ""}


def _own_name(told: Mapping[str, Any], make: Callable[[], str]) -> str:
    """The resource's name: of an export, its `name` or the end of its `id`."""
    folded = {key.lower(): each for key, each in told.items()}
    for each in (folded.get("name"), folded.get("id")):
        if isinstance(each, str) and each.strip():
            return each.strip().rstrip("/").rpartition("/")[2]
    return make()


def _rule(place: Place, kind: str, told: dict[str, Any]) -> Iterator[Item]:
    title = told.get("displayName")
    name = _own_name(told, lambda: stable_name(ALERT_RULE, title) if isinstance(title, str) else "")
    if not name:
        raise WrongContent("a rule needs a 'displayName'")
    kept = {key: each for key, each in told.items() if key.lower() not in _NOT_KEPT}
    flat = _with_incidents(kept) if kind == "Scheduled" else kept
    properties = rule.properties_of(flat, kind, None)
    body: dict[str, Any] = {"kind": kind, "properties": properties}
    if kind not in rule.QUERY_KINDS:  # what its template gives it, such as its title
        body = own_body(ALERT_RULE, body)
    yield Item(ALERT_RULE, name, body, source=place.source(FORM))
    playbook = next((each for key, each in told.items() if key.lower() == "playbookname"), None)
    if isinstance(playbook, str):
        own = stable_name(ALERT_RULE_ACTION, f"{name}/{playbook}")
        body = {"properties": {"logicAppResourceId": playbook}}
        yield Item(ALERT_RULE_ACTION, own, body, name, place.source(FORM))


def _with_incidents(told: dict[str, Any]) -> dict[str, Any]:
    """Its defaults, and what it has flat put where the API has it."""
    flat = dict(_DEFAULTS) | told
    if "aggregationKind" in flat:
        flat["eventGroupingSettings"] = {"aggregationKind": flat.pop("aggregationKind")}
    grouping, create = flat.pop("groupingConfiguration", None), flat.pop("createIncident", True)
    incident = _folded(mapping_of(flat.get("incidentConfiguration")))
    incident.setdefault("createIncident", create)
    grouping = incident.get("groupingConfiguration", grouping)
    incident["groupingConfiguration"] = _grouping(mapping_of(grouping))
    return flat | {"incidentConfiguration": incident}


def _grouping(value: Mapping[str, Any]) -> dict[str, Any]:
    told = _folded(value)
    old = told.pop("entitiesMatchingMethod", None)
    if isinstance(old, str):
        told.setdefault("matchingMethod", _MATCHING.get(old.lower(), old))
    return dict(_GROUPING) | told


def _hunting(place: Place, told: dict[str, Any]) -> Item:
    for needed in ("displayName", "query"):
        if not isinstance(told.get(needed), str):
            raise WrongContent(f"a hunting rule needs a '{needed}'", needed)
    tags = [{key.lower(): each for key, each in mapping_of(tag).items()} for tag in list_of(told.get("tags"))]
    if not tags:
        listed = told.get("tactics")
        tactics = ",".join(str(each) for each in list_of(listed)) or (listed if isinstance(listed, str) else "")
        pairs = (("description", str(told.get("description") or "")), ("tactics", tactics))
        tags = [{"name": key, "value": each} for key, each in pairs if each]
    dropped = _NOT_KEPT | {"tactics", "description", "tags"}
    properties = {"category": HUNTING_CATEGORY, "version": 2} | {
        key: each for key, each in told.items() if key.lower() not in dropped
    }
    if tags:
        properties["tags"] = tags
    name = _own_name(told, lambda: stable_name(HUNTING_QUERY, str(told["displayName"])))
    return Item(kind_of_search(properties), name, {"properties": properties}, source=place.source(FORM))


def _connector(place: Place, kind: str, told: dict[str, Any]) -> Item:
    state = told.get("state", "Enabled")
    match kind:
        case "AzureSecurityCenter":
            own = {"subscriptionId": told.get("subscriptionId")}
            types = {"alerts": {"state": state}}
        case "Office365":
            own = {"tenantId": told.get("tenantId")}
            types = {
                each: {"state": told.get(f"{each}_state", "Disabled")} for each in ("exchange", "sharepoint", "teams")
            }
        case _:
            names = ("friendlyName", "taxiiServer", "collectionId", "userName", "password")
            folded = {key.lower(): each for key, each in told.items()}
            own = {each: folded.get(each.lower()) for each in names}
            types = {"taxiiClient": {"state": state}}
    first = next(iter(own))
    if not own[first]:
        raise WrongContent(f"a connector of kind '{kind}' needs a '{first}'")
    properties = {key: each for key, each in own.items() if each is not None} | {"dataTypes": types}
    name = stable_name(DATA_CONNECTOR, f"{kind}/{own[first]}")
    return Item(DATA_CONNECTOR, name, {"kind": kind, "properties": properties}, source=place.source(FORM))


def settings_of(items: list[Item]) -> dict[str, Any]:
    """The settings file that has these items. Raises InvalidInput for a kind that there is no root for."""
    roots: dict[str, list[Any]] = {}
    by_name: dict[str, dict[str, Any]] = {}
    for item in items:
        properties = mapping_of(item.body.get("properties"))
        if item.kind.name == ALERT_RULE.name:
            entry = {"name": item.name, **properties}
            by_name[item.name.casefold()] = entry
            roots.setdefault(str(item.body.get("kind")), []).append(entry)
        elif item.kind.name == HUNTING_QUERY.name:
            roots.setdefault(HUNTING, []).append({"name": item.name, **properties})
        elif item.kind.name == ALERT_RULE_ACTION.name and item.parent.casefold() in by_name:
            by_name[item.parent.casefold()]["playbookName"] = properties.get("logicAppResourceId")
        else:
            raise InvalidInput(
                "NoSuchForm", f"AZSentinel's settings have no place for the {item.kind.name} '{item.title}'."
            )
    return roots
