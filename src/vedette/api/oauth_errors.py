"""The login surface's refusals: an OAuth error name, the AADSTS number that clients look for, and a sentence.

Numbers: https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from vedette.api.json_response import NOT_CACHED, JsonResponse


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
    BAD_CLAIMS = _Kind(50128, "invalid_request", 400, "The parameter 'claims' must be a JSON object.")
    TENANT_NOT_FOUND = _Kind(
        90002,
        "invalid_request",
        400,
        "Tenant '{0}' not found. This server has one tenant; `vedette env` prints its id.",
    )
    UNSUPPORTED_GRANT = _Kind(
        70003,
        "unsupported_grant_type",
        400,
        "The grant type '{0}' is not served here; the discovery document lists those that are.",
    )
    UNSUPPORTED_RESPONSE_TYPE = _Kind(
        700054, "unsupported_response_type", 400, "The response_type '{0}' is not served here; use code."
    )
    MISSING_SECRET = _Kind(
        7000218,
        "invalid_client",
        401,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    )
    UNKNOWN_APPLICATION = _Kind(
        700016,
        "unauthorized_client",
        400,
        "Application with identifier '{0}' was not found in the directory '{1}'.",
    )
    DISABLED_APPLICATION = _Kind(7000112, "unauthorized_client", 400, "Application '{0}' is disabled.")
    WRONG_SECRET = _Kind(7000215, "invalid_client", 401, "Invalid client secret provided for the application '{0}'.")
    EXPIRED_SECRET = _Kind(7000222, "invalid_client", 401, "The provided client secret keys for app '{0}' are expired.")
    PUBLIC_CLIENT = _Kind(
        700025,
        "invalid_client",
        401,
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    )
    NOT_A_PUBLIC_CLIENT = _Kind(
        7000218,
        "invalid_client",
        401,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret': the application "
        "'{0}' is no public client.",
    )
    BAD_ASSERTION_TYPE = _Kind(50013, "invalid_request", 400, "The 'client_assertion_type' must be '{0}'.")
    BAD_ASSERTION = _Kind(50013, "invalid_client", 401, "The client assertion is not valid: {0}.")
    ASSERTION_UNKNOWN_KEY = _Kind(
        700027, "invalid_client", 401, "The certificate used to sign the client assertion is not registered: {0}."
    )
    ASSERTION_TIMES = _Kind(700024, "invalid_client", 401, "Client assertion is not within its valid time range: {0}.")
    ASSERTION_AUDIENCE = _Kind(700023, "invalid_client", 401, "Client assertion audience claim does not match: {0}.")
    ASSERTION_CLIENT = _Kind(
        700021, "invalid_client", 401, "Client assertion application identifier doesn't match 'client_id': {0}."
    )
    BAD_SCOPE = _Kind(
        70011,
        "invalid_scope",
        400,
        "The provided value for the input parameter 'scope' is not valid. The scope '{0}' is not valid: "
        "client credentials take one resource followed by /.default.",
    )
    BAD_SCOPES = _Kind(
        70011,
        "invalid_scope",
        400,
        "The provided value for the input parameter 'scope' is not valid. The scope '{0}' names more than one "
        "resource, or too many scopes, or is too long.",
    )
    UNKNOWN_RESOURCE = _Kind(
        500011, "invalid_resource", 400, "The resource principal named '{0}' was not found in the tenant."
    )
    WRONG_PASSWORD = _Kind(
        50126, "invalid_grant", 400, "Error validating credentials due to invalid username or password."
    )
    LOCKED = _Kind(
        50053,
        "invalid_grant",
        400,
        "Sign-in was blocked for a minute because of too many attempts with an incorrect password.",
    )
    TWO_CLIENTS = _Kind(
        900144,
        "invalid_request",
        400,
        "The Authorization header and the parameter 'client_id' name different applications.",
    )
    CLIENT_LOCKED = _Kind(
        50053,
        "invalid_client",
        401,
        "The application is blocked for a minute because of too many attempts with an incorrect secret.",
    )
    TOO_MANY_DEVICES = _Kind(
        90055,
        "temporarily_unavailable",
        429,
        "Too many sign-ins on devices that were begun from this address are waiting for somebody.",
    )
    DISABLED_USER = _Kind(50057, "invalid_grant", 400, "The user account is disabled.")
    BAD_GRANT = _Kind(
        70000, "invalid_grant", 400, "Provided grant is invalid or malformed, or was given to another program."
    )
    EXPIRED_GRANT = _Kind(70008, "invalid_grant", 400, "The provided authorization code or refresh token has expired.")
    REVOKED_GRANT = _Kind(
        50173, "invalid_grant", 400, "The provided grant has been revoked. A fresh sign-in is needed."
    )
    REDEEMED_CODE = _Kind(54005, "invalid_grant", 400, "OAuth2 authorization code was already redeemed.")
    WRONG_VERIFIER = _Kind(
        501481,
        "invalid_grant",
        400,
        "The code_verifier does not match the code_challenge supplied in the authorization request.",
    )
    MISSING_CHALLENGE = _Kind(
        9002325,
        "invalid_request",
        400,
        "Proof Key for Code Exchange with the method S256 is required of a program without a secret.",
    )
    WRONG_REDIRECT = _Kind(
        50011, "invalid_request", 400, "The redirect URI '{0}' does not match those registered for the program '{1}'."
    )
    WRONG_REDIRECT_AT_TOKEN = _Kind(
        500112, "invalid_grant", 400, "The redirect_uri is another than in the authorization request."
    )
    NEEDS_TLS = _Kind(
        50000, "invalid_request", 400, "People sign in over https only. Open this page at the server's https address."
    )
    LOGIN_REQUIRED = _Kind(50058, "login_required", 400, "Nobody is signed in, and 'prompt=none' lets nobody do so.")
    SIGNED_OUT = _Kind(
        50132, "invalid_grant", 400, "The session is not valid: the person is not signed in in this browser any more."
    )
    DEVICE_PENDING = _Kind(
        70016, "authorization_pending", 400, "OAuth 2.0 device flow error: nobody has approved the code yet."
    )
    DEVICE_DECLINED = _Kind(70018, "authorization_declined", 400, "The sign-in was declined on the device page.")
    DEVICE_EXPIRED = _Kind(70020, "expired_token", 400, "The device code has expired. Begin again.")
    DEVICE_UNKNOWN = _Kind(70019, "bad_verification_code", 400, "There is no such device code.")


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
    return JsonResponse(body, kind.status, NOT_CACHED)
