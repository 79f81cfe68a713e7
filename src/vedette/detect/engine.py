"""Runs the rules that are due, each window exactly once: its record, alerts, incidents and log rows in one commit."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

import structlog

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import Clock, VirtualClock
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.metrics import Metrics
from vedette.detect.health import run_row
from vedette.detect.incident_of_alert import Filed
from vedette.detect.ledger import RunRecord, read_record, write_record
from vedette.detect.query_kinds import NearRealTime, Scheduled
from vedette.detect.raising import Source, raise_alert
from vedette.detect.rule_kind import Evaluation, Failed, RuleKind
from vedette.detect.schedule import Window, due, is_run, is_suppressed, is_to_pause, next_due
from vedette.detect.stored_rule import StoredRule
from vedette.logs.store import LogStore
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

ALERT_RULE = "Microsoft.SecurityInsights/alertRules"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of one run. `failure` says why the query could not run; `results` counts its rows."""

    rule_id: str
    end: datetime
    results: int = 0
    alerts: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    missed: int = 0
    failure: Failed | None = None


@dataclass(frozen=True, slots=True)
class FailingRule:
    """A rule whose last runs failed, so many in a row."""

    id: str
    name: str
    failures: int


Claim = Callable[[Transaction, Failed | None], bool]
"""Records that a run is over, and how; False when that is recorded already."""


class Detections:
    """The rules of all workspaces at work; its methods may be called from any thread, runs go one after another.

    It knows the kinds of rules that are queries; others are given as `kinds` (see `rule_kind.py`).
    """

    def __init__(
        self,
        state: StateStore,
        logs: LogStore,
        clock: Clock,
        workspaces: Workspaces,
        metrics: Metrics | None = None,
        kinds: Iterable[RuleKind] = (),
    ) -> None:
        queries: tuple[RuleKind, ...] = (Scheduled(logs), NearRealTime(logs))
        self._kinds = {kind.name.lower(): kind for kind in (*queries, *kinds)}
        self._metrics = metrics or Metrics()
        self._state = state
        self._logs = logs
        self._clock = clock
        self._workspaces = workspaces
        self._running = threading.Lock()
        self._records: dict[str, RunRecord | None] = {}
        self._read: dict[str, StoredRule | None] = {}

    def run_due(self, now: datetime) -> list[RunOutcome]:
        """Run every window that is due and not yet run, oldest first.

        A query that fails is an outcome with its reason, kept in SentinelHealth; the rule's next window is tried at
        its time. Raises Unavailable when the state or the log tables cannot be written; what was run stays run.
        """
        with self._running:
            rules = self._rules()
            ledger = self._ledger(rules)
            self._pause(rules, ledger)
            outcomes = [self._run(window) for window in due(rules, ledger, now, self._logs.settled())]
        return [outcome for outcome in outcomes if outcome is not None]

    def run_asked_for(self, rule_id: str, end: datetime, name: str, claim: Claim) -> RunOutcome | None:
        """Run a rule over the window that ends at `end`, besides its schedule, which takes no notice of it.

        `name` tells this run from others of the same window. `claim` is called in the transaction that keeps what the
        run found; None when it says that this was done before. Raises NotFound (RuleNotFound) for a rule that is gone
        or cannot be run, and what `run_due` raises.
        """
        with self._running:
            rule = next((each for each in self._rules() if each.id.lower() == rule_id.lower()), None)
            workspace = None if rule is None else self._workspaces.by_resource_id(rule.workspace_id)
            if rule is None or workspace is None:
                raise NotFound("RuleNotFound", f"There is no rule '{rule_id}'.")
            window = Window(rule, end, asked_for=name)
            run = self._evaluate(workspace, window)
            with self._state.transaction() as transaction:
                if not _stands(transaction, rule) or not claim(transaction, run.failure):
                    return None
                filed = self._keep(transaction, workspace, window, run, 1 if run.failure else 0)
        return _outcome(window, run, filed)

    def next_due(self) -> datetime | None:
        """When there is something to do next, which may be in the past; None while no rule is enabled."""
        rules = self._rules()
        return next_due(rules, self._ledger(rules), self._clock.now())

    def failing(self) -> list[FailingRule]:
        """The enabled rules whose last run failed, those that fail longest first; from memory, reading nothing."""
        rules = [rule for rule in self._read.values() if rule is not None and rule.properties.enabled]
        found = [(rule, self._records.get(rule.id)) for rule in rules]
        failing = [
            FailingRule(rule.id, rule.properties.display_name, record.failures)
            for rule, record in found
            if record is not None and record.created == rule.created and record.failures
        ]
        return sorted(failing, key=lambda rule: -rule.failures)

    def advance_to(self, clock: VirtualClock, target: datetime) -> list[RunOutcome]:
        """Move the clock to `target` by way of every instant at which a rule is due, running it there."""
        outcomes: list[RunOutcome] = []
        while (instant := self.next_due()) is not None and instant <= target:
            clock.set(instant)
            outcomes += self.run_due(clock.now())
        clock.set(target)
        return outcomes

    def _rules(self) -> list[StoredRule]:
        documents = [each for each in self._state.list(ALERT_RULE) if self._workspaces.by_resource_id(each.scope)]
        known = self._read
        self._read = {each.etag: known[each.etag] if each.etag in known else self._rule(each) for each in documents}
        return [rule for rule in self._read.values() if rule is not None]

    def _rule(self, document: Document) -> StoredRule | None:
        """The rule in a document; None for a kind that nobody runs, or where no release of the API let it in."""
        kind = self._kinds.get(str(document.body.get("kind", "")).lower())
        if kind is None:
            return None
        try:
            properties = kind.read(document)
        except InvalidInput as error:
            log.error("a rule cannot be read and is not run", rule=document.id, reason=error.message)
            return None
        return StoredRule(
            document.id, document.name, document.scope, document.created, properties, kind.name, kind.by_arrival
        )

    def _ledger(self, rules: Sequence[StoredRule]) -> dict[str, RunRecord | None]:
        """The records of these rules; this process is the only one that writes them, so they are read once."""
        unread = [rule.id for rule in rules if rule.id not in self._records]
        if unread:
            with self._state.transaction() as transaction:
                self._records |= {id: read_record(transaction, id) for id in unread}
        return {rule.id: self._records[rule.id] for rule in rules}

    def _pause(self, rules: Sequence[StoredRule], ledger: dict[str, RunRecord | None]) -> None:
        pausing = [rule for rule in rules if is_to_pause(rule, ledger[rule.id])]
        if not pausing:
            return
        with self._state.transaction() as transaction:
            for rule in pausing:
                record = _record_of(rule, ledger[rule.id])
                ledger[rule.id] = replace(record, paused=True)
                write_record(transaction, rule.id, replace(record, paused=True))
        self._records |= {rule.id: ledger[rule.id] for rule in pausing}

    def _run(self, window: Window) -> RunOutcome | None:
        """Run one window; None when an alert of an earlier window suppresses it, or when its rule is gone."""
        workspace = self._workspaces.by_resource_id(window.rule.workspace_id)
        if workspace is None or is_suppressed(window.rule, self._records.get(window.rule.id), window.end):
            return None
        began = perf_counter()
        run = self._evaluate(workspace, window)
        status = "failure" if run.failure else "success"
        self._metrics.rule_seconds.observe(perf_counter() - began, status)
        self._metrics.rule_lag_seconds.observe(max(0.0, (self._clock.now() - window.end).total_seconds()))
        with self._state.transaction() as transaction:
            record = self._records[window.rule.id] = read_record(transaction, window.rule.id)
            if is_run(window.rule, record, window.end) or not _stands(transaction, window.rule):
                return None
            record = _after(window, _record_of(window.rule, record), run)
            write_record(transaction, window.rule.id, record)
            filed = self._keep(transaction, workspace, window, run, record.failures)
        self._records[window.rule.id] = record
        return _outcome(window, run, filed)

    def _keep(
        self, transaction: Transaction, workspace: Workspace, window: Window, run: Evaluation, failures: int
    ) -> list[Filed | None]:
        source, now = Source(window.rule.id, window.rule.properties.incident_configuration), self._clock.now()
        filed = [raise_alert(transaction, workspace, source, alert, now) for alert in run.alerts]
        filed += run.keep(transaction, now)
        health = run_row(self._kind(window), window, run, failures, workspace, now)
        transaction.emit(workspace.id, "SentinelHealth", health)
        return filed

    def _evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """What the window holds. Whatever goes wrong in one rule is that rule's failure and stops no other."""
        try:
            return self._kind(window).evaluate(workspace, window)
        except Exception as error:
            log.exception("a rule failed in a way that is ours to mend", rule=window.rule.id)
            return Evaluation(failure=Failed("InternalServerError", f"{type(error).__name__}: {error}"))

    def _kind(self, window: Window) -> RuleKind:
        return self._kinds[window.rule.kind.lower()]


def _record_of(rule: StoredRule, record: RunRecord | None) -> RunRecord:
    return record if record is not None and record.created == rule.created else RunRecord(rule.created)


def _stands(transaction: Transaction, rule: StoredRule) -> bool:
    document = transaction.get(rule.id)
    return document is not None and document.created == rule.created


def _after(window: Window, record: RunRecord, run: Evaluation) -> RunRecord:
    rule = window.rule.properties
    suppressed = run.alerts and rule.suppression_enabled
    return replace(
        record,
        last_end=window.end,
        paused=False,
        suppressed_until=window.end + rule.suppression_duration if suppressed else record.suppressed_until,
        failures=record.failures + 1 if run.failure else 0,
    )


def _outcome(window: Window, run: Evaluation, filed: Sequence[Filed | None]) -> RunOutcome:
    return RunOutcome(
        rule_id=window.rule.id,
        end=window.end,
        results=run.results,
        alerts=tuple(alert.id for alert in run.alerts),
        incidents=tuple(dict.fromkeys(each.incident.id for each in filed if each is not None)),
        missed=window.missed,
        failure=run.failure,
    )
