"""Client assertions: a program proves who it is with a token signed by the key of a certificate that it registered.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import base64
import hashlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from vedette.access.directory_objects import DirectoryObject, time_text
from vedette.access.signing_keys import LEEWAY
from vedette.core.base64url import base64url

ALGORITHMS: Final = ("RS256", "PS256")
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_LONGEST: Final = 16 * 1024
_LONGEST_LIFE: Final = timedelta(hours=24)
_REMEMBERED: Final = 100_000


def _registry() -> jws.JWSRegistry:
    """What assertions are read by: their header may hold the whole certificate (`x5c`), and those above it."""
    registry = jws.JWSRegistry(algorithms=list(ALGORITHMS))
    registry.max_header_length = _LONGEST
    return registry


_REGISTRY: Final = _registry()


class BadAssertion(StrEnum):
    """Why an assertion does not prove anything."""

    MALFORMED = "it is not a JSON Web Token signed with RS256 or PS256"
    UNKNOWN_KEY = "no certificate of the application has this thumbprint"
    SIGNATURE = "the signature does not verify"
    CLIENT = "its 'iss' and 'sub' must be the client id"
    AUDIENCE = "its 'aud' is not the address of this token endpoint"
    TIMES = "it is not valid at this time, or for longer than 24 hours"
    EXPIRED_CERTIFICATE = "the certificate is not valid at this time"
    REPLAYED = "another assertion with the same 'jti' was used before"


@dataclass(slots=True)
class Assertions:
    """Checks assertions, and remembers the ids of those that were used until they run out.

    The same assertion may come again, for Microsoft's own libraries send one as often as they like within its ten
    minutes; another one under a used id is refused.
    """

    _used: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def problem(
        self,
        text: str,
        *,
        client_id: str,
        holders: Iterable[DirectoryObject],
        audiences: frozenset[str],
        now: datetime,
    ) -> BadAssertion | None:
        """What is wrong with an assertion; None where it proves that its sender holds one of the holders' keys."""
        header = _header(text)
        if header is None:
            return BadAssertion.MALFORMED
        found = _certificate(header, holders)
        if found is None:
            return BadAssertion.UNKNOWN_KEY
        credential, certificate = found
        claims = _claims(text, certificate)
        if claims is None:
            return BadAssertion.SIGNATURE
        if not _is_current(credential, certificate, now):
            return BadAssertion.EXPIRED_CERTIFICATE
        return _wrong_claim(claims, client_id, audiences, now) or self._replayed(text, client_id, claims, now)

    def _replayed(self, text: str, client_id: str, claims: Mapping[str, Any], now: datetime) -> BadAssertion | None:
        id = claims.get("jti")
        if not isinstance(id, str) or not id:
            return BadAssertion.MALFORMED
        digest = hashlib.sha256(text.encode()).digest()
        key = f"{client_id} {id[:200]}"
        with self._lock:
            if len(self._used) >= _REMEMBERED:
                self._used = {each: kept for each, kept in self._used.items() if kept[1] > now.timestamp()}
            known = self._used.get(key)
            if known is not None and known[1] > now.timestamp() and known[0] != digest:
                return BadAssertion.REPLAYED
            self._used[key] = (digest, float(claims["exp"]) + LEEWAY.total_seconds())
        return None


def thumbprints(certificate: x509.Certificate) -> frozenset[str]:
    """The names by which an assertion's header may call a certificate: `x5t`, `x5t#S256`, and `x5t` in hexadecimal."""
    one = certificate.fingerprint(hashes.SHA1())
    return frozenset({base64url(one), base64url(certificate.fingerprint(hashes.SHA256())), one.hex().upper()})


def _header(text: str) -> Mapping[str, Any] | None:
    if len(text) > _LONGEST:
        return None
    try:
        header = jws.extract_compact(text.encode("ascii"), registry=_REGISTRY).headers()
    except (JoseError, ValueError, RecursionError):
        return None
    return header if header.get("alg") in ALGORITHMS else None


def _certificate(
    header: Mapping[str, Any], holders: Iterable[DirectoryObject]
) -> tuple[Mapping[str, Any], x509.Certificate] | None:
    encoded = {str(header.get(name, "")).rstrip("=") for name in ("x5t", "x5t#S256")}  # msal pads them
    named = (encoded | {str(header.get("kid", "")).upper()}) - {""}
    for holder in holders:
        for credential in holder.shown.get("keyCredentials", ()):
            content = holder.secrets.get(credential["keyId"])
            if content is not None:
                certificate = x509.load_der_x509_certificate(base64.b64decode(content))
                if named & thumbprints(certificate):
                    return credential, certificate
    return None


def _claims(text: str, certificate: x509.Certificate) -> Mapping[str, Any] | None:
    pem = certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    try:
        return jwt.decode(text, RSAKey.import_key(pem), registry=_REGISTRY).claims
    except (JoseError, ValueError, TypeError):  # TypeError: of a header whose 'crit' is no list
        return None


def _is_current(credential: Mapping[str, Any], certificate: x509.Certificate, now: datetime) -> bool:
    starts, ends = credential.get("startDateTime"), credential.get("endDateTime")
    text = time_text(now)
    registered = (starts is None or starts <= text) and (ends is None or text < ends)
    return registered and certificate.not_valid_before_utc - LEEWAY <= now < certificate.not_valid_after_utc


def _wrong_claim(
    claims: Mapping[str, Any], client_id: str, audiences: frozenset[str], now: datetime
) -> BadAssertion | None:
    if {str(claims.get("iss")).lower(), str(claims.get("sub")).lower()} != {client_id.lower()}:
        return BadAssertion.CLIENT
    if str(claims.get("aud")).lower().rstrip("/") not in audiences:
        return BadAssertion.AUDIENCE
    expires, starts = claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
    if not isinstance(expires, int | float) or not isinstance(starts, int | float):
        return BadAssertion.TIMES
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if not starts - leeway <= instant < expires + leeway or expires - instant > _LONGEST_LIFE.total_seconds() + leeway:
        return BadAssertion.TIMES
    return None
