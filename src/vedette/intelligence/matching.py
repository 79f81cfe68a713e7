"""Analytics rules of kind ThreatIntelligence: the workspace's own indicators matched with the rows of its tables.

https://learn.microsoft.com/azure/sentinel/use-matching-analytics-to-detect-threats. A run looks at what arrived in its
window, for all indicators, and at the two weeks before it for indicators that are new; the first run of a rule looks
at two weeks for all. So each row meets each indicator once, whichever of them comes first. What counts is the state
that indicators have at the end of the window.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any, Final

from vedette.access.workspaces import Workspace
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import arm_time
from vedette.detect.failures import failed
from vedette.detect.rule import IncidentConfiguration, Severity
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import TimedProperties
from vedette.engine.limits import Limits
from vedette.intelligence.indicator_rows import TABLE
from vedette.intelligence.match_alerts import Current, Found, Hit, make_alerts
from vedette.intelligence.match_query import any_new_query, arrived_query, details_query, match_query, state_query
from vedette.intelligence.matched_columns import MatchedTable, matched_tables
from vedette.kql.types import ScalarType
from vedette.logs.inline import InlineTable
from vedette.logs.query_record import Caller
from vedette.logs.store import LogStore
from vedette.state.documents import Document

KIND: Final = "ThreatIntelligence"
EVERY: Final = timedelta(minutes=1)
LOOK_BACK: Final = timedelta(days=14)
"""How far back new indicators are looked for."""

_LIMITS: Final = Limits(timeout=timedelta(minutes=10))  # a first run looks at two weeks

_INCIDENTS: Final = {
    "createIncident": True,
    "groupingConfiguration": {
        "enabled": True,
        "reopenClosedIncident": False,
        "lookbackDuration": "P1D",
        "matchingMethod": "Selected",
        "groupByCustomDetails": ["Observable"],
    },
}
"""All alerts of a day that are about one observable are one incident."""


@dataclass(frozen=True, slots=True)
class MatchingProperties(TimedProperties):
    """The properties of a rule of this kind; what they say beside whether it is enabled is its template's."""

    description: str = ""
    severity: Severity = Severity.Medium
    tactics: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """The kind of rule."""

    logs: LogStore
    name: str = KIND
    operation: str = "Threat intelligence matching rule run"
    trigger: str = "Scheduled"
    by_arrival: bool = True

    def read(self, document: Document) -> MatchingProperties:
        """As `RuleKind.read`."""
        properties: Mapping[str, Any] = document.body.get("properties", {})
        named = str(properties.get("severity") or Severity.Medium.value)
        severity = next((each for each in Severity if each.value.lower() == named.lower()), Severity.Medium)
        if not isinstance(properties.get("enabled"), bool):
            raise InvalidInput("BadRequest", "'properties.enabled' is missing.")
        return MatchingProperties(
            str(properties.get("displayName") or KIND),
            properties["enabled"],
            EVERY,
            EVERY,
            IncidentConfiguration.model_validate(_INCIDENTS),
            description=str(properties.get("description") or ""),
            severity=severity,
            tactics=tuple(properties.get("tactics") or ()),
            techniques=tuple(properties.get("techniques") or ()),
        )

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`."""
        run = _Run(self.logs, workspace.id, window)
        began = perf_counter()
        try:
            found = [each for table, span in self._spans(run) for each in run.found(table, span)]
        except VedetteError as error:
            return Evaluation(failure=failed(error))
        alerts, left = make_alerts(window, found)
        issues = [f"{left} more observables matched than a run tells of one by one."] if left else []
        if run.truncated:
            issues.append("There was more to match than a run reads.")
        return Evaluation(len(found), alerts, issues, stages={"match": perf_counter() - began})

    def _spans(self, run: "_Run") -> Iterable[tuple[MatchedTable, str]]:
        """The tables that there is something to look at in, each with what of it."""
        stored = run.logs.stored_tables(run.workspace_id)
        if TABLE not in stored:
            return
        known = matched_tables()
        tables = [known[name] for name in stored if name in known]
        if run.is_first:
            yield from ((table, "all") for table in tables)
            return
        arrived = run.arrived([table.name for table in tables] + [TABLE])
        yield from ((table, "arrived") for table in tables if table.name in arrived)
        if TABLE in arrived and run.has_new():
            yield from ((table, "before") for table in tables)


@dataclass(slots=True)
class _Run:
    logs: LogStore
    workspace_id: str
    window: Window
    truncated: bool = field(default=False)

    @property
    def is_first(self) -> bool:
        """Whether the rule has never run before: no other window begins before its rule was made."""
        return not self.window.asked_for and self.window.start < self.window.rule.created

    def arrived(self, names: Sequence[str]) -> frozenset[str]:
        """Those of some tables that rows arrived in."""
        return frozenset(name for (name,) in self._rows(arrived_query(names)))

    def has_new(self) -> bool:
        """Whether there is an indicator that is new."""
        return bool(self._rows(any_new_query()))

    def found(self, table: MatchedTable, span: str) -> list[Found]:
        """What of a table matches indicators that count, with what is told of its events."""
        hits = [Hit(*row) for row in self._rows(match_query(table, span))]
        if not hits:
            return []
        ids = sorted({hit.id for hit in hits})
        inline = InlineTable("Matched", (("Id", ScalarType.string),), [[id] for id in ids])
        current = {(row[0], row[1], row[2]): Current(*row) for row in self._rows(state_query(), inline)}
        standing = [
            (hit, state)
            for hit in hits
            if (state := current.get((hit.id, hit.key, hit.observable))) is not None and state.covers(hit)
        ]
        if not standing:
            return []
        values = sorted({(hit.column, hit.value) for hit, _ in standing})
        inline = InlineTable("Matched", (("Column", ScalarType.string), ("Value", ScalarType.string)), values)
        details = {(row[0], row[1]): row[2:] for row in self._rows(details_query(table, span), inline)}
        return [Found(table, hit, state, details.get((hit.column, hit.value), [])) for hit, state in standing]

    def _rows(self, text: str, inline: InlineTable | None = None) -> Sequence[Sequence[Any]]:
        end = self.window.end
        instants = {"start": self.window.start, "end": end, "since": end - LOOK_BACK}
        answer = self.logs.query(
            self.workspace_id,
            text,
            now=end,
            limits=_LIMITS,
            parameters={name: f"datetime({arm_time(each, 'microseconds')})" for name, each in instants.items()},
            inline=inline,
            caller=Caller("rule", self.window.rule.properties.display_name),
        )
        self.truncated = self.truncated or answer.truncated
        return answer.rows()
