"""Every route by every bad credential: 401, and the routes are read from the application itself."""

import base64
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.unit.api.arm_operations import OPERATIONS
from tests.unit.api.callers import service_principal

from vedette.access.role_definitions import READER
from vedette.api.app import make_app
from vedette.api.services import Services

BASE = "https://127.0.0.1:8443"

WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
)
OPEN = {
    "/common/discovery/instance",
    "/{tenant}/.well-known/openid-configuration",
    "/{tenant}/v2.0/.well-known/openid-configuration",
    "/{tenant}/discovery/keys",
    "/{tenant}/discovery/v2.0/keys",
    "/{tenant}/oauth2/token",
    "/{tenant}/oauth2/v2.0/token",
    "/{tenant}/oauth2/devicecode",
    "/{tenant}/oauth2/v2.0/devicecode",
    "/{tenant}/oauth2/authorize",
    "/{tenant}/oauth2/v2.0/authorize",
    "/{tenant}/oauth2/deviceauth",
    "/{tenant}/oauth2/logout",
    "/{tenant}/oauth2/v2.0/logout",
    "/common/userrealm/{user}",
    "/console",
    "/console/config.json",
    "/console/{name:path}",
    "/metadata/endpoints",
    "/metadata/identity/oauth2/token",
    "/msi/token",
    "/api/logs",
    "/vedette/fileImports/{workspace_id}/{name}",
    "/v1/rest/auth/metadata",
    f"{WORKSPACE}/v1/rest/auth/metadata",
}


def claims(services: Services) -> dict[str, Any]:
    principal = services.directory.service_principal(services.estate.client_id)
    assert principal is not None
    return json.loads(_decoded(services.tokens.issue(principal, BASE, base=BASE).text.split(".")[1]))


def key(services: Services) -> RSAKey:
    return services.tokens.keys.current


def signed(services: Services, **changes: Any) -> str:
    own = key(services)
    return jwt.encode({"alg": "RS256", "kid": own.kid}, claims(services) | changes, own, algorithms=["RS256"])


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def unsigned(services: Services, algorithm: str) -> str:
    header = {"alg": algorithm, "kid": key(services).kid}
    return f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims(services)).encode())}"


def public_key_as_secret(services: Services) -> str:
    text = unsigned(services, "HS256")
    return f"{text}.{_encoded(hmac.digest(key(services).as_pem(private=False), text.encode(), 'sha256'))}"


def tampered(services: Services) -> str:
    header, body, signature = signed(services).split(".")
    changed = json.loads(_decoded(body)) | {"oid": "someone-else"}
    return f"{header}.{_encoded(json.dumps(changed).encode())}.{signature}"


def foreign(services: Services) -> str:
    stranger = RSAKey.generate_key(2048, private=True)
    return jwt.encode({"alg": "RS256", "kid": key(services).kid}, claims(services), stranger, algorithms=["RS256"])


def with_another_kid(services: Services) -> str:
    own = key(services)
    return jwt.encode({"alg": "RS256", "kid": "another"}, claims(services), own, algorithms=["RS256"])


CREDENTIALS: dict[str, Callable[[Services], str | None]] = {
    "no token": lambda _services: None,
    "empty": lambda _services: "",
    "no bearer": lambda _services: "Bearer ",
    "basic": lambda _services: "Basic dXNlcjpwYXNz",
    "shared key": lambda services: f"SharedKey {services.estate.workspace_id}:c2ln",
    "garbage": lambda _services: "Bearer garbage",
    "wrong audience": lambda services: f"Bearer {signed(services, aud='https://vault.azure.net')}",
    "wrong issuer": lambda services: f"Bearer {signed(services, iss='https://sts.windows.net/other/')}",
    "wrong tenant": lambda services: f"Bearer {signed(services, tid='other')}",
    "expired": lambda services: f"Bearer {signed(services, exp=1_000_000_000)}",
    "not yet": lambda services: f"Bearer {signed(services, nbf=4_000_000_000)}",
    "alg none": lambda services: f"Bearer {unsigned(services, 'none')}.",
    "HS256 with the public key": lambda services: f"Bearer {public_key_as_secret(services)}",
    "tampered": lambda services: f"Bearer {tampered(services)}",
    "wrong kid": lambda services: f"Bearer {with_another_kid(services)}",
    "foreign key": lambda services: f"Bearer {foreign(services)}",
}


@pytest.fixture(scope="module")
def calls(services: Services) -> list[tuple[str, str]]:
    """A method and a path for each closed route, and some that no route has."""
    estate = services.estate
    values = {"workspace_id": estate.workspace_id, "workspace": estate.workspace_id}
    found: list[tuple[str, str]] = [("GET", "/"), ("GET", "/no/such/path"), ("PATCH", "/vedette/clock")]
    for route in make_app(services).routes:
        assert isinstance(route, Route)
        if route.path not in OPEN:
            path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: values.get(match[1], "x"), route.path)
            found += [(method, path) for method in sorted(route.methods or {"GET", "PUT", "POST", "DELETE"})]
    return found


@pytest.mark.parametrize("name", CREDENTIALS)
def test_every_closed_route_is_closed(
    anonymous: TestClient, services: Services, calls: list[tuple[str, str]], name: str
) -> None:
    credential = CREDENTIALS[name](services)
    headers = {} if credential is None else {"Authorization": credential}
    for method, path in calls:
        answer = anonymous.request(method, path, headers=headers)
        assert answer.status_code == 401, (method, path)
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith(f'Bearer authorization_uri="{BASE}/{services.estate.tenant_id}", error="'), (
            challenge
        )
        if method != "HEAD":
            assert set(answer.json()["error"]) >= {"code", "message"}


def test_every_operation_of_the_management_plane_is_closed(anonymous: TestClient, services: Services) -> None:
    credentials = [make(services) for make in CREDENTIALS.values()]
    for number, operation in enumerate(OPERATIONS):
        for credential in (None, credentials[number % len(credentials)]):
            headers = {} if credential is None else {"Authorization": credential}
            path = operation.at(services.estate.subscription_id)
            answer = anonymous.request(operation.method, path, headers=headers)
            assert answer.status_code == 401, operation.id


def test_the_open_routes_are_these_and_no_more(services: Services, anonymous: TestClient) -> None:
    for route in make_app(services).routes:
        assert isinstance(route, Route)
        path = re.sub(r"\{\w+(:\w+)?\}", "x", route.path)
        method = "GET" if "GET" in (route.methods or {"GET"}) else next(iter(route.methods or ()))
        challenged = "www-authenticate" in anonymous.request(method, path).headers
        assert challenged is (route.path not in OPEN), route.path


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer {token}")],
        [("authorization", "bearer   {token}  ")],
    ],
)
def test_a_token_that_verifies_opens_them(
    anonymous: TestClient, services: Services, headers: list[tuple[str, str]]
) -> None:
    token = signed(services)
    given = [(name, value.format(token=token)) for name, value in headers]
    assert anonymous.get("/vedette/status", headers=given).status_code == 200


def test_two_credentials_are_none(anonymous: TestClient, services: Services) -> None:
    token = f"Bearer {signed(services)}"
    answer = anonymous.get("/vedette/status", headers=[("Authorization", token), ("Authorization", token)])
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "code"), [("/no/such/path", "NotFound"), ("/v1/nothing", "NotFound"), ("/", "NotFound")]
)
def test_an_unknown_path_with_a_token_is_404(owner: TestClient, path: str, code: str) -> None:
    answer = owner.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] in (code, "PathNotFoundError", "InvalidResourcePath")


def test_a_principal_without_a_role_is_forbidden(anonymous: TestClient, services: Services) -> None:
    stranger = service_principal(services, "stranger")
    token = services.tokens.issue(stranger, BASE, base=BASE).text
    answer = anonymous.get("/vedette/status", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "AuthorizationFailed"
    assert "'stranger' with object id 'stranger-object'" in answer.json()["error"]["message"]


def test_a_reader_may_read_and_not_write(anonymous: TestClient, services: Services) -> None:
    reader = service_principal(services, "reader")
    services.roles.assign(reader, READER, services.estate.subscription_resource_id)
    headers = {"Authorization": f"Bearer {services.tokens.issue(reader, BASE, base=BASE).text}"}
    assert anonymous.get("/vedette/status", headers=headers).status_code == 200
    assert anonymous.post("/vedette/clock", headers=headers, json={"advance": "PT1M"}).status_code == 403
