"""Who changed what: in the audit, in SentinelAudit and AzureActivity, and in the activity log."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal
from tests.unit.api.test_arm import VERSION, body

from vedette.access.role_definitions import CONTRIBUTOR, READER
from vedette.api.acts import operation_of
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.arm.call import Call
from vedette.arm.resource import ResourceTypes
from vedette.arm.resource_ids import parse_id
from vedette.core.acting import SYSTEM, Act

ACTIVITY = {"api-version": "2015-04-01"}
SINCE = "eventTimestamp ge '2000-01-01T00:00:00Z'"
BASE = "https://127.0.0.1:8443"


@pytest.fixture
def services(virtual_services: Services) -> Services:
    return virtual_services


@pytest.fixture
def owner(services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    return signed_in(services)


@pytest.fixture
def reader(services: Services) -> TestClient:
    return client(services, "ann", READER)


def client(services: Services, name: str, role: Any) -> TestClient:
    principal = service_principal(services, name)
    services.roles.assign(principal, role, services.estate.subscription_resource_id)
    token = services.tokens.issue(principal, "https://management.azure.com/", base=BASE).text
    return TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def rule(services: Services) -> str:
    sentinel = f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"
    return f"{sentinel}/alertRules/{uuid.uuid4()}"


def values(services: Services, table: str, *columns: str, where: str = "true") -> list[list[Any]]:
    found = services.logs.query(
        services.estate.workspace_id,
        f"{table} | where {where} | project-reorder TimeGenerated | project {', '.join(columns)}",
    )
    return [list(each) for each in found.rows()]


def test_a_rule_is_made_changed_and_deleted(services: Services, owner: TestClient, rule: str) -> None:
    ids = {"x-ms-correlation-request-id": str(uuid.uuid4()), "x-ms-client-request-id": "mine"}
    owner.put(rule, params=VERSION, json=body(), headers=ids)
    owner.put(rule, params=VERSION, json=body(severity="High"))
    owner.delete(rule, params=VERSION)
    owner.delete(rule, params=VERSION)
    audit = values(
        services, "SentinelAudit", "OperationName", "Status", "Description", "SentinelResourceType",
        "SentinelResourceKind", "SentinelResourceName", "SentinelResourceId", "ExtendedProperties", "CorrelationId",
    )  # fmt: skip
    assert [row[0].rpartition("/")[2] for row in audit] == ["Write", "Write", "Delete", "Delete"]
    made, changed, deleted, _ = audit
    assert made[1:7] == [
        "Success", "Create or update analytics rule.", "Analytic Rule", "Scheduled", "A rule", rule,
    ]  # fmt: skip
    assert made[8] == ids["x-ms-correlation-request-id"]
    told = [json.loads(row[7]) if isinstance(row[7], str) else row[7] for row in (made, changed, deleted)]
    assert told[0]["OriginalResourceState"] is None
    assert told[0]["CallerName"] == "vedette-owner"
    assert told[0]["CallerIpAddress"] == "testclient"
    assert told[0]["UpdatedResourceState"]["properties"]["severity"] == "Low"
    assert told[1]["OriginalResourceState"]["properties"]["severity"] == "Low"
    assert told[1]["UpdatedResourceState"]["properties"]["severity"] == "High"
    assert "severity" in told[1]["ResourceDiffMemberNames"]
    assert told[2]["UpdatedResourceState"] is None
    activity = values(
        services, "AzureActivity", "OperationNameValue", "ActivityStatusValue", "ActivitySubstatusValue",
        "ResourceProviderValue", "CategoryValue", "Caller", "CallerIpAddress",
        "tostring(Properties_d.after.properties.severity)", "tostring(parse_json(HTTPRequest).clientRequestId)",
        "Level",
    )  # fmt: skip
    write, delete = (f"MICROSOFT.SECURITYINSIGHTS/ALERTRULES/{verb}" for verb in ("WRITE", "DELETE"))
    assert [row[:3] for row in activity] == [
        [write, "Start", ""],
        [write, "Success", "Created"],
        [write, "Start", ""],
        [write, "Success", "OK"],
        [delete, "Start", ""],
        [delete, "Success", "OK"],
        [delete, "Start", ""],
        [delete, "Success", "NoContent"],
    ]
    assert activity[1][3:] == [
        "MICROSOFT.SECURITYINSIGHTS", "Administrative", services.estate.client_object_id, "testclient", "Low", "mine",
        "Informational",
    ]  # fmt: skip
    assert services.audit.verify().broken is None


def test_what_is_refused_or_fails_is_recorded(
    services: Services, reader: TestClient, owner: TestClient, rule: str
) -> None:
    assert reader.put(rule, params=VERSION, json=body()).status_code == 403
    owner.put(rule, params=VERSION, json=body())
    assert owner.put(rule, params=VERSION, json=body() | {"etag": '"x"'}).status_code == 409
    assert owner.put(rule, params=VERSION, json=body(), headers={"If-Match": '"x"'}).status_code == 412
    assert owner.put(rule, params=VERSION, json=body(severity="Grim")).status_code == 400
    assert reader.get(rule, params=VERSION).status_code == 200
    failed = values(
        services, "AzureActivity", "Caller", "ActivitySubstatusValue", "Level",
        "tostring(parse_json(tostring(Properties_d.statusMessage)).error.code)",
        where="ActivityStatusValue == 'Failure'",
    )  # fmt: skip
    owners = services.estate.client_object_id
    assert [row[:3] for row in failed] == [
        ["ann-object", "Forbidden", "Error"],
        [owners, "Conflict", "Error"],
        [owners, "PreconditionFailed", "Error"],
        [owners, "BadRequest", "Error"],
    ]
    assert [row[3] for row in failed][:3] == ["AuthorizationFailed", "Conflict", "PreconditionFailed"]
    audit = values(services, "SentinelAudit", "Status", "tostring(ExtendedProperties.Reason)")
    assert [row[0] for row in audit] == ["Failure", "Success", "Failure", "Failure", "Failure"]
    assert all(row[1] for row in audit if row[0] == "Failure")


def test_a_refused_action_at_the_tenant_is_recorded(services: Services) -> None:
    call = Call("POST", parse_id("/providers/Microsoft.X/look"), service_principal(services, "ann"), {})
    assert operation_of(ResourceTypes(()), call) == ("Microsoft.X/look/action", "/")
    act = Act(SYSTEM, services.clock.now(), method="POST", operation="Microsoft.X/look/action", resource_id="/")
    services.audit.ended(act, 403, "AuthorizationFailed", "No.")
    assert ["MICROSOFT.X/LOOK/ACTION", "Failure"] in values(
        services, "AzureActivity", "OperationNameValue", "ActivityStatusValue"
    )


def test_a_backup_is_recorded(services: Services, owner: TestClient) -> None:
    assert owner.post("/vedette/backup").status_code == 200
    (record, *_) = services.state.audit_records(limit=1)
    assert record.content["what"]["operation"] == "Microsoft.Authorization/vedetteBackups/write"
    assert record.content["who"]["objectId"]


def test_other_providers_are_in_the_activity_log_alone(services: Services, owner: TestClient) -> None:
    group = f"{services.estate.subscription_resource_id}/resourceGroups/audited"
    assert owner.put(group, params={"api-version": "2021-04-01"}, json={"location": "westeurope"}).status_code == 201
    of_group = values(services, "AzureActivity", "ActivityStatusValue", "ResourceGroup", where="Resource == 'audited'")
    assert of_group == [["Start", "audited"], ["Success", "audited"]]
    keys = f"{services.estate.workspace_resource_id}/sharedKeys"
    assert owner.post(keys, params={"api-version": "2020-08-01"}).status_code == 200
    regenerated = owner.post(
        f"{services.estate.workspace_resource_id}/regenerateSharedKey",
        params={"api-version": "2020-08-01"},
        json={"keyType": "Primary"},
    )
    assert regenerated.status_code == 200
    listed = owner.get(
        f"{services.estate.subscription_resource_id}/providers/Microsoft.Insights/eventtypes/management/values",
        params=ACTIVITY | {"$filter": SINCE, "$select": "operationName,status,resourceId"},
    ).json()["value"]
    told = [(each["operationName"]["value"], each["status"]["value"]) for each in listed]
    assert told == [
        ("Microsoft.OperationalInsights/workspaces/regenerateSharedKey/action", "Succeeded"),
        ("Microsoft.OperationalInsights/workspaces/regenerateSharedKey/action", "Started"),
        ("Microsoft.OperationalInsights/workspaces/sharedKeys/action", "Succeeded"),
        ("Microsoft.OperationalInsights/workspaces/sharedKeys/action", "Started"),
        ("Microsoft.Resources/subscriptions/resourceGroups/write", "Succeeded"),
        ("Microsoft.Resources/subscriptions/resourceGroups/write", "Started"),
    ]
    assert set(listed[0]) == {"operationName", "status", "resourceId"}
    assert values(services, "SentinelAudit", "Status") == []
    new, old = regenerated.json()["primarySharedKey"], services.estate
    records = json.dumps([record.content for record in services.state.audit_records(limit=100)])
    assert new not in records
    assert old.client_secret not in records


def test_every_event_has_an_id_and_the_time_that_it_began(services: Services, owner: TestClient, rule: str) -> None:
    url = f"{services.estate.subscription_resource_id}/providers/Microsoft.Insights/eventtypes/management/values"
    began = services.clock.now()
    act = Act(SYSTEM, began, "PUT", request_id="r", operation="Microsoft.X/y/write", resource_id=rule)
    services.clock.advance(timedelta(seconds=3))  # type: ignore[attr-defined]
    services.audit.ended(replace(act), 400, "a", "b")
    services.audit.ended(replace(act), 400, "a", "b")
    listed = owner.get(url, params=ACTIVITY | {"$filter": SINCE}).json()["value"]
    assert len({each["eventDataId"] for each in listed}) == 4
    times = [datetime.fromisoformat(each["eventTimestamp"]) for each in listed[:2]]
    assert times == [began + timedelta(seconds=3), began]
    assert owner.get(url, params=ACTIVITY | {"$filter": SINCE, "$skip": "1"}).status_code == 400


def test_the_rows_of_a_workspaces_end_are_in_another_one(services: Services, owner: TestClient) -> None:
    group = f"{services.estate.subscription_resource_id}/resourceGroups/{services.estate.resource_group}"
    other = f"{group}/providers/Microsoft.OperationalInsights/workspaces/other"
    version = {"api-version": "2023-09-01"}
    assert owner.put(other, params=version, json={"location": "westeurope"}).status_code in (200, 201)
    assert owner.delete(other, params=version).status_code in (200, 202)
    rows = values(services, "AzureActivity", "ActivityStatusValue", where="OperationNameValue endswith 'DELETE'")
    assert rows == [["Start"], ["Success"]]


def test_the_activity_log_is_filtered_and_paged(
    services: Services, owner: TestClient, reader: TestClient, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vedette.api.activity_log._PAGE", 2)
    subscription = services.estate.subscription_resource_id
    url = f"{subscription}/providers/microsoft.insights/eventTypes/management/values"
    correlation = str(uuid.uuid4())
    for number in range(5):
        headers = {"x-ms-correlation-request-id": correlation} if number == 3 else {}
        owner.put(f"{rule}{number}", params=VERSION, json=body(), headers=headers)
    reader.delete(f"{rule}0", params=VERSION)

    def found(filter: str) -> list[dict[str, Any]]:
        page = reader.get(url, params=ACTIVITY | {"$filter": f"{SINCE}{filter}"}).json()
        events = page["value"]
        while "nextLink" in page:
            page = reader.get(page["nextLink"]).json()
            events += page["value"]
        return events

    group = services.estate.resource_group
    assert len(found("")) == 12
    assert [each["eventName"]["value"] for each in found("")[:2]] == ["EndRequest", "BeginRequest"]
    assert len({each["eventDataId"] for each in found("")}) == 12
    assert len(found(f" and correlationId eq '{correlation.upper()}'")) == 2
    assert len(found(f" and resourceGroupName eq '{group.upper()}'")) == 12
    assert found(" and resourceGroupName eq 'none'") == []
    assert len(found(f" and resourceUri eq '{rule}0'")) == 4
    assert len(found(" and resourceProvider eq 'Microsoft.securityinsights'")) == 12
    assert found(" and resourceProvider eq 'Microsoft.Insights'") == []
    assert [each["status"]["value"] for each in found(" and status eq 'Failed'")] == ["Failed"]
    assert len(found(" and caller eq 'ann-object' and eventChannels eq 'Admin, Operation'")) == 2
    assert found(" and eventTimestamp le '2001-01-01T00:00:00Z'") == []
    for wrong in (
        None,
        "resourceUri eq 'x'",
        f"{SINCE} or status eq 'x'",
        f"{SINCE} and level eq 'x'",
        "status ge 'a'",
    ):
        answer = reader.get(url, params=ACTIVITY | ({} if wrong is None else {"$filter": wrong}))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest"), wrong
    tenant = "/providers/Microsoft.Insights/eventtypes/management/values"
    assert reader.get(tenant, params=ACTIVITY | {"$filter": SINCE}).status_code == 403
    categories = reader.get("/providers/Microsoft.Insights/eventcategories", params=ACTIVITY).json()["value"]
    assert {"value": "Administrative", "localizedValue": "Administrative"} in categories


def test_the_audit_is_for_more_than_readers(
    services: Services, owner: TestClient, reader: TestClient, rule: str
) -> None:
    contributor = client(services, "ben", CONTRIBUTOR)
    for path in ("", "/records/1", "/verification"):
        assert owner.get(f"/vedette/audit{path}").status_code == 200
        assert reader.get(f"/vedette/audit{path}").status_code == 403
        assert contributor.get(f"/vedette/audit{path}").status_code == 200
    owner.put(rule, params=VERSION, json=body())
    last = owner.get("/vedette/audit?top=1").json()["value"]
    assert last[0]["what"]["resourceId"] == rule
    assert owner.get(f"/vedette/audit/records/{last[0]['sequence']}").json() == last[0]
    head = owner.get("/vedette/audit/verification").json()["head"]
    assert head == f"{last[0]['sequence']}:{last[0]['seal']}"
    assert owner.get("/vedette/audit/verification", params={"head": head}).json()["broken"] is None
    forged = f"{last[0]['sequence']}:{'0' * 63}1"
    assert owner.get("/vedette/audit/verification", params={"head": forged}).json()["broken"] == last[0]["sequence"]
    assert owner.get("/vedette/audit/verification?head=x").status_code == 400
    assert owner.get("/vedette/audit/records/99999").status_code == 404


def test_a_change_and_its_record_are_committed_together(
    services: Services, owner: TestClient, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = services.state.audit_head()

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("vedette.state.audit_chain.AuditChain.append", fail)
    answer = TestClient(owner.app, base_url=BASE, headers=owner.headers, raise_server_exceptions=False).put(
        rule, params=VERSION, json=body()
    )
    assert answer.status_code == 500
    monkeypatch.undo()
    assert owner.get(rule, params=VERSION).status_code == 404
    assert services.state.audit_head() == before


def test_what_the_server_does_itself_and_what_others_began(services: Services, owner: TestClient) -> None:
    service_principal(services, "eve")
    last = services.state.audit_records(limit=1)[0].content
    assert last["who"] == {"name": "Vedette", "kind": "System"}
    assert last["changes"][0]["type"].startswith("Vedette.Directory/")
    assert (last["changes"][0]["before"], len(last["changes"][0]["after"])) == (None, 64)
    group = f"{services.estate.subscription_resource_id}/resourceGroups/short-lived"
    version = {"api-version": "2021-04-01"}
    assert owner.put(group, params=version, json={"location": "westeurope"}).status_code == 201
    begun = owner.delete(group, params=version)
    assert begun.status_code == 202
    deadline = time.monotonic() + 20
    while owner.get(begun.headers["location"]).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    told = [record.content for record in services.state.audit_records(limit=10)]
    deleted = next(each for each in told if any(c["type"] and c["after"] is None for c in each["changes"] if "id" in c))
    assert deleted["who"]["name"] == "vedette-owner"
    accepted = next(each for each in told if each["what"].get("operation", "").endswith("/delete"))
    assert accepted["outcome"] == {"status": "Succeeded", "code": 202}


def test_a_subscriptions_diagnostic_setting_names_another_workspace(services: Services, owner: TestClient) -> None:
    group, other = services.estate.workspace_resource_id.rsplit("/", 1)[0], "zweiter"
    made = owner.put(
        f"{group}/{other}", params={"api-version": "2022-10-01"}, json={"location": "westeurope", "properties": {}}
    )
    assert made.status_code in (200, 201)
    second = services.workspaces.by_resource_id(f"{group}/{other}")
    assert second is not None

    def groups_told() -> list[list[Any]]:
        query = "AzureActivity | where ActivityStatusValue == 'Success' and Resource startswith 'g' | project Resource"
        return [list(row) for row in services.logs.query(second.id, query).rows()]

    def make(name: str) -> None:
        path = f"{services.estate.subscription_resource_id}/resourceGroups/{name}"
        owner.put(path, params={"api-version": "2021-04-01"}, json={"location": "westeurope"})

    make("g1")
    setting = f"{services.estate.subscription_resource_id}/providers/Microsoft.Insights/diagnosticSettings/all"
    logs = [{"category": "Administrative", "enabled": True}]
    put = owner.put(
        setting,
        params={"api-version": "2021-05-01-preview"},
        json={"properties": {"workspaceId": second.resource_id, "logs": logs}},
    )
    assert put.status_code == 200, put.text
    make("g2")
    assert groups_told() == [["g2"]]
    assert ["g2"] in values(services, "AzureActivity", "Resource", where="ActivityStatusValue == 'Success'")
