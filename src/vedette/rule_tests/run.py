"""Runs a rule through the time of a case, as the server does: the same windows, alerts and incidents."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import instant_of
from vedette.detect.agenda import unstored_rule
from vedette.detect.alert import Alert
from vedette.detect.entity import Entity
from vedette.detect.failures import after_run
from vedette.detect.ledger import RunRecord
from vedette.detect.query_kinds import NearRealTime, Scheduled
from vedette.detect.raising import Source, raise_alert
from vedette.detect.rule_kind import Evaluation, Failed
from vedette.detect.schedule import Present, Window, due_windows, ready_at
from vedette.detect.stored_rule import StoredRule, query_rule
from vedette.kql.diagnostics import KqlError
from vedette.rule_tests.case import Case
from vedette.rule_tests.event_rows import Arriving, TableRows, table_rows
from vedette.rule_tests.functions import Functions, missing_names
from vedette.rule_tests.rule_file import RuleFile
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.watchlists import store_watchlist

MOST_RUNS: Final = 5_000
_READS_ARRIVAL = re.compile(r"ingestion_time|_TimeReceived", re.IGNORECASE)
_READS_FINDINGS = re.compile(r"\b(SecurityAlert|SecurityIncident|SentinelHealth)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """An alert, the end of the window that raised it, and how many results the run had."""

    alert: Alert
    at: datetime
    results: int


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident at the end of the case: its properties as the management API has them, and its alerts' number."""

    properties: Mapping[str, Any]
    alerts: int
    entities: Sequence[Entity] = ()

    @property
    def created(self) -> datetime:
        """When it was opened."""
        return instant_of(self.properties["createdTimeUtc"])


@dataclass(frozen=True, slots=True)
class Run:
    """A window and what it held."""

    window: Window
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case. With a `failure` the rule could not run; `error` is what is known of it, with positions."""

    rule: StoredRule | None
    runs: Sequence[Run] = ()
    alerts: Sequence[Found] = ()
    incidents: Sequence[Incident] = ()
    failure: Failed | None = None
    error: VedetteError | None = None
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


def run_case(stage: Stage, rule: RuleFile, case: Case, functions: Functions) -> Outcome:
    """Everything that a case brings, and what the rule made of it; the rows stay until the next case begins.

    Raises WrongTestFile where the case cannot be, InvalidInput where the rule file holds no rule that can be tested.
    """
    events = table_rows(case)
    query = str(rule.properties(case.change).get("query", ""))
    reads_findings = _READS_FINDINGS.search(query) is not None
    stage.begin(case.clock)
    if reads_findings:
        stage.forget_findings()
    for each in case.watchlists:
        store_watchlist(stage, each, case.clock)
    stage.prepare(case.tables, [*case.functions.values(), *functions.of_files(case.content).values()])
    try:
        kind, stored = stored_rule(stage, rule, case)
    except InvalidInput as error:
        return Outcome(None, failure=Failed(error.code, error.message), error=error)
    arriving = _Arriving(stage, events, exact=stored.by_arrival or _READS_ARRIVAL.search(query) is not None)
    playing = _Playing(stage, kind, stored, arriving, reads_findings=reads_findings)
    playing.play(case, functions)
    rows = {each.table: len(each.rows) for each in events}
    return Outcome(stored, playing.runs, playing.found, playing.incidents(), playing.failure, playing.error, rows)


def stored_rule(stage: Stage, rule: RuleFile, case: Case) -> tuple[Scheduled | NearRealTime, StoredRule]:
    """The rule as the workspace would have it, made at the clock. Raises InvalidInput."""
    kind = stage.kind(rule.kind)
    if kind is None:
        raise InvalidInput(
            "UnknownKind", f"A rule of kind {rule.kind} is no query; tests are of rules of kind Scheduled and NRT."
        )
    properties = rule.properties(case.change) | {"enabled": True, "startTimeUtc": None}
    body = {"kind": kind.name, "properties": properties}
    return kind, unstored_rule(kind, stage.workspace, rule.name, body, case.clock)


class _Arriving:
    """The rows that have not arrived yet. Those that arrive between two runs are stored in one go, unless it matters
    at which instant each does."""

    def __init__(self, stage: Stage, tables: Sequence[TableRows], *, exact: bool) -> None:
        self._stage = stage
        self._exact = exact
        self._waiting = [(each, sorted(each.rows, key=lambda row: row.at)) for each in tables]

    def until(self, end: datetime, *, also_at: bool = False) -> None:
        """Store what arrives before an instant, or `also_at` it. Raises WrongTestFile."""
        for table, rows in self._waiting:
            count = (bisect_right if also_at else bisect_left)(rows, end, key=lambda row: row.at)
            due, rows[:count] = rows[:count], []
            groups: dict[datetime, list[Arriving]] = {}
            for row in due:
                groups.setdefault(row.at if self._exact else due[-1].at, []).append(row)
            for at, group in groups.items():
                self._store(table, group, at)

    def _store(self, table: TableRows, group: Sequence[Arriving], at: datetime) -> None:
        try:
            self._stage.append(table.table, [each.row for each in group], table.columns, at)
        except InvalidInput as error:
            row = error.details.get("row")
            node = group[row if isinstance(row, int) else 0].node
            raise node.wrong(f"{table.table}: {error.message}") from error


class _Playing:
    def __init__(
        self,
        stage: Stage,
        kind: Scheduled | NearRealTime,
        rule: StoredRule,
        arriving: _Arriving,
        *,
        reads_findings: bool,
    ) -> None:
        self._stage = stage
        self._kind = kind
        self._rule = rule
        self._arriving = arriving
        self._reads_findings = reads_findings
        self._record = RunRecord(rule.created)
        self.runs: list[Run] = []
        self.found: list[Found] = []
        self.entities: dict[str, dict[str, Entity]] = {}
        self.failure: Failed | None = None
        self.error: VedetteError | None = None

    def play(self, case: Case, functions: Functions) -> None:
        now: datetime | None = case.clock
        record: RunRecord | None = None
        while now is not None and now <= case.until and self.failure is None:
            self._arriving.until(now)
            self._stage.clock.instant = now
            for window in due_windows(self._rule, record, Present(now, now))[:1]:
                self._run(window, functions)
                record = self._record
                if len(self.runs) > MOST_RUNS:
                    raise case.node.wrong(f"the rule would run more than {MOST_RUNS:,} times until then.")
            now = ready_at(self._rule, record, now)
        self._stage.clock.instant = case.until
        self._arriving.until(case.until, also_at=True)

    def incidents(self) -> list[Incident]:
        """The incidents as they stand."""
        found = self._stage.incidents() if self.found else []
        return [
            Incident(each.body["properties"], count, list(self.entities.get(each.id.lower(), {}).values()))
            for each, count in found
        ]

    def _run(self, window: Window, functions: Functions) -> None:
        evaluation = self._evaluated(window, functions)
        self.runs.append(Run(window, evaluation))
        self.failure = evaluation.failure
        self._record = after_run(self._record, window, evaluation, window.end)
        if evaluation.failure is None:
            self._raise(window, evaluation)

    def _evaluated(self, window: Window, functions: Functions) -> Evaluation:
        """What the window holds. A function that the workspace lacks is taken from the files around the rule."""
        if self._reads_findings:
            self._stage.apply_findings()
        tried: set[str] = set()
        while True:
            evaluation = self._kind.evaluate(self._stage.workspace, window)
            if evaluation.failure is None:
                return evaluation
            self.error = self._error(window)
            wanted = missing_names(self.error) - tried if isinstance(self.error, KqlError) else set[str]()
            known = [function for name in wanted if (function := functions.named(name)) is not None]
            if not known:
                return evaluation
            self._stage.prepare({}, known)
            tried |= wanted
            self.error = None

    def _error(self, window: Window) -> VedetteError | None:
        """Why the query cannot run, with the positions that a failure does not have."""
        try:
            span = (window.start, window.end)
            query = query_rule(window.rule).query
            self._stage.logs.compiled(self._stage.workspace.id, query, timespan=span, now=window.end)
        except VedetteError as error:
            return error
        return None

    def _raise(self, window: Window, evaluation: Evaluation) -> None:
        if not evaluation.alerts:
            return
        source = Source(self._rule.id, self._rule.properties.incident_configuration)
        with self._stage.state.transaction() as transaction:
            for alert in evaluation.alerts:
                filed = raise_alert(transaction, self._stage.workspace, source, alert, window.end)
                if filed is not None:
                    known = self.entities.setdefault(filed.incident.id.lower(), {})
                    known.update({entity.key: entity for entity in alert.entities})
        self.found += [Found(alert, window.end, evaluation.results) for alert in evaluation.alerts]


def kql_error(outcome: Outcome) -> KqlError | None:
    """The error of the rule's query with its positions, where that is why it could not run."""
    return outcome.error if isinstance(outcome.error, KqlError) else None
