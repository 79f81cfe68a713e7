"""Queries over several workspaces and over resources, each row and table under the caller's own permissions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.access.principals import Principal
from vedette.access.role_definitions import (
    LOG_ANALYTICS_DATA_READER,
    LOG_ANALYTICS_READER,
    READER,
    ROLE_DEFINITION,
    SENTINEL_READER,
)
from vedette.access.roles import custom_role_id
from vedette.access.workspaces import Workspace, Workspaces
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.kql.types import ScalarType
from vedette.logs.saved_functions import SAVED_SEARCH

BASE = "https://127.0.0.1:8443"
ASK = {"api-version": "2017-10-01"}
PROVIDER = "Microsoft.OperationalInsights"
OTHER_ID = "371f17d3-5457-4237-9131-ae98a6f55c37"
VM = "/resourceGroups/Web/providers/Microsoft.Compute/virtualMachines/web1"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def estate(services: Services) -> Services:
    """The composed server with a second workspace, and rows of several resources in both."""
    own = services.workspaces.by_id(services.estate.workspace_id)
    assert own is not None
    resource_id = own.resource_id.rpartition("/")[0] + "/Other"
    other = Workspace(OTHER_ID, "Other", resource_id, "", "")
    services.logs.create_workspace(other.id, other.name, other.resource_id)
    subscription = services.estate.subscription_resource_id
    for workspace, number in ((own, 1), (other, 2)):
        rows = [
            {"n": number, "_ResourceId": f"{subscription}{VM}"},
            {"n": number * 10, "_ResourceId": f"{subscription}{VM}0"},
            {"n": number * 100, "_ResourceId": f"{subscription}{VM.lower()}/extensions/monitor"},
            {"n": number * 1000},
        ]
        services.logs.append(workspace.id, "Spread_CL", rows, columns={"n": ScalarType.long}).result()
    services.logs.append(other.id, "Only_CL", [{"word": "there"}], columns={"word": ScalarType.string}).result()
    services.logs.append(own.id, "Clash_CL", [{"v": 1}], columns={"v": ScalarType.long}).result()
    services.logs.append(other.id, "Clash_CL", [{"v": "one"}], columns={"v": ScalarType.string}).result()
    return replace(services, workspaces=Workspaces([own, other]))


def client(services: Services, principal: Principal) -> TestClient:
    token = services.tokens.issue(principal, "https://api.loganalytics.io", base=BASE).text
    return TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def owner(estate: Services) -> TestClient:
    principal = estate.directory.service_principal(estate.estate.client_id)
    assert principal is not None
    return client(estate, principal)


def with_role(services: Services, name: str, *held: tuple[str, str]) -> TestClient:
    principal = service_principal(services, name)
    for role, scope in held:
        services.roles.assign(principal, role, scope)
    return client(services, principal)


def own_url(services: Services, ending: str = "query") -> str:
    return f"/v1/workspaces/{services.estate.workspace_id}/{ending}"


def rows(client: TestClient, url: str, text: str, **body: Any) -> list[list[Any]]:
    answer = client.post(url, json={"query": text, **body}, params=ASK)
    assert answer.status_code == 200, answer.text
    return answer.json()["tables"][0]["rows"]


def refusal(client: TestClient, url: str, text: str, **body: Any) -> tuple[int, str]:
    answer = client.post(url, json={"query": text, **body}, params=ASK)
    return answer.status_code, answer.json()["error"]["code"]


# --- several workspaces --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "other",
        OTHER_ID.upper(),
        "{subscription_id}/{resource_group}/Other",
        "/subscriptions/{subscription_id}/resourceGroups/{resource_group}/providers/{provider}/workspaces/other/",
    ],
)
def test_another_workspace_is_united_by_any_of_its_names(estate: Services, owner: TestClient, name: str) -> None:
    named = name.format(
        subscription_id=estate.estate.subscription_id, resource_group=estate.estate.resource_group, provider=PROVIDER
    )
    text = "Spread_CL | summarize sum(n) by TenantId | sort by sum_n asc"
    assert rows(owner, own_url(estate), text, workspaces=[named]) == [
        [estate.estate.workspace_id, 1111],
        [OTHER_ID, 2222],
    ]
    in_url = owner.get(own_url(estate), params={"query": "Spread_CL | count", "workspaces": f"{named},{named}"})
    assert in_url.json()["tables"][0]["rows"] == [[8]]


def test_a_table_of_one_of_them_only(estate: Services, owner: TestClient) -> None:
    assert rows(owner, own_url(estate), "Only_CL | project word", workspaces=["Other"]) == [["there"]]
    assert refusal(owner, own_url(estate), "Only_CL") == (400, "BadArgumentError")


def test_columns_of_two_types_are_told_apart(estate: Services, owner: TestClient) -> None:
    text = "Clash_CL | project v_long, v_string | sort by v_string asc"
    assert rows(owner, own_url(estate), text, workspaces=["Other"]) == [[1, ""], [None, "one"]]


def test_wildcards_and_searches_go_over_all(estate: Services, owner: TestClient) -> None:
    text = "union withsource=T Spread*, Only* | summarize n = count() by T | sort by T asc"
    assert rows(owner, own_url(estate), text, workspaces=["Other"]) == [["Only_CL", 1], ["Spread_CL", 8]]
    assert rows(owner, own_url(estate), "search in (Only_CL) 'there' | count", workspaces=["Other"]) == [[1]]


def test_a_workspace_named_in_the_query(estate: Services, owner: TestClient) -> None:
    assert rows(owner, own_url(estate), "workspace('Other').Only_CL | count") == [[1]]
    qualified = f"{estate.estate.subscription_id}/{estate.estate.resource_group}/other"
    assert rows(owner, own_url(estate), f"workspace('{qualified}').Only_CL | count") == [[1]]


def test_a_plan_is_of_its_workspaces(estate: Services, owner: TestClient) -> None:
    text = "Spread_CL | where n < 5 | count"
    assert rows(owner, own_url(estate), text) == [[1]]
    assert rows(owner, own_url(estate), text, workspaces=["Other"]) == [[2]]
    assert rows(owner, own_url(estate), text) == [[1]]


def test_names_that_mean_nothing_or_too_much(estate: Services, owner: TestClient) -> None:
    answer = owner.post(own_url(estate), json={"query": "print 1", "workspaces": ["nowhere"]})
    assert (answer.status_code, answer.json()["error"]["details"][0]["code"]) == (400, "UnknownWorkspace")
    group = f"{estate.estate.subscription_resource_id}/resourceGroups"
    twins = [Workspace(f"w{n}", "Twin", f"{group}/g{n}/providers/X/workspaces/Twin", "", "") for n in range(2)]
    many = replace(estate, workspaces=Workspaces([*estate.workspaces.all(), *twins]))
    principal = estate.directory.service_principal(estate.estate.client_id)
    assert principal is not None
    answer = client(many, principal).post(own_url(estate), json={"query": "print 1", "workspaces": ["twin"]})
    assert (answer.status_code, answer.json()["error"]["details"][0]["code"]) == (400, "AmbiguousWorkspace")


def test_a_workspace_without_permission_is_refused(estate: Services) -> None:
    own, _ = estate.workspaces.all()
    reader = with_role(estate, "own-reader", (READER, own.resource_id))
    assert rows(reader, own_url(estate), "Spread_CL | count") == [[4]]
    for url, body in ((own_url(estate), {"workspaces": ["Other"]}), (f"/v1/workspaces/{OTHER_ID}/query", {})):
        answer = reader.post(url, json={"query": "Spread_CL", **body})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "InsufficientAccessError")
        assert answer.json()["error"]["innererror"]["code"] == "AuthorizationFailedError"
    assert refusal(reader, own_url(estate), "workspace('Other').Only_CL") == (400, "BadArgumentError")
    batch = {"requests": [{"id": "1", "workspace": OTHER_ID, "method": "POST", "body": {"query": "print 1"}}]}
    assert reader.post("/v1/$batch", json=batch).json()["responses"][0]["status"] == 403


# --- tables --------------------------------------------------------------------------------------------------------


def test_a_role_for_one_table_opens_that_and_no_other(estate: Services) -> None:
    own, _ = estate.workspaces.all()
    table = f"{own.resource_id}/tables/Spread_CL"
    reader = with_role(estate, "table-reader", (LOG_ANALYTICS_DATA_READER, own.resource_id), (READER, table))
    assert rows(reader, own_url(estate), "Heartbeat | count") == [[0]]
    actions = [f"{PROVIDER}/workspaces/read", f"{PROVIDER}/workspaces/query/read"]
    properties = {"roleName": "narrow", "permissions": [{"actions": actions}], "assignableScopes": [own.resource_id]}
    with estate.state.transaction() as transaction:
        transaction.put(
            id=custom_role_id("narrow-role"),
            type=ROLE_DEFINITION,
            scope="",
            name="narrow-role",
            body={"properties": properties},
        )
    narrowed = with_role(estate, "narrow", ("narrow-role", own.resource_id), (READER, table))
    assert rows(narrowed, own_url(estate), "Spread_CL | count") == [[4]]
    assert refusal(narrowed, own_url(estate), "Clash_CL | count") == (400, "BadArgumentError")
    assert rows(narrowed, own_url(estate), "union withsource=T *_CL | distinct T") == [["Spread_CL"]]
    metadata = narrowed.get(own_url(estate, "metadata")).json()
    assert [table["name"] for table in metadata["tables"]] == ["Spread_CL"]
    assert "Heartbeat" in metadata["permissions"][0]["workspaces"][0]["denyTables"]


def test_what_a_role_excludes_is_not_there(estate: Services) -> None:
    own, _ = estate.workspaces.all()
    sentinel = with_role(estate, "sentinel-reader", (SENTINEL_READER, own.resource_id))
    everything = with_role(estate, "logs-reader", (LOG_ANALYTICS_READER, own.resource_id))
    assert rows(everything, own_url(estate), "ConfidentialWatchlist | count") == [[0]]
    assert refusal(sentinel, own_url(estate), "ConfidentialWatchlist | count") == (400, "BadArgumentError")
    assert rows(sentinel, own_url(estate), "Watchlist | count") == [[0]]


def test_an_editor_is_told_no_more_than_a_query(estate: Services) -> None:
    own, _ = estate.workspaces.all()
    base = f"/vedette/workspaces/{own.id}"
    sentinel = with_role(estate, "sentinel-editor", (SENTINEL_READER, own.resource_id))
    everything = with_role(estate, "logs-editor", (LOG_ANALYTICS_READER, own.resource_id))
    asked = {"query": "ConfidentialWatchlist | take 1"}
    assert everything.post(f"{base}/explain", json=asked).status_code == 200
    assert everything.post(f"{base}/check", json=asked).json()["valid"] is True
    assert sentinel.post(f"{base}/explain", json=asked).status_code == 400
    assert sentinel.post(f"{base}/check", json=asked).json()["valid"] is False
    names = sentinel.post(f"{base}/complete", json={"query": "Confid", "offset": 6}).json()["completions"]
    assert "ConfidentialWatchlist" not in {each["text"] for each in names}


def _save_function(services: Services, workspace: Workspace, name: str) -> None:
    with services.state.transaction() as transaction:
        transaction.put(
            id=f"{workspace.resource_id}/savedSearches/{name}",
            type=SAVED_SEARCH,
            scope=workspace.resource_id,
            name=name,
            body={"properties": {"category": "c", "displayName": name, "query": "print 1", "functionAlias": name}},
        )


# --- resources -----------------------------------------------------------------------------------------------------


def test_a_resource_has_its_own_rows_and_those_below_it(estate: Services, owner: TestClient) -> None:
    subscription = estate.estate.subscription_resource_id
    text = "Spread_CL | summarize sum(n)"
    assert rows(owner, f"/v1{subscription}{VM}/query", text) == [[303]]
    assert rows(owner, f"{subscription}{VM.upper()}/providers/microsoft.insights/logs", text) == [[303]]
    assert rows(owner, f"/v1{subscription}/resourceGroups/web/query", text) == [[333]]
    assert rows(owner, f"/v1{subscription}/query", text) == [[333]]
    assert rows(owner, f"/v1{subscription}/resourceGroups/none/query", text) == [[0]]


def test_a_resource_of_a_workspace_that_may_not_be_read(estate: Services) -> None:
    own, _ = estate.workspaces.all()
    subscription = estate.estate.subscription_resource_id
    reader = with_role(estate, "own-only", (READER, own.resource_id))
    assert rows(reader, f"/v1{subscription}{VM}/query", "Spread_CL | summarize sum(n)") == [[101]]
    of_resource = with_role(estate, "vm-reader", (READER, f"{subscription}{VM}"))
    assert rows(of_resource, f"/v1{subscription}{VM}/query", "Spread_CL | summarize sum(n)") == [[303]]
    assert refusal(of_resource, f"/v1{subscription}{VM}0/query", "Spread_CL") == (403, "InsufficientAccessError")
    assert refusal(of_resource, own_url(estate), "Spread_CL") == (403, "InsufficientAccessError")


def test_metadata_of_a_resource_tells_nothing_of_workspaces_that_may_not_be_asked(estate: Services) -> None:
    own, other = estate.workspaces.all()
    subscription = estate.estate.subscription_resource_id
    path = f"/v1{subscription}{VM}/metadata"
    for workspace in (own, other):
        _save_function(estate, workspace, f"secret_of_{workspace.name}")
    of_resource = with_role(estate, "vm-metadata", (READER, f"{subscription}{VM}"))
    told = of_resource.get(path).json()
    assert "Spread_CL" in {table["name"] for table in told["tables"]}
    assert (told["workspaces"], told["queries"]) == ([], [])
    assert not [each for each in told["functions"] if each["name"].startswith("secret_of_")]
    assert told["permissions"][0]["workspaces"] == []
    reader = with_role(estate, "own-metadata", (READER, own.resource_id))
    told = reader.get(path).json()
    assert [each["id"] for each in told["workspaces"]] == [own.id]
    assert {each["name"] for each in told["functions"] if each["name"].startswith("secret_of_")} == {
        f"secret_of_{own.name}"
    }


@pytest.mark.parametrize("resource", ["/subscriptions/s/resourceGroups", "/subscriptions/s/x/y", "{workspace}x"])
def test_what_cannot_have_rows(estate: Services, owner: TestClient, resource: str) -> None:
    named = resource.format(workspace=estate.estate.workspace_resource_id)
    assert refusal(owner, f"/v1{named}/query", "print 1") == (404, "ResourceNotFoundError")


def test_a_resource_query_names_no_workspaces(estate: Services, owner: TestClient) -> None:
    url = f"/v1{estate.estate.subscription_resource_id}{VM}/query"
    assert refusal(owner, url, "print 1", workspaces=["Other"]) == (400, "QueryValidationError")
    assert refusal(owner, url, "workspace('Other').Only_CL") == (400, "BadArgumentError")


# --- paths of Azure Resource Manager -------------------------------------------------------------------------------


def test_the_same_query_by_the_workspaces_arm_id(estate: Services, owner: TestClient) -> None:
    arm = estate.estate.workspace_resource_id
    assert rows(owner, f"{arm}/query", "Spread_CL | count") == [[4]]
    assert rows(owner, f"{arm.upper()}/QUERY", "Spread_CL | count", workspaces=["Other"]) == [[8]]
    assert rows(owner, f"{arm}/search", "Spread_CL | count") == [[4]]
    by_get = owner.get(f"{arm}/query", params={**ASK, "query": "Spread_CL | count", "timespan": "P1D"})
    assert by_get.json()["tables"][0]["rows"] == [[4]]
    unversioned = owner.post(f"{arm}/query", json={"query": "print 1"})
    assert unversioned.json()["error"]["code"] == "MissingApiVersionParameter"
    assert refusal(owner, f"{arm}/query", "nope") == (400, "BadArgumentError")
    assert rows(owner, own_url(estate).replace("/v1/", "/beta/"), "Spread_CL | count") == [[4]]
    assert rows(owner, own_url(estate, "search"), "Spread_CL | count") == [[4]]


def test_the_shape_of_the_first_version(estate: Services, owner: TestClient) -> None:
    url = f"{estate.estate.workspace_resource_id}/api/query"
    body = {"query": "print a = 1, b = 'x', c = dynamic({'d': 1}), e = true"}
    answer = owner.post(url, json=body, params={"api-version": "2017-01-01-preview"}).json()
    first = answer["Tables"][0]
    assert first["TableName"] == "Table_0"
    assert [(column["ColumnName"], column["DataType"]) for column in first["Columns"]] == [
        ("a", "Int64"),
        ("b", "String"),
        ("c", "Object"),
        ("e", "SByte"),
    ]
    assert first["Rows"] == [[1, "x", '{"d":1}', True]]
    assert [row[1] for row in answer["Tables"][-1]["Rows"]] == ["QueryResult", "QueryProperties", "QueryStatus"]
    preferred = owner.post(own_url(estate), json=body, headers={"Prefer": "ai.response-thinning=false, wait=60"}).json()
    assert preferred["Tables"][0] == first


# --- what else an answer may have ----------------------------------------------------------------------------------


def test_sources_and_permissions_come_when_asked_for(estate: Services, owner: TestClient) -> None:
    prefer = {"Prefer": "include-dataSources=true,include-permissions=true"}
    body = {"query": "Spread_CL | where n in ((Only_CL | summarize count())) | count", "workspaces": ["Other"]}
    answer = owner.post(own_url(estate), json=body, headers=prefer).json()
    own, other = (workspace.resource_id for workspace in estate.workspaces.all())
    assert {each["resourceId"]: each["tables"] for each in answer["dataSources"]} == {
        own: ["Spread_CL"],
        other: ["Only_CL", "Spread_CL"],
    }
    assert answer["permissions"] == {"workspaces": [{"resourceId": own}, {"resourceId": other}]}


def test_metadata(estate: Services, owner: TestClient) -> None:
    answer = owner.get(own_url(estate, "metadata"))
    told = answer.json()
    tables = {table["name"]: table for table in told["tables"]}
    assert {"name": "n", "type": "long"} in tables["Spread_CL"]["columns"]
    assert tables["Spread_CL"]["timespanColumn"] == "TimeGenerated"
    assert tables["Spread_CL"]["related"]["solutions"] == ["CustomLogs"]
    assert tables["SecurityEvent"]["related"]["solutions"] == ["LogManagement"]
    assert "Only_CL" not in tables
    assert [each["name"] for each in told["workspaces"]] == [estate.estate.workspace_name]
    assert "_GetWatchlist" in {function["name"] for function in told["functions"]}
    known = owner.get(own_url(estate, "metadata"), headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    both = owner.post(own_url(estate, "metadata"), json={"workspaces": ["Other"]}).json()
    assert "Only_CL" in {table["name"] for table in both["tables"]}
    under_arm = owner.get(f"{estate.estate.workspace_resource_id}/metadata", params=ASK)
    assert under_arm.json()["tables"] == told["tables"]
