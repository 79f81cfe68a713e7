from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.clock import VirtualClock
from vedette.core.errors import Forbidden, InvalidInput, NotFound, Unauthenticated, Unsupported
from vedette.sentinel.workflow_keys import check_signature
from vedette.sentinel.workflows import next_version

Send = Callable[..., Answer]
DEFINITION: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"$connections": {"defaultValue": {}, "type": "Object"}, "key": {"type": "SecureString"}},
    "triggers": {
        "Microsoft_Sentinel_incident": {"type": "ApiConnectionWebhook", "inputs": {}},
        "manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {"type": "object"}}},
        "Recurrence": {"type": "Recurrence"},
    },
    "actions": {},
}


@pytest.fixture
def id(send: Send, estate: Estate) -> str:
    id = f"{estate.resource_group_id}/providers/Microsoft.Logic/workflows/playbook"
    parameters = {"$connections": {"value": {}}, "key": {"value": "a secret"}}
    body = {
        "location": "eastus",
        "identity": {"type": "SystemAssigned"},
        "properties": {"definition": DEFINITION, "parameters": parameters},
    }
    made = send("PUT", id, body)
    assert made.status == 201
    assert made.body["identity"].keys() == {"type", "tenantId", "principalId"}
    return id


def test_what_is_shown(send: Send, estate: Estate, id: str) -> None:
    shown = send("GET", id)
    properties = shown.body["properties"]
    assert (properties["state"], properties["provisioningState"]) == ("Enabled", "Succeeded")
    assert properties["definition"] == DEFINITION
    assert properties["parameters"] == {"$connections": {"value": {}}, "key": {"type": "SecureString"}}
    for path in (id, f"{id}/versions", f"{estate.subscription_resource_id}/providers/Microsoft.Logic/workflows"):
        assert "a secret" not in str(send("GET", path).body)


def test_versions(send: Send, id: str, clock: VirtualClock) -> None:
    first = send("GET", id).body["properties"]["version"]
    send("PATCH", id, {"properties": {"state": "Disabled"}})
    versions = [each["name"] for each in send("GET", f"{id}/versions").body["value"]]
    assert versions == [f"{int(first) - 1:020d}", first]  # the clock stands still
    assert send("GET", f"{id}/versions/{first}").body["properties"]["state"] == "Enabled"
    triggers = send("GET", f"{id}/versions/{first}/triggers").body["value"]
    assert [each["name"] for each in triggers] == list(DEFINITION["triggers"])


def test_a_version_number() -> None:
    published = datetime(2018, 8, 9, 12, 31, 54, 114307, UTC)
    assert next_version(published, None).startswith("0858667")


def test_states_and_checks(send: Send, id: str) -> None:
    assert send("POST", f"{id}/disable").status == 200
    assert send("GET", id).body["properties"]["state"] == "Disabled"
    assert send("GET", f"{id}/triggers/manual").body["properties"]["state"] == "Disabled"
    assert send("POST", f"{id}/enable").status == 200
    assert send("GET", id).body["properties"]["state"] == "Enabled"
    assert send("POST", f"{id}/validate", {"properties": {"definition": DEFINITION}}).status == 200
    with pytest.raises(InvalidInput, match="schema"):
        send("POST", f"{id}/validate", {"properties": {"definition": {}}})
    assert send("POST", f"{id}/generateUpgradedDefinition", {}).body == DEFINITION


def test_triggers_and_runs(send: Send, id: str) -> None:
    trigger = send("GET", f"{id}/triggers/MANUAL").body
    assert (trigger["name"], trigger["type"]) == ("manual", "Microsoft.Logic/workflows/triggers")
    assert trigger["properties"]["workflow"]["id"].startswith(f"{id}/versions/")
    schema = send("GET", f"{id}/triggers/manual/schemas/json").body
    assert schema == {"title": "manual.json", "content": '{"type": "object"}'}
    assert send("GET", f"{id}/triggers/manual/histories").body == {"value": []}
    assert send("GET", f"{id}/runs").body == {"value": []}
    for missing in (f"{id}/runs/1", f"{id}/triggers/none", f"{id}/runs/1/actions"):
        with pytest.raises(NotFound):
            send("GET", missing)
    with pytest.raises(Unsupported):
        send("POST", f"{id}/triggers/manual/setState", {})
    begun = send("POST", f"{id}/triggers/manual/run", {"a": 1})
    assert begun.status == 202
    (run,) = send("GET", f"{id}/runs").body["value"]
    assert run["name"] == begun.headers["x-ms-workflow-run-id"]
    assert run["properties"]["status"] == "Running"
    assert run["properties"]["trigger"]["outputsLink"]["contentSize"] == len('{"headers":{},"body":{"a":1}}')
    (fired,) = send("GET", f"{id}/triggers/manual/histories").body["value"]
    assert fired["properties"]["run"]["id"] == run["id"]
    assert send("POST", f"{run['id']}/cancel").status == 200
    assert send("GET", run["id"]).body["properties"]["status"] == "Cancelled"
    assert send("POST", f"{fired['id']}/resubmit").status == 202
    assert len(send("GET", f"{id}/runs").body["value"]) == 2


def test_callback_urls(send: Send, context: Context, clock: VirtualClock, id: str) -> None:
    def check(url: str, place: str = "/triggers/Microsoft_Sentinel_incident") -> None:
        workflow = urlsplit(url).path.split("/")[2]
        check_signature(context.state, clock.now(), workflow, place, dict(parse_qsl(urlsplit(url).query)))

    trigger = f"{id}/triggers/Microsoft_Sentinel_incident"
    answer = send("POST", f"{trigger}/listCallbackUrl").body
    assert answer["method"] == "POST"
    assert answer["value"].startswith(answer["basePath"] + "?")
    assert answer["basePath"].endswith("/triggers/Microsoft_Sentinel_incident/paths/invoke")
    check(answer["value"])
    with pytest.raises(Forbidden, match="another trigger"):
        check(answer["value"], "/triggers/manual")
    ending = send("POST", f"{trigger}/listCallbackUrl", {"notAfter": "2000-01-01T00:00:00Z"}).body["value"]
    with pytest.raises(Forbidden, match="its time is over"):
        check(ending)
    with pytest.raises(InvalidInput, match="years 1 to 9999"):
        send("POST", f"{trigger}/listCallbackUrl", {"notAfter": "9999-12-31T23:59:59-12:00"})
    without_end = ending.replace("2016-10-01&se=", "2016-10-01%0Ase=")
    assert without_end != ending
    with pytest.raises(Unauthenticated):
        check(without_end)
    with pytest.raises(Unauthenticated):
        check(answer["value"].replace("sv=1.0", "sv=1.1"))
    with pytest.raises(Unauthenticated):
        check(answer["value"].replace("/workflows/", "/workflows/0"))
    version = send("GET", id).body["properties"]["version"]
    of_version = send("POST", f"{id}/versions/{version}/triggers/manual/listCallbackUrl", {}).body["value"]
    check(of_version, f"/versions/{version}/triggers/manual")
    assert "/triggers/manual/" in send("POST", f"{id}/listCallbackUrl", {"keyType": "Secondary"}).body["value"]
    with pytest.raises(InvalidInput, match="nothing calls it"):
        send("POST", f"{id}/triggers/Recurrence/listCallbackUrl")
    short = send("POST", f"{trigger}/listCallbackUrl", {"notAfter": "2024-01-01T00:10:00Z"}).body["value"]
    check(short)
    clock.set(datetime(2024, 1, 1, 0, 10, tzinfo=UTC))
    with pytest.raises(Forbidden, match="time is over"):
        check(short)
    send("POST", f"{id}/regenerateAccessKey", {"keyType": "Primary"})
    with pytest.raises(Unauthenticated):
        check(answer["value"])


def test_a_secret_outlives_a_put_without_it(send: Send, context: Context, id: str) -> None:
    shown = send("GET", id).body
    send("PUT", id, {name: shown[name] for name in ("location", "properties", "identity")})
    kept = context.state.get(f"{id}/providers/Vedette.Secrets/workflowParameters/default")
    assert kept is not None
    assert kept.body["values"] == {"key": "a secret"}


@pytest.mark.parametrize(
    "properties", [{"definition": {"$schema": "x", "triggers": []}}, {"definition": {"$schema": "x"}, "state": "On"}]
)
def test_a_workflow_is_refused(send: Send, id: str, properties: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        send("PUT", id, {"location": "eastus", "properties": properties})


def test_connections(send: Send, context: Context, estate: Estate) -> None:
    above = f"{estate.subscription_resource_id}/providers/Microsoft.Web/locations/local/managedApis"
    apis = send("GET", above).body["value"]
    assert "azuresentinel" in [each["name"] for each in apis]
    assert send("GET", f"{above}/AzureSentinel").body["properties"]["generalInformation"]["displayName"]
    id = f"{estate.resource_group_id}/providers/Microsoft.Web/connections/c"
    properties = {"api": {"id": f"{above}/virustotal"}, "parameterValues": {"api_key": "a secret"}}
    made = send("PUT", id, {"location": "eastus", "properties": properties})
    assert made.body["properties"]["api"]["displayName"] == "VirusTotal"
    assert "a secret" not in str(made.body)
    assert "a secret" not in str(send("GET", f"{estate.resource_group_id}/providers/Microsoft.Web/connections").body)
    send("PATCH", id, {"properties": {"displayName": "Other"}})
    kept = context.state.get(f"{id}/providers/Vedette.Secrets/connectionParameters/default")
    assert kept is not None
    assert kept.body == {"parameterValues": {"api_key": "a secret"}}
    with pytest.raises(InvalidInput):
        send("PUT", id, {"location": "eastus", "properties": {}})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/providers/Microsoft.Logic/integrationAccounts"),
        ("PUT", "/providers/Microsoft.Logic/integrationAccounts/a/maps/m"),
        ("POST", "/providers/Microsoft.Logic/integrationAccounts/a/maps/m/listContentCallbackUrl"),
        ("PUT", "/providers/Microsoft.Resources/deploymentStacks/d"),
    ],
)
def test_what_is_not_served(send: Send, estate: Estate, method: str, path: str) -> None:
    with pytest.raises(Unsupported):
        send(method, estate.resource_group_id + path, {})


def test_secure_parameters_are_found_in_any_case(send: Send, context: Context, id: str) -> None:
    send(
        "PUT",
        id,
        {
            "location": "eastus",
            "properties": {"definition": DEFINITION, "parameters": {"KEY": {"value": "other secret"}}},
        },
    )
    for path in (id, f"{id}/versions"):
        assert "secret" not in str(send("GET", path).body)
    kept = context.state.get(f"{id}/providers/Vedette.Secrets/workflowParameters/default")
    assert kept is not None
    assert kept.body["values"] == {"key": "other secret"}


def test_versions_lose_the_value_of_a_parameter_that_becomes_secure(send: Send, estate: Estate, id: str) -> None:
    def sent(type: str) -> dict[str, Any]:
        definition = DEFINITION | {"parameters": {"pass": {"type": type}}}
        parameters = {"Pass": {"value": "open secret"}, "other": {"value": 1}}
        return {"location": "eastus", "properties": {"definition": definition, "parameters": parameters}}

    send("PUT", id, sent("String"))
    assert "open secret" in str(send("GET", f"{id}/versions").body)
    send("PUT", id, sent("SecureString"))
    assert "open secret" not in str(send("GET", f"{id}/versions").body)
    assert "'other': {'value': 1}" in str(send("GET", f"{id}/versions").body)


def test_the_address_of_a_workflow_goes_with_it(send: Send, context: Context, id: str) -> None:
    kept = "Vedette.Secrets/workflowAddresses"
    send("PATCH", id, {"properties": {"state": "Disabled"}})
    assert len(context.state.list(kept)) == 1
    send("DELETE", id)
    assert context.state.list(kept) == []


@pytest.mark.parametrize("change", [{"api": "office365"}, {"parameterValues": {}}])
def test_a_connection_forgets_its_secret(send: Send, context: Context, estate: Estate, change: dict[str, Any]) -> None:
    apis = f"{estate.subscription_resource_id}/providers/Microsoft.Web/locations/local/managedApis"
    id = f"{estate.resource_group_id}/providers/Microsoft.Web/connections/c"
    properties = {"api": {"id": f"{apis}/virustotal"}, "parameterValues": {"api_key": "a secret"}}
    send("PUT", id, {"location": "eastus", "properties": properties})
    changed = {"api": {"id": f"{apis}/{change.pop('api', 'virustotal')}"}} | change
    send("PUT", id, {"location": "eastus", "properties": changed})
    assert context.state.get(f"{id}/providers/Vedette.Secrets/connectionParameters/default") is None


def test_what_a_trigger_is_given_is_taken_whole_or_refused(send: Send, estate: Estate) -> None:
    id = f"{estate.resource_group_id}/providers/Microsoft.Logic/workflows/splits"
    trigger = {"type": "Request", "inputs": {}, "splitOn": "@triggerBody()"}
    definition = {**DEFINITION, "triggers": {"manual": trigger}}
    send("PUT", id, {"location": "local", "properties": {"definition": definition}})
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    for body, told in (([1] * 301, "301 items; one call starts at most 300 runs"), (deep, "nested deeper")):
        with pytest.raises(InvalidInput, match=told):
            send("POST", f"{id}/triggers/manual/run", body)
    assert send("GET", f"{id}/runs").body == {"value": []}
    assert send("POST", f"{id}/triggers/manual/run", [1] * 3).status == 202
    assert len(send("GET", f"{id}/runs").body["value"]) == 3
