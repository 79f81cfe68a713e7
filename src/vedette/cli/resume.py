"""How far an ingest has come, kept in a small file, so that an interrupted one goes on and sends nothing twice."""

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from vedette.cli.writing import writing
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id, new_id
from vedette.core.whole_files import write_whole

_HEAD = 4096  # bytes by which a file is known again


@dataclass(slots=True)
class _Seen:
    rows: int = 0
    head_bytes: int = 0
    head: str = ""


@dataclass(slots=True)
class Progress:
    """The rows of each file that are on the server's disk. `path` is None where nothing is kept."""

    path: Path | None
    run: str
    target: str
    files: dict[str, _Seen] = field(default_factory=dict[str, _Seen])

    def done(self, file: Path) -> int:
        """How many rows of the file were stored by earlier runs. Raises InvalidInput if it is another file now."""
        seen = self.files.get(str(file.absolute()))
        if seen is None:
            return 0
        if seen.head != _head(file, seen.head_bytes):
            raise InvalidInput(
                "FileChanged", f"{file}: is not the file that '{self.path}' speaks of; its beginning has changed."
            )
        return seen.rows

    def request_id(self, file: Path, first: int) -> str:
        """The id of the batch that begins with that row: the same whenever it is sent again."""
        return derived_id(self.run, str(file.absolute()), str(first))

    def stored(self, file: Path, rows: int) -> None:
        """Note that so many rows of the file are stored."""
        name = str(file.absolute())
        if name not in self.files:
            size = min(file.stat().st_size, _HEAD)
            self.files[name] = _Seen(0, size, _head(file, size))
        self.files[name].rows = rows
        self.keep()

    def keep(self) -> None:
        """Write the file; before anything is sent too, so that what is on its way can be sent again under its id."""
        if self.path is not None:
            with writing(self.path):
                write_whole(self.path, orjson.dumps(asdict(self) | {"path": None}, option=orjson.OPT_INDENT_2))


def load_progress(path: Path | None, target: str) -> Progress:
    """The progress that the file holds; a new one where there is none. `target` says where the rows go.

    Raises InvalidInput for a file that is no such thing, or of another target.
    """
    if path is None or not path.exists():
        begun = Progress(path, new_id(), target)
        begun.keep()
        return begun
    try:
        told = orjson.loads(path.read_bytes())
        files = {str(name): _Seen(**seen) for name, seen in told["files"].items()}
        kept = Progress(path, str(told["run"]), str(told["target"]), files)
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("CannotResume", f"'{path}' is not a file that --resume has written: {error}.") from error
    if kept.target != target:
        raise InvalidInput("CannotResume", f"'{path}' is of an ingest into {kept.target}, not {target}.")
    return kept


def _head(file: Path, size: int) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.sha256(opened.read(size)).hexdigest()
    except OSError as error:
        raise InvalidInput("CannotRead", f"{file}: cannot be read: {error.strerror}.") from error
