"""Signing in: pages, codes, devices, passwords, refresh tokens and certificates, and every way to be turned away."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from vedette.access.grants import DEVICE_LIFETIME, DeviceState, Grants
from vedette.access.principals import PrincipalKind
from vedette.access.sessions import SESSION
from vedette.api.app import make_app
from vedette.api.services import Services

BASE = "https://127.0.0.1:8443"
AZ = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
ARM = f"{BASE}/.default"
SCOPE = f"{ARM} offline_access openid profile"
REDIRECT = "http://localhost:5555"
PASSWORD = "correct horse battery"


@pytest.fixture
def browser(services: Services) -> Iterator[TestClient]:
    """A browser of its own, which keeps cookies and follows nothing."""
    with TestClient(make_app(services), base_url=BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def user(owner: TestClient) -> dict[str, Any]:
    name = f"user{secrets.token_hex(4)}"
    body = {
        "displayName": name,
        "userPrincipalName": f"{name}@vedette.local",
        "mailNickname": name,
        "accountEnabled": True,
        "passwordProfile": {"password": PASSWORD},
    }
    return owner.post("/v1.0/users", json=body).json()


def add_application(owner: TestClient, **more: Any) -> dict[str, Any]:
    name = f"app{secrets.token_hex(4)}"
    made = owner.post("/v1.0/applications", json={"displayName": name} | more).json()
    assert owner.post("/v1.0/servicePrincipals", json={"appId": made["appId"]}).status_code == 201
    return made


def pkce() -> tuple[str, str]:
    verifier = secrets.token_urlsafe(48)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorization(challenge: str | None, **changes: str) -> dict[str, str]:
    query = {
        "client_id": AZ,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "the state",
        "nonce": "the nonce",
    } | changes
    if challenge is not None:
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return query


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]


def submit(browser: TestClient, query: dict[str, str], user: dict[str, Any], password: str = PASSWORD) -> Any:
    """Open the login page and send it."""
    page = browser.get("/organizations/oauth2/v2.0/authorize", params=query)
    assert page.status_code == 200, page.text
    form = {"token": field(page.text, "token"), "username": user["userPrincipalName"], "password": password}
    return browser.post("/organizations/oauth2/v2.0/authorize", params=query, data=form)


def signed_in(browser: TestClient, user: dict[str, Any]) -> tuple[str, str]:
    """A code, and its verifier."""
    verifier, challenge = pkce()
    answer = submit(browser, authorization(challenge), user)
    assert answer.status_code == 302, answer.text
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert told["state"] == ["the state"]
    return told["code"][0], verifier


def ask(client: TestClient, **form: str) -> Any:
    return client.post("/organizations/oauth2/v2.0/token", data={"client_id": AZ, "client_info": "1"} | form)


def redeem(client: TestClient, code: str, verifier: str, **changes: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
    } | changes
    return ask(client, **form)


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def number(answer: Any) -> int:
    return answer.json()["error_codes"][0]


def test_a_person_signs_in_with_a_code(browser: TestClient, services: Services, user: dict[str, Any]) -> None:
    told = redeem(browser, *signed_in(browser, user)).json()
    access, identity = claims(told["access_token"]), claims(told["id_token"])
    assert (access["upn"], access["unique_name"], access["scp"]) == (
        user["userPrincipalName"],
        user["userPrincipalName"],
        "user_impersonation",
    )
    assert (access["oid"], access["appid"], access["idtyp"]) == (user["id"], AZ, "user")
    assert (identity["nonce"], identity["aud"], identity["preferred_username"]) == (
        "the nonce",
        AZ,
        user["userPrincipalName"],
    )
    uid = json.loads(base64.urlsafe_b64decode(told["client_info"] + "=="))
    assert uid == {"uid": user["id"], "utid": services.estate.tenant_id}
    assert ARM in told["scope"].split()
    principal = services.tokens.verify(told["access_token"])
    assert (principal.kind, principal.user_name, principal.application_id) == (
        PrincipalKind.USER,
        user["userPrincipalName"],
        AZ,
    )
    me = browser.get("/v1.0/me", headers={"Authorization": f"Bearer {told['access_token']}"}).json()
    assert me["id"] == user["id"]
    info = browser.get("/oidc/userinfo", headers={"Authorization": f"Bearer {told['access_token']}"}).json()
    assert (info["sub"], info["name"]) == (identity["sub"], user["displayName"])


def test_the_page_is_plain_and_closed(browser: TestClient) -> None:
    page = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(pkce()[1]))
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "form-action 'self' http://localhost:5555;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    cookie = page.headers["set-cookie"]
    assert all(word in cookie for word in ("__Host-", "HttpOnly", "Secure", "SameSite=lax"))
    hostile = authorization(pkce()[1], login_hint='"><script>alert(1)</script>')
    assert "<script>alert" not in browser.get("/organizations/oauth2/v2.0/authorize", params=hostile).text


def test_a_form_from_elsewhere_is_not_taken(browser: TestClient, user: dict[str, Any]) -> None:
    query = authorization(pkce()[1])
    page = browser.get("/organizations/oauth2/v2.0/authorize", params=query)
    form = {"username": user["userPrincipalName"], "password": PASSWORD}
    path = "/organizations/oauth2/v2.0/authorize"
    for token, origin in (("", BASE), ("x" * 43, BASE), (field(page.text, "token"), "https://evil.example")):
        answer = browser.post(path, params=query, data=form | {"token": token}, headers={"Origin": origin})
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    fine = browser.post(path, params=query, data=form | {"token": field(page.text, "token")}, headers={"Origin": BASE})
    assert fine.status_code == 302


def test_a_code_is_good_once_and_its_tokens_end_with_its_second_use(browser: TestClient, user: dict[str, Any]) -> None:
    code, verifier = signed_in(browser, user)
    refresh = redeem(browser, code, verifier).json()["refresh_token"]
    assert number(redeem(browser, code, verifier)) == 54005
    assert number(ask(browser, grant_type="refresh_token", refresh_token=refresh, scope=SCOPE)) == 70000


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": "wrong"}, 501481),
        ({"code_verifier": ""}, 501481),
        ({"redirect_uri": "http://localhost:5556"}, 500112),
        ({"client_id": "1950a258-227b-4e31-a9cf-717495945fc2"}, 70000),
        ({"client_secret": "x"}, 700025),
        ({"scope": "https://vault.azure.net/.default"}, 500011),
    ],
)
def test_codes_that_are_not_taken(
    browser: TestClient, user: dict[str, Any], changes: dict[str, str], expected: int
) -> None:
    code, verifier = signed_in(browser, user)
    answer = redeem(browser, code, verifier, **changes)
    assert (answer.status_code in (400, 401), number(answer)) == (True, expected)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"redirect_uri": "https://evil.example/"}, "AADSTS50011"),
        ({"redirect_uri": "http://localhost.evil.example/"}, "AADSTS50011"),
        ({"redirect_uri": "http://localhost@evil.example/"}, "AADSTS50011"),
        ({"redirect_uri": "http://localhost:80/path"}, "AADSTS50011"),
        ({"redirect_uri": "javascript:alert(1)"}, "AADSTS50011"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "AADSTS700016"),
    ],
)
def test_what_may_not_be_told_to_the_program_is_said_on_a_page(
    browser: TestClient, changes: dict[str, str], says: str
) -> None:
    answer = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(pkce()[1], **changes))
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert says in answer.text


@pytest.mark.parametrize(
    ("challenge", "changes", "error"),
    [
        ("x", {"response_type": "token"}, "unsupported_response_type"),
        ("x", {"scope": "https://vault.azure.net/.default"}, "invalid_resource"),
        ("x", {"prompt": "none"}, "login_required"),
        ("x", {"code_challenge_method": "plain"}, None),
        (None, {}, "invalid_request"),
    ],
)
def test_what_may_be_told_is_sent_on(
    browser: TestClient, challenge: str | None, changes: dict[str, str], error: str | None
) -> None:
    query = authorization(challenge) | changes
    answer = browser.get("/organizations/oauth2/v2.0/authorize", params=query)
    assert answer.status_code == 302
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (told["error"], told["state"]) == ([error or "invalid_request"], ["the state"])


def test_a_browser_that_is_in_stays_in_until_it_is_signed_out(browser: TestClient, user: dict[str, Any]) -> None:
    signed_in(browser, user)
    again = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(pkce()[1], prompt="none"))
    assert "code=" in again.headers["location"]
    asked = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(pkce()[1], prompt="login"))
    assert asked.status_code == 200
    out = browser.get(
        "/organizations/oauth2/v2.0/logout", params={"post_logout_redirect_uri": REDIRECT, "client_id": AZ}
    )
    assert out.headers["location"] == REDIRECT
    stranger = {"post_logout_redirect_uri": "https://evil.example", "client_id": AZ}
    assert "location" not in browser.get("/organizations/oauth2/v2.0/logout", params=stranger).headers
    after = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(pkce()[1], prompt="none"))
    assert "error=login_required" in after.headers["location"]


def test_an_answer_may_be_posted(browser: TestClient, user: dict[str, Any]) -> None:
    verifier, challenge = pkce()
    page = submit(browser, authorization(challenge, response_mode="form_post"), user)
    assert page.status_code == 200
    assert f'action="{REDIRECT}"' in page.text
    policy = page.headers["content-security-policy"]
    script = re.search(r"<script>(.*?)</script>", page.text)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert redeem(browser, field(page.text, "code"), verifier).status_code == 200


def test_nobody_types_a_password_into_a_page_in_the_clear(services: Services) -> None:
    with TestClient(make_app(services), base_url="http://127.0.0.1:8080", follow_redirects=False) as plain:
        for path in ("/organizations/oauth2/v2.0/authorize", "/organizations/oauth2/deviceauth"):
            answer = plain.get(path, params=authorization(pkce()[1]))
            assert (answer.status_code, "<form" in answer.text) == (400, False)


def test_a_refresh_token_is_replaced_and_its_theft_is_noticed(
    browser: TestClient, services: Services, user: dict[str, Any]
) -> None:
    first = redeem(browser, *signed_in(browser, user)).json()["refresh_token"]

    def refreshed(token: str, **changes: str) -> Any:
        return ask(browser, **({"grant_type": "refresh_token", "refresh_token": token, "scope": SCOPE} | changes))

    second = refreshed(first).json()["refresh_token"]
    assert second != first
    third = refreshed(first).json()["refresh_token"]  # a program that shares the cache, within a minute
    second = refreshed(second).json()["refresh_token"]
    other = refreshed(third, scope="https://graph.microsoft.com/User.Read offline_access")
    assert claims(other.json()["access_token"])["scp"] == "User.Read"
    with services.state.transaction() as transaction:
        (document,) = [each for each in transaction.list(SESSION) if each.name == first.partition(".")[0]]
        long_ago = dict.fromkeys(document.body["replaced"], "2026-01-01T00:00:00+00:00")
        body = document.body | {"replaced": long_ago}
        transaction.put(id=document.id, type=SESSION, scope=document.scope, name=document.name, body=body)
    assert number(refreshed(first)) == 50173
    assert number(refreshed(other.json()["refresh_token"])) == 70000
    assert number(refreshed(second)) == 70000
    assert number(refreshed("nothing")) == 70000
    assert number(refreshed(first + "x")) == 70000


def test_revoked_sessions_end_at_once(
    browser: TestClient, owner: TestClient, services: Services, user: dict[str, Any]
) -> None:
    told = redeem(browser, *signed_in(browser, user)).json()
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert browser.get("/v1.0/me", headers=headers).status_code == 200
    assert owner.post(f"/v1.0/users/{user['id']}/revokeSignInSessions").json()["value"] is True
    refused = browser.get("/v1.0/me", headers=headers)
    assert (refused.status_code, "revoked" in refused.json()["error"]["message"]) == (401, True)
    renewed = ask(browser, grant_type="refresh_token", refresh_token=told["refresh_token"], scope=SCOPE)
    assert number(renewed) == 70000
    prompt = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(pkce()[1], prompt="none"))
    assert "login_required" in prompt.headers["location"]
    fresh = redeem(browser, *signed_in(browser, user)).json()["access_token"]
    assert browser.get("/v1.0/me", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200


def test_a_password_signs_in_and_a_new_one_ends_sessions(
    browser: TestClient, owner: TestClient, user: dict[str, Any]
) -> None:
    form = {"grant_type": "password", "username": user["userPrincipalName"], "password": PASSWORD, "scope": SCOPE}
    token = ask(browser, **form).json()["access_token"]
    assert claims(token)["upn"] == user["userPrincipalName"]
    changed = owner.patch(f"/v1.0/users/{user['id']}", json={"passwordProfile": {"password": "another one entirely"}})
    assert changed.status_code == 204
    assert browser.get("/v1.0/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert number(ask(browser, **form)) == 50126
    assert ask(browser, **(form | {"password": "another one entirely"})).status_code == 200
    owner.patch(f"/v1.0/users/{user['id']}", json={"accountEnabled": False})
    assert number(ask(browser, **(form | {"password": "another one entirely"}))) == 50057
    assert number(ask(browser, **(form | {"username": "nobody@vedette.local"}))) == 50126


def test_too_many_wrong_passwords_lock_a_name_for_this_address(browser: TestClient, user: dict[str, Any]) -> None:
    form = {"grant_type": "password", "username": user["userPrincipalName"], "password": "wrong", "scope": SCOPE}
    for _ in range(10):
        assert number(ask(browser, **form)) == 50126
    assert number(ask(browser, **(form | {"password": PASSWORD}))) == 50053
    page = submit(browser, authorization(pkce()[1]), user)
    assert (page.status_code, "too many attempts" in page.text) == (400, True)


def test_a_device_signs_in(browser: TestClient, services: Services, user: dict[str, Any]) -> None:
    begun = browser.post("/organizations/oauth2/v2.0/devicecode", data={"client_id": AZ, "scope": SCOPE}).json()
    page_address = urlsplit(begun["verification_uri"]).path
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    waiting = ask(browser, **form)
    assert (waiting.status_code, waiting.json()["error"], number(waiting)) == (400, "authorization_pending", 70016)
    token = field(browser.get(page_address).text, "token")
    wrong = browser.post(page_address, data={"token": token, "user_code": "WRONG"})
    assert (wrong.status_code, "No program waits" in wrong.text) == (400, True)
    code = f"{begun['user_code'][:4]}-{begun['user_code'][4:].lower()}"
    login = browser.post(page_address, data={"token": token, "user_code": code})
    assert "Microsoft Azure CLI" in login.text
    assert number(ask(browser, **form)) == 70016
    sent = {"token": token, "user_code": field(login.text, "user_code"), "username": user["userPrincipalName"]}
    assert "invalid username or password" in browser.post(page_address, data=sent | {"password": "x"}).text
    assert "Signed in" in browser.post(page_address, data=sent | {"password": PASSWORD}).text
    told = ask(browser, **form).json()
    assert claims(told["access_token"])["upn"] == user["userPrincipalName"]
    assert "refresh_token" in told
    assert number(ask(browser, **form)) == 70019


def test_a_device_is_turned_away(browser: TestClient, user: dict[str, Any]) -> None:
    signed_in(browser, user)
    begun = browser.post("/organizations/oauth2/devicecode", data={"client_id": AZ, "resource": ARM[:-9]}).json()
    page_address = urlsplit(begun["verification_url"]).path
    token = field(browser.get(page_address).text, "token")
    asked = browser.post(page_address, data={"token": token, "user_code": begun["user_code"]})
    assert user["userPrincipalName"] in asked.text
    declined = browser.post(page_address, data={"token": token, "user_code": begun["user_code"], "decline": "1"})
    assert "Declined" in declined.text
    answer = ask(browser, grant_type="device_code", device_code=begun["device_code"])
    assert (answer.json()["error"], number(answer)) == ("authorization_declined", 70018)


def certificate(days: int = 1) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime.now(UTC) - timedelta(days=30)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return key, made


def test_a_certificate_proves_a_program(browser: TestClient, owner: TestClient, services: Services) -> None:
    key, made = certificate()
    encoded = base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()
    credential = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": encoded, "displayName": "mine"}
    application = add_application(owner, keyCredentials=[credential])
    (listed,) = owner.get(f"/v1.0/applications/{application['id']}").json()["keyCredentials"]
    assert (listed["key"], listed["displayName"]) == (None, "mine")
    private = RSAKey.import_key(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    endpoint = f"{BASE}/{services.estate.tenant_id}/oauth2/v2.0/token"
    app_id, now = application["appId"], datetime.now(UTC).timestamp()

    def thumbprint(algorithm: hashes.HashAlgorithm) -> str:
        return base64.urlsafe_b64encode(made.fingerprint(algorithm)).rstrip(b"=").decode()

    def attempt(header: dict[str, Any] | None = None, **changes: Any) -> Any:
        sent = {"iss": app_id, "sub": app_id, "aud": endpoint, "exp": now + 600, "iat": now, "jti": secrets.token_hex()}
        header = header or {"alg": "PS256", "x5t#S256": thumbprint(hashes.SHA256())}
        signer = changes.pop("signer", private)
        registry = jws.JWSRegistry(algorithms=["RS256", "PS256"])
        registry.max_header_length = 10_000
        assertion = jwt.encode(header, sent | changes, signer, registry=registry)
        return assertion, browser.post(
            urlsplit(endpoint).path,
            data={
                "grant_type": "client_credentials",
                "client_id": app_id,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                "scope": "https://management.azure.com/.default",
            },
        )

    assert attempt()[1].status_code == 200
    assert attempt({"alg": "RS256", "x5t": thumbprint(hashes.SHA1())})[1].status_code == 200
    chain = {"alg": "RS256", "x5t": thumbprint(hashes.SHA1()), "x5c": [encoded, encoded]}
    assert attempt(chain)[1].status_code == 200
    assert attempt(jti="the same")[1].status_code == 200
    for changes, expected in (
        ({"aud": "https://evil.example/token"}, 700023),
        ({"exp": now - 60}, 700024),
        ({"exp": now + 90_000}, 700024),
        ({"iss": "someone"}, 700021),
        ({"signer": RSAKey.generate_key(2048)}, 700027),
        ({"jti": "the same", "exp": now + 300}, 50013),
        ({"header": {"alg": "PS256", "x5t#S256": "x"}}, 700027),
    ):
        _, answer = attempt(**changes)
        assert (answer.status_code, number(answer)) == (401, expected), changes


def test_an_expired_certificate_proves_nothing(owner: TestClient) -> None:
    _, made = certificate(days=-1)
    encoded = base64.b64encode(made.public_bytes(serialization.Encoding.PEM)).decode()
    application = add_application(owner, keyCredentials=[{"key": encoded}])
    (listed,) = owner.get(f"/v1.0/applications/{application['id']}").json()["keyCredentials"]
    assert listed["endDateTime"] < datetime.now(UTC).isoformat()


def test_a_program_with_a_secret_redeems_codes_with_it(
    browser: TestClient, owner: TestClient, user: dict[str, Any]
) -> None:
    uri = "https://app.example/callback"
    application = add_application(owner, web={"redirectUris": [uri]})
    app_id = application["appId"]
    secret = owner.post(f"/v1.0/applications/{application['id']}/addPassword", json={}).json()["secretText"]

    def code() -> str:
        answer = submit(browser, authorization(None, client_id=app_id, redirect_uri=uri, prompt="login"), user)
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    shared = {"grant_type": "authorization_code", "client_id": app_id, "redirect_uri": uri, "scope": SCOPE}
    assert number(ask(browser, **shared, code=code())) == 7000218
    assert number(ask(browser, **shared, code=code(), client_secret="wrong")) == 7000215
    assert ask(browser, **shared, code=code(), client_secret=secret).status_code == 200
    password = {"grant_type": "password", "username": user["userPrincipalName"], "password": PASSWORD, "scope": SCOPE}
    assert number(ask(browser, **password, client_id=app_id)) == 7000218
    assert browser.post("/common/oauth2/v2.0/devicecode", data={"client_id": app_id}).json()["error_codes"] == [7000218]


def test_the_discovery_document_says_what_is_served(anonymous: TestClient) -> None:
    found = anonymous.get("/common/v2.0/.well-known/openid-configuration").json()
    assert set(found["grant_types_supported"]) == {
        "client_credentials",
        "authorization_code",
        "refresh_token",
        "password",
        "urn:ietf:params:oauth:grant-type:device_code",
    }
    assert found["code_challenge_methods_supported"] == ["S256"]
    served = {route.path for route in anonymous.app.routes}  # type: ignore[attr-defined]
    for name in ("authorization", "token", "device_authorization", "end_session"):
        path = urlsplit(found[f"{name}_endpoint"]).path.replace("/common/", "/{tenant}/")
        assert path in served
    realm = anonymous.get("/common/userrealm/anna@vedette.local", params={"api-version": "1.0"}).json()
    assert realm["account_type"] == "Managed"


def test_keys_change_on_command(owner: TestClient, services: Services) -> None:
    before = services.tokens.keys.current.kid
    made = owner.post("/vedette/identity/rotateKeys").json()["kid"]
    assert made == services.tokens.keys.current.kid != before
    assert owner.get("/vedette/status").status_code == 200  # the token of the old key
    keys = owner.get("/common/discovery/v2.0/keys").json()["keys"]
    assert [key["kid"] for key in keys[:2]] == [made, before]


def test_what_is_asked_for_has_an_end(browser: TestClient) -> None:
    long = "https://management.azure.com/" + "x" * 4000
    for version, form in (("/v2.0", {"scope": long}), ("", {"resource": f"{BASE}/{long}"})):
        answer = browser.post(f"/organizations/oauth2{version}/devicecode", data={"client_id": AZ} | form)
        assert (answer.status_code, number(answer)) == (400, 70011)
        assert len(answer.content) < 2000


def test_one_address_does_not_push_out_the_devices_of_others() -> None:
    grants, now = Grants(), datetime.now(UTC)
    kept = grants.begin_device(AZ, SCOPE, "192.0.2.1", now)
    assert kept is not None
    begun = [grants.begin_device(AZ, SCOPE, "192.0.2.2", now) for _ in range(101)]
    assert all(begun[:100])
    assert begun[100] is None
    assert grants.begin_device(AZ, SCOPE, "192.0.2.1", now) is not None
    assert grants.waiting(kept[1].user_code, now) is not None
    assert grants.begin_device(AZ, SCOPE, "192.0.2.2", now + DEVICE_LIFETIME) is not None


def test_a_browser_that_says_no_origin_signs_in(browser: TestClient, user: dict[str, Any]) -> None:
    query = authorization(pkce()[1])
    page = browser.get("/organizations/oauth2/v2.0/authorize", params=query)
    assert page.headers["referrer-policy"] == "same-origin"  # no-referrer has browsers send Origin: null
    form = {"token": field(page.text, "token"), "username": user["userPrincipalName"], "password": PASSWORD}
    path, origin = "/organizations/oauth2/v2.0/authorize", {"Origin": "null"}
    assert browser.post(path, params=query, data=form | {"token": "x" * 43}, headers=origin).status_code == 400
    assert browser.post(path, params=query, data=form, headers=origin).status_code == 302


def test_what_was_granted_before_sessions_were_revoked_is_refused(
    browser: TestClient, owner: TestClient, user: dict[str, Any]
) -> None:
    begun = browser.post("/organizations/oauth2/v2.0/devicecode", data={"client_id": AZ, "scope": SCOPE}).json()
    page_address = urlsplit(begun["verification_uri"]).path
    token = field(browser.get(page_address).text, "token")
    code, verifier = signed_in(browser, user)
    sent = {"token": token, "user_code": begun["user_code"], "approve": "1"}
    assert "Signed in" in browser.post(page_address, data=sent).text
    assert owner.post(f"/v1.0/users/{user['id']}/revokeSignInSessions").status_code == 200
    assert number(redeem(browser, code, verifier)) == 50173
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    assert number(ask(browser, **form)) == 50173


def test_an_approved_device_runs_out_too() -> None:
    grants, now = Grants(), datetime.now(UTC)
    begun = grants.begin_device(AZ, SCOPE, "192.0.2.1", now)
    assert begun is not None
    assert grants.settle(begun[1].user_code, "somebody", now, approved=True)
    late = grants.poll(begun[0], now + DEVICE_LIFETIME)
    assert late is not None
    assert late.state is DeviceState.EXPIRED


def test_a_cookie_tells_when_the_person_signed_in(
    browser: TestClient, services: Services, user: dict[str, Any]
) -> None:
    query = authorization(pkce()[1])
    assert submit(browser, query, user).status_code == 302
    (session,) = [each for each in services.state.list(SESSION) if each.body["userId"] == user["id"]]
    earlier = datetime.now(UTC) - timedelta(hours=1)
    with services.state.transaction() as transaction:
        body = session.body | {"signedIn": earlier.isoformat()}
        transaction.put(id=session.id, type=SESSION, scope=session.scope, name=session.name, body=body)
    verifier, challenge = pkce()
    answer = browser.get("/organizations/oauth2/v2.0/authorize", params=authorization(challenge))
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    told = redeem(browser, code, verifier).json()
    assert claims(told["id_token"])["auth_time"] == int(earlier.timestamp())
    again = ask(browser, grant_type="refresh_token", refresh_token=told["refresh_token"], scope=SCOPE).json()
    assert claims(again["id_token"])["auth_time"] == int(earlier.timestamp())


def test_wrong_secrets_lock_a_program_for_this_address_and_no_other(browser: TestClient, owner: TestClient) -> None:
    def secret_of(application: dict[str, Any]) -> str:
        return owner.post(f"/v1.0/applications/{application['id']}/addPassword", json={}).json()["secretText"]

    one, other = add_application(owner), add_application(owner)
    form = {"grant_type": "client_credentials", "scope": f"{BASE}/.default"}
    for _ in range(10):
        assert number(ask(browser, **form, client_id=one["appId"], client_secret="wrong")) == 7000215
    refused = ask(browser, **form, client_id=one["appId"], client_secret=secret_of(one))
    assert (refused.status_code, number(refused)) == (401, 50053)
    assert ask(browser, **form, client_id=other["appId"], client_secret=secret_of(other)).status_code == 200


def test_a_web_application_with_a_page_is_no_public_client(
    browser: TestClient, owner: TestClient, user: dict[str, Any]
) -> None:
    web, spa = "https://app.example/callback", "https://app.example/page"
    application = add_application(owner, web={"redirectUris": [web]}, spa={"redirectUris": [spa]})
    app_id = application["appId"]
    secret = owner.post(f"/v1.0/applications/{application['id']}/addPassword", json={}).json()["secretText"]
    form = {"grant_type": "password", "username": user["userPrincipalName"], "password": PASSWORD, "scope": SCOPE}
    assert number(ask(browser, **form, client_id=app_id)) == 7000218
    begun = browser.post("/organizations/oauth2/v2.0/devicecode", data={"client_id": app_id, "scope": SCOPE})
    assert number(begun) == 7000218

    def refresh_token(uri: str, **proof: str) -> str:
        verifier, challenge = pkce()
        query = authorization(challenge, client_id=app_id, redirect_uri=uri, prompt="login")
        code = parse_qs(urlsplit(submit(browser, query, user).headers["location"]).query)["code"][0]
        return redeem(browser, code, verifier, client_id=app_id, redirect_uri=uri, **proof).json()["refresh_token"]

    def refreshed(token: str, **proof: str) -> Any:
        return ask(browser, grant_type="refresh_token", refresh_token=token, scope=SCOPE, client_id=app_id, **proof)

    proven = refresh_token(web, client_secret=secret)
    assert number(refreshed(proven)) == 7000218
    assert refreshed(proven, client_secret=secret).status_code == 200
    assert refreshed(refresh_token(spa)).status_code == 200


def test_the_header_and_the_form_name_one_program(browser: TestClient, owner: TestClient) -> None:
    application = add_application(owner)
    secret = owner.post(f"/v1.0/applications/{application['id']}/addPassword", json={}).json()["secretText"]
    form = {"grant_type": "client_credentials", "scope": f"{BASE}/.default"}
    path, proof = "/organizations/oauth2/v2.0/token", (application["appId"], secret)
    assert browser.post(path, data=form, auth=proof).status_code == 200
    assert browser.post(path, data=form | {"client_id": application["appId"]}, auth=proof).status_code == 200
    assert number(browser.post(path, data=form | {"client_id": AZ}, auth=proof)) == 900144


def test_where_a_code_was_sent_is_said_again(browser: TestClient, user: dict[str, Any]) -> None:
    code, verifier = signed_in(browser, user)
    assert number(redeem(browser, code, verifier, redirect_uri="")) == 900144


def test_a_header_that_is_too_deep_proves_nothing(browser: TestClient, owner: TestClient) -> None:
    application = add_application(owner)
    deep = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 9000).rstrip(b"=").decode()
    answer = ask(
        browser,
        grant_type="client_credentials",
        client_id=application["appId"],
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=f"{deep}.e30.AAAA",
        scope=f"{BASE}/.default",
    )
    assert answer.status_code == 401


def test_a_secret_that_has_not_begun_is_none(browser: TestClient, owner: TestClient) -> None:
    application = add_application(owner)
    begins = {"startDateTime": "2126-01-01T00:00:00Z", "endDateTime": "2127-01-01T00:00:00Z"}
    made = owner.post(f"/v1.0/applications/{application['id']}/addPassword", json={"passwordCredential": begins}).json()
    form = {"grant_type": "client_credentials", "scope": f"{BASE}/.default", "client_id": application["appId"]}
    assert number(ask(browser, **form, client_secret=made["secretText"])) == 7000215


def test_a_certificate_takes_no_other_credentials_place(owner: TestClient) -> None:
    application = add_application(owner)
    path = f"/v1.0/applications/{application['id']}"
    secret = owner.post(f"{path}/addPassword", json={}).json()
    encoded = base64.b64encode(certificate()[1].public_bytes(serialization.Encoding.DER)).decode()
    for key_id, status in ((secret["keyId"], 400), ("password", 400), ("11111111-2222-3333-4444-555555555555", 204)):
        sent = {"keyCredentials": [{"key": encoded, "keyId": key_id}]}
        assert owner.patch(path, json=sent).status_code == status
