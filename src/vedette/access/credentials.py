"""Secrets and certificates of applications: made, registered, removed; each has an id and an end.

https://learn.microsoft.com/graph/api/application-addpassword and …/resources/keycredential
"""

import base64
import binascii
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from vedette.access.directory_objects import DirectoryObject, time_text
from vedette.access.secret_hashes import hash_secret, hint_of
from vedette.core.errors import InvalidInput
from vedette.core.ids import GUID, NewId
from vedette.core.instants import instant_of

Certificate = Mapping[str, Any]
"""As Graph has it: `key` is base64 of the certificate, DER or PEM; a known `keyId` without a key keeps it."""

_USUAL_LIFE: Final = timedelta(days=730)
_MOST: Final = 100
_LONGEST_NAME: Final = 256


def with_new_secret(
    object: DirectoryObject, sent: Mapping[str, Any], key_id: str, now: datetime
) -> tuple[DirectoryObject, dict[str, Any]]:
    """The object with one more secret, and what Graph shows of the secret, its text included.

    Raises InvalidInput for times that are none, and beyond 100 secrets.
    """
    name = sent.get("displayName")
    if name is not None and (not isinstance(name, str) or len(name) > _LONGEST_NAME):
        raise InvalidInput(
            "Request_BadRequest", f"A secret's 'displayName' is text of at most {_LONGEST_NAME} characters."
        )
    text = f"v{secrets.token_urlsafe(30)}"  # a letter first, for a dash would make command lines take it for an option
    starts = _instant(sent.get("startDateTime")) or now
    ends = _instant(sent.get("endDateTime")) or _usual_end(starts)
    if ends <= starts:
        raise InvalidInput("Request_BadRequest", "A secret's 'endDateTime' is after its 'startDateTime'.")
    kept = object.shown["passwordCredentials"]
    if len(kept) >= _MOST:
        raise InvalidInput("Request_BadRequest", f"An application has at most {_MOST} secrets.")
    credential = {
        "customKeyIdentifier": None,
        "displayName": name,
        "endDateTime": time_text(ends),
        "hint": hint_of(text),
        "keyId": key_id,
        "startDateTime": time_text(starts),
    }
    changed = object.with_shown(passwordCredentials=[*kept, credential]).with_secret(key_id, hash_secret(text))
    return changed, credential | {"secretText": text}


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
        if key_id not in known and (not GUID.fullmatch(key_id) or key_id in changed.secrets):
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
    starts = _instant(sent.get("startDateTime")) or certificate.not_valid_before_utc
    ends = _instant(sent.get("endDateTime")) or certificate.not_valid_after_utc
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


def _instant(text: Any) -> datetime | None:
    """The instant of a text, None for none. Raises InvalidInput, also for one before or after all that UTC has."""
    if text is None:
        return None
    try:
        return instant_of(str(text)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("Request_BadRequest", f"'{str(text)[:50]}' is no date and time.") from error


def _usual_end(starts: datetime) -> datetime:
    try:
        return starts + _USUAL_LIFE
    except OverflowError as error:
        raise InvalidInput(
            "Request_BadRequest",
            "A secret with this 'startDateTime' needs an 'endDateTime' of its own.",
        ) from error
