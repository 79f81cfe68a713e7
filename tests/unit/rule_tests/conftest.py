"""A session that all tests here share, and a way to write rules and test files in a folder."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from vedette.rule_tests.case import Case
from vedette.rule_tests.failure import CaseFailed
from vedette.rule_tests.session import Session
from vedette.rule_tests.test_file import read_test_file

RULE = """
id: 11111111-1111-4111-8111-111111111111
name: Many failures
description: An address failed.
severity: High
queryFrequency: 5m
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [CredentialAccess]
relevantTechniques: [T1110, T1110.003]
query: |
  SigninLogs
  | where ResultType == "50126" and IPAddress != "10.0.0.1"
  | summarize Failures = count(), TimeGenerated = max(TimeGenerated) by IPAddress, UserPrincipalName
  | where Failures >= 3
entityMappings:
  - entityType: Account
    fieldMappings: [{identifier: FullName, columnName: UserPrincipalName}]
  - entityType: IP
    fieldMappings: [{identifier: Address, columnName: IPAddress}]
customDetails: {Failures: Failures}
alertDetailsOverride: {alertDisplayNameFormat: "Failures from {{IPAddress}}"}
kind: Scheduled
"""


class Bench:
    """Files of one test, and what became of the cases in them."""

    def __init__(self, folder: Path, session: Session) -> None:
        self.folder = folder
        self.session = session
        self.write("rule.yaml", RULE)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def cases(self, text: str) -> list[Case]:
        return read_test_file(self.write("rule.test.yaml", text))

    def outcomes(self, text: str) -> list[str]:
        """For each case the text of its failure, empty where it passes."""
        return [self.outcome(case) for case in self.cases(text)]

    def outcome(self, case: Case) -> str:
        try:
            self.session.check(case)
        except CaseFailed as failed:
            return str(failed)
        return ""


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    session = Session(tmp_path_factory.mktemp("root"), traces_all=False)
    yield session
    session.close()


@pytest.fixture
def bench(tmp_path: Path, session: Session) -> Bench:
    return Bench(tmp_path, session)
