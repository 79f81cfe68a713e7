"""The process in which the tests of a rule are run for a server: what to run as JSON on standard input, a line of JSON
for each case on standard output. It has limits of its own, for whoever may write rules may send what runs for ever."""

import resource
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from vedette.kql.catalog import StoredFunction
from vedette.kql.types import ScalarType
from vedette.rule_tests.case import Case
from vedette.rule_tests.node import Node, WrongTestFile, node_of
from vedette.rule_tests.rule_file import RuleFile, given_rule
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.test_file import read_cases
from vedette.rule_tests.told import told_case

MEMORY: Final = 3_000_000_000
"""Bytes of address space: the engine's own limit and what the interpreter and its libraries take."""

FILE: Final = 500_000_000
"""Bytes of one file; where the folder is in memory, they are memory too."""


class _Given:
    """The functions that the workspace has."""

    def __init__(self, functions: Mapping[str, StoredFunction]) -> None:
        self._functions = functions

    def named(self, name: str) -> StoredFunction | None:
        """As `Functions.named`."""
        return self._functions.get(name)

    def of_files(self, paths: Iterable[Path]) -> Mapping[str, StoredFunction]:
        """As `Functions.of_files`; there are no files here."""
        return {}


def main(folder: Path) -> None:
    """Run what standard input asks for, with files in a folder that the parent removes."""
    asked = orjson.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["cpuSeconds"], asked["cpuSeconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    with suppress(OSError):  # not every sandbox has the file
        Path("/proc/self/oom_score_adj").write_text("1000")  # for want of memory this ends, and not the server
    try:
        cases = _cases(asked, folder)
    except WrongTestFile as error:
        _tell({"wrong": _said(error, folder), "line": error.line})
        return
    _tell({"cases": [{"name": each.name, "line": each.node.line} for each in cases]})
    rule = given_rule(asked["name"], asked["rule"])
    functions = _Given({each["name"]: StoredFunction(**each) for each in asked["functions"]})
    _run(rule, cases, functions, folder / "stage")


def _said(error: WrongTestFile, folder: Path) -> str:
    """The message for somebody who knows of no files here."""
    message = error.message.removeprefix(f"{error.path}:{error.line}: ")
    return message.replace(
        f"is outside of {folder}; --allow-outside lets tests read such files.",
        "is a file; tests on a server bring their rows themselves.",
    )


def _cases(asked: Mapping[str, Any], folder: Path) -> list[Case]:
    """The cases, with the columns that the workspace's own tables have where they do not give them."""
    path, tests = folder / "tests.yaml", asked["tests"]
    node = node_of(tests, path) if isinstance(tests, str) else Node(tests, path, (0,), {})
    cases = read_cases(replace(node, boundary=folder), Path(asked["name"]), asked["mostRows"])
    if len(cases) > asked["mostCases"]:
        raise node.wrong(f"there are more than {asked['mostCases']} cases.")
    columns = {name: {one: ScalarType(type) for one, type in told.items()} for name, told in asked["tables"].items()}
    return [replace(case, tables={**columns, **case.tables}) for case in cases]


def _run(rule: RuleFile, cases: Iterable[Case], functions: _Given, folder: Path) -> None:
    folder.mkdir()
    stage = Stage(folder)
    try:
        for case in cases:
            _tell({"case": told_case(stage, rule, case, functions)})
    finally:
        stage.close()


def _tell(line: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line, default=str) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    finally:
        shutil.rmtree(sys.argv[1], ignore_errors=True)  # the parent's task too, but that may be gone
