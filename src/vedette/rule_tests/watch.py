"""Runs tests again when a file changes that they rest on."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vedette.rule_tests.test_file import is_test_file

_EVERY: Final = 0.4  # seconds between two looks
_SKIPPED: Final = frozenset({"node_modules", "__pycache__"})
_MOST: Final = 20_000

Seen = dict[Path, int]


def watched(run: Callable[[Sequence[str]], int], paths: Sequence[Path], *, looks: int | None = None) -> None:
    """Run everything, then after each change the tests that it may concern: test files that changed, those of rules
    that did, and those that name a file that did. Ends at Ctrl-C, or after so many `looks`."""
    places = [path.resolve() for path in paths] or [Path.cwd()]
    seen = _seen(places)
    try:
        run([])
        while looks is None or looks > 0:
            time.sleep(_EVERY)
            now = _seen(places)
            changed = [path for path in now.keys() | seen.keys() if now.get(path) != seen.get(path)]
            seen = now
            if changed:
                concerned = concerned_by(changed, now)
                print(f"\n{len(changed)} changed: {', '.join(sorted(path.name for path in changed)[:5])}", flush=True)
                run([str(path) for path in concerned])
            looks = None if looks is None else looks - 1
    except KeyboardInterrupt:
        return


def concerned_by(changed: Sequence[Path], there: Seen) -> list[Path]:
    """The test files that a change may concern: all where none is known to be."""
    tests = sorted(path for path in there if is_test_file(path))
    others = [path for path in changed if not is_test_file(path)]
    found = [path for path in tests if path in changed or any(_rests_on(path, other) for other in others)]
    return found or tests


def _rests_on(test: Path, other: Path) -> bool:
    """Whether a test file is that of this rule, or names the file."""
    if test.name.startswith(f"{other.stem}.test."):
        return True
    try:
        return other.name in test.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # it was removed meanwhile


def _seen(places: Sequence[Path]) -> Seen:
    found: Seen = {}
    for place in places:
        for path in place.rglob("*") if place.is_dir() else place.parent.rglob("*"):
            if len(found) >= _MOST:
                return found
            if any(part.startswith(".") or part in _SKIPPED for part in path.parts[len(place.parts) :]):
                continue
            try:
                if path.is_file():
                    found[path] = path.stat().st_mtime_ns
            except OSError:
                continue  # it was removed meanwhile
    return found
