"""Runs cases in processes beside this one, from the last test file backwards, while this one begins with the first.

What another process has not begun when this one comes to it, this one runs itself: so all end at about the same time.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from vedette.core.errors import InvalidInput, VedetteError
from vedette.rule_tests.case import Case
from vedette.rule_tests.failure import CaseFailed

WORTH_IT: Final = 60
"""Cases from which on it pays to start another process, which takes a second."""

_MOST: Final = 7


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a case: the text of its failure, or of what is wrong with it; neither where it passed."""

    failure: str = ""
    error: str = ""

    def check(self) -> None:
        """Raises CaseFailed, or InvalidInput, as the case did."""
        if self.error:
            raise InvalidInput("InvalidTest", self.error)
        if self.failure:
            raise CaseFailed(self.failure)


class Workers:
    """Processes that run test files; none while there are too few cases, or no second processor."""

    def __init__(self, root: Path, cases: Sequence[Case]) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._files: dict[Path, Future[Mapping[str, Told]]] = {}
        names: dict[Path, list[str]] = {}
        for case in cases:
            names.setdefault(case.node.path, []).append(case.name)
        count = min((os.cpu_count() or 1) - 1, _MOST, len(names) - 1)
        if count < 1 or len(cases) < WORTH_IT:
            return
        outside = any(case.node.boundary is None for case in cases)
        try:
            self._pool = ProcessPoolExecutor(count, get_context("spawn"))
        except (OSError, ImportError, NotImplementedError):  # a place without shared semaphores: all is run here
            return
        for path in reversed(list(names)):
            self._files[path] = self._pool.submit(run_file, path, names[path], root, allow_outside=outside)

    def told(self, case: Case) -> Told | None:
        """What became of a case elsewhere, once that is known; None where it is to be run here."""
        running = self._files.get(case.node.path)
        if running is None or running.cancel():
            return None
        try:
            return running.result().get(case.name)
        except BrokenProcessPool:  # it was ended from outside, perhaps for want of memory
            return None

    def close(self) -> None:
        """End the processes; what they have not begun they do not begin."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def run_file(path: Path, names: Sequence[str], root: Path, *, allow_outside: bool) -> Mapping[str, Told]:
    """What becomes of cases of a file, in this process."""
    from vedette.rule_tests.session import own_session  # noqa: PLC0415  (it has workers of its own)
    from vedette.rule_tests.test_file import read_test_file  # noqa: PLC0415

    session, told = own_session(root), dict[str, Told]()
    for case in read_test_file(path, allow_outside=allow_outside):
        if case.name in names:
            try:
                session.check(case)
                told[case.name] = Told()
            except CaseFailed as failed:
                told[case.name] = Told(failure=str(failed))
            except VedetteError as error:
                told[case.name] = Told(error=error.message)
    return told
