"""Whether a rule's query can run in its workspace, said when the rule is saved and not when it fails."""

from vedette.arm.context import Context
from vedette.core.errors import InvalidInput
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import Diagnostic, KqlError, line_and_column

MEANING = "SEM"
"""What the codes of errors begin with that depend on what is there: tables, functions, columns."""


def check_query(context: Context, workspace_id: str, query: str, *, enabled: bool = True) -> None:
    """Raises InvalidInput (BadRequest) with the line and column of each error; names that are not there are named.

    A rule that is not `enabled` may be there before its tables are, as solutions bring them; it must be a query.
    """
    try:
        compile_query(query, context.catalog(workspace_id), now=context.clock.now())
    except KqlError as error:
        findings = [finding for finding in error.diagnostics if finding.severity == "error"]
        if not enabled and _names_no_table(findings) and all(each.code.startswith(MEANING) for each in findings):
            return
        told = [_told(error.text, finding) for finding in findings]
        raise InvalidInput(
            "BadRequest",
            " ".join((_heading(findings), *(message for _, message in told))),
            target="properties.query",
            details=[{"code": code, "target": "properties.query", "message": message} for code, message in told],
        ) from error


def _told(text: str, finding: Diagnostic) -> tuple[str, str]:
    line, column = line_and_column(text, finding.span.start)
    hint = f" {finding.hint}" if finding.hint else ""
    return finding.code, f"{finding.code} at line {line}, column {column}: {finding.message}{hint}"


def _heading(findings: list[Diagnostic]) -> str:
    heading = "Failed to run the analytics rule query."
    if _names_no_table(findings):
        return f"{heading} One of the tables does not exist."
    return heading


def _names_no_table(findings: list[Diagnostic]) -> bool:
    return any(finding.message.startswith("Failed to resolve table") for finding in findings)
