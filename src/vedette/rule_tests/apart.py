"""Tests of a rule that somebody sends to a server, run in a process apart from it: it has nothing of the server's but
what it is handed, and is ended when its time is over or nobody waits for it."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import IO, Any, Final

import orjson
import structlog

from vedette.core.errors import InvalidInput, Unavailable
from vedette.engine.cancellation import Cancellation

SECONDS: Final = 30.0
MOST_CASES: Final = 200
MOST_ROWS: Final = 100_000
MOST_BYTES: Final = 1_000_000
"""Of the tests as they are sent."""

_LARGEST: Final = 20_000_000  # bytes of what is told of them
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONSAFEPATH", "LD_LIBRARY_PATH")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule, by its name and its body with `kind` and `properties`; its tests, the text of a test file or what that
    says; and of the workspace the functions and the columns of the tables of its own that the rule may name."""

    name: str
    rule: Mapping[str, Any]
    tests: str | Mapping[str, Any]
    functions: Sequence[Mapping[str, str]] = ()
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


@dataclass(slots=True)
class _Told:
    """What the process has told so far."""

    cases: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    done: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    size: int = 0

    def take(self, line: bytes) -> None:
        """Raises InvalidInput (code InvalidTestFile) where it says that there is no such test file."""
        self.size += len(line)
        told = orjson.loads(line)
        if "wrong" in told:
            raise InvalidInput("InvalidTestFile", f"Line {told['line']}: {told['wrong']}", line=told["line"])
        if "case" in told:
            self.done.append(told["case"])
        else:
            self.cases = told["cases"]


def run_apart(asked: Asked, cancellation: Cancellation, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """What became of each case, in order; of those that there was no time for the status is `error`.

    Raises InvalidInput for tests that are none, Unavailable where they are not waited for or their process ended.
    """
    folder = Path(tempfile.mkdtemp(prefix="vedette-tests-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    try:
        with (folder / "errors").open("w+b") as errors:
            return _run(asked, folder, errors, cancellation, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    asked: Asked, folder: Path, errors: IO[bytes], cancellation: Cancellation, seconds: float
) -> list[dict[str, Any]]:
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "vedette.rule_tests.child", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=folder,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | {"LANG": "C.UTF-8"},
        start_new_session=True,
    )
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    told = _Told()
    try:
        with cancellation.ending(process.kill):
            _talk(process, asked, seconds, told)
    finally:
        timer.cancel()
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        code = process.wait()
    if cancellation.is_cancelled:
        raise Unavailable("QueryCancelled", "The tests were stopped.")
    if len(told.done) == len(told.cases) > 0:
        return told.done
    return _ended_early(told, errors, code, over=perf_counter() - began >= seconds)


def _talk(process: subprocess.Popen[bytes], asked: Asked, seconds: float, told: _Told) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    body = {
        "name": asked.name,
        "rule": asked.rule,
        "tests": asked.tests,
        "functions": asked.functions,
        "tables": asked.tables,
        "mostCases": MOST_CASES,
        "mostRows": MOST_ROWS,
        "cpuSeconds": int(seconds) + 1,
    }
    try:
        process.stdin.write(orjson.dumps(body))
        process.stdin.close()
    except BrokenPipeError:  # it ended, and its exit code says how
        return
    while told.size <= _LARGEST and (line := process.stdout.readline(_LARGEST + 1)):
        if not line.endswith(b"\n"):  # too long, or the process was ended while it told it
            told.size += len(line)
            return
        told.take(line)


def _ended_early(told: _Told, errors: IO[bytes], code: int, *, over: bool) -> list[dict[str, Any]]:
    errors.seek(0)
    said = errors.read(20_000).decode(errors="replace").strip()
    too_large = "What there is to tell of the tests is too much."
    if not told.cases:
        if told.size > _LARGEST:
            raise InvalidInput("InvalidTestFile", too_large)
        _log.warning("tests of a rule could not be run", code=code, said=said[-2000:])
        reason = f"Reading the tests took longer than {SECONDS:.0f} seconds." if over else "Their process ended early."
        raise Unavailable("TestsFailed", reason)
    if over:
        failure = {"code": "Timeout", "message": f"All tests together may take {SECONDS:.0f} seconds."}
    elif told.size > _LARGEST:
        failure = {"code": "TooLarge", "message": too_large}
    else:
        _log.warning("the process of a rule's tests ended early", code=code, said=said[-2000:])
        failure = {
            "code": "TestsFailed",
            "message": "The process of the tests ended early, perhaps for want of memory.",
        }
    left = told.cases[len(told.done) :]
    return [*told.done, *({**each, "expected": None, "status": "error", "error": failure} for each in left)]
