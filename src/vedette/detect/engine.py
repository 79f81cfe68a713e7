"""Runs the rules that are due, each window exactly once: its record, alerts, incidents and log rows in one commit.

Windows are evaluated several at a time, at most one of a rule; what was found is written by one thread, whatever has
been evaluated by then in one transaction.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from time import perf_counter, sleep
from typing import Any

import structlog

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import Clock, VirtualClock
from vedette.core.errors import InvalidInput, NotFound, Unavailable
from vedette.core.metrics import Metrics
from vedette.core.settings import RuleSettings
from vedette.detect.agenda import ALERT_RULE, Agenda, record_of, unstored_rule
from vedette.detect.alert import Alert
from vedette.detect.backtest import Backtest, backtest
from vedette.detect.early_looks import EarlyLooks
from vedette.detect.failures import after_run, disabled_body, is_to_disable
from vedette.detect.health import run_row
from vedette.detect.incident_of_alert import Filed
from vedette.detect.ledger import RunRecord, read_record, write_record
from vedette.detect.next_run import NextRun, next_run
from vedette.detect.query_kinds import NearRealTime, QueryKind, Scheduled
from vedette.detect.raising import Source, raise_alert
from vedette.detect.results import Results
from vedette.detect.rule_kind import Evaluation, Failed, RuleKind
from vedette.detect.schedule import Window, is_run
from vedette.detect.stored_rule import StoredRule
from vedette.detect.turns import next_turns
from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import Limits
from vedette.logs.store import LogStore
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

__all__ = ["ALERT_RULE", "Detections", "FailingRule", "RunOutcome"]

_TICK = 1.0  # seconds between looks for rules that were made or changed meanwhile
_SETTLING = 0.005
_PAUSE = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of one run. `failure` says why it did not come about; `results` counts its rows."""

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


@dataclass(frozen=True, slots=True)
class _Evaluated:
    window: Window
    workspace: Workspace
    run: Evaluation
    was_paused: bool


Claim = Callable[[Transaction, Failed | None], bool]
"""Records that a run is over, and how; False when that is recorded already."""


class Detections:
    """The rules of all workspaces at work; its methods may be called from any thread.

    It knows the kinds of rules that are queries; others are given as `kinds` (see `rule_kind.py`). The queries of
    windows that are evaluated at the same time share the engine's threads.
    """

    def __init__(
        self,
        state: StateStore,
        logs: LogStore,
        clock: Clock,
        workspaces: Workspaces,
        metrics: Metrics | None = None,
        kinds: Iterable[RuleKind] = (),
        *,
        settings: RuleSettings = RuleSettings(),  # noqa: B008  (it is frozen)
    ) -> None:
        limits = Limits(timeout=settings.timeout)
        queries: tuple[RuleKind, ...] = (Scheduled(logs, limits), NearRealTime(logs, limits))
        self._kinds = {kind.name.lower(): kind for kind in (*queries, *kinds)}
        self._metrics = metrics or Metrics()
        self._state = state
        self._logs = logs
        self._clock = clock
        self._agenda = Agenda(state, workspaces, self._kinds, settings.delay)
        self._early = EarlyLooks(self._watched, self._last_arrival)
        self._driving = threading.RLock()
        self._workers = settings.workers
        self._delay = settings.delay
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="rule")
        self._running: dict[Future[_Evaluated], Window] = {}
        self._applied: datetime | None = None

    def run_due(self, now: datetime) -> list[RunOutcome]:
        """Run every window that is due and not yet run, and wait for them: the oldest first, each with what the ones
        before it brought; only those of the same end are evaluated at the same time.

        A window that cannot be evaluated is an outcome with its reason, kept in SentinelHealth. Raises Unavailable
        when the state or the log tables cannot be written; what was run stays run.
        """
        outcomes: list[RunOutcome] = []
        with self._driving:
            while self._start(now, in_step=True) or self._running:
                wait(self._running)
                outcomes += self._finish()
        return outcomes

    def serve(self, stop: threading.Event) -> None:
        """Run windows as they fall due until `stop`; a slow one keeps no other from running but those of its rule."""
        while not stop.is_set():
            try:
                with self._driving:
                    self._start(self._clock.now())
                    pause, running = self._until_next(self._clock.now()), list(self._running)
                if running:
                    wait(running, pause, FIRST_COMPLETED)
                else:
                    stop.wait(pause)
                with self._driving:
                    self._finish()
            except Exception:
                log.exception("running the rules failed; it is tried again")
                stop.wait(_PAUSE)

    def close(self) -> None:
        """End; what is being evaluated is not kept, and done by the next server."""
        self._pool.shutdown(cancel_futures=True)

    def run_asked_for(self, rule_id: str, end: datetime, name: str, claim: Claim) -> RunOutcome | None:
        """Run a rule over the window that ends at `end`, besides its schedule, which takes no notice of it.

        `name` tells this run from others of the same window. `claim` is called in the transaction that keeps what the
        run found; None when it says that this was done before. Raises NotFound (RuleNotFound) for a rule that is gone
        or cannot be run, and what `run_due` raises.
        """
        rule = self._rules_now().get(rule_id.lower())
        workspace = None if rule is None else self._agenda.workspace(rule)
        if rule is None or workspace is None:
            raise NotFound("RuleNotFound", f"There is no rule '{rule_id}'.")
        window = Window(rule, end, asked_for=name)
        try:
            evaluated = self._pool.submit(self._evaluate, workspace, window).result()
        except (CancelledError, RuntimeError) as error:  # the pool was closed before or after it took the window
            raise Unavailable("ServiceUnavailable", "The server is stopping.") from error
        failure, before = evaluated.run.failure, self._written_before(evaluated)
        with self._state.transaction() as transaction:
            if _standing(transaction, rule) is None or not claim(transaction, failure):
                return None
            record = replace(record_of(rule, None), failures=1 if failure else 0)
            filed = before + self._keep(transaction, evaluated, record)
        return _outcome(evaluated, filed)

    def rule_named(self, workspace: Workspace, name: str) -> StoredRule:
        """The rule of a workspace with this name, ARM id or display name. Raises NotFound (RuleNotFound)."""
        wanted, here = name.lower(), workspace.resource_id.lower()
        rules = [rule for rule in self._rules_now().values() if rule.workspace_id.lower() == here]
        called = [(text, rule) for rule in rules for text in (rule.id, rule.name)]
        called += [(rule.properties.display_name, rule) for rule in rules]
        found = next((rule for text, rule in called if text.lower() == wanted), None)
        if found is not None:
            return found
        raise NotFound("RuleNotFound", f"There is no rule '{name[:100]}' here of a kind that runs.")

    def rule_of(self, workspace: Workspace, body: Mapping[str, Any]) -> StoredRule:
        """A rule that is a query, stored nowhere, of a body with `kind` and `properties`. Raises InvalidInput."""
        kind = self._kinds.get(str(body.get("kind", "")).lower())
        if not isinstance(kind, QueryKind) or not isinstance(body.get("properties"), dict):
            known = ", ".join(each.name for each in self._kinds.values() if isinstance(each, QueryKind))
            raise InvalidInput("BadRequest", f"The rule must have 'properties' and a 'kind', one of {known}.")
        return unstored_rule(kind, workspace, "backtest", body, self._clock.now())

    def backtest(
        self,
        workspace: Workspace,
        rule: StoredRule,
        start: datetime,
        end: datetime,
        cancellation: Cancellation | None = None,
        points: int = 0,
    ) -> Backtest:
        """What a rule would have found in the past, one that is stored in the windows that are run, or would have
        been, with a series of at most so many `points`. Raises what `backtest.backtest` raises."""
        kind, beat = self._kinds[rule.kind.lower()], None
        with self._driving:
            stored = self._agenda.rules.get(rule.id)
            if stored is not None and stored.created == rule.created:
                beat = record_of(rule, self._agenda.record(rule)).last_end or rule.may_start
        return backtest(kind, workspace, rule, start, end, self._workers, cancellation or Cancellation(), beat, points)

    def judge(self, window: Window, results: Results) -> Sequence[Alert]:
        """The alerts that a run of a rule that is a query would raise of these results."""
        kind = self._kinds[window.rule.kind.lower()]
        return kind.judge(window, results).alerts if isinstance(kind, QueryKind) else ()

    def next_run(self, rule: StoredRule) -> NextRun:
        """When a rule runs next, and why not before."""
        with self._driving:
            return next_run(rule, self._agenda.record(rule), self._clock.now(), self._delay)

    def next_due(self) -> datetime | None:
        """When there is something to do next, which may be in the past; None while no rule is enabled."""
        with self._driving:
            self._agenda.refresh(self._clock.now())
            return self._agenda.next_due()

    def failing(self) -> list[FailingRule]:
        """The enabled rules whose last run failed, those that fail longest first; from memory, reading nothing."""
        rules = [rule for rule in self._agenda.rules.values() if rule.properties.enabled]
        found = [(rule, self._agenda.record(rule)) for rule in rules]
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
            ran = self.run_due(clock.now())
            outcomes += ran
            if not ran:
                sleep(_SETTLING)  # rows that were received by then are on their way to the disk
        clock.set(target)
        return outcomes

    def _rules_now(self) -> dict[str, StoredRule]:
        with self._driving:
            self._agenda.refresh(self._clock.now())
            return {id.lower(): rule for id, rule in self._agenda.rules.items()}

    def _start(self, now: datetime, *, in_step: bool = False) -> bool:
        """Begin as many windows as there is room for, `in_step` only those that end first; False where none is due."""
        self._agenda.refresh(now)
        running = list(self._running.values())
        busy = [window.rule.id for window in running]
        settled = self._logs.settled()
        waiting = self._agenda.waiting(now, settled, busy, self._workers)
        if not in_step and len(running) < self._workers:
            due = {window.rule.id for window in waiting}
            early = self._early.windows(self._agenda.by_arrival([*busy, *due]), min(now, settled))
            waiting += islice(early, self._workers - len(running))
        if not waiting:
            return False
        if in_step:
            first = min(window.end for window in waiting)
            waiting = [window for window in waiting if window.end == first]
        at_work = Counter(window.rule.workspace_id for window in running)
        started = next_turns(waiting, at_work, self._workers, workspaces=self._agenda.workspaces)
        if any(self._applied is None or window.end > self._applied for window in started):
            self._applied = now
            self._logs.apply_waiting()  # what the server itself wrote before is there for its rules
        for window in started:
            workspace = self._agenda.workspace(window.rule)
            if workspace is not None:
                if window.early:
                    self._early.begun(window)
                self._metrics.rule_lag_seconds.observe(max(0.0, (now - window.end).total_seconds()))
                record = self._agenda.record(window.rule)
                was_paused = record is not None and record.paused
                self._running[self._pool.submit(self._evaluate, workspace, window, was_paused)] = window
        return bool(started)

    def _until_next(self, now: datetime) -> float:
        """Seconds until there may be something to start."""
        if len(self._running) >= self._workers:
            return _TICK
        due = self._agenda.next_due(window.rule.id for window in self._running.values())
        seconds = _TICK if due is None else (due - now).total_seconds()
        return min(max(seconds, 0.05), _TICK)

    def _finish(self) -> list[RunOutcome]:
        """Keep what the runs have found that have ended."""
        done = [future for future in self._running if future.done()]
        ended = [future.result() for future in done if self._running.pop(future)]
        ended = [each for each in ended if each.run.alerts or not each.window.early]
        ended.sort(key=lambda each: (each.window.end, each.window.rule.created, each.window.rule.id.lower()))
        return [outcome for outcome in self._kept(ended) if outcome is not None]

    def _kept(self, ended: Sequence[_Evaluated]) -> list[RunOutcome | None]:
        """Write what runs found: together, or where that fails each for itself."""
        if len(ended) > 1:
            with suppress(Exception):  # whose fault it is shows when each is written alone
                return self._written(ended)
        return [outcome for each in ended for outcome in self._written_alone(each)]

    def _written_alone(self, each: _Evaluated) -> list[RunOutcome | None]:
        try:
            return self._written([each])
        except Unavailable:  # the storage cannot be written, whoever wants to
            raise
        except Exception as error:
            log.exception("what a rule found cannot be kept", rule=each.window.rule.id)
            return self._written([replace(each, run=_own_failure(error))])

    def _written(self, ended: Sequence[_Evaluated]) -> list[RunOutcome | None]:
        if not ended:
            return []
        outcomes: list[RunOutcome | None] = []
        records: list[tuple[StoredRule, RunRecord]] = []
        before = {each.window.identity: self._written_before(each) for each in ended}
        with self._state.transaction() as transaction:
            for each in ended:
                rule, window = each.window.rule, each.window
                found = read_record(transaction, rule.id)
                document = None if is_run(rule, found, window.end) else _standing(transaction, rule)
                if document is None:
                    records.append((rule, record_of(rule, found)))
                    continue
                is_enabled = document.body["properties"].get("enabled") is True
                record = self._after(each, record_of(rule, found), is_enabled=is_enabled)
                write_record(transaction, rule.id, record)
                filed = before[window.identity] + self._keep(transaction, each, record)
                records.append((rule, record))
                outcomes.append(_outcome(each, filed))
        for rule, record in records:
            self._agenda.ran(rule, record, self._clock.now())
        return outcomes

    def _written_before(self, each: _Evaluated) -> list[Filed | None]:
        """Write what is too much for the transaction of the run's record, a piece at a time."""
        filed: list[Filed | None] = []
        for keep in each.run.before:
            with self._state.transaction() as transaction:
                if _standing(transaction, each.window.rule) is None:
                    break
                filed += keep(transaction, self._clock.now())
        return filed

    def _after(self, each: _Evaluated, record: RunRecord, *, is_enabled: bool) -> RunRecord:
        """The record after a run. It says that the rule is paused where that was disabled since the run began."""
        paused = not is_enabled or (record.paused and not each.was_paused)
        return replace(after_run(record, each.window, each.run, self._clock.now()), paused=paused)

    def _keep(self, transaction: Transaction, each: _Evaluated, record: RunRecord) -> list[Filed | None]:
        window, workspace, run = each.window, each.workspace, each.run
        source, now = Source(window.rule.id, window.rule.properties.incident_configuration), self._clock.now()
        filed = [raise_alert(transaction, workspace, source, alert, now) for alert in run.alerts]
        filed += run.keep(transaction, now)
        if run.failure is not None and is_to_disable(record):
            _disable(transaction, window.rule, run.failure, now)
        health = run_row(self._kind(window), window, run, record, workspace, now)
        transaction.emit_all(workspace.id, "SentinelHealth", [health], soon=False)
        return filed

    def _evaluate(self, workspace: Workspace, window: Window, was_paused: bool = False) -> _Evaluated:
        """What the window holds. Whatever goes wrong in one rule is that rule's failure and stops no other."""
        began = perf_counter()
        try:
            run = self._kind(window).evaluate(workspace, window)
        except Exception as error:
            log.exception("a rule failed in a way that is ours to mend", rule=window.rule.id)
            run = _own_failure(error)
        status = "failure" if run.failure else "success"
        self._metrics.rule_seconds.observe(perf_counter() - began, status)
        waited = max(0.0, (self._clock.now() - window.end).total_seconds()) - (perf_counter() - began)
        run = replace(run, stages={"waiting": max(0.0, waited), **run.stages})
        return _Evaluated(window, workspace, run, was_paused)

    def _watched(self, rule: StoredRule) -> frozenset[str]:
        kind, workspace = self._kinds[rule.kind.lower()], self._agenda.workspace(rule)
        if workspace is None or not isinstance(kind, NearRealTime):
            return frozenset()
        return kind.watched(workspace, rule, self._clock.now())

    def _last_arrival(self, rule: StoredRule, tables: frozenset[str]) -> datetime | None:
        workspace = self._agenda.workspace(rule)
        return None if workspace is None else self._logs.arrivals.last(workspace.id, tables)

    def _kind(self, window: Window) -> RuleKind:
        return self._kinds[window.rule.kind.lower()]


def _own_failure(error: Exception) -> Evaluation:
    return Evaluation(failure=Failed("InternalServerError", f"{type(error).__name__}: {error}", transient=True))


def _standing(transaction: Transaction, rule: StoredRule) -> Document | None:
    """The rule as it is stored now; None where it is gone, even if another was made in its place."""
    document = transaction.get(rule.id)
    return document if document is not None and document.created == rule.created else None


def _disable(transaction: Transaction, rule: StoredRule, failure: Failed, now: datetime) -> None:
    document = transaction.get(rule.id)
    if document is not None:
        transaction.change(document, disabled_body(document.body, failure, now))
        log.warning("a rule was disabled, for it cannot run", rule=rule.id, reason=failure.reason)


def _outcome(each: _Evaluated, filed: Sequence[Filed | None]) -> RunOutcome:
    window, run = each.window, each.run
    return RunOutcome(
        rule_id=window.rule.id,
        end=window.end,
        results=run.results,
        alerts=tuple(alert.id for alert in run.alerts),
        incidents=tuple(dict.fromkeys(each.incident.id for each in filed if each is not None)),
        missed=window.missed,
        failure=run.failure,
    )
