from collections.abc import Callable
from typing import Any

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import Forbidden, InvalidInput

Send = Callable[..., Answer]

TASK = {"order": 2, "actionType": "AddIncidentTask", "actionConfiguration": {"title": "Reset"}}
CLOSE = {"status": "Closed", "classification": "FalsePositive", "classificationReason": "InaccurateData"}
CHANGE = {"order": 1, "actionType": "ModifyProperties", "actionConfiguration": CLOSE}
PLAYBOOK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p"
TITLE = {"propertyName": "IncidentTitle", "operator": "Contains", "propertyValues": ["x"]}
PROPERTY = {"conditionType": "Property", "conditionProperties": TITLE}


def rule(logic: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    triggers = {"isEnabled": True, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": [PROPERTY]}
    properties = {"displayName": "A rule", "order": 1, "triggeringLogic": triggers | (logic or {}), "actions": [TASK]}
    return {"properties": properties | changes}


@pytest.fixture
def put(send: Send, sentinel: str) -> Callable[..., Answer]:
    return lambda body, name="a1": send("PUT", f"{sentinel}/automationRules/{name}", body)


def test_a_rule_is_kept_with_its_actions_in_order(put: Callable[..., Answer], send: Send, sentinel: str) -> None:
    made = put(rule(actions=[TASK, CHANGE]))
    assert made.status == 201
    assert [each["order"] for each in made.body["properties"]["actions"]] == [1, 2]
    assert made.body["properties"]["createdBy"]["name"] == "vedette"
    assert put(rule()).body["properties"]["createdTimeUtc"] == made.body["properties"]["createdTimeUtc"]
    deleted = send("DELETE", f"{sentinel}/automationRules/a1")
    assert (deleted.status, deleted.body) == (200, {})
    assert send("DELETE", f"{sentinel}/automationRules/a1").status == 204


def nested(depth: int) -> dict[str, Any]:
    inner = [PROPERTY, nested(depth - 1) if depth else PROPERTY]
    return {"conditionType": "Boolean", "conditionProperties": {"operator": "And", "innerConditions": inner}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (rule(order=0), "order"),
        (rule(order=1001), "order"),
        (rule(displayName="x" * 501), "500"),
        (rule(actions=[]), "actions"),
        (rule(actions=[TASK] * 21), "20"),
        (rule(logic={"conditions": [PROPERTY] * 51}), "50"),
        (rule(logic={"conditions": [nested(9)]}), "nested deeper"),
        (rule(logic={"triggersOn": "Alerts"}), "RunPlaybook"),
        (rule(logic={"triggersOn": "Alerts", "triggersWhen": "Updated"}), "Created"),
        (rule(logic={"conditions": [{"conditionType": "PropertyChanged", "conditionProperties": {}}]}), "Updated"),
        (rule(logic={"expirationTimeUtc": "soon"}), "expirationTimeUtc"),
        (rule(actions=[{"order": 1, "actionType": "Whim", "actionConfiguration": {}}]), "actionType"),
        (
            rule(actions=[CHANGE | {"actionConfiguration": CLOSE | {"classification": "TruePositive"}}]),
            "does not go with",
        ),
        (
            rule(
                actions=[{"order": 1, "actionType": "RunPlaybook", "actionConfiguration": {"logicAppResourceId": "/a"}}]
            ),
            "workflow",
        ),
    ],
)
def test_what_cannot_be_a_rule(put: Callable[..., Answer], body: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        put(body)


def test_a_rule_of_alerts_starts_playbooks(put: Callable[..., Answer], estate: Estate) -> None:
    theirs = {"order": 1, "actionType": "RunPlaybook", "actionConfiguration": {"logicAppResourceId": PLAYBOOK}}
    with pytest.raises(Forbidden, match="linked scope"):
        put(rule(logic={"triggersOn": "alerts", "conditions": []}, actions=[theirs]))
    own = f"{estate.resource_group_id}/providers/Microsoft.Logic/workflows/p"
    playbook = theirs | {"actionConfiguration": {"logicAppResourceId": own}}
    made = put(rule(logic={"triggersOn": "alerts", "conditions": []}, actions=[playbook]))
    assert made.body["properties"]["triggeringLogic"]["triggersOn"] == "Alerts"
