"""Tokens: what they say, and every way in which one is refused."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from vedette.access.addresses import make_addresses
from vedette.access.directory import Directory, Standing
from vedette.access.external_issuers import ExternalIssuers
from vedette.access.principals import Principal
from vedette.access.signing_keys import SigningKeys
from vedette.access.tokens import Tokens
from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput, Unauthenticated
from vedette.core.ids import new_id
from vedette.state.store import StateStore

TENANT = "11111111-1111-1111-1111-111111111111"
BASE = "https://127.0.0.1:8443"
START = datetime(2026, 1, 1, tzinfo=UTC)
PRINCIPAL = Principal("object-id", "app-id", "name", TENANT)
DISABLED = Principal("disabled-id", "disabled-app", "disabled", TENANT)
REVOKED = Principal("revoked-id", "revoked-app", "revoked", TENANT)
STANDINGS = {
    "object-id": Standing(PRINCIPAL, is_enabled=True, valid_from=START),
    "disabled-id": Standing(DISABLED, is_enabled=False, valid_from=None),
    "revoked-id": Standing(REVOKED, is_enabled=True, valid_from=START + timedelta(milliseconds=1)),
}


@pytest.fixture
def key(tokens: Tokens) -> RSAKey:
    return tokens.keys.current


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "tokens.key"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def tokens(key_file: Path, state: StateStore, clock: VirtualClock) -> Tokens:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)

    class Known(Directory):
        def standing(self, object_id: str) -> Standing | None:
            return STANDINGS.get(object_id)

    directory = Known(state, TENANT, clock)
    return Tokens(SigningKeys(key_file, clock), directory, ExternalIssuers((), state, directory), new_id, addresses)


def part(text: str, index: int) -> dict[str, Any]:
    encoded = text.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


@pytest.mark.parametrize(
    ("version", "issuer"), [("1.0", f"https://sts.windows.net/{TENANT}/"), ("2.0", f"{BASE}/{TENANT}/v2.0")]
)
def test_a_token_says_whose_it_is_and_for_what(tokens: Tokens, version: str, issuer: str) -> None:
    issued = tokens.issue(PRINCIPAL, "https://management.azure.com/", base=BASE, version=version)
    claims = part(issued.text, 1)
    now = int(START.timestamp())
    assert claims["iss"] == issuer
    assert claims["aud"] == issued.audience == "https://management.azure.com/"
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (now, now, now + 3599)
    assert (claims["tid"], claims["oid"], claims["sub"]) == (TENANT, "object-id", "object-id")
    assert (claims["appid"], claims["azp"], claims["ver"]) == ("app-id", "app-id", version)
    assert part(issued.text, 0) == {"alg": "RS256", "typ": "JWT", "kid": tokens.jwks()["keys"][0]["kid"]}
    assert tokens.verify(issued.text) == PRINCIPAL


@pytest.mark.parametrize(
    "audience",
    [
        "https://management.azure.com",
        "https://management.core.windows.net/",
        "https://management.core.windows.net//",
        "https://api.loganalytics.io",
        "https://api.loganalytics.azure.com/",
        "https://graph.microsoft.com",
        "https://monitor.azure.com/",
        "https://help.kusto.windows.net",
        "https://localhost:8443",
        "https://LOCALHOST:8443/",
        "https://127.0.0.1:8443/v1",
        "http://127.0.0.1:8080",
    ],
)
def test_audiences_that_are_ours(tokens: Tokens, audience: str) -> None:
    assert tokens.verify(tokens.issue(PRINCIPAL, audience, base=BASE).text) == PRINCIPAL


@pytest.mark.parametrize(
    "audience",
    [
        "",
        "https://vault.azure.net",
        "https://localhost:9999",
        "https://management.azure.com.evil.example",
        "https://evil.example/https://management.azure.com",
        "https://evil.kusto.windows.net.example",
        "http://help.kusto.windows.net",
        "https://[::1",
    ],
)
def test_audiences_that_are_not(tokens: Tokens, audience: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.issue(PRINCIPAL, audience, base=BASE)
    assert refused.value.code == "InvalidResource"


def test_the_public_key_verifies_and_the_private_part_stays_home(tokens: Tokens) -> None:
    (public,) = tokens.jwks()["keys"]
    assert set(public) == {"kty", "n", "e", "kid", "use", "alg"}
    text = tokens.issue(PRINCIPAL, BASE, base=BASE).text
    assert jwt.decode(text, RSAKey.import_key(public), algorithms=["RS256"]).claims["oid"] == "object-id"


def claims_of(tokens: Tokens, **changes: Any) -> dict[str, Any]:
    claims = part(tokens.issue(PRINCIPAL, BASE, base=BASE).text, 1) | changes
    return {name: value for name, value in claims.items() if value is not None}


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    encoded = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims))
    return ".".join(encoded) + "."


def hs256_with_public_key(tokens: Tokens, key: RSAKey) -> str:
    """Signed with the one thing that everybody knows, as if it were a shared secret."""
    text = unsigned({"alg": "HS256", "kid": key.kid}, claims_of(tokens)).removesuffix(".")
    signature = hmac.digest(key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tampered(tokens: Tokens, _key: RSAKey) -> str:
    header, body, signature = tokens.issue(PRINCIPAL, BASE, base=BASE).text.split(".")
    claims = part(f"{header}.{body}", 1) | {"oid": "someone-else"}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


def signed(**changes: Any) -> Callable[[Tokens, RSAKey], str]:
    def make(tokens: Tokens, key: RSAKey) -> str:
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims_of(tokens, **changes), key, algorithms=["RS256"])

    return make


def foreign(tokens: Tokens, key: RSAKey) -> str:
    stranger = RSAKey.generate_key(2048, private=True)
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims_of(tokens), stranger, algorithms=["RS256"])


def other_kid(tokens: Tokens, key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": "other"}, claims_of(tokens), key, algorithms=["RS256"])


def other_algorithm(tokens: Tokens, key: RSAKey) -> str:
    return jwt.encode({"alg": "PS256", "kid": key.kid}, claims_of(tokens), key, algorithms=["PS256"])


NOW = int(START.timestamp())
INVALID = "InvalidAuthenticationToken"


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (lambda _t, _k: "", INVALID, "not a signed JSON Web Token"),
        (lambda _t, _k: "garbage", INVALID, "not a signed JSON Web Token"),
        (lambda _t, _k: "a.b.c", INVALID, "not a signed JSON Web Token"),
        (lambda _t, _k: "é.é.é", INVALID, "not a signed JSON Web Token"),
        (lambda _t, _k: "x" * 20_000, INVALID, "too long"),
        (lambda t, k: unsigned({"alg": "RS256", "kid": k.kid, "crit": 5}, claims_of(t)), INVALID, "cannot be read"),
        (lambda t, _k: unsigned({"alg": "none"}, claims_of(t)), INVALID, "algorithm must be RS256"),
        (lambda t, k: unsigned({"alg": "none", "kid": k.kid}, claims_of(t)), INVALID, "algorithm must be RS256"),
        (lambda t, k: unsigned({"alg": "RS256", "kid": k.kid}, claims_of(t)), INVALID, "signature does not verify"),
        (lambda t, k: unsigned({"alg": ["RS256"], "kid": k.kid}, claims_of(t)), INVALID, ""),
        (hs256_with_public_key, INVALID, "algorithm must be RS256"),
        (other_algorithm, INVALID, "algorithm must be RS256"),
        (other_kid, INVALID, "a key that is not ours"),
        (foreign, INVALID, "signature does not verify"),
        (tampered, INVALID, "signature does not verify"),
        (signed(iss="https://sts.windows.net/other/"), "InvalidAuthenticationTokenTenant", "wrong issuer"),
        (signed(iss=None), "InvalidAuthenticationTokenTenant", "wrong issuer"),
        (signed(iss=["x"]), "InvalidAuthenticationTokenTenant", "wrong issuer"),
        (signed(tid="other"), "InvalidAuthenticationTokenTenant", "wrong issuer"),
        (signed(exp=NOW - 31), "ExpiredAuthenticationToken", "expired at 2025-12-31T23:59:29Z"),
        (signed(exp=None), INVALID, "no numeric 'exp'"),
        (signed(exp="tomorrow"), INVALID, "no numeric 'exp'"),
        (signed(exp=True), INVALID, "no numeric 'exp'"),
        (signed(exp=10**30), INVALID, "'exp' claim is out of range"),
        (signed(nbf=NOW + 60), INVALID, "not valid before 2026-01-01T00:01:00Z"),
        (signed(nbf=None), INVALID, "no numeric 'nbf'"),
        (signed(aud="https://vault.azure.net"), "InvalidAuthenticationTokenAudience", "vault.azure.net"),
        (signed(aud=None), "InvalidAuthenticationTokenAudience", "null"),
        (signed(aud=[BASE]), "InvalidAuthenticationTokenAudience", "127.0.0.1"),
        (signed(oid=None), INVALID, "no 'oid'"),
        (signed(oid="nobody"), INVALID, "has no object 'nobody'"),
        (signed(oid="disabled-id"), INVALID, "'disabled' is disabled"),
        (signed(oid="revoked-id"), INVALID, "session that was revoked"),
    ],
)
def test_every_way_to_be_refused(
    tokens: Tokens, key: RSAKey, make: Callable[[Tokens, RSAKey], str], code: str, says: str
) -> None:
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(make(tokens, key))
    assert refused.value.code == code
    assert says in refused.value.message


def test_a_token_lives_as_long_as_it_says_and_a_little(tokens: Tokens, clock: VirtualClock) -> None:
    text = tokens.issue(PRINCIPAL, BASE, base=BASE).text
    clock.advance(timedelta(seconds=3599 + 29))
    tokens.verify(text)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(text)
    assert refused.value.code == "ExpiredAuthenticationToken"
