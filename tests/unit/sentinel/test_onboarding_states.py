from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.errors import InvalidInput
from vedette.sentinel.onboarding_states import onboard

Send = Callable[..., Answer]


def test_sentinel_can_be_switched_off_and_on(send: Send, sentinel: str, estate: Estate) -> None:
    state = f"{sentinel}/onboardingStates/default"
    assert send("GET", f"{sentinel}/onboardingStates").body["value"][0]["properties"] == {"customerManagedKey": False}
    assert send("DELETE", state).status == 200
    with pytest.raises(InvalidInput, match=f"Workspace '{estate.workspace_name}' is not onboarded") as refused:
        send("GET", f"{sentinel}/alertRules")
    assert refused.value.code == "BadRequest"
    assert send("DELETE", state).status == 204
    assert send("PUT", state, {}).status == 201
    assert send("PUT", state, {"properties": {"customerManagedKey": False}}).status == 200
    assert send("GET", f"{sentinel}/alertRules").status == 200


def test_onboarding_again_changes_nothing(context: Context, estate: Estate, send: Send, sentinel: str) -> None:
    before = send("GET", f"{sentinel}/onboardingStates/default")
    onboard(context.state, estate.workspace_resource_id)
    assert send("GET", f"{sentinel}/onboardingStates/default") == before


@pytest.mark.parametrize(
    ("name", "managed", "said"),
    [("other", False, "named 'default'"), ("default", True, "not supported"), ("default", "x", "true or false")],
)
def test_what_is_refused(send: Send, sentinel: str, name: str, managed: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        send("PUT", f"{sentinel}/onboardingStates/{name}", {"properties": {"customerManagedKey": managed}})


def test_a_workspace_that_is_onboarded_keeps_rows_for_ninety_days(send: Send, estate: Estate, sentinel: str) -> None:
    workspace, state = estate.workspace_resource_id, f"{sentinel}/onboardingStates/default"
    send("DELETE", state)
    send("PATCH", workspace, {"properties": {"retentionInDays": 30}})
    send("PUT", state, {"properties": {}})
    assert send("GET", workspace).body["properties"]["retentionInDays"] == 90
    send("PATCH", workspace, {"properties": {"retentionInDays": 120}})
    send("DELETE", state)
    send("PUT", state, {"properties": {}})
    assert send("GET", workspace).body["properties"]["retentionInDays"] == 120
