"""Writes a test from real rows: the events behind the alerts of a window, some that nearly were, and what came of it.

The workspace is asked for candidates only: the rows that pass the conditions with which the query begins to read a
table. They are run through the rule here, and whatever makes no difference to its alerts is left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput, NotFound, VedetteError
from vedette.kql.catalog import StoredFunction
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType
from vedette.logs.result import scans
from vedette.logs.standard_names import STANDARD_COLUMNS, TIME_GENERATED
from vedette.rule_tests.case import Case, Event
from vedette.rule_tests.expectation import Expectation
from vedette.rule_tests.functions import FunctionFiles, missing_names
from vedette.rule_tests.moments import told_distance
from vedette.rule_tests.node import Node
from vedette.rule_tests.rule_file import RuleFile
from vedette.rule_tests.run import Outcome, run_case, stored_rule
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.trace import Pipe, pipes_of

MOST_ROWS: Final = 2_000
"""Of a table, that are asked for."""

_SHRINKING: Final = timedelta(seconds=20)
_SHOWN: Final = 20
_PARTS: Final = 16
"""Once nearly all of so many parts are needed, smaller ones are not tried: the alerts count what is in them."""

Row = dict[str, Any]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Source:
    """The workspace that is recorded: asks a query over a span, and gives the functions that are saved there. `query`
    answers with the columns' types and the rows."""

    query: Callable[[str, Span], tuple[Mapping[str, ScalarType], Sequence[Row]]]
    functions: Callable[[], Mapping[str, StoredFunction]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case: rows by table with the time of each, columns of tables that are not built in, functions it needs, what
    came of it; and what whoever asked for it should know."""

    clock: datetime
    events: Mapping[str, Sequence[Row]]
    tables: Mapping[str, Mapping[str, ScalarType]]
    functions: Mapping[str, StoredFunction]
    outcome: Outcome
    notes: Sequence[str]


def record(
    stage: Stage, rule: RuleFile, source: Source, files: FunctionFiles, at: datetime, near_misses: int
) -> Recorded:
    """The case of the window that ends at an instant. Raises InvalidInput where the rule cannot run here, and what the
    source raises."""
    recording = _Recording(stage, rule, source, files, at)
    recording.learn()
    rows = {table: recording.candidates(table) for table in sorted(recording.reads)}
    outcome = recording.outcome(rows)
    wanted = _signature(outcome)
    rows = recording.about(rows, outcome)
    rows = recording.shrunk(rows, wanted)
    rows = recording.narrowed(rows, wanted)
    rows = recording.with_near_misses(rows, wanted, near_misses)
    return recording.recorded(rows)


class _Recording:
    def __init__(self, stage: Stage, rule: RuleFile, source: Source, files: FunctionFiles, at: datetime) -> None:
        self._stage = stage
        self._rule = rule
        self._source = source
        self._files = files
        self._at = at
        self._span: Span = (at - _period(stage, rule, at), at)
        self._query = str(rule.given.get("query", ""))
        self._pipes = pipes_of(self._query).pipes
        self._tables: dict[str, Mapping[str, ScalarType]] = {}
        self._functions: dict[str, StoredFunction] = {}
        self._notes: list[str] = []
        self.reads: set[str] = set()

    def learn(self) -> None:
        """Find out which tables the query reads, with those of functions; what is not known here is asked for."""
        saved: Mapping[str, StoredFunction] | None = None
        tried: set[str] = set()
        while True:
            self._stage.begin(self._at)
            self._stage.prepare(self._tables, self._functions.values())
            try:
                span = self._span
                compiled = self._stage.logs.compiled(self._stage.workspace.id, self._query, timespan=span, now=self._at)
            except KqlError as error:
                missing = missing_names(error) - tried
                if not missing:
                    raise
                tried |= missing
                saved = self._source.functions() if saved is None else saved
                for name in missing:
                    self._take(name, saved)
                continue
            self.reads = {scan.table.name for scan in scans(compiled.plan)}
            return

    def _take(self, name: str, saved: Mapping[str, StoredFunction]) -> None:
        function = self._files.named(name)
        if function is None and name in saved:
            function = self._functions[name] = saved[name]
        if function is not None:
            self._functions[name] = function
            return
        try:
            _, rows = self._source.query(f"{name} | getschema | project ColumnName, ColumnType", self._span)
        except VedetteError as error:
            raise NotFound("UnknownName", f"The workspace has no table and no function '{name}'.") from error
        columns = {str(row["ColumnName"]): ScalarType(row["ColumnType"]) for row in rows}
        self._tables[name] = {column: each for column, each in columns.items() if column not in STANDARD_COLUMNS}

    def candidates(self, table: str) -> list[Row]:
        """The rows of a table that may have to do with an alert."""
        found: list[Row] = []
        queries = list(self._narrowing(table)) or [table]
        for text in queries:
            found += self._asked(f"{text}\n| take {MOST_ROWS}", table)
        return _distinct(found)

    def _asked(self, text: str, table: str) -> list[Row]:
        types, rows = self._source.query(text, self._span)
        if len(rows) >= MOST_ROWS:
            self._notes.append(f"{table} has more rows than the {MOST_ROWS:,} that were read; some may be missing")
        left_out = {name for name, type in types.items() if type is ScalarType.timespan}
        return [
            {name: value for name, value in row.items() if value not in (None, "") and name not in left_out}
            for row in rows
        ]

    def _narrowing(self, table: str) -> Iterator[str]:
        """The beginnings of the query's pipes that read the table, up to their last leading `where`."""
        for pipe in self._of(table):
            last = pipe.steps[0]
            for step in pipe.steps[1:]:
                if not step.conditions:
                    break
                last = step
            yield last.query

    def _of(self, table: str) -> list[Pipe]:
        return [pipe for pipe in self._pipes if pipe.steps[0].text.strip() == table]

    def outcome(self, rows: Mapping[str, Sequence[Row]]) -> Outcome:
        """What came of these rows. Raises InvalidInput where the rule cannot run here."""
        outcome = self.run(rows)
        if outcome.failure is not None:
            raise InvalidInput(outcome.failure.code, f"The rule cannot run here: {outcome.failure.reason}")
        return outcome

    def run(self, rows: Mapping[str, Sequence[Row]]) -> Outcome:
        """What came of these rows."""
        return run_case(self._stage, self._rule, self._case(rows), self._files)

    def _case(self, rows: Mapping[str, Sequence[Row]]) -> Case:
        node = Node({}, self._rule.path, (0,), {})
        events = [Event(table, row, node) for table, some in rows.items() for row in some]
        return Case(
            "recorded",
            self._rule.path,
            node,
            self._at,
            self._at,
            events,
            self._tables,
            (),
            self._functions,
            (),
            {},
            Expectation(),
        )

    def about(self, rows: Mapping[str, list[Row]], outcome: Outcome) -> dict[str, list[Row]]:
        """Of rows with their outcome only those that name an entity of an alert, table by table, where that makes no
        difference."""
        names = {
            str(value).lower()
            for each in outcome.alerts
            for entity in each.alert.entities
            for value in entity.fields.values()
            if isinstance(value, str | int) and len(str(value)) > 2
        }
        kept, wanted = {table: list(some) for table, some in rows.items()}, _signature(outcome)
        for table in kept if names else ():
            tried = kept | {table: [row for row in kept[table] if _names(row, names)]}
            if len(tried[table]) < len(kept[table]) and _signature(self.run(tried)) == wanted:
                kept = tried
        return kept

    def shrunk(self, rows: Mapping[str, list[Row]], wanted: Any) -> dict[str, list[Row]]:
        """Fewer rows of which the same comes: ever smaller parts are tried without, until most parts are needed."""
        until = monotonic() + _SHRINKING.total_seconds()
        kept = {table: list(some) for table, some in rows.items()}
        for table in kept:
            size = max(1, len(kept[table]) // 2)
            while kept[table] and monotonic() < until:
                position, before = 0, len(kept[table])
                while position < len(kept[table]) and monotonic() < until:
                    tried = kept | {table: kept[table][:position] + kept[table][position + size :]}
                    if _signature(self.run(tried)) == wanted:
                        kept = tried
                    else:
                        position += size
                few = (before - len(kept[table])) * _PARTS < before
                if size == 1 or (few and before // size >= _PARTS):
                    break
                size = max(1, size // 2)
        if monotonic() >= until:
            self._notes.append("there was no time to leave out every row that makes no difference")
        return kept

    def narrowed(self, rows: Mapping[str, list[Row]], wanted: Any) -> dict[str, list[Row]]:
        """Only the columns that the query, or a function of it, names; all where that makes a difference."""
        texts = " ".join([self._query, *(each.body for each in self._functions.values())])
        named = {
            table: [
                {name: value for name, value in row.items() if name == TIME_GENERATED or name in texts} for row in some
            ]
            for table, some in rows.items()
        }
        own = {
            table: [{name: value for name, value in row.items() if _is_own(name)} for row in some]
            for table, some in rows.items()
        }
        return next((each for each in (named, own) if _signature(self.run(each)) == wanted), dict(rows))

    def with_near_misses(self, rows: dict[str, list[Row]], wanted: Any, most: int) -> dict[str, list[Row]]:
        """With a few rows more that fail one condition each, if they change nothing."""
        for table in rows if most else ():
            names = {name for row in rows[table] for name in row}
            for pipe in self._of(table):
                step = next((each for each in pipe.steps[1:2] if len(each.conditions) > 1), None)
                if step is None:
                    continue
                held = " + ".join(f"toint({each.text}\n)" for each in step.conditions)
                text = f"{step.before}\n| where {held} == {len(step.conditions) - 1}\n| take {most}"
                more = [
                    {name: value for name, value in row.items() if name in names or not names}
                    for row in self._asked(text, table)
                ]
                tried = rows | {table: _distinct([*rows[table], *more])}
                if _signature(self.run(tried)) == wanted:
                    rows = tried
        return rows

    def recorded(self, rows: dict[str, list[Row]]) -> Recorded:
        """The case as it is written."""
        kept = {table: some for table, some in rows.items() if some}
        return Recorded(self._at, kept, self._tables, self._functions, self.run(rows), self._notes)


def _period(stage: Stage, rule: RuleFile, at: datetime) -> timedelta:
    """How far back a run looks. Raises InvalidInput where the rule cannot run."""
    node = Node({}, rule.path, (0,), {})
    try:
        _, stored = stored_rule(stage, rule, Case("", rule.path, node, at, at))
    except InvalidInput as error:
        raise InvalidInput("InvalidRuleFile", error.message) from error
    return stored.properties.query_period


def _distinct(rows: Sequence[Row]) -> list[Row]:
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(str(row.get("_ItemId") or sorted(row.items(), key=lambda each: each[0])), row)
    return sorted(found.values(), key=lambda row: str(row.get(TIME_GENERATED, "")))


def _names(value: Any, names: set[str]) -> bool:
    """Whether a value, or one within it, is one of these or begins with it, as a host does with its domain behind."""
    if isinstance(value, dict):
        return any(_names(each, names) for each in cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return any(_names(each, names) for each in cast("list[Any]", value))
    text = str(value).lower()
    return text in names or any(text.startswith((f"{name}.", f"{name}@")) for name in names)


def _is_own(name: str) -> bool:
    return name == TIME_GENERATED or name not in STANDARD_COLUMNS


def _signature(outcome: Outcome) -> Any:
    """What the alerts are, whatever ids they have."""
    if outcome.failure is not None:
        return outcome.failure.code
    return sorted(
        (
            each.alert.display_name,
            each.alert.severity.value,
            sorted(entity.key for entity in each.alert.entities),
            sorted((name, sorted(values)) for name, values in each.alert.custom_details.items()),
        )
        for each in outcome.alerts
    )


def case_of(recorded: Recorded, name: str) -> dict[str, Any]:
    """The case as a test file has it, of plain values."""
    told: dict[str, Any] = {"name": name, "clock": _instant(recorded.clock)}
    if recorded.tables:
        told["tables"] = {
            table: {column: type.value for column, type in columns.items()}
            for table, columns in recorded.tables.items()
        }
    if recorded.functions:
        told["functions"] = {
            alias: {"query": each.body, **({"parameters": each.parameters} if each.parameters else {})}
            for alias, each in recorded.functions.items()
        }
    if recorded.events:
        told["events"] = {
            table: [{column: _plain(value, recorded.clock) for column, value in row.items()} for row in rows]
            for table, rows in recorded.events.items()
        }
    told["expect"] = _expected(recorded.outcome)
    return told


def _expected(outcome: Outcome) -> Any:
    if not outcome.alerts:
        return "none"
    if len(outcome.alerts) > _SHOWN:
        return {"alerts": len(outcome.alerts), "incidents": len(outcome.incidents)}
    alerts: list[dict[str, Any]] = []
    for each in outcome.alerts:
        alert = each.alert
        told: dict[str, Any] = {"title": alert.display_name, "severity": alert.severity.value}
        if alert.tactics:
            told["tactics"] = list(alert.tactics)
        if alert.entities:
            told["entities"] = [{entity.kind: _scalars(entity.fields)} for entity in alert.entities]
        if alert.custom_details:
            told["customDetails"] = {name: list(values) for name, values in alert.custom_details.items()}
        alerts.append(told)
    return {"alerts": alerts, "incidents": len(outcome.incidents)}


def _scalars(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if isinstance(value, str | int | float | bool)}


def _plain(value: Any, clock: datetime) -> Any:
    if isinstance(value, datetime):
        return told_distance(value, clock)
    if isinstance(value, str | int | float | bool | dict | list) or value is None:
        return value
    return str(value)


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
