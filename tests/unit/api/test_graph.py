"""Microsoft Graph's directory as az and the SDKs meet it."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.access.directory_objects import principal_of
from vedette.access.role_definitions import USER_ACCESS_ADMINISTRATOR
from vedette.access.well_known import GRAPH, GRAPH_PERMISSIONS
from vedette.api.services import Services

BASE = "https://127.0.0.1:8443"
PASSWORD = "a long enough one"
NESTED: dict[str, Any] = {}
for _ in range(30):
    NESTED = {"deeper": NESTED}


def client(anonymous: TestClient, services: Services, name: str, *permissions: str) -> TestClient:
    """A client of a service principal with some of Graph's permissions."""
    principal = service_principal(services, name)
    found = services.directory.get(principal.object_id)
    graph = services.directory.service_principal_of(GRAPH)
    assert found is not None
    assert graph is not None
    token = services.tokens.issue(principal, "https://graph.microsoft.com", base=BASE).text
    made = TestClient(anonymous.app, base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    owner = services.directory.service_principal(services.estate.client_id)
    assert owner is not None
    admin = {"Authorization": f"Bearer {services.tokens.issue(owner, BASE, base=BASE).text}"}
    for permission in permissions:
        body = {"principalId": found.id, "resourceId": graph.id, "appRoleId": GRAPH_PERMISSIONS[permission]}
        given = anonymous.post(f"/v1.0/servicePrincipals/{found.id}/appRoleAssignments", json=body, headers=admin)
        assert given.status_code == 201, given.text
    return made


def add_user(owner: TestClient, name: str, **more: Any) -> dict[str, Any]:
    body = {
        "displayName": name.title(),
        "userPrincipalName": f"{name}@vedette.local",
        "mailNickname": name,
        "accountEnabled": True,
        "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": False},
    }
    answer = owner.post("/v1.0/users", json=body | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def add_application(owner: TestClient, name: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An application and its service principal, made as `az ad sp create-for-rbac` makes them."""
    application = owner.post("/v1.0/applications", json={"displayName": name} | more)
    assert application.status_code == 201, application.text
    body = {"appId": application.json()["appId"], "accountEnabled": "True"}
    principal = owner.post("/v1.0/servicePrincipals", json=body)
    assert principal.status_code == 201, principal.text
    return application.json(), principal.json()


def values(owner: TestClient, path: str, **query: str) -> list[dict[str, Any]]:
    answer = owner.get(path, params={f"${name}": value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


def test_a_user_is_found_by_id_name_and_filter(owner: TestClient) -> None:
    made = add_user(owner, "anna", department="SOC")
    assert "@odata.context" in made
    assert "accountEnabled" not in owner.get(f"/v1.0/users/{made['id']}").json()
    by_name = owner.get("/beta/users/ANNA@vedette.local", params={"$select": "id,accountEnabled,department"}).json()
    assert (by_name["id"], by_name["accountEnabled"], by_name["department"]) == (made["id"], True, "SOC")
    for text in (
        "userPrincipalName eq 'Anna@Vedette.local'",
        "startswith(displayName,'ann')",
        "displayname in ('x','ANNA')",
        f"id eq '{made['id']}' and accountEnabled eq true",
        "mailNickname eq 'nobody' or department eq 'soc'",
        "createdDateTime gt 2020-01-01T00:00:00Z and displayName eq 'anna'",
    ):
        assert [each["id"] for each in values(owner, "/v1.0/users", filter=text)] == [made["id"]], text
    assert values(owner, "/v1.0/users", filter="displayName eq 'nobody'") == []


def test_no_answer_holds_a_password_or_its_hash(owner: TestClient, services: Services) -> None:
    made = add_user(owner, "quiet")
    every = "id,passwordProfile,secrets,password,displayName"
    shown = owner.get(f"/v1.0/users/{made['id']}", params={"$select": every})
    assert PASSWORD not in shown.text
    assert "argon2" not in shown.text
    found = services.directory.get(made["id"])
    assert found is not None
    assert found.secrets["password"].startswith("$argon2id$")
    refused = owner.get("/v1.0/users", params={"$filter": "passwordProfile/password eq 'x'"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Request_UnsupportedQuery")


def test_pages_counts_and_orders(owner: TestClient) -> None:
    for number in range(5):
        add_user(owner, f"paged{number}")
    query = {"$filter": "startswith(userPrincipalName,'paged')", "$orderby": "displayName desc", "$count": "true"}
    first = owner.get("/v1.0/users", params=query | {"$top": "2"}).json()
    assert first["@odata.count"] == 5
    found, link = [each["displayName"] for each in first["value"]], first["@odata.nextLink"]
    assert link.startswith(f"{BASE}/v1.0/users?")
    while link:
        following = owner.get(link).json()
        found += [each["displayName"] for each in following["value"]]
        link = following.get("@odata.nextLink", "")
    assert found == [f"Paged{number}" for number in (4, 3, 2, 1, 0)]
    assert owner.get("/v1.0/users/$count", params={"$filter": "startswith(displayName,'Paged')"}).text == "5"


def test_what_az_asks_for_to_make_a_principal_for_rbac(
    owner: TestClient, anonymous: TestClient, services: Services
) -> None:
    application, principal = add_application(owner, "rbac", signInAudience="AzureADMyOrg")
    secret = owner.post(
        f"/v1.0/applications/{application['id']}/addPassword",
        json={"passwordCredential": {"displayName": "rbac", "endDateTime": "2999-01-01T00:00:00Z"}},
    ).json()
    assert secret["secretText"].startswith(secret["hint"])
    app_id = application["appId"]
    for text in (f"servicePrincipalNames/any(c:c eq '{app_id}')", f"appId eq '{app_id}'", "displayName eq 'RBAC'"):
        assert [each["id"] for each in values(owner, "/v1.0/servicePrincipals", filter=text)] == [principal["id"]]
    by_app_id = owner.get(f"/v1.0/servicePrincipals(appId='{app_id}')").json()
    assert by_app_id["id"] == principal["id"]
    found = owner.post(
        "/v1.0/directoryObjects/getByIds", json={"ids": [principal["id"]], "types": ["servicePrincipal"]}
    )
    assert [each["@odata.type"] for each in found.json()["value"]] == ["#microsoft.graph.servicePrincipal"]
    form = {
        "grant_type": "client_credentials",
        "client_id": app_id,
        "client_secret": secret["secretText"],
        "scope": "https://management.azure.com/.default",
    }
    path = f"/{services.estate.tenant_id}/oauth2/v2.0/token"
    assert anonymous.post(path, data=form).status_code == 200
    listed = owner.get(f"/v1.0/applications/{application['id']}").json()["passwordCredentials"]
    assert [each["keyId"] for each in listed] == [secret["keyId"]]
    assert "secretText" not in listed[0]
    removed = owner.post(f"/v1.0/applications/{application['id']}/removePassword", json={"keyId": secret["keyId"]})
    assert removed.status_code == 204
    assert anonymous.post(path, data=form).json()["error_codes"] == [7000215]


def test_a_secret_runs_out(owner: TestClient, anonymous: TestClient, services: Services) -> None:
    application, _ = add_application(owner, "expired")
    times = {"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2020-02-01T00:00:00Z"}
    secret = owner.post(
        f"/v1.0/applications/{application['id']}/addPassword", json={"passwordCredential": times}
    ).json()["secretText"]
    form = {
        "grant_type": "client_credentials",
        "client_id": application["appId"],
        "client_secret": secret,
        "scope": "https://management.azure.com/.default",
    }
    answer = anonymous.post(f"/{services.estate.tenant_id}/oauth2/v2.0/token", data=form)
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [7000222])


@pytest.mark.parametrize(
    ("times", "status"),
    [
        ({"startDateTime": "9999-06-01T00:00:00Z"}, 400),
        ({"startDateTime": "9999-06-01T00:00:00Z", "endDateTime": "9999-12-31T23:59:59Z"}, 200),
        ({"startDateTime": "9997-06-01T00:00:00Z"}, 200),
        ({"endDateTime": "9999-12-31T23:59:59-01:00"}, 400),
        ({"startDateTime": "0001-01-01T00:00:00+01:00"}, 400),
        ({"startDateTime": "soon"}, 400),
        ({"startDateTime": 1}, 400),
        ({"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2020-01-01T01:00:00+01:00"}, 400),
    ],
)
def test_times_at_the_ends_of_time(owner: TestClient, times: dict[str, Any], status: int) -> None:
    application, _ = add_application(owner, "long-lived")
    path = f"/v1.0/applications/{application['id']}/addPassword"
    answer = owner.post(path, json={"passwordCredential": times})
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["error"]["code"] == "Request_BadRequest"


def test_the_client_of_the_command_line_stays(owner: TestClient, services: Services, anonymous: TestClient) -> None:
    """It is found by its secret, not by being the oldest: further ones come and go."""
    estate = services.estate
    application = services.directory.application(estate.client_id)
    assert application is not None
    of_application, of_principal = (
        f"/v1.0/applications/{application.id}",
        f"/v1.0/servicePrincipals/{estate.client_object_id}",
    )
    (first,) = application.shown["passwordCredentials"]
    more = owner.post(f"{of_application}/addPassword", json={}).json()
    for refused in (
        owner.delete(of_application),
        owner.delete(of_principal),
        owner.patch(of_principal, json={"accountEnabled": False}),
        owner.post(f"{of_application}/removePassword", json={"keyId": first["keyId"].upper()}),
    ):
        assert refused.status_code == 400, refused.text
        assert "vedette-owner is the client that vedette's commands sign in with" in refused.json()["error"]["message"]
    assert owner.post(f"{of_application}/removePassword", json={"keyId": more["keyId"]}).status_code == 204
    assert owner.patch(of_principal, json={"notes": "ours", "accountEnabled": True}).status_code == 204
    form = {
        "grant_type": "client_credentials",
        "client_id": estate.client_id,
        "client_secret": estate.client_secret,
        "scope": "https://management.azure.com/.default",
    }
    assert anonymous.post(f"/{estate.tenant_id}/oauth2/v2.0/token", data=form).status_code == 200


def test_groups_hold_members_and_groups(owner: TestClient, services: Services) -> None:
    user = add_user(owner, "grouped")
    inner, outer = (
        owner.post("/v1.0/groups", json={"displayName": name, "mailNickname": name}).json() for name in ("in", "out")
    )
    for group, member in ((inner, user), (outer, inner)):
        link = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{member['id']}"}
        assert owner.post(f"/v1.0/groups/{group['id']}/members/$ref", json=link).status_code == 204
        assert owner.post(f"/v1.0/groups/{group['id']}/members/$ref", json=link).status_code == 400
    assert [each["id"] for each in values(owner, f"/v1.0/groups/{outer['id']}/members")] == [inner["id"]]
    deep = values(owner, f"/v1.0/groups/{outer['id']}/transitiveMembers")
    assert [each["@odata.type"] for each in deep] == ["#microsoft.graph.group", "#microsoft.graph.user"]
    assert [each["id"] for each in values(owner, f"/v1.0/users/{user['id']}/memberOf")] == [inner["id"]]
    groups = owner.post(f"/v1.0/users/{user['id']}/getMemberGroups", json={"securityEnabledOnly": False}).json()
    assert set(groups["value"]) == {inner["id"], outer["id"]} == services.directory.groups_of(user["id"])
    assert owner.delete(f"/v1.0/groups/{outer['id']}/members/{inner['id']}/$ref").status_code == 204
    assert services.directory.groups_of(user["id"]) == {inner["id"]}
    assert owner.delete(f"/v1.0/groups/{inner['id']}").status_code == 204
    assert services.directory.groups_of(user["id"]) == frozenset()


def test_a_disabled_and_a_deleted_principal_are_refused_at_once(
    owner: TestClient, anonymous: TestClient, services: Services
) -> None:
    _, made = add_application(owner, "short-lived")
    principal = services.directory.service_principal(made["appId"])
    assert principal is not None
    headers = {"Authorization": f"Bearer {services.tokens.issue(principal, BASE, base=BASE).text}"}
    path = f"/v1.0/servicePrincipals/{made['id']}"
    assert anonymous.get("/vedette/status", headers=headers).status_code == 403
    assert owner.patch(path, json={"accountEnabled": False}).status_code == 204
    assert anonymous.get("/vedette/status", headers=headers).status_code == 401
    assert owner.patch(path, json={"accountEnabled": True}).status_code == 204
    assert anonymous.get("/vedette/status", headers=headers).status_code == 403
    assert owner.delete(path).status_code == 204
    refused = anonymous.get("/vedette/status", headers=headers)
    assert refused.status_code == 401
    assert "has no object" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("permission", "method", "path", "status"),
    [
        (None, "GET", "/v1.0/users", 403),
        (None, "GET", "/v1.0/organization", 403),
        (None, "POST", "/v1.0/users", 403),
        (None, "GET", "/v1.0/me", 400),
        ("User.Read.All", "GET", "/v1.0/users", 200),
        ("User.Read.All", "GET", "/v1.0/groups", 403),
        ("User.Read.All", "POST", "/v1.0/users", 403),
        ("Directory.Read.All", "GET", "/v1.0/applications", 200),
        ("Directory.Read.All", "GET", "/v1.0/groups/none/members", 404),
        ("Directory.Read.All", "DELETE", "/v1.0/applications/none", 403),
        ("Application.ReadWrite.All", "DELETE", "/v1.0/applications/none", 404),
        ("Application.ReadWrite.All", "DELETE", "/v1.0/users/none", 403),
        ("Application.ReadWrite.All", "POST", "/v1.0/servicePrincipals/none/appRoleAssignments", 403),
        ("GroupMember.ReadWrite.All", "POST", "/v1.0/groups/none/members/$ref", 404),
        ("GroupMember.ReadWrite.All", "DELETE", "/v1.0/groups/none", 403),
    ],
)
def test_permissions(
    anonymous: TestClient, services: Services, permission: str | None, method: str, path: str, status: int
) -> None:
    names = () if permission is None else (permission,)
    caller = client(anonymous, services, f"graph-{permission}".lower(), *names)
    answer = caller.request(method, path, json={} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    if status == 403:
        error = answer.json()["error"]
        assert (error["code"], set(error["innerError"])) == (
            "Authorization_RequestDenied",
            {"date", "request-id", "client-request-id"},
        )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1.0/users/none", None, 404, "Request_ResourceNotFound"),
        ("GET", "/v1.0/drives", None, 501, "NotImplemented"),
        ("GET", "/v1.0/users?$search=x", None, 501, "NotImplemented"),
        ("GET", "/v1.0/users?$top=1000", None, 400, "Request_BadRequest"),
        ("GET", "/v1.0/users?$filter=nothing eq 'x'", None, 400, "Request_UnsupportedQuery"),
        ("GET", "/v1.0/users?$filter=displayName eq", None, 400, "InvalidFilter"),
        ("POST", "/v1.0/users", {"displayName": "x"}, 400, "Request_BadRequest"),
        ("POST", "/v1.0/users", {"displayName": 1}, 400, "Request_BadRequest"),
        ("POST", "/v1.0/users", {"id": "x"}, 400, "Request_BadRequest"),
        ("POST", "/v1.0/servicePrincipals", {"appId": "none"}, 400, "Request_BadRequest"),
        ("POST", "/v1.0/applications", {"displayName": "x", "web": {"redirectUris": ["javascript:1"]}}, 400, ""),
        ("POST", "/v1.0/applications", {"displayName": "x", "web": {"redirectUris": ["http://evil.example"]}}, 400, ""),
        ("POST", "/v1.0/applications", {"displayName": "x", "keyCredentials": [{"key": "AAAA"}]}, 400, ""),
        ("POST", "/v1.0/applications", {"displayName": "x", "appRoles": ["x"]}, 400, ""),
        ("POST", "/v1.0/applications", {"displayName": "x", "tags": [{}]}, 400, ""),
        ("POST", "/v1.0/applications", {"displayName": "x", "api": NESTED}, 400, ""),
        ("POST", "/v1.0/applications", {"displayName": "x" * 2000}, 400, ""),
        ("POST", "/v1.0/directoryObjects/getByIds", {"ids": "x"}, 400, "Request_BadRequest"),
    ],
)
def test_refusals(owner: TestClient, method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = owner.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == (code or "Request_BadRequest")


def test_nulls_that_az_sends_are_left_out(owner: TestClient) -> None:
    application, principal = add_application(owner, "nulls", identifierUris=None, web=None, keyCredentials=None)
    assert (application["identifierUris"], application["keyCredentials"]) == ([], [])
    assert principal["servicePrincipalNames"] == [application["appId"]]


def test_a_name_is_taken_once(owner: TestClient) -> None:
    add_user(owner, "twice")
    body = {"displayName": "x", "userPrincipalName": "TWICE@vedette.local", "passwordProfile": {"password": PASSWORD}}
    assert "already exists" in owner.post("/v1.0/users", json=body).json()["error"]["message"]
    application, _ = add_application(owner, "once")
    again = owner.post("/v1.0/servicePrincipals", json={"appId": application["appId"]})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_the_tenant_says_what_it_is(owner: TestClient, services: Services) -> None:
    (tenant,) = values(owner, "/v1.0/organization")
    assert tenant["id"] == services.estate.tenant_id
    assert tenant["verifiedDomains"][0]["name"] == "vedette.local"


def test_who_may_write_users_takes_over_nobody_who_gives_roles(
    owner: TestClient, anonymous: TestClient, services: Services
) -> None:
    ruler, plain = add_user(owner, "ruler"), add_user(owner, "plain")
    found = services.directory.get(ruler["id"])
    assert found is not None
    place = services.estate.resource_group_id
    services.roles.assign(principal_of(found, services.estate.tenant_id), USER_ACCESS_ADMINISTRATOR, place)
    group = owner.post("/v1.0/groups", json={"displayName": "rulers", "isAssignableToRole": True}).json()
    member = add_user(owner, "member")
    added = owner.post(f"/v1.0/groups/{group['id']}/members/$ref", json={"@odata.id": f"x/{member['id']}"})
    assert added.status_code == 204
    caller = client(anonymous, services, "user-writer", "User.ReadWrite.All", "GroupMember.ReadWrite.All")
    sensitive = {"passwordProfile": {"password": "a new one of theirs"}}, {"accountEnabled": False}
    for target in (ruler, member):
        path = f"/v1.0/users/{target['id']}"
        assert [caller.patch(path, json=body).status_code for body in sensitive] == [403, 403]
        assert caller.post(f"{path}/revokeSignInSessions").status_code == 403
        assert caller.delete(path).status_code == 403
        assert caller.patch(path, json={"jobTitle": "analyst"}).status_code == 204
        assert owner.patch(path, json=sensitive[0]).status_code == 204
    assert caller.patch(f"/v1.0/users/{plain['id']}", json=sensitive[0]).status_code == 204
    assert caller.delete(f"/v1.0/groups/{group['id']}/members/{member['id']}/$ref").status_code == 403


def test_who_may_write_applications_takes_over_none_that_gives_roles(
    anonymous: TestClient, services: Services, owner: TestClient
) -> None:
    caller = client(anonymous, services, "app-writer", "Application.ReadWrite.All")
    first = services.directory.application(services.estate.client_id)
    assert first is not None
    assert caller.post(f"/v1.0/applications/{first.id}/addPassword", json={}).status_code == 403
    made, _ = add_application(owner, "no ruler")
    assert caller.post(f"/v1.0/applications/{made['id']}/addPassword", json={}).status_code == 200


@pytest.mark.parametrize(
    ("audience", "graph", "arm"),
    [
        ("https://graph.microsoft.com", 403, 401),
        ("00000003-0000-0000-c000-000000000000", 403, 401),
        ("https://management.azure.com/", 401, 403),
        ("https://api.loganalytics.io", 401, 403),
        (BASE, 403, 403),
    ],
)
def test_a_token_for_graph_is_for_graph(
    anonymous: TestClient, services: Services, audience: str, graph: int, arm: int
) -> None:
    principal = service_principal(services, "nobody at all")
    headers = {"Authorization": f"Bearer {services.tokens.issue(principal, audience, base=BASE).text}"}
    assert anonymous.get("/v1.0/users", headers=headers).status_code == graph
    assert anonymous.get("/vedette/status", headers=headers).status_code == arm
    assert anonymous.get("/oidc/userinfo", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("scopes", "path", "status"),
    [
        ({"User.Read"}, "/v1.0/me", 200),
        ({"User.Read"}, "/v1.0/users", 403),
        ({"User.ReadBasic.All"}, "/v1.0/users", 200),
        ({"Group.Read.All"}, "/v1.0/users", 403),
        ({"Group.Read.All"}, "/v1.0/groups", 200),
        ({"openid"}, "/v1.0/me", 403),
        ({"Directory.AccessAsUser.All"}, "/v1.0/applications", 200),
    ],
)
def test_a_program_does_for_a_person_what_it_was_let(
    owner: TestClient, anonymous: TestClient, services: Services, scopes: set[str], path: str, status: int
) -> None:
    name = "scoped" + "".join(sorted(scopes)).lower() + path.rpartition("/")[2]
    found = services.directory.get(add_user(owner, name)["id"])
    assert found is not None
    person = replace(principal_of(found, services.estate.tenant_id), scopes=frozenset(scopes))
    token = services.tokens.issue(person, "https://graph.microsoft.com", base=BASE).text
    assert anonymous.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == status


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost.evil.example/x",
        "http://localhost@evil.example/",
        "http://127.0.0.1.evil.example",
        "https://app.example;script-src/x",
        "https://app.example,x/",
        "https://user@app.example/",
        "https:",
        "http://localhost\\@evil.example",
        "http://localhost/#x",
    ],
)
def test_redirects_that_lead_elsewhere(owner: TestClient, uri: str) -> None:
    body = {"displayName": "x", "web": {"redirectUris": [uri]}}
    assert owner.post("/v1.0/applications", json=body).status_code == 400


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost",
        "http://LOCALHOST:8400/x",
        "http://[::1]:80/",
        "https://app.example:444/a?b=c",
        "msal1://auth",
        "urn:ietf:wg:oauth:2.0:oob",
    ],
)
def test_redirects_that_may_be(owner: TestClient, uri: str) -> None:
    body = {"displayName": "x", "publicClient": {"redirectUris": [uri]}}
    assert owner.post("/v1.0/applications", json=body).status_code == 201
