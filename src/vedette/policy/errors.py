"""What is wrong with a policy: as it is written, and as it is evaluated."""

from vedette.core.errors import InvalidInput


class EvaluationFailed(Exception):
    """A rule that cannot be evaluated on a resource; `message` is a whole sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def invalid_rule(what: str) -> InvalidInput:
    """A rule that is not written as the language has it. `what` is a sentence without its period."""
    return InvalidInput("InvalidPolicyRule", f"Failed to parse policy rule: '{what}'.")


def invalid_definition(what: str) -> InvalidInput:
    """A definition that is not written as its shape has it."""
    return InvalidInput("InvalidPolicyDefinition", f"The policy definition is invalid: {what}.")


def invalid_parameters(what: str) -> InvalidInput:
    """Parameters that are not defined, or not given, as they must be."""
    return InvalidInput("InvalidPolicyParameters", what)
