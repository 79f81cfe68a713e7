"""What is wrong with an expression, in the words that Logic Apps tells it in."""

USAGE = "https://aka.ms/logicexpressions"


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated; `message` is a whole sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def about(name: str, what: str) -> ExpressionError:
    """The error of a function: `what` follows its name."""
    return ExpressionError(
        f"The template language function '{name}' {what} Please see {USAGE}#{name} for usage details."
    )
