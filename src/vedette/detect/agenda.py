"""Which rules there are, how far each has got, and when there is next something to do for it; kept in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Any

import structlog

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.errors import InvalidInput
from vedette.detect.ledger import RunRecord, read_record, write_record
from vedette.detect.rule_kind import RuleKind
from vedette.detect.schedule import Present, Window, due_windows, is_to_pause, ready_at
from vedette.detect.stored_rule import StoredRule
from vedette.state.documents import Document
from vedette.state.store import StateStore

ALERT_RULE = "Microsoft.SecurityInsights/alertRules"

log = structlog.get_logger(__name__)


class Agenda:
    """The rules of all workspaces and their records, read when a rule has changed; for one thread at a time.

    This process is the only one that writes the records: a state belongs to one server at a time, which is the lease of
    all runs (`StateStore.claim`); one that has lost it cannot commit what it found.
    """

    def __init__(
        self, state: StateStore, workspaces: Workspaces, kinds: Mapping[str, RuleKind], delay: timedelta
    ) -> None:
        self._state = state
        self._workspaces = workspaces
        self._kinds = kinds
        self._delay = delay
        self._version: int | None = None
        self._there: frozenset[str] = frozenset()
        self._documents: list[Document] = []
        self._read: dict[str, StoredRule | None] = {}
        self._rules: dict[str, StoredRule] = {}
        self._records: dict[str, RunRecord | None] = {}
        self._ready: dict[str, datetime] = {}

    def refresh(self, now: datetime) -> None:
        """Look whether rules or workspaces have changed, and note those that were disabled."""
        version = self._state.version(ALERT_RULE)
        there = frozenset(each.resource_id.lower() for each in self._workspaces.all())
        if (version, there) == (self._version, self._there):
            return
        if version != self._version:
            self._documents = self._state.list(ALERT_RULE)
        self._version, self._there = version, there
        present = [each for each in self._documents if each.scope.rstrip("/").lower() in there]
        known = self._read
        self._read = {each.etag: known[each.etag] if each.etag in known else self._rule(each) for each in present}
        self._rules = {rule.id: rule for rule in self._read.values() if rule is not None}
        self._read_records()
        self._pause()
        ready = {id: self._ready_at(rule, now) for id, rule in self._rules.items()}
        self._ready = {id: instant for id, instant in ready.items() if instant is not None}

    @property
    def rules(self) -> Mapping[str, StoredRule]:
        """The rules by their ids."""
        return self._rules

    @property
    def workspaces(self) -> int:
        """How many workspaces there are."""
        return len(self._there)

    def workspace(self, rule: StoredRule) -> Workspace | None:
        """The workspace of a rule; None while it is deleted."""
        return self._workspaces.by_resource_id(rule.workspace_id)

    def record(self, rule: StoredRule) -> RunRecord | None:
        """The record of a rule's runs; None before its first."""
        return self._records.get(rule.id)

    def ran(self, rule: StoredRule, record: RunRecord, now: datetime) -> None:
        """Take note of what was written after a run."""
        there = self._rules.get(rule.id)  # which may be another than that which ran
        self._ready.pop(rule.id, None)
        if there is None:
            self._records.pop(rule.id, None)
            return
        self._records[rule.id] = record
        instant = self._ready_at(there, now)
        if instant is not None:
            self._ready[rule.id] = instant

    def waiting(self, now: datetime, settled: datetime, running: Iterable[str], most: int) -> list[Window]:
        """The next window of each rule that has one due, but of those that are `running`: in each workspace that of
        the `most` that have waited longest."""
        present, busy = Present(now, settled, self._delay), set(running)
        due: dict[str, list[str]] = {}
        for id, instant in self._ready.items():
            rule = self._rules[id]
            if instant <= (min(now, settled) if rule.by_arrival else now) and id not in busy:
                due.setdefault(rule.workspace_id, []).append(id)
        oldest = [id for ids in due.values() for id in nsmallest(most, ids, key=self._ready.__getitem__)]
        windows = [due_windows(self._rules[id], self._records[id], present)[:1] for id in oldest]
        return [window for first in windows for window in first]

    def by_arrival(self, running: Iterable[str]) -> list[tuple[StoredRule, RunRecord | None]]:
        """The rules by arrival and their records, but of those that are `running`."""
        busy = set(running)
        rules = [rule for rule in self._rules.values() if rule.by_arrival and rule.id not in busy]
        return [(rule, self._records.get(rule.id)) for rule in rules]

    def next_due(self, running: Iterable[str] = ()) -> datetime | None:
        """When there is something to do next, which may be in the past; None while no rule is enabled."""
        busy = set(running)
        return min((instant for id, instant in self._ready.items() if id not in busy), default=None)

    def _rule(self, document: Document) -> StoredRule | None:
        """The rule in a document; None for a kind that nobody runs, or where no release of the API let it in."""
        kind = self._kinds.get(str(document.body.get("kind", "")).lower())
        try:
            return None if kind is None else read_rule(kind, document)
        except InvalidInput as error:
            log.error("a rule cannot be read and is not run", rule=document.id, reason=error.message)
            return None

    def _ready_at(self, rule: StoredRule, now: datetime) -> datetime | None:
        """When there is something to do for a rule; never where there are no times that are so late."""
        try:
            return ready_at(rule, self._records[rule.id], now, self._delay)
        except OverflowError:
            log.warning("a rule has a time that cannot be reckoned with and is not run", rule=rule.id)
            return None

    def _read_records(self) -> None:
        unread = [id for id in self._rules if id not in self._records]
        if unread:
            with self._state.transaction() as transaction:
                self._records |= {id: read_record(transaction, id) for id in unread}
        self._records = {id: self._records[id] for id in self._rules}

    def _pause(self) -> None:
        pausing = [rule for rule in self._rules.values() if is_to_pause(rule, self._records[rule.id])]
        if not pausing:
            return
        paused = {rule.id: replace(record_of(rule, self._records[rule.id]), paused=True) for rule in pausing}
        with self._state.transaction() as transaction:
            for id, record in paused.items():
                write_record(transaction, id, record)
        self._records |= paused


def read_rule(kind: RuleKind, document: Document) -> StoredRule:
    """The rule in a document of a kind. Raises InvalidInput."""
    return StoredRule(
        document.id, document.name, document.scope, document.created, kind.read(document), kind.name, kind.by_arrival
    )


def unstored_rule(
    kind: RuleKind, workspace: Workspace, name: str, body: Mapping[str, Any], now: datetime
) -> StoredRule:
    """The rule that a workspace would have of a body, made now. Raises InvalidInput."""
    id = f"{workspace.resource_id}/providers/{ALERT_RULE}/{name}"
    return read_rule(kind, Document(id, ALERT_RULE, workspace.resource_id.lower(), name, "", dict(body), now, now))


def record_of(rule: StoredRule, record: RunRecord | None) -> RunRecord:
    """The record of a rule as it stands, or the one that it begins with."""
    return record if record is not None and record.created == rule.created else RunRecord(rule.created)
