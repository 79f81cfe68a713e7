"""Automations: which of Defender for Cloud's data goes where as it changes.

https://learn.microsoft.com/rest/api/defenderforcloud/automations
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from vedette.access.workspaces import SEND_TO_WORKSPACE
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import received_body
from vedette.arm.resource import Body
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput, Unsupported, VedetteError
from vedette.sentinel.defender.rule_sets import problem_of
from vedette.sentinel.defender.types import AUTOMATION, EXPORTED
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]

_START_WORKFLOW: Final = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"
_MOST: Final = 1000  # rules, and as many scopes
_SOURCES: Final = frozenset(
    name.lower()
    for each in EXPORTED.values()
    for name in (each.source, *([each.snapshot] if each.has_snapshot else []))
)
_SECRET: Final = frozenset({"uri", "connectionstring"})


def validate(context: Context, call: Call, body: Body) -> Body:
    """See `Resource`: what is wrong with the scopes, sources and actions is told by name."""
    properties: Json = body["properties"]
    _check_scopes(context, properties)
    for place, source in _each(properties, "sources"):
        _check_source(place, source)
    actions = [*_each(properties, "actions")]
    for place, action in actions:
        _check_action(context, call, place, action)
    return body | {"properties": properties | ({"actions": [_kept(each) for _, each in actions]} if actions else {})}


def fill(_context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """An automation is on unless it says that it is off; its sources show that they have no rules."""
    properties: Json = {"isEnabled": True, **body["properties"]}
    if isinstance(properties.get("sources"), list):
        properties["sources"] = [each | {"ruleSets": each.get("ruleSets") or []} for each in properties["sources"]]
    if existing is not None and "actions" in properties:
        properties["actions"] = _with_triggers(properties["actions"], existing.body["properties"].get("actions"))
    return body | {"properties": properties}


def show(_context: Context, _call: Call, document: Document) -> Body:
    """See `Resource`: where a trigger is called is nobody's business."""
    properties: Json = document.body["properties"]
    shown = [{name: each for name, each in action.items() if name != "trigger"} for action in _actions(properties)]
    return document.body | {"properties": properties | ({"actions": shown} if "actions" in properties else {})}


def try_out(context: Context, call: Call) -> Answer:
    """POST `validate`: whether a PUT of the body would be taken; nothing is kept."""
    try:
        body = received_body(call.body, frozenset())
        validate(context, call, body)
    except VedetteError as error:
        return Answer(200, {"isValid": False, "message": error.message})
    return Answer(200, {"isValid": True, "message": "Validation Successful"})


def _check_scopes(context: Context, properties: Json) -> None:
    for place, scope in _each(properties, "scopes"):
        path = scope.get("scopePath")
        if not isinstance(path, str) or not path:
            raise _wrong(f"{place}.scopePath", "it must be the id of the subscription or of a resource group")
        found = parse_id(path)
        is_group = found.type.lower() == "microsoft.resources/subscriptions/resourcegroups"
        if not found.is_item or not (is_group or found.type.lower() == "microsoft.resources/subscriptions"):
            raise _wrong(f"{place}.scopePath", f"'{path}' is neither a subscription nor a resource group")
        if found.names[0].lower() != context.estate.subscription_id.lower():
            raise _wrong(f"{place}.scopePath", f"'{path}' is not of the subscription that the automation is in")


def _check_source(place: str, source: Json) -> None:
    name = str(source.get("eventSource") or "")
    if name.lower() in ("attackpaths", "attackpathssnapshot"):
        raise Unsupported(
            "OperationNotSupported", f"'{place}.eventSource' is '{name}': attack paths are not known here."
        )
    if name.lower() not in _SOURCES:
        raise _wrong(f"{place}.eventSource", f"'{name[:60]}' is no source of an automation")
    count = 0
    for set_place, rule_set in _each(source, "ruleSets", place):
        for rule_place, rule in _each(rule_set, "rules", set_place):
            count += 1
            problem = problem_of(rule)
            if problem is not None:
                raise _wrong(rule_place, problem)
    if count > _MOST:
        raise _wrong(place, f"it has {count} rules; at most {_MOST} are held against an event")


def _check_action(context: Context, call: Call, place: str, action: Json) -> None:
    kind = str(action.get("actionType") or "").lower()
    if kind == "eventhub":
        raise Unsupported(
            "OperationNotSupported",
            f"'{place}.actionType' is EventHub: this server has no Event Hubs and sends to none. Use Workspace, or "
            "LogicApp with a playbook that sends.",
        )
    names = {
        "workspace": ("workspaceResourceId", SEND_TO_WORKSPACE),
        "logicapp": ("logicAppResourceId", _START_WORKFLOW),
    }
    if kind not in names:
        raise _wrong(f"{place}.actionType", "it is one of Workspace, LogicApp, EventHub")
    name, permission = names[kind]
    if not isinstance(action.get(name), str) or not action[name]:
        raise _wrong(f"{place}.{name}", "it must be the id of a resource")
    parse_id(action[name])
    context.roles.check_linked(call.principal, f"{AUTOMATION}/write", call.path.id, permission, [action[name]])


def _kept(action: Json) -> Json:
    """An action without its secrets: of the address of a trigger only the trigger's name is kept."""
    kept = {name: each for name, each in action.items() if name.lower() not in _SECRET and name != "trigger"}
    trigger = _trigger_of(action.get("uri"))
    return kept | ({"trigger": trigger} if trigger else {})


def _trigger_of(uri: Any) -> str:
    """The trigger in an address such as `…/triggers/manual/paths/invoke?…`; empty for any other."""
    segments = urlsplit(uri).path.split("/") if isinstance(uri, str) else []
    lower = [each.lower() for each in segments]
    place = lower.index("triggers") + 1 if "triggers" in lower else len(segments)
    return unquote(segments[place]) if place < len(segments) else ""


def _with_triggers(actions: list[Json], before: Any) -> list[Json]:
    """Actions that a GET gave back without an address go on calling the trigger that they had."""
    known = {
        str(each.get("logicAppResourceId")).lower(): each["trigger"]
        for each in cast("list[Json]", before or [])
        if "trigger" in each
    }
    return [
        each | ({"trigger": known[key]} if (key := str(each.get("logicAppResourceId")).lower()) in known else {}) | each
        for each in actions
    ]


def _actions(properties: Mapping[str, Any]) -> list[Json]:
    return cast("list[Json]", properties.get("actions") or [])


def _each(fields: Mapping[str, Any], name: str, above: str = "properties") -> Iterator[tuple[str, Json]]:
    """The objects of a list with where each stands; none where there is no list."""
    place = f"{above}.{name}"
    value = fields.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        raise _wrong(place, "it must be an array")
    items = cast("list[Any]", value)
    if len(items) > _MOST:
        raise _wrong(place, f"it has {len(items)} items; at most {_MOST} are taken")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise _wrong(f"{place}[{index}]", "it must be an object")
        yield f"{place}[{index}]", cast("Json", item)


def _wrong(target: str, reason: str) -> InvalidInput:
    return InvalidInput("BadRequest", f"'{target}' is wrong: {reason}.", target=target)
