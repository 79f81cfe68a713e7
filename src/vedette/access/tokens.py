"""Access tokens: RS256 JSON Web Tokens, issued to the directory's principals and verified on every call.

Tokens go by the machine's clock even when the server runs on a virtual one: SDK clients cache a token for as long as
real time says it lives, and would otherwise present tokens that a moved clock calls expired.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError

from vedette.access.addresses import Addresses
from vedette.access.directory import Directory
from vedette.access.external_issuers import ExternalIssuers
from vedette.access.principals import Principal, PrincipalKind
from vedette.access.signing_keys import ALGORITHM, LEEWAY, LIFETIME, SigningKeys
from vedette.access.token_claims import access_claims, identity_claims
from vedette.core.errors import InvalidInput, Unauthenticated
from vedette.core.ids import NewId

MAX_TOKEN_LENGTH = 16 * 1024

RESOURCES = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://api.loganalytics.io",
        "https://api.loganalytics.azure.com",
        "https://graph.microsoft.com",
        "https://monitor.azure.com",
        "https://kusto.kusto.windows.net",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",  # Azure Resource Manager, as its application id
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",  # Log Analytics API
        "00000003-0000-0000-c000-000000000000",  # Microsoft Graph
    }
)
GRAPH_AUDIENCES = frozenset({"https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"})
_RESOURCE_SUFFIX = ".kusto.windows.net"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and its times (seconds since the epoch)."""

    text: str
    audience: str
    not_before: int
    expires: int


class Tokens:
    """Issues and verifies the tokens of one tenant."""

    def __init__(
        self,
        keys: SigningKeys,
        directory: Directory,
        external: ExternalIssuers,
        new_id: NewId,
        addresses: Addresses,
        anybody: str = "",
    ) -> None:
        """`addresses` are audiences and issuers too; `anybody` is the id of the object that a token which does not
        verify is taken for, empty where such a token is refused."""
        self.keys = keys
        self._directory = directory
        self._external = external
        self._tenant_id = directory.tenant_id
        self._clock = directory.clock
        self._new_id = new_id
        self._anybody = anybody
        self._own = addresses.own()
        self._any_audience = addresses.https.lower()
        self._issuer_v1 = f"https://sts.windows.net/{self._tenant_id}/"

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517)."""
        return self.keys.public()

    def issuer(self, base: str, version: str) -> str:
        """The `iss` of tokens of this version ("1.0" or "2.0") got at `base`."""
        return self._issuer_v1 if version == "1.0" else f"{base}/{self._tenant_id}/v2.0"

    def accepts_audience(self, audience: str) -> bool:
        """Whether `audience` is a resource of the allow-list or an address of ours; final slashes do not matter."""
        name = audience.strip().lower().rstrip("/")
        if name in RESOURCES:
            return True
        try:
            parts = urlsplit(name)
            host = parts.hostname or ""
        except ValueError:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self._own:
            return True
        return parts.scheme == "https" and host.endswith(_RESOURCE_SUFFIX) and not parts.path

    def check_plane(self, principal: Principal, *, is_graph: bool) -> None:
        """Return if the caller's token is for Microsoft Graph, or else not for it; one for an address of ours is good
        for both. Raises Unauthenticated (code InvalidAuthenticationTokenAudience).

        Other audiences are not told apart: msticpy sends its token for Azure Resource Manager to the query API.
        """
        name = principal.audience.strip().lower().rstrip("/")
        for_graph = name in GRAPH_AUDIENCES
        parts = urlsplit(name)
        if for_graph is not is_graph and f"{parts.scheme}://{parts.netloc}" not in self._own:
            raise _refused(
                "InvalidAuthenticationTokenAudience",
                f"The access token is for the audience {json.dumps(principal.audience[:200])}, which is "
                f"{'not' if is_graph else 'only'} Microsoft Graph.",
            )

    def issue(
        self,
        principal: Principal,
        audience: str,
        *,
        base: str,
        version: str = "2.0",
        more: Mapping[str, Any] | None = None,
    ) -> IssuedToken:
        """A token for `principal` to use at `audience`; `base` is the address at which it was asked for.

        `more` are claims beside the usual ones. Raises InvalidInput (code InvalidResource) for an audience that no
        part of this server answers to.
        """
        if not self.accepts_audience(audience):
            raise InvalidInput("InvalidResource", f"The resource '{audience}' is not one that this server answers to.")
        instant = self._clock.now().timestamp()
        now = int(instant)
        expires = now + int(LIFETIME.total_seconds())
        claims = {
            "aud": audience,
            "iss": self.issuer(base, version),
            "iat": now,
            "nbf": now,
            "exp": expires,
            "idp": self._issuer_v1,
            "uti": self._new_id(),
            "ver": version,
            "xms_issued": instant,  # to the microsecond, for a revocation in the same second
            **access_claims(self._directory, principal, version),
            **(more or {}),
        }
        return IssuedToken(self._signed(claims), audience, now, expires)

    def issue_identity(
        self, principal: Principal, client_id: str, *, base: str, version: str, nonce: str, signed_in: datetime
    ) -> str:
        """The id_token that tells a program who signed in to it.

        https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
        """
        now = int(self._clock.now().timestamp())
        claims = {
            "aud": client_id,
            "iss": self.issuer(base, version),
            "iat": now,
            "nbf": now,
            "exp": now + int(LIFETIME.total_seconds()),
            "auth_time": int(signed_in.timestamp()),
            "ver": version,
            **({"nonce": nonce} if nonce else {}),
            **identity_claims(principal, client_id),
        }
        return self._signed(claims)

    def client_of_identity(self, text: str) -> str:
        """The client id of the program that an id_token of ours was issued to, however long ago; empty for any other
        text."""
        try:
            return str(self._signed_claims(text[:MAX_TOKEN_LENGTH]).get("aud", ""))
        except Unauthenticated:
            return ""

    def is_external(self, text: str) -> bool:
        """Whether to verify a token may take seconds, for its issuer is another and may have to be asked for keys."""
        return self._external.issued(text)

    def verify(self, text: str) -> Principal:
        """The principal that `text` speaks for.

        Checked: form, algorithm, key, signature, issuer, tenant, times, audience, and that it names someone who may
        still come. Raises Unauthenticated with a code from ARM's vocabulary and a message that says which check failed.
        """
        try:
            return self._verified(text)
        except Unauthenticated:
            taken_for = self._directory.caller(self._anybody) if self._anybody else None
            if taken_for is None:
                raise
            return replace(taken_for, audience=self._any_audience)

    def _verified(self, text: str) -> Principal:
        if len(text) > MAX_TOKEN_LENGTH:
            raise _refused("InvalidAuthenticationToken", "The access token is too long.")
        if self._external.issued(text):
            claims = self._external.claims(text)
            self._check_times(claims)
            self._check_audience(claims)
            return replace(self._external.principal(claims), audience=str(claims["aud"]))
        claims = self._signed_claims(text)
        self._check_issuer(claims)
        self._check_times(claims)
        self._check_audience(claims)
        object_id = claims.get("oid")
        if not isinstance(object_id, str) or not object_id:
            raise _refused("InvalidAuthenticationToken", "The access token has no 'oid' claim that says whose it is.")
        return self._caller(object_id, claims)

    def _caller(self, object_id: str, claims: Mapping[str, Any]) -> Principal:
        """Who the token's object is today, which may be another than when it was issued."""
        standing = self._directory.standing(object_id)
        if standing is None:
            raise _refused("InvalidAuthenticationToken", f"The directory has no object '{object_id}' (any more).")
        if not standing.is_enabled:
            raise _refused("InvalidAuthenticationToken", f"The account '{standing.principal.name}' is disabled.")
        issued = claims.get("xms_issued", claims.get("iat", 0))
        if standing.valid_from is not None and issued < standing.valid_from.timestamp():
            raise _refused("InvalidAuthenticationToken", "The access token is from a session that was revoked.")
        audience = str(claims["aud"])
        if standing.principal.kind is not PrincipalKind.USER:
            return replace(standing.principal, audience=audience)
        scopes = frozenset(str(claims.get("scp", "")).split())
        return replace(standing.principal, application_id=claims.get("appid"), scopes=scopes, audience=audience)

    def _signed(self, claims: dict[str, Any]) -> str:
        key = self.keys.current
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def _signed_claims(self, text: str) -> Mapping[str, Any]:
        try:
            header = jws.extract_compact(text.encode("ascii")).headers()
        except (JoseError, ValueError) as error:
            raise _refused("InvalidAuthenticationToken", "The access token is not a signed JSON Web Token.") from error
        algorithm = header.get("alg")
        if algorithm != ALGORITHM:
            raise _refused(
                "InvalidAuthenticationToken", f"The access token's algorithm must be {ALGORITHM}, not {algorithm!r}."
            )
        key = self.keys.get(header.get("kid"))
        if key is None:
            raise _refused("InvalidAuthenticationToken", "The access token is signed with a key that is not ours.")
        try:
            return jwt.decode(text, key, algorithms=[ALGORITHM]).claims
        except BadSignatureError as error:
            raise _refused("InvalidAuthenticationToken", "The access token's signature does not verify.") from error
        except (JoseError, ValueError, TypeError) as error:  # TypeError: of a header whose 'crit' is no list
            raise _refused("InvalidAuthenticationToken", "The access token's claims cannot be read.") from error

    def _check_issuer(self, claims: Mapping[str, Any]) -> None:
        issuer = claims.get("iss")
        accepted = {f"{base}/{self._tenant_id}/v2.0" for base in self._own}
        accepted |= {self._issuer_v1, f"https://login.microsoftonline.com/{self._tenant_id}/v2.0"}
        if not isinstance(issuer, str) or issuer not in accepted or claims.get("tid") != self._tenant_id:
            raise _refused(
                "InvalidAuthenticationTokenTenant",
                f"The access token is from the wrong issuer {json.dumps(issuer)}; "
                f"this server takes the tokens of its own tenant '{self._tenant_id}'.",
            )

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now()
        expires, not_before = _time(claims, "exp"), _time(claims, "nbf")
        if now >= expires + LEEWAY:
            raise _refused(
                "ExpiredAuthenticationToken",
                f"The access token expired at {_text(expires)}; it is now {_text(now)} (UTC).",
            )
        if now < not_before - LEEWAY:
            raise _refused(
                "InvalidAuthenticationToken",
                f"The access token is not valid before {_text(not_before)}; it is now {_text(now)} (UTC).",
            )

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        if not isinstance(audience, str) or not self.accepts_audience(audience):
            raise _refused(
                "InvalidAuthenticationTokenAudience",
                f"The access token is for the audience {json.dumps(audience)}, which is not this server. "
                f"Ask for one of: {', '.join(sorted(name for name in RESOURCES if '://' in name))}.",
            )


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise _refused("InvalidAuthenticationToken", f"The access token has no numeric '{name}' claim.")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise _refused("InvalidAuthenticationToken", f"The access token's '{name}' claim is out of range.") from error


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _refused(code: str, message: str) -> Unauthenticated:
    return Unauthenticated(code, message)
