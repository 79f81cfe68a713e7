"""Files that commands write, and what is said where one cannot be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vedette.core.errors import InvalidInput
from vedette.core.whole_files import write_whole

_MODE = 0o644


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """The time in which `path` is written. Raises InvalidInput (CannotWrite) in place of what the system says."""
    try:
        yield
    except OSError as error:
        raise InvalidInput("CannotWrite", f"'{path}' cannot be written: {error.strerror}.") from error


def write_file(path: Path, text: str, *, folders: bool = False) -> None:
    """Write a text file, whole or not at all, with the folders that it is in if `folders`. Raises InvalidInput."""
    with writing(path):
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # a pipe or a terminal, which nothing can be put in the place of
            path.write_text(text, encoding="utf-8")
        else:
            write_whole(path, text.encode(), mode=_MODE)
