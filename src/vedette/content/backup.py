"""A workspace's whole configuration: read from it, and made ready for another workspace, with its ids.

What is known as secret is in no backup: connectors and connections come without their credentials, playbooks without
what their parameters, headers and links have of them, and the address of a playbook's trigger is asked for anew where
a rule is attached to it.
"""

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from vedette.content.backup_files import Origin
from vedette.content.bodies import as_mapping, properties_of
from vedette.content.item import Item
from vedette.content.kinds import (
    CONNECTION,
    DATA_CONNECTOR,
    KINDS,
    PLAYBOOK,
    ROLE_ASSIGNMENT,
    WATCHLIST,
    WATCHLIST_ITEM,
    WORKBOOK,
    Kind,
)
from vedette.content.management_client import ManagementClient
from vedette.content.remote import Found, list_items
from vedette.content.watchlist_rows import text_of
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id
from vedette.core.redaction import REDACTED, SECRETS_OF_SIGNING_IN, SECURE_TYPES, is_secret, redacted

_WORKSPACES = "2022-10-01"
_SUBSCRIPTIONS = "2022-12-01"
_WITH_SECRETS = (DATA_CONNECTOR, CONNECTION, PLAYBOOK)


def origin_of(client: ManagementClient, workspace: Workspace) -> Origin:
    """What is known of a workspace by its own APIs. Raises Refused."""
    told = client.ask("GET", workspace.id, {"api-version": _WORKSPACES})
    subscription = client.ask("GET", f"/subscriptions/{workspace.subscription}", {"api-version": _SUBSCRIPTIONS})
    return Origin(
        endpoint=workspace.endpoint,
        tenant=str(subscription.get("tenantId") or workspace.tenant),
        subscription=workspace.subscription,
        group=workspace.group,
        name=workspace.name,
        customer_id=str(properties_of(told).get("customerId") or ""),
        location=str(told.get("location") or ""),
    )


def configuration(client: ManagementClient, workspace: Workspace, kinds: Collection[Kind] = KINDS) -> list[Item]:
    """Everything that makes a workspace what it is, but its logs, incidents and secrets."""
    found = list_items(client, workspace, kinds)
    return [_without_secrets(each.item) if each.item.kind in _WITH_SECRETS else each.item for each in found]


def for_workspace(
    items: Sequence[Item],
    origin: Origin,
    target: Origin,
    principals: Mapping[str, str],
    there: Sequence[Found],
) -> list[Item]:
    """The items as they are to be in the target. `there` are the role assignments that it has.

    Ids of the subscription, the group, the workspace and the tenant are those of the target, and principals those that
    the map says. Raises InvalidInput for a principal of another tenant that the map does not have.
    """
    _check_principals(items, origin, target, principals)
    rename = _renaming(origin, target, principals)
    moved = [_moved(item, origin, target, rename) for item in items]
    return _with_rows(_known_assignments(moved, there))


def _renaming(origin: Origin, target: Origin, principals: Mapping[str, str]) -> Callable[[str], str]:
    """What texts become: the longest that is known comes first, and letter case makes no difference."""
    pairs = {
        _workspace_id(origin): _workspace_id(target),
        f"/subscriptions/{origin.subscription}/resourceGroups/{origin.group}": _group_id(target),
        f"/subscriptions/{origin.subscription}": f"/subscriptions/{target.subscription}",
        origin.customer_id: target.customer_id,
        origin.tenant: target.tenant,
        f"/locations/{origin.location}/": f"/locations/{target.location}/",
        **principals,
    }
    known = {old.casefold(): new for old, new in pairs.items() if old and new and old != new}
    if not known:
        return lambda text: text
    ordered = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(_whole(each) for each in ordered), re.IGNORECASE)
    return lambda text: pattern.sub(lambda found: known[found[0].casefold()], text)


def _whole(text: str) -> str:
    """A pattern of a text that does not go on: `soc` is not found in `soc-2`."""
    return re.escape(text) if text.endswith("/") else rf"{re.escape(text)}(?![\w-])"


def _workspace_id(origin: Origin) -> str:
    return f"{_group_id(origin)}/providers/Microsoft.OperationalInsights/workspaces/{origin.name}"


def _group_id(origin: Origin) -> str:
    return f"/subscriptions/{origin.subscription}/resourceGroups/{origin.group}"


def _moved(item: Item, origin: Origin, target: Origin, rename: Callable[[str], str]) -> Item:
    body = cast("dict[str, Any]", _renamed(item.body, rename))
    if origin.location and str(body.get("location", "")).casefold() == origin.location.casefold():
        body["location"] = target.location
    same_group = _group_id(origin).casefold() == _group_id(target).casefold()
    elsewhere = _workspace_id(origin).casefold() != _workspace_id(target).casefold()
    name = item.name
    if elsewhere and ((item.kind is WORKBOOK and same_group) or item.kind is ROLE_ASSIGNMENT):
        name = derived_id("restored", item.name.casefold(), _workspace_id(target).casefold())
    return replace(item, name=name, body=body)


def _renamed(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, Mapping):
        return {name: _renamed(each, rename) for name, each in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_renamed(each, rename) for each in cast("list[Any]", value)]
    return value


def _check_principals(items: Iterable[Item], origin: Origin, target: Origin, principals: Mapping[str, str]) -> None:
    if not origin.tenant or origin.tenant.casefold() == target.tenant.casefold():
        return
    known = {each.casefold() for each in principals}
    missing = {
        str(properties_of(each.body).get("principalId"))
        for each in items
        if each.kind is ROLE_ASSIGNMENT and str(properties_of(each.body).get("principalId")).casefold() not in known
    }
    if missing:
        raise InvalidInput(
            "UnknownPrincipals",
            f"The backup is of another tenant, whose principals have other ids here: say --principal OLD=NEW for "
            f"{', '.join(sorted(missing))}, or leave role assignments out with --without RoleAssignment.",
        )


def _known_assignments(items: Sequence[Item], there: Sequence[Found]) -> list[Item]:
    """A role is assigned to somebody once: where it is already, under whatever name, that is the one."""
    names = {_assignment(each.item): each.item.name for each in there if each.item.kind is ROLE_ASSIGNMENT}
    return [
        replace(each, name=names.get(_assignment(each), each.name)) if each.kind is ROLE_ASSIGNMENT else each
        for each in items
    ]


def _assignment(item: Item) -> tuple[str, str]:
    properties = properties_of(item.body)
    role = str(properties.get("roleDefinitionId")).rstrip("/").rpartition("/")[2]
    return role.casefold(), str(properties.get("principalId")).casefold()


def _with_rows(items: Sequence[Item]) -> list[Item]:
    """Items of watchlists that are nothing but rows are sent as a text, thousands at a time; others one by one."""
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    kept: list[Item] = []
    for each in items:
        properties = properties_of(each.body)
        if each.kind is WATCHLIST_ITEM and not properties.get("entityMapping"):
            rows[each.parent.casefold()].append(as_mapping(properties.get("itemsKeyValue")))
        else:
            kept.append(each)
    return [_filled(each, rows[each.name.casefold()]) if each.kind is WATCHLIST else each for each in kept]


def _filled(item: Item, rows: Sequence[Mapping[str, Any]]) -> Item:
    if not rows:
        return item
    properties = properties_of(item.body)
    text = text_of(rows, str(properties.get("itemsSearchKey") or ""))
    told = {"rawContent": text, "contentType": "text/csv", "numberOfLinesToSkip": 0}
    return replace(item, body={**item.body, "properties": {**properties, **told}})


def _without_secrets(item: Item) -> Item:
    """A body without what is secret by its name, or by the type that a workflow says its parameter has.

    In a playbook, whose actions have to stay whole, REDACTED stands where a secret was.
    """
    properties = copy.deepcopy(properties_of(item.body))
    if item.kind is PLAYBOOK:
        properties = cast("dict[str, Any]", _blanked(properties, signing_in=False))
    else:
        properties = cast("dict[str, Any]", _cleaned(properties))
    for name in ("parameterValues", "customParameterValues", "parameterValueSet"):
        properties.pop(name, None)
    declared = as_mapping(as_mapping(properties.get("definition")).get("parameters"))
    for name, each in declared.items():
        if str(as_mapping(each).get("type", "")).lower() in SECURE_TYPES:
            as_mapping(each).pop("defaultValue", None)
            as_mapping(as_mapping(properties.get("parameters")).get(name)).pop("value", None)
    return replace(item, body={**item.body, "properties": properties})


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        return {name: _cleaned(each) for name, each in named.items() if not _is_told_secret(name, each)}
    if isinstance(value, list):
        return [_cleaned(each) for each in cast("list[Any]", value)]
    return value


def _blanked(value: Any, *, signing_in: bool) -> Any:
    """With `signing_in` the value is an action's authentication, whose `value` and `pfx` are secrets too."""
    if isinstance(value, Mapping):
        blanked: dict[str, Any] = {}
        for name, each in cast("Mapping[str, Any]", value).items():
            of_signing_in = signing_in and name.lower() in SECRETS_OF_SIGNING_IN and _is_literal(each)
            inner = name.lower() == "authentication"
            secret = of_signing_in or _is_told_secret(name, each)
            blanked[name] = REDACTED if secret else _blanked(each, signing_in=inner)
        return blanked
    if isinstance(value, list):
        return [_blanked(each, signing_in=False) for each in cast("list[Any]", value)]
    return redacted(value)


def _is_told_secret(name: str, value: Any) -> bool:
    """A text of a secret's name; an expression of a workflow that fetches one is none."""
    return _is_literal(value) and is_secret(name, frozenset())


def _is_literal(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and not value.startswith("@") and "@{" not in value
