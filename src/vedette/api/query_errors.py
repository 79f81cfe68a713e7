"""Errors of a query as the query API nests them.

https://learn.microsoft.com/azure/azure-monitor/logs/api/errors
"""

from typing import Any, Final

from vedette.core.errors import Forbidden
from vedette.kql.diagnostics import Diagnostic, KqlError, line_and_column

_TOKEN_CHARACTERS: Final = 200  # of a query, in an error about it


def compile_error(error: KqlError) -> dict[str, Any]:
    """A query that does not compile: what kind of error, then the finding and its place; `details` are the others."""
    first, *others = [finding for finding in error.diagnostics if finding.severity == "error"]
    told = finding_body(error, first)
    place = f"Query could not be parsed at '{told['token']}' on line [{told['line']},{told['pos']}]"
    kind, sentence = (
        ("SyntaxError", f"A syntax error has been identified in the query. {place}")
        if first.is_syntax
        else ("SemanticError", "A semantic error occurred.")
    )
    body: dict[str, Any] = {
        "code": "BadArgumentError",
        "message": "The request had some invalid properties",
        "innererror": {"code": kind, "message": sentence, "innererror": told},
    }
    if others:
        body["details"] = [finding_body(error, finding) for finding in others]
    return {"error": body}


def finding_body(error: KqlError, finding: Diagnostic) -> dict[str, Any]:
    """One finding with its place: the service counts lines from one, and positions in a line from zero."""
    line, column = line_and_column(error.text, finding.span.start)
    token = error.text[finding.span.start : finding.span.end][:_TOKEN_CHARACTERS]
    message = finding.message if finding.hint is None else f"{finding.message} {finding.hint}"
    return {"code": finding.code, "message": message, "line": line, "pos": column - 1, "token": token}


def access_error(error: Forbidden) -> dict[str, Any]:
    """A query of what the caller may not read."""
    return {
        "error": {
            "code": "InsufficientAccessError",
            "message": "The provided credentials have insufficient access to perform the requested operation",
            "innererror": {"code": "AuthorizationFailedError", "message": error.message},
        }
    }
