"""Where a tail stands in each file, and which piece is on its way, in a small file that survives a crash."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from vedette.cli.follow import Piece, Place
from vedette.cli.writing import writing
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id, new_id
from vedette.core.whole_files import write_whole


@dataclass(slots=True)
class Standing:
    """Of one file: what is stored ends at `at`; `sending` is the offset at which the piece on its way ends."""

    at: Place | None = None
    sending: int | None = None


@dataclass(slots=True)
class TailState:
    """The standing of each file."""

    path: Path
    run: str
    target: str
    files: dict[str, Standing] = field(default_factory=dict[str, Standing])

    def of(self, file: Path) -> Standing:
        """The standing of the file; a new one at its beginning."""
        return self.files.setdefault(str(file.absolute()), Standing())

    def request_id(self, file: Path, piece: Piece) -> str:
        """The id of the piece: the same whenever it is sent again."""
        start = piece.start
        return derived_id(self.run, str(file.absolute()), f"{start.inode}:{start.head}", str(start.offset))

    def begin(self, file: Path, piece: Piece) -> None:
        """Note, before it is sent, how far the piece goes."""
        standing = self.of(file)
        standing.at, standing.sending = piece.start, piece.end.offset
        self._write()

    def stored(self, file: Path, piece: Piece) -> None:
        """Note that the piece is on the server's disk."""
        standing = self.of(file)
        standing.at, standing.sending = piece.end, None
        self._write()

    def _write(self) -> None:
        told = {"run": self.run, "target": self.target, "files": {name: asdict(of) for name, of in self.files.items()}}
        with writing(self.path):
            write_whole(self.path, orjson.dumps(told, option=orjson.OPT_INDENT_2))


def load_tail_state(path: Path, target: str) -> TailState:
    """What the file holds; a new state where there is none. Raises InvalidInput for what is no such file."""
    if not path.exists():
        return TailState(path, new_id(), target)
    try:
        told = orjson.loads(path.read_bytes())
        files = {
            str(name): Standing(None if of["at"] is None else Place(**of["at"]), of["sending"])
            for name, of in told["files"].items()
        }
        kept = TailState(path, str(told["run"]), str(told["target"]), files)
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "CannotResume", f"'{path}' is not a file that 'vedette tail' has written: {error}."
        ) from error
    if kept.target != target:
        raise InvalidInput("CannotResume", f"'{path}' is of a tail into {kept.target}, not {target}.")
    return kept
