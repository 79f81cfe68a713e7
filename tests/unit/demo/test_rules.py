"""The demo's rules pass the tests beside them, which leave no line of them untried."""

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from vedette.rule_tests.session import Session
from vedette.rule_tests.test_file import is_test_file, read_test_file


@pytest.fixture
def folder() -> Iterator[Path]:
    with as_file(files("vedette.demo") / "rules") as folder:
        yield folder


def test_each_rule_passes_its_tests_and_every_line_decided(folder: Path) -> None:
    session = Session(folder, traces_all=True)
    try:
        tests = sorted(path for path in folder.iterdir() if is_test_file(path))
        for path in tests:
            for case in read_test_file(path):
                session.check(case)
        assert len(tests) == 5
        assert session.is_covered(100), "\n".join(session.lines.table(folder))
    finally:
        session.close()
