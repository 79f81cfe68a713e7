"""What is wrong with an expression, in the words of the service whose language it is."""

from collections.abc import Iterator
from contextlib import contextmanager


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated; `message` is a whole sentence.

    `function` names the one that cannot do it, of which the language then tells where it is explained.
    """

    def __init__(self, message: str, function: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.function = function


def about(name: str, what: str) -> ExpressionError:
    """The error of a function: `what` follows its name."""
    return ExpressionError(f"The template language function '{name}' {what}", name)


@contextmanager
def explained(page: str) -> Iterator[None]:
    """Errors of a function tell where it is explained: `page` with its name after it."""
    try:
        yield
    except ExpressionError as error:
        if error.function is None:
            raise
        raise ExpressionError(f"{error.message} Please see {page}{error.function} for usage details.") from error
