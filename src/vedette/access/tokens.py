"""Access tokens: RS256 JSON Web Tokens, issued to the directory's principals and verified on every call.

Tokens go by the machine's clock even when the server runs on a virtual one: SDK clients cache a token for as long as
real time says it lives, and would otherwise present tokens that a moved clock calls expired.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from vedette.access.addresses import Addresses
from vedette.access.directory import Standing
from vedette.access.principals import Principal, PrincipalKind
from vedette.core.clock import Clock
from vedette.core.errors import InvalidInput, Unauthenticated, VedetteError
from vedette.core.ids import NewId
from vedette.core.whole_files import write_whole

ALGORITHM = "RS256"
LIFETIME = timedelta(seconds=3599)
LEEWAY = timedelta(seconds=30)
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
    }
)
_RESOURCE_SUFFIX = ".kusto.windows.net"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and its times (seconds since the epoch)."""

    text: str
    audience: str
    not_before: int
    expires: int


def ensure_signing_key(path: Path) -> RSAKey:
    """The RSA key kept in `path` (PEM, mode 0600), made on first start.

    Raises VedetteError (code SigningKeyUnreadable) for a damaged file.
    """
    if not path.exists():
        write_whole(path, RSAKey.generate_key(2048, private=True, auto_kid=False).as_pem(private=True))
    try:
        key = RSAKey.import_key(path.read_bytes())
    except (ValueError, JoseError) as error:
        raise VedetteError(
            "SigningKeyUnreadable", f"'{path}' is not a private RSA key: {error}. Remove it to have a new one made."
        ) from error
    if not key.is_private:
        raise VedetteError("SigningKeyUnreadable", f"'{path}' holds only a public key. Restore it from a backup.")
    key.ensure_kid()  # its RFC 7638 thumbprint
    return key


class Tokens:
    """Issues and verifies the tokens of one tenant with one key."""

    def __init__(
        self,
        key: RSAKey,
        tenant_id: str,
        clock: Clock,
        new_id: NewId,
        addresses: Addresses,
        standing: Callable[[str], Standing | None],
    ) -> None:
        """`clock` is the machine's own, even beside a virtual one; `addresses` are audiences and issuers too;
        `standing` says who an object of the directory is now."""
        self._key = key
        self._standing = standing
        self._tenant_id = tenant_id
        self._clock = clock
        self._new_id = new_id
        self._own = addresses.own()
        self._issuer_v1 = f"https://sts.windows.net/{tenant_id}/"

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._key.kid, "use": "sig", "alg": ALGORITHM}]}

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

    def issue(self, principal: Principal, audience: str, *, base: str, version: str = "2.0") -> IssuedToken:
        """A token for `principal` to use at `audience`; `base` is the address at which it was asked for.

        Claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference.
        Raises InvalidInput (code InvalidResource) for an audience that no part of this server answers to.
        """
        if not self.accepts_audience(audience):
            raise InvalidInput("InvalidResource", f"The resource '{audience}' is not one that this server answers to.")
        instant = self._clock.now().timestamp()
        now = int(instant)
        expires = now + int(LIFETIME.total_seconds())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": self.issuer(base, version),
            "iat": now,
            "nbf": now,
            "exp": expires,
            "tid": principal.tenant_id,
            "oid": principal.object_id,
            "sub": principal.object_id,
            "appid": principal.application_id,
            "azp": principal.application_id,
            "app_displayname": principal.name,
            "idtyp": "app",
            "idp": self._issuer_v1,
            "roles": [],
            "uti": self._new_id(),
            "xms_issued": instant,  # to the microsecond, for a revocation in the same second
            "ver": version,
        }
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self._key.kid}
        return IssuedToken(jwt.encode(header, claims, self._key, algorithms=[ALGORITHM]), audience, now, expires)

    def verify(self, text: str) -> Principal:
        """The principal that `text` speaks for.

        Checked: form, algorithm, key, signature, issuer, tenant, times, audience, and that it names someone.
        Raises Unauthenticated with a code from ARM's vocabulary and a message that says which check failed.
        """
        claims = self._signed_claims(text)
        self._check_issuer(claims)
        self._check_times(claims)
        self._check_audience(claims)
        object_id = claims.get("oid")
        if not isinstance(object_id, str) or not object_id:
            raise _refused("InvalidAuthenticationToken", "The access token has no 'oid' claim that says whose it is.")
        return self._caller(object_id, claims)

    def _caller(self, object_id: str, claims: dict[str, Any]) -> Principal:
        """Who the token's object is today, which may be another than when it was issued."""
        standing = self._standing(object_id)
        if standing is None:
            raise _refused("InvalidAuthenticationToken", f"The directory has no object '{object_id}' (any more).")
        if not standing.is_enabled:
            raise _refused("InvalidAuthenticationToken", f"The account '{standing.principal.name}' is disabled.")
        issued = claims.get("xms_issued", claims.get("iat", 0))
        if standing.valid_from is not None and issued < standing.valid_from.timestamp():
            raise _refused("InvalidAuthenticationToken", "The access token is from a session that was revoked.")
        if standing.principal.kind is not PrincipalKind.USER:
            return standing.principal
        scopes = frozenset(str(claims.get("scp", "")).split())
        return replace(standing.principal, application_id=claims.get("appid"), scopes=scopes)

    def _signed_claims(self, text: str) -> dict[str, Any]:
        if len(text) > MAX_TOKEN_LENGTH:
            raise _refused("InvalidAuthenticationToken", "The access token is too long.")
        try:
            header = jws.extract_compact(text.encode("ascii")).headers()
        except (JoseError, ValueError) as error:
            raise _refused("InvalidAuthenticationToken", "The access token is not a signed JSON Web Token.") from error
        algorithm = header.get("alg")
        if algorithm != ALGORITHM:
            raise _refused(
                "InvalidAuthenticationToken", f"The access token's algorithm must be {ALGORITHM}, not {algorithm!r}."
            )
        if header.get("kid") != self._key.kid:
            raise _refused("InvalidAuthenticationToken", "The access token is signed with a key that is not ours.")
        try:
            return jwt.decode(text, self._key, algorithms=[ALGORITHM]).claims
        except BadSignatureError as error:
            raise _refused("InvalidAuthenticationToken", "The access token's signature does not verify.") from error
        except (JoseError, ValueError) as error:
            raise _refused("InvalidAuthenticationToken", "The access token's claims cannot be read.") from error

    def _check_issuer(self, claims: dict[str, Any]) -> None:
        issuer = claims.get("iss")
        accepted = {f"{base}/{self._tenant_id}/v2.0" for base in self._own}
        accepted |= {self._issuer_v1, f"https://login.microsoftonline.com/{self._tenant_id}/v2.0"}
        if not isinstance(issuer, str) or issuer not in accepted or claims.get("tid") != self._tenant_id:
            raise _refused(
                "InvalidAuthenticationTokenTenant",
                f"The access token is from the wrong issuer {json.dumps(issuer)}; "
                f"this server takes the tokens of its own tenant '{self._tenant_id}'.",
            )

    def _check_times(self, claims: dict[str, Any]) -> None:
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

    def _check_audience(self, claims: dict[str, Any]) -> None:
        audience = claims.get("aud")
        if not isinstance(audience, str) or not self.accepts_audience(audience):
            raise _refused(
                "InvalidAuthenticationTokenAudience",
                f"The access token is for the audience {json.dumps(audience)}, which is not this server. "
                f"Ask for one of: {', '.join(sorted(RESOURCES))}.",
            )


def _time(claims: dict[str, Any], name: str) -> datetime:
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
