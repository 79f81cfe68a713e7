"""What is wrong with a template, in Azure Resource Manager's words.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-template
"""

from vedette.core.errors import InvalidInput
from vedette.expressions.errors import ExpressionError

EXPRESSIONS = "https://aka.ms/arm-template-expressions"
"""The page that messages about expressions point to."""


DEEP = "The expressions are nested too deeply."


class NotYetKnown(Exception):
    """An expression that asks for what is known only while the deployment runs."""


class LanguageError(ExpressionError):
    """A string that looks like an expression and is none."""


class InvalidTemplate(InvalidInput):
    """A template, or its parameters, that cannot be deployed. `line` and `column` count from 1; 0 is unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0, path: str = "") -> None:
        info = {"lineNumber": line, "linePosition": column, "path": path}
        super().__init__("InvalidTemplate", message, additionalInfo=[{"type": "TemplateViolation", "info": info}])


class OutputsFailed(InvalidInput):
    """Outputs that cannot be evaluated; `wrong` has for each the sentence that says why."""

    def __init__(self, wrong: dict[str, str]) -> None:
        code = "DeploymentOutputEvaluationFailed"
        super().__init__(
            code,
            f"Unable to evaluate template outputs: '{','.join(wrong)}'. Please see error details and deployment "
            "operations. Please see https://aka.ms/arm-common-errors for usage details.",
            details=[{"code": code, "target": name, "message": message} for name, message in wrong.items()],
        )
        self.wrong = wrong


def refused(what: str, line: int = 0, column: int = 0, path: str = "") -> InvalidTemplate:
    """The error of validation: `what` is a sentence, or several, of what does not hold."""
    return InvalidTemplate(f"Deployment template validation failed: '{what}'.", line, column, path)


def at(line: int, column: int) -> str:
    """Where something is, as messages say it; nothing where that is not known."""
    return f" at line '{line}' and column '{column}'" if line else ""
