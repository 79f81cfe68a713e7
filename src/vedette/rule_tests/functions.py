"""Functions that a rule calls and no workspace has by itself: parsers in the files around it, found by their names."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

from vedette.content.boundary import leads_out, repository_of
from vedette.content.reading import SUFFIXES, read
from vedette.core.errors import InvalidInput
from vedette.kql.catalog import StoredFunction
from vedette.kql.diagnostics import KqlError
from vedette.logs.saved_functions import function_of

_LARGEST: Final = 2_000_000
_MOST_FILES: Final = 50_000
_ALIAS = re.compile(rb"""(?:FunctionAlias|FunctionName|functionAlias|ParserName)["']?\s*:\s*["']?([A-Za-z_]\w*)""")
_FOLDERS_LEFT_OUT: Final = frozenset({"node_modules", "__pycache__"})
_UNKNOWN: Final = frozenset({"SEM0100", "SEM0260"})


def missing_names(error: KqlError) -> set[str]:
    """The functions and tables that a query names and that there are none of."""
    return {
        error.text[each.span.start : each.span.end].strip("['\"]")
        for each in error.diagnostics
        if each.code in _UNKNOWN
    }


def folder_of_functions(rule: Path, root: Path) -> Path:
    """Where the functions of a rule are looked for: its repository, else `root`, the folder that tests are run from,
    where the rule is below that, else its own folder."""
    folder = rule.parent.resolve()
    return repository_of(folder) or (root if folder.is_relative_to(root) else folder)


class Functions(Protocol):
    """Where the functions are found that a rule names and a test does not bring."""

    def named(self, name: str) -> StoredFunction | None:
        """The function of this name; None where there is none. Raises InvalidInput."""
        ...

    def of_files(self, paths: Iterable[Path]) -> Mapping[str, StoredFunction]:
        """All functions in files, or in the files of folders. Raises InvalidInput."""
        ...


class FunctionFiles:
    """The functions in the files below a folder; looked for when the first is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._places: dict[str, Path] | None = None
        self._read: dict[Path, Mapping[str, StoredFunction]] = {}

    def named(self, name: str) -> StoredFunction | None:
        """The function of this name; None where no file has it. Raises InvalidInput for a file that cannot be read."""
        if self._places is None:
            self._places = dict(self._found())
        path = self._places.get(name)
        return None if path is None else self._functions(path).get(name)

    def of_files(self, paths: Iterable[Path]) -> Mapping[str, StoredFunction]:
        """All functions in files, or in the files of folders. Raises InvalidInput."""
        found: dict[str, StoredFunction] = {}
        for path in paths:
            found |= self._functions(path)
        return found

    def _found(self) -> Iterator[tuple[str, Path]]:
        left = _MOST_FILES
        for folder, folders, names in os.walk(self._root):
            folders[:] = sorted(each for each in folders if each[0] != "." and each not in _FOLDERS_LEFT_OUT)
            for path in (Path(folder) / name for name in sorted(names)):
                if path.suffix.lower() not in SUFFIXES or left == 0:
                    continue
                left -= 1
                for name in _ALIAS.findall(_bytes(path)):
                    yield name.decode(), path

    def _functions(self, path: Path) -> Mapping[str, StoredFunction]:
        if path not in self._read:
            self._read[path] = {each.name: each for each in _functions(path)}
        return self._read[path]


def _bytes(path: Path) -> bytes:
    """What is in a file; nothing of one that is too large, leads out of the repository, or cannot be read: whatever is
    the matter with a file that no test asks for is no matter of a test."""
    try:
        is_foreign = path.is_symlink() and leads_out(path)
        return b"" if is_foreign or path.stat().st_size > _LARGEST else path.read_bytes()
    except OSError:
        return b""


def _functions(path: Path) -> Iterator[StoredFunction]:
    found = read([path])
    for item in found.items:
        function = function_of(item.body.get("properties") or {})
        if function is not None:
            yield function
    if path.is_file() and found.errors:
        raise InvalidInput("CannotRead", str(found.errors[0]))
