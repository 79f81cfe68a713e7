"""The web console's sign-in, as its program does it in a browser: code and PKCE, tokens for each API, signing out."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.clients.command import vedette
from tests.clients.conftest import Ready
from tests.clients.sdk import bearer, web
from tests.clients.test_identity import FORM, PASSWORD, claims, give_role


class Console:
    """A tab of the console: what it was told before anybody signed in, and its own refresh token."""

    def __init__(self, browser: httpx.Client) -> None:
        self.browser = browser
        self.origin = str(browser.base_url).rstrip("/")
        self.config = browser.get("/console/config.json").raise_for_status().json()
        self.oidc = browser.get(f"{self.config['authority']}/.well-known/openid-configuration").json()
        self.verifier = secrets.token_urlsafe(48)
        self.tokens: dict[str, Any] = {}

    def asked(self, **more: str) -> str:
        """The address that the browser is sent to."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self.config["clientId"],
            "redirect_uri": f"{self.origin}/console/signed-in",
            "response_type": "code",
            "response_mode": "query",
            "scope": f"openid profile offline_access {self.config['audiences']['arm']}/.default",
            "state": "state",
            "nonce": "nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **more,
        }
        return str(httpx.URL(self.oidc["authorization_endpoint"], params=query))

    def redeem(self, location: str) -> dict[str, Any]:
        """The tokens for the code that the browser came back with."""
        told = parse_qs(urlsplit(location).query)
        assert told["state"] == ["state"], told
        answer = self.token(
            grant_type="authorization_code",
            code=told["code"][0],
            redirect_uri=location.partition("?")[0],
            code_verifier=self.verifier,
        )
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self.tokens

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """What the login page and the console do with a name and a password."""
        address = self.asked()
        form = dict(FORM.findall(self.browser.get(address).text)) | {"username": name, "password": password}
        self.redeem(self.browser.post(address, data=form).headers["location"])

    def refresh(self, audience: str, token: str = "") -> httpx.Response:
        """A token for another API."""
        return self.token(
            grant_type="refresh_token",
            refresh_token=token or self.tokens["refresh_token"],
            scope=f"openid profile offline_access {audience}/.default",
        )

    def token(self, **form: str) -> httpx.Response:
        """A post as a page's own script sends it, with the origin and the cookies."""
        return self.browser.post(
            self.oidc["token_endpoint"],
            data={"client_id": self.config["clientId"], **form},
            headers={"Origin": self.origin, "Sec-Fetch-Site": "same-origin"},
        )


@pytest.fixture
def person(server: Ready) -> Mapping[str, str]:
    """The name and id of somebody who is Owner."""
    name = f"ana{secrets.token_hex(4)}@vedette.local"
    body = {
        "displayName": "Ana",
        "userPrincipalName": name,
        "mailNickname": "ana",
        "accountEnabled": True,
        "passwordProfile": {"password": PASSWORD},
    }
    with web(server) as client:
        made = client.post("/v1.0/users", json=body, headers=bearer(server)).json()
    give_role(server, made["id"], "User")
    return {"name": name, "id": made["id"]}


@pytest.fixture
def browser(server: Ready) -> Iterator[httpx.Client]:
    with web(server) as client:
        yield client


@pytest.fixture
def console(browser: httpx.Client, person: Mapping[str, str]) -> Console:
    """The console in a browser in which the person has signed in."""
    opened = Console(browser)
    opened.sign_in(person["name"])
    return opened


def test_a_token_for_each_api(console: Console, person: Mapping[str, str], server: Ready) -> None:
    assert claims(console.tokens["id_token"])["nonce"] == "nonce"
    tokens = {}
    for name, audience in console.config["audiences"].items():
        answer = console.refresh(audience)
        assert answer.status_code == 200, answer.text
        tokens[name] = answer.json()["access_token"]
        assert (claims(tokens[name])["aud"], claims(tokens[name])["oid"]) == (audience, person["id"])
        console.tokens["refresh_token"] = answer.json()["refresh_token"]
    workspace = server["workspace_id"]
    asked = {
        "arm": ("GET", "/subscriptions?api-version=2022-12-01", None),
        "logs": ("POST", f"/v1/workspaces/{workspace}/query", {"query": "print 1"}),
        "graph": ("GET", "/v1.0/users", None),
        "kusto": ("POST", "/v1/rest/query", {"db": workspace, "csl": "print 1"}),
    }
    for name, (method, path, body) in asked.items():
        headers = {"Authorization": f"Bearer {tokens[name]}"}
        assert console.browser.request(method, path, json=body, headers=headers).status_code == 200, name


def test_at_every_address(server: Ready, browser: httpx.Client, person: Mapping[str, str]) -> None:
    """A page is asked for at each name of the server, and nowhere else."""
    opened = Console(browser)
    port = urlsplit(server["https"]).port
    for base in (f"https://127.0.0.1:{port}", f"https://localhost:{port}"):
        for page in ("", "signed-in"):
            assert browser.get(opened.asked(redirect_uri=f"{base}/console/{page}")).status_code == 200
    for elsewhere in (f"https://127.0.0.1:{port}/console/x", "https://127.0.0.1:1/console/", f"{server['https']}/"):
        assert browser.get(opened.asked(redirect_uri=elsewhere)).status_code == 400
    without_proof = opened.asked(code_challenge="", code_challenge_method="")
    assert "invalid_request" in browser.get(without_proof).headers["location"]


def test_two_tabs_refresh_at_once(console: Console) -> None:
    """A tab that is duplicated has the same refresh token; neither signs the other out, then or an hour later."""
    audience, shared = console.config["audiences"]["logs"], console.tokens["refresh_token"]
    answers: list[httpx.Response] = []
    tabs = [threading.Thread(target=lambda: answers.append(console.refresh(audience, shared))) for _ in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert [answer.status_code for answer in answers] == [200] * 8
    for answer in answers:
        assert console.refresh(audience, answer.json()["refresh_token"]).status_code == 200
    assert console.refresh(audience, shared).status_code == 200


def test_a_refresh_token_is_good_in_its_browser_alone(console: Console, server: Ready) -> None:
    with web(server) as elsewhere:
        taken = Console(elsewhere)
        refused = taken.refresh(console.config["audiences"]["arm"], console.tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert console.refresh(console.config["audiences"]["arm"]).status_code == 200


def test_signing_in_again_without_a_password(console: Console) -> None:
    """Somebody who is signed in gets a code at once, which is how a tab that lost its tokens goes on."""
    answer = console.browser.get(console.asked(prompt="none"))
    assert answer.status_code == 302
    assert console.redeem(answer.headers["location"])["refresh_token"]


@pytest.mark.parametrize("hint", ["id_token_hint", "client_id"])
def test_signing_out(console: Console, hint: str) -> None:
    """Back to the console, and nothing that the browser has opens anything."""
    home = f"{console.origin}/console/"
    named = {"id_token_hint": console.tokens["id_token"], "client_id": console.config["clientId"]}[hint]
    asked = {"post_logout_redirect_uri": home, hint: named, "state": "out"}
    answer = console.browser.get(console.oidc["end_session_endpoint"], params=asked)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{home}?state=out")
    refused = console.refresh(console.config["audiences"]["arm"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert "error=login_required" in console.browser.get(console.asked(prompt="none")).headers["location"]


def test_nobody_is_sent_elsewhere_after_signing_out(console: Console) -> None:
    asked = {"post_logout_redirect_uri": "https://evil.example/", "id_token_hint": console.tokens["id_token"]}
    answer = console.browser.get(console.oidc["end_session_endpoint"], params=asked)
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


def test_the_people_of_the_demo(start_server: Callable[..., Any], tmp_path: Path) -> None:
    """They are printed, they see the workspace and its incidents, and each may do what the role says."""
    with start_server("--demo") as ready:
        people = json.loads(Path(ready["demo_people"]).read_bytes())
        statuses = {}
        for person in people:
            with web(ready) as browser:
                console = Console(browser)
                console.sign_in(person["name"], person["password"])
                statuses[person["role"].split()[-1]] = _done(console, ready)
    printed = (tmp_path / "server.log").read_text()
    assert ready["console"] in printed
    assert all(person["password"] in printed for person in people)
    assert statuses == {"Contributor": (200, 200), "Responder": (200, 403), "Reader": (403, 403)}


def _done(console: Console, ready: Ready) -> tuple[int, int]:
    """Looks around as the console does; gives the statuses of assigning an incident and of switching a rule off."""
    version = {"api-version": "2025-09-01"}
    arm, graph = (
        {"Authorization": f"Bearer {console.refresh(console.config['audiences'][name]).json()['access_token']}"}
        for name in ("arm", "graph")
    )

    def got(path: str) -> list[dict[str, Any]]:
        answer = console.browser.get(path, params=version, headers=arm)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    (subscription,) = got("/subscriptions")
    (workspace,) = got(f"{subscription['id']}/providers/Microsoft.OperationalInsights/workspaces")
    assert workspace["properties"]["customerId"] == ready["workspace_id"]
    insights = f"{workspace['id']}/providers/Microsoft.SecurityInsights"
    deadline = time.monotonic() + 20
    while not (incidents := got(f"{insights}/incidents")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    permissions = got(f"{workspace['id']}/providers/Microsoft.Authorization/permissions")
    assert any(action.startswith("Microsoft.SecurityInsights/*") for each in permissions for action in each["actions"])
    people = console.browser.get("/v1.0/users?$select=id,displayName,userPrincipalName", headers=graph).json()["value"]
    incident, (rule, *_) = incidents[0], got(f"{insights}/alertRules")
    incident["properties"]["owner"] = {"objectId": people[0]["id"]}
    rule["properties"]["enabled"] = True
    return tuple(
        console.browser.put(each["id"], json=each, params=version, headers=arm).status_code for each in (incident, rule)
    )


def test_somebody_is_added_with_a_role(server: Ready, tmp_path: Path) -> None:
    name = f"eve{secrets.token_hex(4)}@vedette.local"
    added = vedette(server, tmp_path, "identity", "users", "add", name, "--role", "Microsoft Sentinel Reader")
    assert added.returncode == 0, added.stderr
    with web(server) as browser:
        console = Console(browser)
        console.sign_in(name, added.stdout.strip())
        token = console.tokens["access_token"]
        listed = browser.get("/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {token}"})
    assert len(listed.json()["value"]) == 1
    unknown = vedette(server, tmp_path, "identity", "users", "add", f"x{name}", "--role", "No Such Role")
    assert (unknown.returncode, "no role 'No Such Role'" in unknown.stderr) == (1, True)
    assert vedette(server, tmp_path, "identity", "users", "show", f"x{name}").returncode == 1


def test_the_password_of_somebody_who_cannot_be_given_a_role_is_told(server: Ready, tmp_path: Path) -> None:
    """The second assignment is refused, for it is there already; the user is there all the same."""
    name, role = f"kim{secrets.token_hex(4)}@vedette.local", "Microsoft Sentinel Reader"
    added = vedette(server, tmp_path, "identity", "users", "add", name, "--role", role, "--role", role)
    assert added.returncode == 1
    with web(server) as browser:
        Console(browser).sign_in(name, added.stdout.strip())
