"""Secrets and certificates of applications: made, registered, removed; each has an id and an end.

https://learn.microsoft.com/graph/api/application-addpassword and …/resources/keycredential
"""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from vedette.access.directory_objects import DirectoryObject, time_text
from vedette.access.secret_hashes import hash_secret
from vedette.core.errors import InvalidInput
from vedette.core.ids import NewId

Certificate = Mapping[str, Any]
"""As Graph has it: `key` is base64 of the certificate, DER or PEM; a known `keyId` without a key keeps it."""

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_USUAL_LIFE: Final = timedelta(days=730)
_MOST: Final = 100
_HINT: Final = 3
_LONGEST_NAME: Final = 256


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What Graph shows of a new secret, its text included."""

    shown: Mapping[str, Any]


def with_new_secret(
    object: DirectoryObject, sent: Mapping[str, Any], key_id: str, now: datetime
) -> tuple[DirectoryObject, NewSecret]:
    """The object with one more secret. Raises InvalidInput for times that are none, and beyond 100 secrets."""
    name = sent.get("displayName")
    if name is not None and (not isinstance(name, str) or len(name) > _LONGEST_NAME):
        raise InvalidInput(
            "Request_BadRequest", f"A secret's 'displayName' is text of at most {_LONGEST_NAME} characters."
        )
    text = f"v{secrets.token_urlsafe(30)}"  # a letter first, for a dash would make command lines take it for an option
    starts = _instant(sent.get("startDateTime"), now)
    ends = _instant(sent.get("endDateTime"), starts + _USUAL_LIFE)
    if ends <= starts:
        raise InvalidInput("Request_BadRequest", "A secret's 'endDateTime' is after its 'startDateTime'.")
    kept = object.shown["passwordCredentials"]
    if len(kept) >= _MOST:
        raise InvalidInput("Request_BadRequest", f"An application has at most {_MOST} secrets.")
    credential = {
        "customKeyIdentifier": None,
        "displayName": name,
        "endDateTime": time_text(ends),
        "hint": text[:_HINT],
        "keyId": key_id,
        "startDateTime": time_text(starts),
    }
    changed = object.with_shown(passwordCredentials=[*kept, credential]).with_secret(key_id, hash_secret(text))
    return changed, NewSecret({**credential, "secretText": text})


def without_secret(object: DirectoryObject, key_id: str) -> DirectoryObject:
    """The object without a secret. Raises InvalidInput where it has none of this id."""
    kept = [each for each in object.shown["passwordCredentials"] if each["keyId"] != key_id.lower()]
    if len(kept) == len(object.shown["passwordCredentials"]):
        raise InvalidInput("Request_BadRequest", f"No password credential found with keyId '{key_id[:50]}'.")
    return object.with_shown(passwordCredentials=kept).with_secret(key_id.lower(), None)


def with_certificates(object: DirectoryObject, sent: Iterable[Certificate], new_id: NewId) -> DirectoryObject:
    """The object with these certificates and no others. Raises InvalidInput."""
    known = {each["keyId"]: each for each in object.shown["keyCredentials"]}
    changed, shown = object, []
    for each in list(sent)[: _MOST + 1]:
        key_id = str(each.get("keyId") or new_id()).lower()
        if key_id in known and not each.get("key"):
            shown.append(known.pop(key_id))
            continue
        if key_id not in known and (not _GUID.fullmatch(key_id) or key_id in changed.secrets):
            raise InvalidInput(
                "Request_BadRequest", f"The keyId '{key_id[:50]}' is no GUID, or is another credential's."
            )
        credential, content = _registered(each, key_id)
        known.pop(key_id, None)
        shown.append(credential)
        changed = changed.with_secret(key_id, content)
    if len(shown) > _MOST:
        raise InvalidInput("Request_BadRequest", f"An application has at most {_MOST} certificates.")
    for key_id in known:
        changed = changed.with_secret(key_id, None)
    return changed.with_shown(keyCredentials=shown)


def _registered(sent: Certificate, key_id: str) -> tuple[dict[str, Any], str]:
    certificate = _certificate(sent.get("key"))
    starts = _instant(sent.get("startDateTime"), certificate.not_valid_before_utc)
    ends = _instant(sent.get("endDateTime"), certificate.not_valid_after_utc)
    shown = {
        "customKeyIdentifier": certificate.fingerprint(hashes.SHA1()).hex().upper(),
        "displayName": sent.get("displayName") or certificate.subject.rfc4514_string(),
        "endDateTime": time_text(ends),
        "key": None,
        "keyId": key_id,
        "startDateTime": time_text(starts),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }
    return shown, base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _certificate(key: Any) -> x509.Certificate:
    """The certificate of base64 text. Raises InvalidInput."""
    try:
        content = base64.b64decode(str(key), validate=True)
        is_pem = content.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(content) if is_pem else x509.load_der_x509_certificate(content)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("Request_BadRequest", f"Key value is invalid: it is no certificate ({error}).") from error
    public = found.public_key()
    if not isinstance(public, RSAPublicKey) or public.key_size < 2048:
        raise InvalidInput(
            "Request_BadRequest", "Key value is invalid: the certificate's key must be RSA of 2048 bits."
        )
    return found


def _instant(text: Any, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput("Request_BadRequest", f"'{str(text)[:50]}' is no date and time.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
