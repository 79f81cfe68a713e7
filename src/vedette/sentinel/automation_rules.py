"""Automation rules: what happens to which incidents and alerts, in which order; kept and checked, not yet carried out.

https://learn.microsoft.com/rest/api/securityinsights/automation-rules
"""

from datetime import datetime
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import parse_id
from vedette.arm.shapes import as_object, list_of, one_of, text, truth, whole, wrong
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.detect.incident_properties import REASONS
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.people import person
from vedette.sentinel.workspaces import WORKSPACE, newer_exists
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

_ACTIONS = one_of("ModifyProperties", "RunPlaybook", "AddIncidentTask")
_CONDITIONS = one_of("Property", "PropertyArray", "PropertyChanged", "PropertyArrayChanged", "Boolean")
_OF_CHANGES = frozenset({"PropertyChanged", "PropertyArrayChanged"})


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    properties: Body = body["properties"]
    for name in ("displayName", "order", "triggeringLogic", "actions"):
        if properties.get(name) is None:
            raise wrong(f"properties.{name}", "is missing")
    order = whole("properties.order", properties["order"])
    if not 1 <= order <= _MAX_ORDER:
        raise wrong("properties.order", f"is from 1 to {_MAX_ORDER}, not {order}")
    if len(text("properties.displayName", properties["displayName"])) > _MAX_NAME:
        raise wrong("properties.displayName", f"has at most {_MAX_NAME} characters")
    logic = _logic(properties["triggeringLogic"])
    actions = list_of(_action, least=1, most=MAX_ACTIONS)("properties.actions", properties["actions"])
    if logic["triggersOn"] == "Alerts" and any(each["actionType"] != "RunPlaybook" for each in actions):
        raise wrong("properties.actions", "of a rule that triggers on alerts are of type RunPlaybook")
    kept = {"order": order, "triggeringLogic": logic, "actions": sorted(actions, key=lambda each: each["order"])}
    return body | {"properties": properties | kept}


def _logic(value: Any) -> Body:
    place = "properties.triggeringLogic"
    logic = as_object(place, value)
    for name in ("isEnabled", "triggersOn", "triggersWhen"):
        if logic.get(name) is None:
            raise wrong(f"{place}.{name}", "is missing")
    on = one_of("Incidents", "Alerts")(f"{place}.triggersOn", logic["triggersOn"])
    when = one_of("Created", "Updated")(f"{place}.triggersWhen", logic["triggersWhen"])
    if (on, when) == ("Alerts", "Updated"):
        raise wrong(f"{place}.triggersWhen", "is Created for alerts, which do not change")
    kept: Body = {"isEnabled": truth(f"{place}.isEnabled", logic["isEnabled"]), "triggersOn": on, "triggersWhen": when}
    if logic.get("expirationTimeUtc") is not None:
        _instant(f"{place}.expirationTimeUtc", logic["expirationTimeUtc"])
    if logic.get("conditions") is not None:
        conditions = list_of(_condition, most=MAX_CONDITIONS)(f"{place}.conditions", logic["conditions"])
        kept["conditions"] = conditions
        changes = [each for each in conditions if each["conditionType"] in _OF_CHANGES]
        if changes and when == "Created":
            raise wrong(f"{place}.conditions", "on what has changed need triggersWhen to be Updated")
    return logic | kept


def _instant(place: str, value: Any) -> datetime:
    try:
        return instant_of(str(value))
    except ValueError as error:
        raise wrong(place, f"is an instant in UTC, not '{str(value)[:40]}'") from error


def _condition(place: str, value: Any, depth: int = 0) -> Body:
    """A condition, with those inside it."""
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


def _action(place: str, value: Any) -> Body:
    action = as_object(place, value)
    for name in ("order", "actionType"):
        if action.get(name) is None:
            raise wrong(f"{place}.{name}", "is missing")
    type, order = _ACTIONS(f"{place}.actionType", action["actionType"]), whole(f"{place}.order", action["order"])
    configuration = as_object(f"{place}.actionConfiguration", action.get("actionConfiguration"))
    match type:
        case "RunPlaybook":
            _check_playbook(f"{place}.actionConfiguration.logicAppResourceId", configuration.get("logicAppResourceId"))
        case "AddIncidentTask":
            text(f"{place}.actionConfiguration.title", configuration.get("title"))
        case _:
            _check_classification(f"{place}.actionConfiguration", configuration)
    return action | {"order": order, "actionType": type, "actionConfiguration": configuration}


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
    if existing is None and transaction.count(AUTOMATION_RULE, call.path.parent_id) >= MAX_RULES:
        raise InvalidInput("BadRequest", f"The workspace has {MAX_RULES} automation rules already, which is the most.")
    made = {"createdTimeUtc": now, "createdBy": who}
    if existing is not None:
        made = {name: existing.body["properties"][name] for name in made}
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now, "lastModifiedBy": who}}


def _delete(context: Context, call: Call) -> Answer:
    """Alone of its kind a deletion answers with an object, if an empty one."""
    reply = delete(context, AUTOMATION_RULES, call)
    return Answer(200, {}) if reply.status == 200 else reply


AUTOMATION_RULES = Resource(
    AUTOMATION_RULE,
    key="automationRuleId",
    parent=WORKSPACE,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "createdBy", "lastModifiedBy"}),
    require=require_onboarded,
    validate=_validate,
    fill=_fill,
    newer_exists=newer_exists("automation rule"),
    handlers={"DELETE": _delete},
)
