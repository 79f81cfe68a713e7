"""The tests of a rule as a server keeps them, beside the rule: their text as it was written, and how they last ended.

They go when the rule goes. See docs/decisions/0086-tests-of-a-rule-on-a-server.md.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from vedette.core.errors import NotFound, PreconditionFailed
from vedette.state.documents import Document
from vedette.state.store import StateStore

TESTS: Final = "Vedette/ruleTests"
_RUN: Final = "Vedette/ruleTestRuns"


class StoredTests:
    """The tests of the rules of a server."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def get(self, rule: str) -> Document | None:
        """The tests of the rule with this id; their text is `tests` of the body."""
        return self._state.get(_id(rule))

    def put(self, rule: str, tests: str, *, if_match: str | None, must_be_new: bool) -> Document:
        """Keep the text. Raises PreconditionFailed where what is there is not what the caller means, and NotFound where
        there is no rule."""
        with self._state.transaction() as transaction:
            owner, existing = transaction.get(rule), transaction.get(_id(rule))
            if owner is None:
                raise NotFound("RuleNotFound", "There is no such rule any more.")
            _check(existing, if_match, must_be_new=must_be_new)
            document, _ = transaction.put(
                id=_id(rule), type=TESTS, scope=owner.id, name=owner.name, body={"rule": owner.id, "tests": tests}
            )
        return document

    def delete(self, rule: str, if_match: str | None) -> bool:
        """Drop them; whether there were any. Raises PreconditionFailed."""
        with self._state.transaction() as transaction:
            existing = transaction.get(_id(rule))
            if existing is None:
                return False
            _check(existing, if_match, must_be_new=False)
            transaction.delete(existing.id)
            transaction.delete_below(existing.id)
        return True

    def ended(self, tests: Document, rule_etag: str, cases: Sequence[Mapping[str, Any]], at: datetime) -> None:
        """Keep how they ended, if they are still there as they were."""
        passed = sum(each["status"] in ("passed", "expectedFailure") for each in cases)
        skipped = sum(each["status"] == "skipped" for each in cases)
        body = {
            "at": at.isoformat(),
            "passed": passed,
            "skipped": skipped,
            "failed": len(cases) - passed - skipped,
            "ruleEtag": rule_etag,
            "testsEtag": tests.etag,
        }
        with self._state.transaction() as transaction:
            current = transaction.get(tests.id)
            if current is not None and current.etag == tests.etag:
                id = f"{tests.id}/lastRun"
                transaction.put(id=id, type=_RUN, scope=tests.id, name=tests.name, body=body)

    def last_run(self, tests: Document) -> Mapping[str, Any] | None:
        """How they last ended; None where they were changed since or never run."""
        run = self._state.get(f"{tests.id}/lastRun")
        return None if run is None or run.body["testsEtag"] != tests.etag else run.body

    def of_workspace(self, resource_id: str) -> list[Document]:
        """All tests of the rules of a workspace."""
        return self._state.list(TESTS, resource_id, below=True)


def _id(rule: str) -> str:
    return f"{rule}/vedetteTests"


def _check(existing: Document | None, if_match: str | None, *, must_be_new: bool) -> None:
    if must_be_new and existing is not None:
        raise PreconditionFailed("PreconditionFailed", "The rule has tests already.")
    if if_match is None:
        return
    known = {each.strip().removeprefix("W/").strip('"') for each in if_match.split(",")}
    if existing is None or not known & {existing.etag, "*"}:
        raise PreconditionFailed("PreconditionFailed", "The tests were changed since they were read.")
