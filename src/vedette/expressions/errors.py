"""What is wrong with an expression, in the words of the service whose language it is."""


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


class explained:
    """Within it, errors of a function tell where that is explained: `page` with its name after it."""

    __slots__ = ("page",)

    def __init__(self, page: str) -> None:
        self.page = page

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ExpressionError) and error.function is not None:
            what = f"{error.message} Please see {self.page}{error.function} for usage details."
            raise ExpressionError(what) from error
