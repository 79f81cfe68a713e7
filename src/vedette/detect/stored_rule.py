"""A rule of any kind where it is kept, and what the schedule has to know of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from vedette.detect.rule import IncidentConfiguration, ScheduledRule, parse_rule
from vedette.state.documents import Document


class RuleProperties(Protocol):
    """What the engine asks of the properties of a rule, whatever its kind."""

    @property
    def display_name(self) -> str:
        """What people call it."""
        ...

    @property
    def enabled(self) -> bool:
        """Whether it runs."""
        ...

    @property
    def query_frequency(self) -> timedelta:
        """How often it runs."""
        ...

    @property
    def query_period(self) -> timedelta:
        """How far back each run looks."""
        ...

    @property
    def start_time_utc(self) -> datetime | None:
        """When it may run first."""
        ...

    @property
    def suppression_enabled(self) -> bool:
        """Whether it rests after an alert."""
        ...

    @property
    def suppression_duration(self) -> timedelta:
        """For how long."""
        ...

    @property
    def incident_configuration(self) -> IncidentConfiguration:
        """How its alerts become incidents."""
        ...


@dataclass(frozen=True, slots=True)
class TimedProperties:
    """The properties of a rule that has no settings but whether it is enabled; kinds with more add fields to it."""

    display_name: str
    enabled: bool
    query_frequency: timedelta
    query_period: timedelta
    incident_configuration: IncidentConfiguration = field(default_factory=IncidentConfiguration)
    start_time_utc: datetime | None = None
    suppression_enabled: bool = False
    suppression_duration: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule where it is kept: its ARM id and name, its workspace's ARM id, when it was created, and its kind.

    A rule `by_arrival` has windows of the time at which rows arrived: each begins where the one before it ended.
    """

    id: str
    name: str
    workspace_id: str
    created: datetime
    properties: RuleProperties
    kind: str = "Scheduled"
    by_arrival: bool = False

    @property
    def may_start(self) -> datetime:
        """When it may run first: when it was created, or at its startTimeUtc if that is later."""
        start = self.properties.start_time_utc
        return self.created if start is None else max(self.created, start)


def stored_rule(document: Document) -> StoredRule:
    """The rule in an alertRules document of kind Scheduled. Raises InvalidInput as `parse_rule` does."""
    properties: dict[str, Any] = document.body.get("properties", {})
    return StoredRule(document.id, document.name, document.scope, document.created, parse_rule(properties))


def query_rule(rule: StoredRule) -> ScheduledRule:
    """The properties of a rule whose kind is a query: Scheduled or NRT."""
    if not isinstance(rule.properties, ScheduledRule):
        raise TypeError(f"a rule of kind {rule.kind} is no query")
    return rule.properties
