"""The SharedKey signature of a Data Collector post: what is signed, by whom, and how long ago."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from vedette.access.workspaces import Workspace
from vedette.core.errors import Forbidden, InvalidInput
from vedette.core.ids import GUID

SKEW: Final = timedelta(minutes=15)
"""How far the signed date may be from now, either way."""

_COLLECTOR_HOST = re.compile(rf"({GUID.pattern})\.ods\.opinsights\.[a-z.]+(?::\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SharedKey:
    """What the Authorization header says: the workspace, and the signature's 32 bytes."""

    workspace_id: str
    signature: bytes


def parse_shared_key(authorization: str, host: str) -> SharedKey:
    """The header `SharedKey <workspace>:<signature>`; whitespace around the signature is forgiven.

    Raises Forbidden (InvalidAuthorization), also where the host names another workspace, and InvalidInput
    (InvalidCustomerId).
    """
    scheme, _, credential = authorization.strip().partition(" ")
    if scheme.lower() != "sharedkey":
        raise refused("The Authorization header must be 'SharedKey <workspace id>:<signature>'.")
    workspace_id, _, encoded = credential.strip().partition(":")
    if GUID.fullmatch(workspace_id) is None:
        raise InvalidInput("InvalidCustomerId", "The workspace id in the Authorization header is not a GUID.")
    named = _COLLECTOR_HOST.fullmatch(host)
    if named is not None and named[1].lower() != workspace_id.lower():
        raise refused("The Authorization header is for another workspace than the host name.")
    try:
        signature = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("The signature in the Authorization header is not base64.") from error
    return SharedKey(workspace_id, signature)


def check_date(date: str, now: datetime) -> None:
    """Refuse an `x-ms-date` (RFC 1123) that is further from `now` than SKEW. Raises Forbidden."""
    try:
        signed = parsedate_to_datetime(date)
    except (ValueError, OverflowError) as error:
        raise refused("The x-ms-date header is missing or is not a date as RFC 1123 writes it.") from error
    signed = signed.replace(tzinfo=UTC) if signed.tzinfo is None else signed
    if abs(now - signed) > SKEW:
        raise refused("The x-ms-date header is more than 15 minutes away from the server's time.")


def check_signature(key: SharedKey, workspace: Workspace, *, length: int, content_type: str, date: str) -> None:
    """Refuse a signature that neither of the workspace's keys makes of these headers; in constant time.

    https://learn.microsoft.com/azure/azure-monitor/logs/data-collector-api#authorization
    Raises Forbidden (InvalidAuthorization).
    """
    signed = f"POST\n{length}\n{content_type}\nx-ms-date:{date}\n/api/logs".encode()
    matches = [
        hmac.compare_digest(hmac.digest(base64.b64decode(secret), signed, hashlib.sha256), key.signature)
        for secret in (workspace.primary_key, workspace.secondary_key)
    ]
    if not any(matches):
        raise refused(
            "The signature is not the one that the workspace's keys make of this request. Signed are the method, the "
            "Content-Length in bytes, the Content-Type, x-ms-date and the path /api/logs."
        )


def refused(message: str) -> Forbidden:
    """The one code that the collector has for every fault of authorization."""
    return Forbidden("InvalidAuthorization", message)
