"""Signing in with azure-identity and msal over TLS, as their documentation has it, and `vedette identity`."""

import base64
import html
import json
import re
import secrets
import threading
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import msal
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    UsernamePasswordCredential,
)
from azure.monitor.query import LogsQueryClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from tests.clients.command import vedette
from tests.clients.conftest import running
from tests.clients.node_client import missing
from tests.clients.node_client import run as run_node
from tests.clients.sdk import Ready, bearer, credential, rows, web

ARM = "https://management.azure.com/.default"
PASSWORD = "correct horse battery"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
FORM = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def options(ready: Ready) -> dict[str, Any]:
    return {"authority": ready["https"], "disable_instance_discovery": True, "connection_verify": ready["ca"]}


@pytest.fixture
def user(server: Ready) -> str:
    """The name of a new user with the password above."""
    name = f"user{secrets.token_hex(4)}@vedette.local"
    body = {
        "displayName": "A person",
        "userPrincipalName": name,
        "mailNickname": "person",
        "accountEnabled": True,
        "passwordProfile": {"password": PASSWORD},
    }
    with web(server) as client:
        assert client.post("/v1.0/users", json=body, headers=bearer(server)).status_code == 201
    return name


def add_application(ready: Ready, **more: Any) -> tuple[dict[str, Any], str]:
    """An application with a service principal, and its secret."""
    with web(ready) as client:
        headers = bearer(ready)
        made = client.post("/v1.0/applications", json={"displayName": "client"} | more, headers=headers).json()
        client.post("/v1.0/servicePrincipals", json={"appId": made["appId"]}, headers=headers).raise_for_status()
        secret = client.post(f"/v1.0/applications/{made['id']}/addPassword", json={}, headers=headers).json()
    return made, secret["secretText"]


def give_role(ready: Ready, object_id: str, kind: str = "ServicePrincipal") -> None:
    """Make an object Owner of the subscription."""
    scope = f"/subscriptions/{ready['subscription_id']}"
    role = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"
    body = {"properties": {"roleDefinitionId": role, "principalId": object_id, "principalType": kind}}
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}?api-version=2022-04-01"
    with web(ready) as client:
        answer = client.put(path, json=body, headers=bearer(ready))
        assert answer.status_code == 201, answer.text


def log_in(ready: Ready, address: str, user: str) -> httpx.Response:
    """What a browser does with the login page at an address; gives the answer to its form, followed nowhere."""
    with web(ready) as browser:
        page = browser.get(address)
        assert page.status_code == 200, page.text
        form = dict(FORM.findall(page.text)) | {"username": user, "password": PASSWORD}
        return browser.post(address, data=form)


def test_a_secret_and_claims(server: Ready) -> None:
    application, secret = add_application(server)
    made = ClientSecretCredential(server["tenant_id"], application["appId"], secret, **options(server))
    token = claims(made.get_token(ARM, claims='{"access_token": {"nbf": {"essential": true}}}', enable_cae=True).token)
    assert (token["appid"], token["idtyp"], token["xms_cc"]) == (application["appId"], "app", ["CP1"])
    wrong = ClientSecretCredential(server["tenant_id"], application["appId"], "wrong", **options(server))
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(ARM)


@pytest.fixture
def signer(server: Ready) -> tuple[str, bytes]:
    """The client id of an application, and a key with the certificate that it has registered."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    application, _ = add_application(server, keyCredentials=[{"key": base64.b64encode(pem).decode()}])
    return application["appId"], private + pem


def test_a_certificate(server: Ready, signer: tuple[str, bytes]) -> None:
    app_id, pem = signer
    signing = CertificateCredential(server["tenant_id"], app_id, certificate_data=pem, **options(server))
    for scope in (ARM, "https://graph.microsoft.com/.default"):  # one assertion, sent twice
        assert claims(signing.get_token(scope).token)["appid"] == app_id


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
def test_the_credentials_of_another_language(server: Ready, signer: tuple[str, bytes]) -> None:
    app_id, pem = signer
    found = run_node(server, "identity.mjs", {"app_id": app_id, "pem": pem.decode()})
    assert (found["secret"], found["certificate"]) == (server["client_id"], app_id)
    assert found["managed"].endswith("/sites/vedette-local")


def test_a_device_code(server: Ready, user: str) -> None:
    prompted: dict[str, str] = {}
    ready = threading.Event()

    def prompt(address: str, code: str, _expires: datetime) -> None:
        prompted.update(address=address, code=code)
        ready.set()

    def approve() -> None:
        assert ready.wait(10)
        with web(server) as browser:
            form = dict(FORM.findall(browser.get(prompted["address"]).text))
            asked = browser.post(prompted["address"], data=form | {"user_code": prompted["code"]})
            form = dict(FORM.findall(asked.text)) | {"username": user, "password": PASSWORD}
            assert "Signed in" in browser.post(prompted["address"], data=form).text

    approving = threading.Thread(target=approve)
    approving.start()
    device = DeviceCodeCredential(tenant_id=server["tenant_id"], prompt_callback=prompt, **options(server))
    token = claims(device.get_token(ARM).token)
    approving.join()
    assert (token["upn"], token["idtyp"]) == (user, "user")
    assert claims(device.get_token("https://graph.microsoft.com/.default").token)["upn"] == user  # refreshed


def test_a_code_with_a_secret(server: Ready, user: str) -> None:
    uri = "https://app.example/callback"
    application, secret = add_application(server, web={"redirectUris": [uri]})
    query = {
        "client_id": application["appId"],
        "response_type": "code",
        "redirect_uri": uri,
        "scope": f"{ARM} offline_access",
    }
    address = str(httpx.URL(f"{server['https']}/{server['tenant_id']}/oauth2/v2.0/authorize", params=query))
    location = log_in(server, address, user).headers["location"]
    made = AuthorizationCodeCredential(
        server["tenant_id"],
        application["appId"],
        parse_qs(urlsplit(location).query)["code"][0],
        uri,
        client_secret=secret,
        **options(server),
    )
    assert claims(made.get_token(ARM).token)["upn"] == user


def test_a_browser(server: Ready, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library opens a browser, listens on a port of its own, and is posted the code."""

    def opened(address: str, *_arguments: Any, **_more: Any) -> bool:
        def browse() -> None:
            page = log_in(server, address, user)
            target = re.search(r'action="([^"]+)"', page.text)
            assert target is not None, page.text
            fields = {name: html.unescape(value) for name, value in FORM.findall(page.text)}
            httpx.post(html.unescape(target[1]), data=fields, trust_env=False).raise_for_status()

        threading.Thread(target=browse).start()
        return True

    class Browser:
        name = "a browser"
        open = staticmethod(opened)

    monkeypatch.setattr(webbrowser, "open", opened)
    monkeypatch.setattr(webbrowser, "get", lambda *_arguments: Browser())
    interactive = InteractiveBrowserCredential(tenant_id=server["tenant_id"], timeout=20, **options(server))
    assert claims(interactive.get_token(ARM).token)["upn"] == user


def test_a_user_name_and_password_in_azures_place(server: Ready, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """msal asks for the user's realm at the host without its port, so this is for the names of Azure itself."""
    monkeypatch.setenv("HTTPS_PROXY", server["proxy"])
    made = UsernamePasswordCredential(
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        user,
        PASSWORD,
        tenant_id=server["tenant_id"],
        disable_instance_discovery=True,
        connection_verify=server["ca"],
    )
    assert claims(made.get_token(ARM).token)["upn"] == user


def test_msal_keeps_an_account_and_refreshes_it(server: Ready, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server["ca"])  # requests takes one that is set before the argument
    program = msal.PublicClientApplication(
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        authority=f"{server['https']}/{server['tenant_id']}",
        instance_discovery=False,
        verify=server["ca"],
    )
    flow = program.initiate_auth_code_flow([ARM], redirect_uri="http://localhost:1", response_mode="query")
    told = parse_qs(urlsplit(log_in(server, flow["auth_uri"], user).headers["location"]).query)
    first = program.acquire_token_by_auth_code_flow(flow, {name: values[0] for name, values in told.items()})
    assert first["id_token_claims"]["preferred_username"] == user, first
    (account,) = program.get_accounts()
    assert account["username"] == user
    other = program.acquire_token_silent(["https://api.loganalytics.io/.default"], account)
    assert claims(other["access_token"])["aud"] == "https://api.loganalytics.io"
    again = program.acquire_token_silent([ARM], account, force_refresh=True)
    assert again["access_token"] != first["access_token"]


@pytest.fixture
def app_service(server: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", server["identity_endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", server["identity_header"])


@pytest.mark.usefixtures("app_service")
def test_a_program_that_knows_the_identity_header_is_owner(server: Ready) -> None:
    identity = ManagedIdentityCredential()
    token = claims(identity.get_token(ARM).token)
    assert token["xms_mirid"].endswith("/sites/vedette-local")
    client = LogsQueryClient(identity, endpoint=server["https"], connection_verify=server["ca"])
    assert client.query_workspace(server["workspace_id"], "print 1", timespan=None).tables[0].rows[0][0] == 1


@pytest.mark.usefixtures("app_service")
def test_a_wrong_identity_header_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential().get_token(ARM)


def test_any_program_on_the_machine_has_an_identity_without_a_role(
    server: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", server["http"])
    identity = ManagedIdentityCredential()
    token = claims(identity.get_token(ARM).token)
    assert token["xms_mirid"].endswith("/virtualMachines/vedette-machine")
    client = LogsQueryClient(identity, endpoint=server["https"], connection_verify=server["ca"], retry_total=0)
    with pytest.raises(HttpResponseError) as refused:
        client.query_workspace(server["workspace_id"], "print 1", timespan=None)
    assert refused.value.status_code == 403
    with pytest.raises(ClientAuthenticationError):  # not that of another
        ManagedIdentityCredential(client_id=server["client_id"]).get_token(ARM)


def test_the_endpoints_without_secrets_are_on_loopback_without_tls_only(server: Ready) -> None:
    query = {"api-version": "2018-02-01", "resource": "https://management.azure.com/"}
    paths = {"/metadata/identity/oauth2/token": {"Metadata": "true"}}
    paths["/msi/token"] = {"X-IDENTITY-HEADER": server["identity_header"]}
    for path, headers in paths.items():
        with web(server) as client:
            assert client.get(path, params=query, headers=headers).status_code == 404
        address = f"{server['http']}{path}"
        assert httpx.get(address, params=query, headers=headers, trust_env=False).status_code == 200
        rebound = headers | {"Host": "evil.example"}
        assert httpx.get(address, params=query, headers=rebound, trust_env=False).status_code == 404
    address = f"{server['http']}/metadata/identity/oauth2/token"
    for headers in ({}, {"Metadata": "true", "X-Forwarded-For": "1.2.3.4"}):
        assert httpx.get(address, params=query, headers=headers, trust_env=False).status_code == 400


def test_vedette_identity(server: Ready, tmp_path: Path) -> None:
    def run(*arguments: str, stdin: str = "") -> str:
        done = vedette(server, tmp_path, "identity", *arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    name = f"cli{secrets.token_hex(4)}@vedette.local"
    password = run("users", "add", name, "--display-name", "Cli User")
    assert len(password) > 15
    group = run("groups", "add", f"group {name}")
    run("groups", "add-member", group, name)
    shown = json.loads(run("users", "show", name, "--json"))
    assert (shown["displayName"], shown["groups"]) == ("Cli User", [f"group {name}"])
    assert name in run("groups", "show", group)
    made = json.loads(run("apps", "add", f"app {name}", "--json"))
    app = ClientSecretCredential(server["tenant_id"], made["clientId"], made["clientSecret"], **options(server))
    token = app.get_token(f"{server['https']}/.default").token
    with web(server) as client:
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/v1.0/users", headers=headers).status_code == 403
        run("apps", "grant", made["clientId"], "directory.read.all")
        assert client.get("/v1.0/users", headers=headers).status_code == 200
        assert json.loads(run("apps", "show", made["clientId"], "--json"))["permissions"] == ["Directory.Read.All"]
        run("rotate-keys")
        assert client.get("/v1.0/users", headers=headers).status_code == 200
        run("apps", "disable", made["clientId"])
        assert client.get("/v1.0/users", headers=headers).status_code == 401
    run("apps", "enable", made["clientId"])
    assert run("apps", "reset-secret", made["clientId"]) != made["clientSecret"]
    own = vedette(server, tmp_path, "identity", "apps", "reset-secret", server["client_id"])
    assert (own.returncode != 0, "add-secret" in own.stderr) == (True, True)
    run("users", "reset-password", name, "--password-stdin", stdin="a password of my own\n")
    run("sessions", "revoke", name)
    run("groups", "remove", group)
    run("users", "remove", name)
    gone = vedette(server, tmp_path, "identity", "users", "show", name)
    assert (gone.returncode, gone.stderr) == (1, f"vedette: There is no user '{name}'.\n")
    run("apps", "remove", made["clientId"])


def test_what_az_asks_graph_at_the_address_of_the_cloud(server: Ready) -> None:
    """`az cloud register` learns where Graph is; `az ad sp list` and `az role assignment create` go there."""
    with web(server) as client:
        cloud = client.get("/metadata/endpoints", params={"api-version": "2022-09-01"}).json()
        graph = cloud["microsoftGraphResourceId"]
        token = credential(server).get_token(f"{graph}/.default").token
        headers = {"Authorization": f"Bearer {token}"}
        found = client.get(
            f"{graph.rstrip('/')}/v1.0/servicePrincipals",
            params={"$filter": f"servicePrincipalNames/any(c:c eq '{server['client_id']}')"},
            headers=headers,
        ).json()["value"]
    assert [each["appId"] for each in found] == [server["client_id"]]


def test_tokens_of_a_trusted_issuer(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path_factory.mktemp("issuer")) as issuer:
        monkeypatch.setenv("SSL_CERT_FILE", issuer["ca"])
        trusted = f"{issuer['https']}/{issuer['tenant_id']}/v2.0"
        token = credential(issuer).get_token(ARM).token
        with running(tmp_path_factory.mktemp("trusting"), "--trust-issuer", trusted) as server, web(server) as client:
            headers = {"Authorization": f"Bearer {token}"}
            path = "/vedette/status"
            assert client.get(path, headers=headers).status_code == 403
            give_role(server, claims(token)["oid"])
            assert client.get(path, headers=headers).status_code == 200
            header, _, signature = token.split(".")
            forged = base64.urlsafe_b64encode(json.dumps(claims(token) | {"oid": str(uuid4())}).encode()).rstrip(b"=")
            forgery = {"Authorization": f"Bearer {header}.{forged.decode()}.{signature}"}
            assert client.get(path, headers=forgery).status_code == 401
            own = {"Authorization": f"Bearer {credential(server).get_token(ARM).token}"}
            with web(issuer) as other:  # trust goes one way
                assert other.get(path, headers=own).status_code == 401


def test_any_credential_is_taken_on_loopback_only(start_server: Callable[..., Any], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    refused = vedette(
        {},
        elsewhere,
        "up",
        "--data",
        str(tmp_path / "d"),
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--accept-any-credential",
    )
    assert refused.returncode == 1
    assert "whoever reaches the server is its Owner" in refused.stderr
    with start_server("--accept-any-credential") as server:
        made = ClientSecretCredential(server["tenant_id"], "anybody", "anything", **options(server))
        client = LogsQueryClient(made, endpoint=server["https"], connection_verify=server["ca"])
        assert client.query_workspace(server["workspace_id"], "print 1", timespan=None).tables[0].rows[0][0] == 1
        with web(server) as plain:
            path = f"/subscriptions/{server['subscription_id']}/resourceGroups?api-version=2021-04-01"
            assert plain.get(path, headers={"Authorization": "Bearer anything"}).status_code == 200
            assert plain.get(path).status_code == 401
    log = (tmp_path / "server.log").read_text()
    assert "NO CREDENTIAL IS CHECKED" in log
    assert "It checks no credential" in log


def test_no_secret_is_written_to_the_log(start_server: Callable[..., Any], tmp_path: Path) -> None:
    with start_server("--log-level", "debug") as server:
        _, secret = add_application(server)
        assert rows(server, "print 1") == [[1]]
        own = server["client_secret"]
        with web(server) as client:
            form = {"grant_type": "password", "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"}
            form |= {"username": "nobody@vedette.local", "password": PASSWORD, "scope": ARM}
            assert client.post(f"/{server['tenant_id']}/oauth2/v2.0/token", data=form).status_code == 400
        log = (tmp_path / "server.log").read_text()
        requests = log[log.index("request") :]
        assert all(text not in requests for text in (secret, own, PASSWORD))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
