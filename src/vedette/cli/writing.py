"""What a command says when it cannot write a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vedette.core.errors import InvalidInput


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """The time in which `path` is written. Raises InvalidInput (CannotWrite) in place of what the system says."""
    try:
        yield
    except OSError as error:
        raise InvalidInput("CannotWrite", f"'{path}' cannot be written: {error.strerror}.") from error
