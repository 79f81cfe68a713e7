"""Automation rules: what happens to which incidents and alerts, in which order; `automation.rules` carries them out.

https://learn.microsoft.com/rest/api/securityinsights/automation-rules
"""

from datetime import datetime
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete
from vedette.arm.resource import Body
from vedette.arm.resource_ids import parse_id
from vedette.arm.shapes import as_object, list_of, one_of, text, wrong
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.detect.incident_properties import REASONS
from vedette.sentinel.extension import as_first_made, extension
from vedette.sentinel.people import person
from vedette.state.documents import Document
from vedette.state.store import Transaction

AUTOMATION_RULE = "Microsoft.SecurityInsights/automationRules"

# https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#automation-rule-limits
MAX_RULES = 512
MAX_ACTIONS = 20
MAX_CONDITIONS = 50
_MAX_ORDER = 1000
_MAX_NAME = 500
_DEEPEST = 5
_START = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"
"""What lets somebody start a playbook."""

_CONDITIONS = one_of("Property", "PropertyArray", "PropertyChanged", "PropertyArrayChanged", "Boolean")
_OF_CHANGES = frozenset({"PropertyChanged", "PropertyArrayChanged"})


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    properties: Body = body["properties"]
    order = properties["order"]
    if not 1 <= order <= _MAX_ORDER:
        raise wrong("properties.order", f"is from 1 to {_MAX_ORDER}, not {order}")
    if len(text("properties.displayName", properties["displayName"])) > _MAX_NAME:
        raise wrong("properties.displayName", f"has at most {_MAX_NAME} characters")
    logic = _logic(properties["triggeringLogic"])
    actions = list_of(_action, least=1, most=MAX_ACTIONS)("properties.actions", properties["actions"])
    if logic["triggersOn"] == "Alerts" and any(each["actionType"] != "RunPlaybook" for each in actions):
        raise wrong("properties.actions", "of a rule that triggers on alerts are of type RunPlaybook")
    kept = {"triggeringLogic": logic, "actions": sorted(actions, key=lambda each: each["order"])}
    return body | {"properties": properties | kept}


def _logic(logic: Body) -> Body:
    place = "properties.triggeringLogic"
    if (logic["triggersOn"], logic["triggersWhen"]) == ("Alerts", "Updated"):
        raise wrong(f"{place}.triggersWhen", "is Created for alerts, which do not change")
    if "expirationTimeUtc" in logic:
        _instant(f"{place}.expirationTimeUtc", logic["expirationTimeUtc"])
    if "conditions" not in logic:
        return logic
    conditions = list_of(_condition, most=MAX_CONDITIONS)(f"{place}.conditions", logic["conditions"])
    if logic["triggersWhen"] == "Created" and any(each["conditionType"] in _OF_CHANGES for each in conditions):
        raise wrong(f"{place}.conditions", "on what has changed need triggersWhen to be Updated")
    return logic | {"conditions": conditions}


def _instant(place: str, value: Any) -> datetime:
    try:
        return instant_of(str(value))
    except ValueError as error:
        raise wrong(place, f"is an instant in UTC, not '{str(value)[:40]}'") from error


def _condition(place: str, value: Any, depth: int = 0) -> Body:
    """A condition, with those inside it, which have no published shape where a condition has none inside."""
    if depth > _DEEPEST:
        raise wrong(place, f"is nested deeper than {_DEEPEST} levels")
    condition = as_object(place, value)
    if condition.get("conditionType") is None:
        raise wrong(f"{place}.conditionType", "is missing")
    type = _CONDITIONS(f"{place}.conditionType", condition["conditionType"])
    inner = as_object(f"{place}.conditionProperties", condition.get("conditionProperties"))
    for name, least in (("innerConditions", 2), ("itemConditions", 0)):
        if isinstance(inner.get(name), list):
            below = f"{place}.conditionProperties.{name}"

            def check(at: str, each: Any) -> Body:
                return _condition(at, each, depth + 1)

            inner = inner | {name: list_of(check, least=least, most=10)(below, inner[name])}
    return condition | {"conditionType": type, "conditionProperties": inner}


def _action(place: str, action: Body) -> Body:
    configuration = as_object(f"{place}.actionConfiguration", action.get("actionConfiguration"))
    match action["actionType"]:
        case "RunPlaybook":
            _check_playbook(f"{place}.actionConfiguration.logicAppResourceId", configuration.get("logicAppResourceId"))
        case "AddIncidentTask":
            text(f"{place}.actionConfiguration.title", configuration.get("title"))
        case _:
            _check_classification(f"{place}.actionConfiguration", configuration)
    return action


def _check_playbook(place: str, value: Any) -> None:
    if parse_id(text(place, value)).type.lower() != "microsoft.logic/workflows":
        raise wrong(place, "is the id of a workflow of Microsoft.Logic")


def _check_classification(place: str, configuration: Body) -> None:
    """A reason goes with its classification, as in an incident."""
    reason, given = configuration.get("classificationReason"), configuration.get("classification")
    if reason is None:
        return
    fitting = {kind.value.lower(): [each.value.lower() for each in reasons] for kind, reasons in REASONS.items()}
    if str(reason).lower() not in fitting.get(str(given).lower(), ()):
        raise wrong(f"{place}.classificationReason", f"'{str(reason)[:40]}' does not go with '{str(given)[:40]}'")


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now, who = arm_time(context.clock.now()), person(context, call.principal)
    _check_may_start(context, call, body, existing)
    if existing is None and transaction.count(AUTOMATION_RULE, call.path.parent_id) >= MAX_RULES:
        raise InvalidInput("BadRequest", f"The workspace has {MAX_RULES} automation rules already, which is the most.")
    made = as_first_made(existing, {"createdTimeUtc": now, "createdBy": who})
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now, "lastModifiedBy": who}}


def _check_may_start(context: Context, call: Call, body: Body, existing: Document | None) -> None:
    """Who adds a playbook to a rule must be one who may start it, for the rule does so whenever it is carried out.

    Raises Forbidden (LinkedAuthorizationFailed).
    """
    known = set(_playbooks(existing.body)) if existing is not None else set[str]()
    added = [each for each in _playbooks(body) if each not in known]
    if added:
        context.roles.check_linked(call.principal, f"{AUTOMATION_RULE}/write", call.path.id, _START, added)


def _playbooks(body: Body) -> list[str]:
    actions: list[Body] = body["properties"]["actions"]
    found = [each for each in actions if each["actionType"] == "RunPlaybook"]
    return [str(each["actionConfiguration"]["logicAppResourceId"]).lower() for each in found]


def _delete(context: Context, call: Call) -> Answer:
    """Alone of its kind a deletion answers with an object, if an empty one."""
    reply = delete(context, AUTOMATION_RULES, call)
    return Answer(200, {}) if reply.status == 200 else reply


AUTOMATION_RULES = extension(
    "automation rule",
    AUTOMATION_RULE,
    key="automationRuleId",
    page=1000,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "createdBy", "lastModifiedBy"}),
    validate=_validate,
    fill=_fill,
    handlers={"DELETE": _delete},
)
