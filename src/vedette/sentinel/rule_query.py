"""Whether a rule's query can run in its workspace, said when the rule is saved and not when it fails."""

from vedette.arm.context import Context
from vedette.core.errors import InvalidInput
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import Diagnostic, KqlError, line_and_column


def check_query(context: Context, workspace_id: str, query: str) -> None:
    """Raises InvalidInput (BadRequest) with the line and column of each error; names that are not there are named."""
    try:
        compile_query(query, context.catalog(workspace_id), now=context.clock.now())
    except KqlError as error:
        findings = [finding for finding in error.diagnostics if finding.severity == "error"]
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
    if any(finding.message.startswith("Failed to resolve table") for finding in findings):
        return f"{heading} One of the tables does not exist."
    return heading
