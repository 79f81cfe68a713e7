"""The login surface as msal, scripts and curious strangers meet it."""

import base64
import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from starlette.testclient import TestClient

from vedette.api.services import Services

BASE = "https://127.0.0.1:8443"
ARM_SCOPE = "https://management.azure.com/.default"


def form(services: Services, **changes: str | None) -> dict[str, str]:
    fields = {
        "grant_type": "client_credentials",
        "client_id": services.estate.client_id,
        "client_secret": services.estate.client_secret,
        "scope": ARM_SCOPE,
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@pytest.mark.parametrize("name", ["tenant", "TENANT", "common", "organizations", "adfs"])
@pytest.mark.parametrize("version", ["", "/v2.0"])
def test_discovery_leads_to_this_server_port_included(
    anonymous: TestClient, services: Services, name: str, version: str
) -> None:
    tenant_id = services.estate.tenant_id
    tenant = {"tenant": tenant_id, "TENANT": tenant_id.upper()}.get(name, name)
    found = anonymous.get(f"/{tenant}{version}/.well-known/openid-configuration")
    assert found.status_code == 200
    document = found.json()
    folded = tenant.lower()
    assert document["token_endpoint"] == f"{BASE}/{folded}/oauth2{version}/token"
    assert document["authorization_endpoint"] == f"{BASE}/{folded}/oauth2{version}/authorize"
    assert document["issuer"] == (f"{BASE}/{tenant_id}/v2.0" if version else f"https://sts.windows.net/{tenant_id}/")
    assert anonymous.get(document["jwks_uri"]).json() == services.tokens.jwks()


def test_discovery_repeats_the_public_name_it_was_reached_by(anonymous: TestClient, services: Services) -> None:
    path = f"/{services.estate.tenant_id}/v2.0/.well-known/openid-configuration"
    public = anonymous.get(path, headers={"host": "login.microsoftonline.com"}).json()
    assert public["token_endpoint"].startswith("https://login.microsoftonline.com/")
    assert public["issuer"] == f"https://login.microsoftonline.com/{services.estate.tenant_id}/v2.0"
    forged = anonymous.get(path, headers={"host": "evil.example"}).json()
    assert forged["token_endpoint"].startswith(f"{BASE}/")


def test_instance_discovery(anonymous: TestClient) -> None:
    found = anonymous.get(
        "/common/discovery/instance",
        params={"api-version": "1.1", "authorization_endpoint": f"{BASE}/some-tenant/oauth2/v2.0/authorize"},
    ).json()
    assert found["tenant_discovery_endpoint"] == f"{BASE}/some-tenant/v2.0/.well-known/openid-configuration"
    assert found["metadata"][0]["aliases"] == ["127.0.0.1:8443"]


def test_a_v2_token(anonymous: TestClient, services: Services) -> None:
    answer = anonymous.post(
        f"/{services.estate.tenant_id}/oauth2/v2.0/token?client-request-id=x", data=form(services, client_info="1")
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store, no-cache"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["ext_expires_in"]) == ("Bearer", 3599, 3599)
    assert claims(body["access_token"])["aud"] == "https://management.azure.com"
    assert claims(body["access_token"])["ver"] == "2.0"
    assert services.tokens.verify(body["access_token"]).application_id == services.estate.client_id


@pytest.mark.parametrize("path", ["/{tenant}/oauth2/token", "/adfs/oauth2/token", "/{tenant}//OAuth2/Token/"])
def test_a_v1_token_has_its_numbers_as_text(anonymous: TestClient, services: Services, path: str) -> None:
    answer = anonymous.post(
        path.format(tenant=services.estate.tenant_id),
        data=form(services, scope=None, resource="https://management.azure.com/"),
    )
    body = answer.json()
    assert (body["expires_in"], body["resource"]) == ("3599", "https://management.azure.com/")
    assert int(body["expires_on"]) == int(body["not_before"]) + 3599 == claims(body["access_token"])["exp"]
    assert claims(body["access_token"])["iss"] == f"https://sts.windows.net/{services.estate.tenant_id}/"
    services.tokens.verify(body["access_token"])


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        ("https://management.core.windows.net//.default", "https://management.core.windows.net/"),
        ("https://localhost:8443//.default", "https://localhost:8443/"),
        ("https://api.loganalytics.io/.default openid profile offline_access", "https://api.loganalytics.io"),
        ("https://monitor.azure.com//.default", "https://monitor.azure.com/"),
    ],
)
def test_the_audience_is_the_scopes_resource(
    anonymous: TestClient, services: Services, scope: str, audience: str
) -> None:
    answer = anonymous.post(f"/{services.estate.tenant_id}/oauth2/v2.0/token", data=form(services, scope=scope))
    token = answer.json()["access_token"]
    assert claims(token)["aud"] == audience
    services.tokens.verify(token)


def test_the_client_may_use_http_basic(anonymous: TestClient, services: Services) -> None:
    pair = f"{quote_plus(services.estate.client_id)}:{quote_plus(services.estate.client_secret)}"
    answer = anonymous.post(
        f"/{services.estate.tenant_id}/oauth2/v2.0/token",
        data=form(services, client_id=None, client_secret=None),
        headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_secret": None, "client_assertion": "x"}, 400, "invalid_request", 50013),
        ({"claims": "{"}, 400, "invalid_request", 50128),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"grant_type": "saml2"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": "password"}, 400, "invalid_request", 900144),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"scope": "https://management.azure.com"}, 400, "invalid_scope", 70011),
        ({"scope": f"{ARM_SCOPE} https://graph.microsoft.com/.default"}, 400, "invalid_scope", 70011),
        ({"scope": "https://vault.azure.net/.default"}, 400, "invalid_resource", 500011),
    ],
)
def test_refusals(
    anonymous: TestClient, services: Services, changes: dict[str, str | None], status: int, error: str, number: int
) -> None:
    correlation = "291ed8b6-d2df-45e6-b7cf-65be34a1a368"
    answer = anonymous.post(
        f"/{services.estate.tenant_id}/oauth2/v2.0/token",
        data=form(services, **changes),
        headers={"client-request-id": correlation},
    )
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["correlation_id"] == correlation
    assert body["trace_id"] == answer.headers["x-ms-request-id"]
    assert set(body) >= {"timestamp", "error_uri"}


def test_v1_misses_its_resource(anonymous: TestClient, services: Services) -> None:
    answer = anonymous.post(f"/{services.estate.tenant_id}/oauth2/token", data=form(services, scope=None))
    assert answer.json()["error_codes"] == [900144]
    assert "'resource'" in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/{tenant}/v2.0/.well-known/openid-configuration"),
        ("GET", "/{tenant}/.well-known/openid-configuration"),
        ("GET", "/{tenant}/discovery/v2.0/keys"),
        ("POST", "/{tenant}/oauth2/v2.0/token"),
        ("POST", "/{tenant}/oauth2/token"),
    ],
)
@pytest.mark.parametrize("tenant", ["00000000-0000-0000-0000-000000000000", "contoso.onmicrosoft.com"])
def test_an_unknown_tenant(anonymous: TestClient, services: Services, method: str, path: str, tenant: str) -> None:
    answer = anonymous.request(method, path.format(tenant=tenant), data=form(services) if method == "POST" else None)
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]
    assert tenant in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("content_type", "body", "number"),
    [
        ("application/json", b"{}", 900146),
        ("", b"grant_type=client_credentials", 900146),
        ("application/x-www-form-urlencoded", b"\xff\xfe", 900146),
        ("application/x-www-form-urlencoded", b"grant_type", 900146),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % i for i in range(200)), 900146),
        ("application/x-www-form-urlencoded", b"grant_type=a&grant_type=b", 9000411),
        ("application/x-www-form-urlencoded", b"", 900144),
    ],
)
def test_bodies_that_are_no_form(
    anonymous: TestClient, services: Services, content_type: str, body: bytes, number: int
) -> None:
    answer = anonymous.post(
        f"/{services.estate.tenant_id}/oauth2/v2.0/token", content=body, headers={"content-type": content_type}
    )
    assert answer.json()["error_codes"] == [number]


def test_a_body_that_is_too_large(anonymous: TestClient, services: Services) -> None:
    answer = anonymous.post(
        f"/{services.estate.tenant_id}/oauth2/v2.0/token", data=form(services, client_info="x" * 2_000_000)
    )
    assert answer.status_code == 413
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize("version", ["2015-01-01", "2018-01-01", "2019-05-01", "2022-09-01", "latest"])
def test_the_cloud_describes_itself(anonymous: TestClient, version: str) -> None:
    described = anonymous.get("/metadata/endpoints", params={"api-version": version}).json()
    cloud = described[0] if isinstance(described, list) else described
    assert isinstance(described, list) is (version in ("2018-01-01", "2019-05-01"))
    assert cloud["authentication"]["loginEndpoint"] == f"{BASE}/"
    assert cloud["authentication"]["audiences"][0] == f"{BASE}/"


def test_the_cloud_wants_a_version(anonymous: TestClient) -> None:
    answer = anonymous.get("/metadata/endpoints")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "MissingApiVersionParameter"
