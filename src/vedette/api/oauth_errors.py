"""The token endpoint's refusals: an OAuth error name, the AADSTS number that clients look for, and a sentence.

Numbers: https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from vedette.api.json_response import JsonResponse


@dataclass(frozen=True, slots=True)
class _Kind:
    number: int
    error: str
    status: int
    sentence: str


class Aadsts(Enum):
    """The refusals that are given, each with its documented number."""

    MISSING_PARAMETER = _Kind(
        900144, "invalid_request", 400, "The request body must contain the following parameter: '{0}'."
    )
    REPEATED_PARAMETER = _Kind(9000411, "invalid_request", 400, "The parameter '{0}' is given more than once.")
    NOT_A_FORM = _Kind(
        900146, "invalid_request", 400, "The request body must be a form (application/x-www-form-urlencoded)."
    )
    TENANT_NOT_FOUND = _Kind(
        90002,
        "invalid_request",
        400,
        "Tenant '{0}' not found. This server has one tenant; `vedette env` prints its id.",
    )
    UNSUPPORTED_GRANT = _Kind(
        70003, "unsupported_grant_type", 400, "The grant type '{0}' is not served here; use client_credentials."
    )
    UNSUPPORTED_CREDENTIAL = _Kind(
        7000218, "invalid_client", 401, "A client assertion (certificate) is not served here; send a client_secret."
    )
    MISSING_SECRET = _Kind(
        7000218, "invalid_client", 401, "The request body must contain the following parameter: 'client_secret'."
    )
    UNKNOWN_APPLICATION = _Kind(
        700016,
        "unauthorized_client",
        400,
        "Application with identifier '{0}' was not found in the directory '{1}'.",
    )
    WRONG_SECRET = _Kind(7000215, "invalid_client", 401, "Invalid client secret provided for the application '{0}'.")
    BAD_SCOPE = _Kind(
        70011,
        "invalid_scope",
        400,
        "The provided value for the input parameter 'scope' is not valid. The scope '{0}' is not valid: "
        "client credentials take one resource followed by /.default.",
    )
    UNKNOWN_RESOURCE = _Kind(
        500011, "invalid_resource", 400, "The resource principal named '{0}' was not found in the tenant '{1}'."
    )


class OAuthError(Exception):
    """A request to the login surface that is refused."""

    def __init__(self, kind: Aadsts, *values: str) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.message = f"AADSTS{kind.value.number}: {kind.value.sentence.format(*values)}"


def refusal(error: OAuthError, *, trace_id: str, correlation_id: str, now: datetime) -> JsonResponse:
    """The refusal's answer, in the shape that msal reads."""
    kind = error.kind.value
    timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
    description = f"{error.message} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
    body = {
        "error": kind.error,
        "error_description": description,
        "error_codes": [kind.number],
        "timestamp": timestamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={kind.number}",
    }
    return JsonResponse(body, kind.status, {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"})
