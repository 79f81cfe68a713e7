"""Errors as the Kusto REST API tells them: the OneApi shape, in which the query's own mistakes are the inner error.

https://learn.microsoft.com/kusto/api/rest/response-v2
"""

from collections.abc import Mapping
from typing import Any, Final

from vedette.api.query_errors import finding_body
from vedette.core.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    Throttled,
    TimedOut,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
    VedetteError,
)
from vedette.kql.diagnostics import Diagnostic, KqlError

LIMIT_SENTENCE: Final = "Query execution has exceeded the allowed limits (80DA0003)"
_INVALID: Final = "Request is invalid and cannot be executed."

# Of each class: the code, the sentence, the name of the client library's exception.
_KINDS: Final[Mapping[type[VedetteError], tuple[str, str, str]]] = {
    Forbidden: ("Unauthorized", "Caller is not authorized to perform this action.", "KustoUnauthorizedException"),
    Unauthenticated: ("Unauthorized", "Caller is not authenticated.", "KustoAuthenticationException"),
    NotFound: ("BadRequest_EntityNotFound", _INVALID, "EntityNotFoundException"),
    Throttled: ("Too many requests", "The request is denied because of throttling.", "KustoRequestThrottledException"),
    TimedOut: ("Gateway timeout", "Request timed out.", "KustoServiceTimeoutException"),
    TooLarge: ("LimitsExceeded", _INVALID, "KustoServicePartialQueryFailureLimitsExceededException"),
    Unavailable: ("Service unavailable", "Service is not available.", "KustoServiceUnavailableException"),
    Unsupported: ("General_BadRequest", _INVALID, "KustoBadRequestException"),
    InvalidInput: ("General_BadRequest", _INVALID, "KustoBadRequestException"),
}
_PASSING: Final = (Throttled, TimedOut, Unavailable)


def one_api(error: VedetteError) -> dict[str, Any]:
    """The body of an answer that failed."""
    internal = ("Internal service error", "The server met an error of its own.", "KustoServiceErrorException")
    code, sentence, kind = next((told for each, told in _KINDS.items() if isinstance(error, each)), internal)
    body = {
        "code": code,
        "message": sentence,
        "@type": f"Kusto.Data.Exceptions.{kind}",
        "@message": error.message,
        "@context": {},
        "@permanent": not isinstance(error, _PASSING),
    }
    if isinstance(error, KqlError):
        findings = [finding for finding in error.diagnostics if finding.severity == "error"]
        word = "Syntax" if findings[0].is_syntax else "Semantic"
        body["@message"] = (
            f"Request is invalid and cannot be processed: {word} error: {findings[0].code}: {error.message}"
        )
        body["innererror"] = _inner(error, findings[0])
        if len(findings) > 1:
            body["details"] = [_inner(error, finding) for finding in findings[1:]]
    return {"error": body}


def limits_exceeded(message: str) -> dict[str, Any]:
    """The error in a result that is cut short."""
    return {
        "error": {
            "code": "LimitsExceeded",
            "message": _INVALID,
            "@type": "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException",
            "@message": f"{LIMIT_SENTENCE}: {message}",
            "@context": {},
            "@permanent": False,
        }
    }


def _inner(error: KqlError, finding: Diagnostic) -> dict[str, Any]:
    told = finding_body(error, finding)
    kind = "SyntaxException" if finding.is_syntax else "SemanticException"
    return {
        "code": finding.code,
        "message": told["message"],
        "@type": f"Kusto.Data.Exceptions.{kind}",
        "@message": f"{'Syntax' if finding.is_syntax else 'Semantic'} error: {finding.code}: {told['message']}",
        "@errorCode": finding.code,
        "@errorMessage": told["message"],
        "@line": told["line"],
        "@pos": told["pos"],
        "@token": told["token"],
        "@permanent": True,
    }
