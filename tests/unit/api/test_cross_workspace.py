"""Who owns one workspace and has no role for another reaches nothing of it: not by ids, queries, functions, rules or
lists, nor by paths that try to mean something else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal
from tests.unit.api.conftest import state_of

from vedette.access.addresses import Addresses
from vedette.access.role_definitions import OWNER, READER, SENTINEL_CONTRIBUTOR
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.settings import Settings
from vedette.kql.types import ScalarType
from vedette.server.composition import compose

BASE = "https://127.0.0.1:8443"
VERSION = {"api-version": "2023-09-01"}
SENTINEL = {"api-version": "2024-03-01"}
SECRET = "neighbours-secret"
PROVIDER = "Microsoft.OperationalInsights/workspaces"


@dataclass(frozen=True)
class Place:
    """A resource group with a workspace: its ARM id, and its GUID."""

    group: str
    workspace: str
    id: str

    @property
    def sentinel(self) -> str:
        return f"{self.workspace}/providers/Microsoft.SecurityInsights"


def make_place(services: Services, owner: TestClient, name: str) -> Place:
    group = f"{services.estate.subscription_resource_id}/resourceGroups/{name}-group"
    workspace = f"{group}/providers/{PROVIDER}/{name}"
    assert owner.put(group, params=VERSION, json={"location": "eastus"}).is_success
    made = owner.put(workspace, params=VERSION, json={"location": "eastus", "properties": {}})
    assert made.is_success, made.text
    onboarding = f"{workspace}/providers/Microsoft.SecurityInsights/onboardingStates/default"
    assert owner.put(onboarding, params=SENTINEL, json={"properties": {}}).is_success
    return Place(group, workspace, made.json()["properties"]["customerId"])


@pytest.fixture(scope="module")
def services(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, own_addresses: Addresses
) -> Iterator[Services]:
    """A server of these tests, whose workspaces would be in the way of others."""
    settings = Settings(tmp_path_factory.mktemp("data"), query_rate=0, state=state_of(request))
    with compose(settings, own_addresses) as composed:
        yield composed


@pytest.fixture(scope="module")
def owner(services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    return signed_in(services)


@pytest.fixture(scope="module")
def own(services: Services, owner: TestClient) -> Place:
    return make_place(services, owner, "mine")


@pytest.fixture(scope="module")
def other(services: Services, owner: TestClient) -> Place:
    place = make_place(services, owner, "theirs")
    rows = [{"word": SECRET}]
    services.logs.append(place.id, "Words_CL", rows, columns={"word": ScalarType.string}).result()
    function = {"properties": {"category": "f", "displayName": "f", "query": "Words_CL", "functionAlias": "Theirs"}}
    assert owner.put(f"{place.workspace}/savedSearches/f", params=VERSION, json=function).is_success
    incident = {"properties": {"title": SECRET, "severity": "High", "status": "New"}}
    assert owner.put(f"{place.sentinel}/incidents/i", params=SENTINEL, json=incident).is_success
    return place


@pytest.fixture(scope="module")
def neighbour(services: Services, own: Place) -> Iterator[TestClient]:
    principal = service_principal(services, "neighbour")
    services.roles.assign(principal, OWNER, own.group)
    token = services.tokens.issue(principal, BASE, base=BASE).text
    with TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def ask(client: TestClient, place: Place, text: str, **body: Any) -> Response:
    return client.post(f"/v1/workspaces/{place.id}/query", json={"query": text, **body})


def test_the_owner_of_both_sees_the_secret(owner: TestClient, own: Place, other: Place) -> None:
    assert SECRET in ask(owner, other, "Words_CL").text
    assert SECRET in ask(owner, own, f"workspace('{other.id}').Words_CL").text
    assert SECRET in owner.get(f"{other.sentinel}/incidents/i", params=SENTINEL).text


@pytest.mark.parametrize("name", ["{id}", "theirs", "{workspace}", "THEIRS", "{sub}/theirs-group/theirs"])
@pytest.mark.parametrize(
    "text",
    [
        "workspace('{name}').Words_CL",
        "union Words_CL, workspace('{name}').Words_CL",
        "union workspace('{name}').*",
        "let f = () {{ workspace('{name}').Words_CL }}; f()",
        "print 1 | join kind=fullouter (workspace('{name}').Words_CL | extend print_0 = 1) on print_0",
        "print x = toscalar(workspace('{name}').Words_CL | take 1)",
        "workspace('{name}').Theirs()",
        "workspace('{name}')._GetWatchlist('x')",
    ],
)
def test_no_query_reads_it(neighbour: TestClient, own: Place, other: Place, services: Services, text: str, name: str):
    place = name.format(id=other.id, workspace=other.workspace, sub=services.estate.subscription_id)
    reply = ask(neighbour, own, text.format(name=place))
    assert reply.status_code in (400, 403), reply.text
    assert SECRET not in reply.text


def test_no_other_way_of_asking_reads_it(neighbour: TestClient, own: Place, other: Place) -> None:
    assert ask(neighbour, own, "Words_CL", workspaces=[other.id]).status_code in (400, 403)
    assert ask(neighbour, other, "print 1").status_code == 403
    assert neighbour.post(f"/v1{other.workspace}/query", json={"query": "Words_CL"}).status_code in (403, 404)
    assert neighbour.get(f"/v1/workspaces/{other.id}/metadata").status_code == 403
    for path in ("/v1/rest/query", "/v2/rest/query", "/v1/rest/mgmt"):
        reply = neighbour.post(path, json={"db": other.id, "csl": "Words_CL"})
        assert reply.status_code in (400, 403, 404), (path, reply.text)
        assert SECRET not in reply.text
    crossing = {"db": own.id, "csl": f"database('{other.id}').Words_CL"}
    assert SECRET not in neighbour.post("/v1/rest/query", json=crossing).text
    for kind in ("explain", "check", "hover", "complete"):
        reply = neighbour.post(f"/vedette/workspaces/{other.id}/{kind}", json={"query": "Words_CL", "offset": 1})
        assert reply.status_code == 403, kind


def test_a_function_of_ones_own_opens_nothing(neighbour: TestClient, own: Place, other: Place) -> None:
    query = f"workspace('{other.id}').Words_CL"
    function = {"properties": {"category": "f", "displayName": "f", "query": query, "functionAlias": "Crossing"}}
    saved = neighbour.put(f"{own.workspace}/savedSearches/crossing", params=VERSION, json=function)
    if saved.is_success:
        reply = ask(neighbour, own, "Crossing")
        assert reply.status_code in (400, 403)
        assert SECRET not in reply.text


def test_a_rule_of_ones_own_opens_nothing(neighbour: TestClient, own: Place, other: Place, services: Services) -> None:
    properties = {
        "displayName": "crossing",
        "enabled": True,
        "severity": "High",
        "query": f"workspace('{other.id}').Words_CL",
        "queryFrequency": "PT5M",
        "queryPeriod": "PT5M",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT1H",
        "suppressionEnabled": False,
    }
    rule = {"kind": "Scheduled", "properties": properties}
    made = neighbour.put(f"{own.sentinel}/alertRules/crossing", params=SENTINEL, json=rule)
    assert made.status_code in (400, 403), made.text
    assert SECRET not in made.text


def test_a_search_job_of_ones_own_opens_nothing(neighbour: TestClient, own: Place, other: Place) -> None:
    results = {"query": f"workspace('{other.id}').Words_CL", "startSearchTime": "2020-01-01T00:00:00Z"}
    results["endSearchTime"] = "2030-01-01T00:00:00Z"
    job = {"properties": {"searchResults": results}}
    made = neighbour.put(f"{own.workspace}/tables/Crossing_SRCH", params=VERSION, json=job)
    assert made.status_code in (400, 403), made.text


def by_body(own: Place, other: Place) -> list[tuple[str, dict[str, Any]]]:
    insights = f"{own.group}/providers/Microsoft.Insights"
    foreign = f"{other.group}/providers/Microsoft.Insights/dataCollectionRules/r"
    destination = {"logAnalytics": [{"workspaceResourceId": other.workspace, "name": "there"}]}
    flow = {"streams": ["Custom-X"], "destinations": ["there"], "outputStream": "Custom-Words_CL"}
    columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "word", "type": "string"}]
    rule = {"destinations": destination, "dataFlows": [flow], "streamDeclarations": {"Custom-X": {"columns": columns}}}
    solution = {"name": "SecurityInsights(theirs)", "product": "OMSGallery/SecurityInsights", "publisher": "Microsoft"}
    return [
        (f"{insights}/dataCollectionRules/r", {"location": "eastus", "properties": rule}),
        (
            f"{own.workspace}/providers/Microsoft.Insights/diagnosticSettings/d",
            {"properties": {"workspaceId": other.workspace, "logs": [{"category": "Audit", "enabled": True}]}},
        ),
        (
            f"{own.group}/providers/A.B/c/d/providers/Microsoft.Insights/dataCollectionRuleAssociations/a",
            {"properties": {"dataCollectionRuleId": foreign}},
        ),
        (
            f"{own.group}/providers/Microsoft.OperationsManagement/solutions/{solution['name']}",
            {"location": "eastus", "plan": solution, "properties": {"workspaceResourceId": other.workspace}},
        ),
    ]


@pytest.mark.parametrize("number", range(4))
def test_no_id_in_a_body_reaches_it(
    neighbour: TestClient, owner: TestClient, own: Place, other: Place, number: int
) -> None:
    path, body = by_body(own, other)[number]
    reply = neighbour.put(path, params={"api-version": "2022-06-01"}, json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed"), reply.text
    nowhere = Place(f"{other.group}x", other.workspace.replace("theirs", "nowhere"), "")
    path, body = by_body(own, nowhere)[number]
    unknown = neighbour.put(path, params={"api-version": "2022-06-01"}, json=body)
    if number != 3:  # the name of a solution is checked first, and says nothing of what there is
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (403, "LinkedAuthorizationFailed")


def test_no_relation_reaches_it(neighbour: TestClient, own: Place, other: Place) -> None:
    incident = {"properties": {"title": "mine", "severity": "Low", "status": "New"}}
    assert neighbour.put(f"{own.sentinel}/incidents/m", params=SENTINEL, json=incident).is_success
    for target in (f"{other.sentinel}/incidents/i", f"{other.sentinel}/bookmarks/b", f"{own.sentinel}/../x"):
        relation = {"properties": {"relatedResourceId": target}}
        reply = neighbour.put(f"{own.sentinel}/incidents/m/relations/r", params=SENTINEL, json=relation)
        assert reply.status_code in (400, 403, 404), reply.text
        assert SECRET not in reply.text


def test_lists_show_what_is_ones_own(neighbour: TestClient, services: Services, own: Place, other: Place) -> None:
    subscription = services.estate.subscription_resource_id
    workspaces = neighbour.get(f"{subscription}/providers/{PROVIDER}", params=VERSION).json()["value"]
    assert [each["name"] for each in workspaces] == ["mine"]
    groups = neighbour.get(f"{subscription}/resourceGroups", params={"api-version": "2021-04-01"}).json()["value"]
    assert [each["name"] for each in groups] == ["mine-group"]
    for path in (f"{other.group}", f"{other.workspace}", f"{other.sentinel}/incidents", f"{other.group}x"):
        assert neighbour.get(path, params=SENTINEL).status_code == 403, path


TRICKS = [
    "{own}/../theirs-group/providers/{provider}/theirs{rest}",
    "{own}/%2e%2e/theirs-group/providers/{provider}/theirs{rest}",
    "{own}%2f..%2ftheirs-group/providers/{provider}/theirs{rest}",
    "{own}/providers/{provider}/mine/../theirs{rest}",
    "{own}/providers/{provider}/mine%2F..%2F..%2Ftheirs{rest}",
    "{own}/providers/{provider}/mine%252f..%252ftheirs{rest}",
    "{own}/providers/{provider}/mine%5c..%5ctheirs{rest}",
    "{own}/providers/{provider}/mine;/../theirs{rest}",
    "{own}/providers/{provider}/mine%00theirs{rest}",
    "{own}/providers/{provider}/theirs{rest}",
    "{other}//providers/{provider}/theirs{rest}",
    "//{other}/providers/{provider}/theirs{rest}",
    "{other}/./providers/{provider}/theirs{rest}",
    "{OTHER}/PROVIDERS/{provider}/THEIRS{rest}",
    "{other}/providers/{provider}/theirs%20{rest}",
    "{other}/providers/{provider}/theirs.{rest}",
    "{other}/providers/{provider}/theirs／{rest}",
    "{other}/providers/{provider}/theırs{rest}",
    "{other}/providers/{provider}/theirs\u200b{rest}",
    "{other}/providers/{provider}/theirs#{own}{rest}",
    "{other}/providers/{provider}/theirs%23{rest}",
    "{other}/providers/{provider}/theirs%3f{rest}",
    "{own}/providers/{provider}/mine/providers/../../../../theirs-group/providers/{provider}/theirs{rest}",
    "{own}/providers/{provider}/mine/providers/Microsoft.Authorization/x/y{other}/providers/{provider}/theirs{rest}",
    "/tenants/x{other}/providers/{provider}/theirs{rest}",
    "/providers/A.B{other}/providers/{provider}/theirs{rest}",
    "/providers/A.B/c/d{other}/providers/{provider}/theirs{rest}",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_path_means_something_else(
    neighbour: TestClient, owner: TestClient, own: Place, other: Place, trick: str
) -> None:
    for rest in ("", "/savedSearches/f", "/providers/Microsoft.SecurityInsights/incidents/i"):
        path = trick.format(own=own.group, other=other.group, OTHER=other.group.upper(), provider=PROVIDER, rest=rest)
        reply = neighbour.get(f"{BASE}{path}", params=SENTINEL)
        assert reply.status_code in (400, 403, 404), (path, reply.status_code, reply.text)
        assert SECRET not in reply.text
        assert other.id not in reply.text


def test_a_role_for_a_name_is_none_for_a_longer_one(services: Services, own: Place, other: Place) -> None:
    principal = service_principal(services, "narrow neighbour")
    services.roles.assign(principal, READER, other.workspace[:-1])
    services.roles.assign(principal, READER, f"{other.workspace}2")
    services.roles.assign(principal, READER, f"{other.workspace}/tables/Words_CL")
    token = services.tokens.issue(principal, BASE, base=BASE).text
    client = TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    assert client.get(other.workspace, params=VERSION).status_code == 403
    assert client.get(f"{other.sentinel}/incidents", params=SENTINEL).status_code == 403


def test_nothing_is_written_into_it(
    neighbour: TestClient, owner: TestClient, own: Place, other: Place, services: Services
) -> None:
    incident = {"properties": {"title": "x", "severity": "Low", "status": "New"}}
    for method, path, body in (
        ("PUT", f"{other.sentinel}/incidents/new", incident),
        ("DELETE", f"{other.sentinel}/incidents/i", None),
        ("PUT", f"{other.workspace}/savedSearches/g", {"properties": {}}),
        ("PATCH", other.workspace, {"tags": {"a": "b"}}),
        ("DELETE", other.workspace, None),
        ("POST", f"{other.workspace}/sharedKeys", None),
        ("POST", f"{other.workspace}/purge", {"table": "Words_CL", "filters": []}),
    ):
        reply = neighbour.request(method, path, params=SENTINEL, json=body)
        assert reply.status_code == 403, (method, path, reply.text)
    for path in ("tables/Words_CL/rows", "windowsEvents"):
        assert neighbour.post(f"/vedette/workspaces/{other.id}/{path}", json=[{}]).status_code == 403
    assert owner.get(f"{other.sentinel}/incidents/i", params=SENTINEL).status_code == 200


def test_a_sentinel_role_stays_in_its_workspace(services: Services, own: Place, other: Place) -> None:
    principal = service_principal(services, "analyst")
    services.roles.assign(principal, SENTINEL_CONTRIBUTOR, own.workspace)
    token = services.tokens.issue(principal, BASE, base=BASE).text
    client = TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    assert client.get(f"{own.sentinel}/incidents", params=SENTINEL).status_code == 200
    assert client.get(f"{other.sentinel}/incidents", params=SENTINEL).status_code == 403
    assert client.get(own.group, params=VERSION).status_code == 403
