"""The pytest plugin: files `*.test.yaml` are collected, and each case of one is a test."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vedette.rule_tests.case import Case
    from vedette.rule_tests.policy_case import PolicyCase
    from vedette.rule_tests.session import Session

_SUFFIXES = (".test.yaml", ".test.yml")
_SESSION = pytest.StashKey["Session"]()
_IS_WRONG = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options, for `vedette test` and for pytest alike."""
    group = parser.getgroup("vedette", "detection tests of Vedette")
    group.addoption(
        "--vedette-coverage",
        action="append",
        default=[],
        choices=["mitre", "lines"],
        help="what the tests cover: 'mitre' techniques, or the 'lines' of the rules that decided",
    )
    group.addoption("--vedette-coverage-min", type=float, default=None, help="fail where fewer percent are covered")
    group.addoption("--vedette-navigator", default=None, help="write a layer of the ATT&CK Navigator to this file")
    group.addoption(
        "--vedette-allow-outside",
        action="store_true",
        default=False,
        help="let test files name files outside of the repository that they are in",
    )
    group.addoption("--vedette-only", action="store_true", default=False, help="collect nothing but these")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--vedette-only`, nothing is collected but detection tests."""
    if config.getoption("--vedette-only") and collection_path.is_file():
        return None if collection_path.name.lower().endswith(_SUFFIXES) else True
    return None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "pytest.Collector | None":
    """A collector for a test file of detections; nothing for any other."""
    if not file_path.name.lower().endswith(_SUFFIXES):
        return None
    if _is_of_policy(file_path):
        return PolicyFile.from_parent(parent, path=file_path)
    return DetectionFile.from_parent(parent, path=file_path)


def _is_of_policy(path: Path) -> bool:
    from vedette.rule_tests.policy_file import is_policy_test

    return is_policy_test(path)


def session_of(config: pytest.Config) -> "Session":
    """What the tests of this run share, made when the first is collected."""
    if _SESSION not in config.stash:
        from vedette.rule_tests.session import Session

        config.stash[_SESSION] = Session(
            config.rootpath,
            traces_all="lines" in _asked(config) or config.getoption("--vedette-coverage-min") is not None,
        )
    return config.stash[_SESSION]


def _asked(config: pytest.Config) -> list[str]:
    told: list[str] | None = config.getoption("--vedette-coverage")
    return told or []


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let other processes begin, unless the run may end early, or is one of several itself."""
    config = session.config
    items = [each for each in session.items if isinstance(each, DetectionItem) and not each.case.skip]
    alone = not config.getoption("maxfail", 0) and not config.getoption("collectonly", False)
    if items and alone and "PYTEST_XDIST_WORKER" not in os.environ and not config.getoption("numprocesses", None):
        session_of(config).expect([each.case for each in items])


class DetectionFile(pytest.File):
    """A test file."""

    def collect(self) -> Iterable[pytest.Item]:
        """Its cases. What is wrong with the file is an error of its collection."""
        from vedette.core.printable import printable
        from vedette.rule_tests.test_file import read_test_file

        for case in read_test_file(self.path, allow_outside=bool(self.config.getoption("--vedette-allow-outside"))):
            yield DetectionItem.from_parent(self, name=printable(case.name), case=case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        """What is wrong, without where in Vedette it was noticed."""
        self.config.stash[_IS_WRONG] = True
        told = told_to_people(excinfo.value)
        return super().repr_failure(excinfo) if told is None else told


class DetectionItem(pytest.Item):
    """A case."""

    def __init__(self, *, case: "Case", **kwargs: Any) -> None:
        from vedette.rule_tests.failure import CaseFailed

        super().__init__(**kwargs)
        self.case = case
        self.extra_keyword_matches.update({case.rule.stem, *case.tags})
        if case.skip:
            self.add_marker(pytest.mark.skip(reason=case.skip))
        if case.xfail:
            self.add_marker(pytest.mark.xfail(reason=case.xfail, strict=True, raises=CaseFailed))

    def runtest(self) -> None:
        """Run it. Raises CaseFailed where something differs."""
        session_of(self.config).check(self.case)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.case.node.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs and why, without where in Vedette it was noticed."""
        told = told_to_people(excinfo.value)
        return super().repr_failure(excinfo, style) if told is None else told


class PolicyFile(DetectionFile):
    """A test file of policies."""

    def collect(self) -> Iterable[pytest.Item]:
        """Its cases. What is wrong with the file is an error of its collection."""
        from vedette.core.printable import printable
        from vedette.rule_tests.policy_file import read_policy_tests

        for case in read_policy_tests(self.path, allow_outside=bool(self.config.getoption("--vedette-allow-outside"))):
            yield PolicyItem.from_parent(self, name=printable(case.name), case=case)


class PolicyItem(pytest.Item):
    """A case of a policy."""

    def __init__(self, *, case: "PolicyCase", **kwargs: Any) -> None:
        from vedette.rule_tests.failure import CaseFailed

        super().__init__(**kwargs)
        self.case = case
        self.extra_keyword_matches.update({case.policy.stem, *case.tags})
        if case.skip:
            self.add_marker(pytest.mark.skip(reason=case.skip))
        if case.xfail:
            self.add_marker(pytest.mark.xfail(reason=case.xfail, strict=True, raises=CaseFailed))

    def runtest(self) -> None:
        """Run it. Raises CaseFailed where something differs."""
        from vedette.rule_tests.policy_comparison import check_policy

        check_policy(self.case)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.case.node.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs and why, without where in Vedette it was noticed."""
        told = told_to_people(excinfo.value)
        return super().repr_failure(excinfo, style) if told is None else told


def told_to_people(error: BaseException) -> str | None:
    """The text of an error that is about a test or a rule; None for one that is a fault of ours."""
    from vedette.core.errors import VedetteError
    from vedette.core.printable import printable_lines
    from vedette.rule_tests.failure import CaseFailed

    if isinstance(error, CaseFailed):
        return printable_lines(str(error))
    return printable_lines(error.message) if isinstance(error, VedetteError) else None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The coverage that was asked for."""
    session = config.stash.get(_SESSION, None)
    if session is not None:
        for title, lines in session.summaries(_asked(config)):
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)
        least = config.getoption("--vedette-coverage-min")
        if least is not None and not session.is_covered(least):
            share = session.lines.percent()
            told = f"{share:.0f}% of the rules' lines decided; {least:g}% are asked for"
            terminalreporter.write_line(told, red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write what was asked for; a coverage that is too low fails the run. The other tests run where a file is wrong,
    and the exit code is that of a run which could not be all that was asked for."""
    config = session.config
    if exitstatus == pytest.ExitCode.TESTS_FAILED and config.stash.get(_IS_WRONG, False):
        session.exitstatus = pytest.ExitCode.INTERRUPTED
    ours = config.stash.get(_SESSION, None)
    if ours is None:
        return
    path, least = config.getoption("--vedette-navigator"), config.getoption("--vedette-coverage-min")
    if path:
        ours.write_navigator(Path(path))
    if least is not None and exitstatus == 0 and not ours.is_covered(least):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the engine."""
    session = config.stash.get(_SESSION, None)
    if session is not None:
        session.close()
