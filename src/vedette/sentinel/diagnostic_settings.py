"""Diagnostic settings: which of a resource's logs and metrics go where, kept as documents.

https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/create-or-update
"""

from collections.abc import Mapping
from typing import Any, cast

from vedette.access.workspaces import SEND_TO_WORKSPACE
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Body, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.log_management.diagnostic_setting import DIAGNOSTIC_SETTING
from vedette.sentinel.diagnostic_categories import Category, categories_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

DIAGNOSTIC_CATEGORY = "Microsoft.Insights/diagnosticSettingsCategories"

_SINKS = (
    "storageAccountId",
    "workspaceId",
    "eventHubAuthorizationRuleId",
    "marketplacePartnerId",
    "serviceBusRuleId",
)
_MOST = 5
_DESTINATION_TYPES = ("Dedicated", "AzureDiagnostics")


def _validate(context: Context, call: Call, body: Body) -> Body:
    properties: dict[str, Any] = {name: _with_truths(name, each) for name, each in body["properties"].items()}
    body = body | {"properties": properties}
    if not any(properties.get(name) for name in _SINKS):
        raise InvalidInput(
            "BadRequest", f"At least one data sink needs to be specified: {', '.join(_SINKS)}.", target="properties"
        )
    for name in _SINKS:
        if not isinstance(properties.get(name, ""), str | None):
            raise _wrong(f"properties.{name}", "it must be the id of a resource")
    if properties.get("workspaceId"):
        context.roles.check_linked(
            call.principal,
            f"{DIAGNOSTIC_SETTING}/write",
            call.path.id,
            SEND_TO_WORKSPACE,
            [properties["workspaceId"]],
        )
    destination = properties.get("logAnalyticsDestinationType")
    if destination not in (None, "", *_DESTINATION_TYPES):
        raise _wrong("properties.logAnalyticsDestinationType", f"it must be one of: {', '.join(_DESTINATION_TYPES)}")
    _check_entries(properties.get("logs"), "properties.logs", ("category", "categoryGroup"))
    _check_entries(properties.get("metrics"), "properties.metrics", ("category", "timeGrain"))
    return body


def _with_truths(name: str, entries: Any) -> Any:
    """Entries whose `enabled` is true or false also where it is sent as a text, as older policies write it."""
    if name not in ("logs", "metrics") or not isinstance(entries, list):
        return entries
    return [_with_truth(each) for each in cast("list[Any]", entries)]


def _with_truth(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    held = cast("dict[str, Any]", entry)
    made = {name: _with_truth(each) if name == "retentionPolicy" else each for name, each in held.items()}
    text = made.get("enabled")
    if isinstance(text, str) and text.lower() in ("true", "false"):
        made["enabled"] = text.lower() == "true"
    return made


def _check_entries(entries: Any, target: str, names: tuple[str, str]) -> None:
    if entries is None:
        return
    if not isinstance(entries, list):
        raise _wrong(target, "it must be an array")
    seen: set[str] = set()
    for index, entry in enumerate(cast("list[Any]", entries)):
        place = f"{target}[{index}]"
        given = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        named = [given[name] for name in names if given.get(name)]
        if not named or not all(isinstance(each, str) for each in named):
            raise _wrong(place, f"it needs '{names[0]}' or '{names[1]}'")
        if names[1] == "categoryGroup" and len(named) > 1:
            raise _wrong(place, "it has both 'category' and 'categoryGroup'")
        if not isinstance(given.get("enabled"), bool):
            raise _wrong(f"{place}.enabled", "it must be true or false")
        if named[0].lower() in seen:
            raise _wrong(place, f"'{named[0]}' is there twice")
        seen.add(named[0].lower())


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    if existing is None and len(context.state.list(DIAGNOSTIC_SETTING, call.path.parent_id)) >= _MOST:
        raise InvalidInput("BadRequest", f"A resource has at most {_MOST} diagnostic settings.")
    return body


def _wrong(target: str, reason: str) -> InvalidInput:
    return InvalidInput("BadRequest", f"'{target}' is wrong: {reason}.", target=target)


def _category(context: Context, path: ResourcePath, category: Category) -> Document:
    now = context.clock.now()
    properties: Mapping[str, Any] = {"categoryType": category.type}
    if category.groups:
        properties = {**properties, "categoryGroups": list(category.groups)}
    id = f"{path.scope}/providers/{DIAGNOSTIC_CATEGORY}/{category.name}"
    return Document(id, DIAGNOSTIC_CATEGORY, path.scope, category.name, "", {"properties": dict(properties)}, now, now)


def _list_categories(context: Context, path: ResourcePath) -> list[Document]:
    above = path.parent
    found = categories_of(above.type) if above is not None else ()
    return [_category(context, path, category) for category in found]


def _find_category(context: Context, path: ResourcePath) -> Document | None:
    named = path.name.lower()
    return next((each for each in _list_categories(context, path) if each.name.lower() == named), None)


DIAGNOSTIC_SETTINGS = Resource(
    DIAGNOSTIC_SETTING,
    extends_any=True,
    created_status=200,
    validate=_validate,
    fill=_fill,
    published_shape=False,
)
DIAGNOSTIC_CATEGORIES = Resource(
    DIAGNOSTIC_CATEGORY,
    extends_any=True,
    methods=READ_METHODS,
    source=Source(find=_find_category, list=_list_categories),
)
