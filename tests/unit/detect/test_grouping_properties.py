"""What grouping holds for any alerts: a model of a few lines says the same as the incidents that are made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.access.workspaces import Workspace
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.detect import incident_of_alert
from vedette.detect.alert import Alert
from vedette.detect.entity import Entity
from vedette.detect.grouping import group_key
from vedette.detect.incidents import INCIDENT, update_incident
from vedette.detect.mapped import Mapped
from vedette.detect.raising import Source, raise_alert
from vedette.detect.rule import GroupingConfiguration, IncidentConfiguration, Severity
from vedette.state.conditions import AnyElement, Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore

START = datetime.fromisoformat("2024-05-01T12:00:00Z")
LOOKBACK = timedelta(minutes=30)
MOST = 3
HOSTS = ("web01", "WEB01", "db01", "")
SEVERITIES = tuple(Severity)


def alert(host: str, severity: Severity, now: datetime, user: str = "", detail: str = "", name: str = "A") -> Alert:
    entities = [Entity("Host", {"HostName": host})] if host else []
    entities += [Entity("Account", {"Name": user})] if user else []
    return Alert(
        new_id(),
        "r",
        name,
        "",
        severity,
        now - timedelta(minutes=1),
        now,
        mapped=Mapped(tuple(entities)),
        custom_details={"D": [detail]} if detail else {},
    )


@dataclass
class Modelled:
    """An incident as the model has it."""

    created: datetime
    severity: Severity
    host: str
    alerts: int = 1
    status: str = "New"


@dataclass
class Model:
    """Incidents in the order that they were opened in, and the latest of each host's group."""

    reopen: bool
    incidents: list[Modelled] = field(default_factory=list[Modelled])
    latest: dict[str, Modelled] = field(default_factory=dict[str, Modelled])

    def raised(self, host: str, severity: Severity, now: datetime) -> None:
        standing = self.latest.get(host.lower()) if host else None
        if standing and standing.created >= now - LOOKBACK and (self.reopen or standing.status != "Closed"):
            worse = min(severity, standing.severity, key=SEVERITIES.index)
            if standing.alerts < MOST:
                standing.alerts += 1
                standing.severity = worse
                standing.status = "Active" if standing.status == "Closed" else standing.status
                return
            severity = worse
        made = Modelled(now, severity, host.lower())
        self.incidents.append(made)
        if host:
            self.latest[host.lower()] = made


_STEPS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.one_of(st.sampled_from(HOSTS), st.integers(0, 9)),
        st.sampled_from(SEVERITIES),
    ),
    max_size=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(steps=_STEPS, reopen=st.booleans())
def test_any_alerts_over_time(
    state: StateStore,
    workspace: Workspace,
    clock: VirtualClock,
    steps: Sequence[tuple[int, str | int, Severity]],
    reopen: bool,
) -> None:
    """A number among the steps closes that incident, if there is one."""
    rule, model = f"{workspace.resource_id}/rules/{new_id()}", Model(reopen)
    grouping = {
        "enabled": True,
        "reopenClosedIncident": reopen,
        "lookbackDuration": "PT30M",
        "matchingMethod": "AllEntities",
    }
    source = Source(rule, IncidentConfiguration.model_validate({"groupingConfiguration": grouping}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incident_of_alert, "MAX_ALERTS", MOST)
        for minutes, what, severity in steps:
            clock.advance(timedelta(minutes=minutes))
            now = clock.now()
            if isinstance(what, int):
                close(state, workspace, rule, model, what, now)
                continue
            model.raised(what, severity, now)
            with state.transaction() as transaction:
                raise_alert(transaction, workspace, source, alert(what, severity, now), now)
    made = [each.body["properties"] for each in incidents(state, rule)]
    assert [(each["severity"], each["status"], each["additionalData"]["alertsCount"]) for each in made] == [
        (each.severity.value, each.status, each.alerts) for each in model.incidents
    ]
    numbers = [each["incidentNumber"] for each in made]
    assert numbers == sorted(set(numbers))


def incidents(state: StateStore, rule: str) -> list[Document]:
    where = AnyElement(("properties", "relatedAnalyticRuleIds"), Compare((), "eq", rule))
    return sorted(state.list(INCIDENT, where=where), key=lambda each: each.body["properties"]["incidentNumber"])


def close(state: StateStore, workspace: Workspace, rule: str, model: Model, number: int, now: datetime) -> None:
    found = incidents(state, rule)
    if number >= len(found):
        return
    model.incidents[number].status = "Closed"
    properties = found[number].body["properties"] | {"status": "Closed", "classification": "Undetermined"}
    with state.transaction() as transaction:
        update_incident(transaction, workspace, found[number], properties, modified_by="ana", now=now)


_TRAITS = st.fixed_dictionaries(
    {
        "host": st.sampled_from(HOSTS),
        "user": st.sampled_from(["ana", "Ana", "ben", ""]),
        "detail": st.sampled_from(["x", "y", ""]),
        "name": st.sampled_from(["A", "B"]),
        "severity": st.sampled_from([Severity.High, Severity.Low]),
    }
)


@given(
    one=_TRAITS,
    other=_TRAITS,
    entities=st.sets(st.sampled_from(["Host", "Account"])),
    details=st.sets(st.sampled_from(["DisplayName", "Severity"])),
    custom=st.booleans(),
)
def test_two_alerts_are_together_when_all_that_is_selected_is_the_same(
    one: dict[str, Any], other: dict[str, Any], entities: set[str], details: set[str], custom: bool
) -> None:
    grouping = GroupingConfiguration.model_validate(
        {
            "enabled": True,
            "reopenClosedIncident": False,
            "lookbackDuration": "PT5H",
            "matchingMethod": "Selected",
            "groupByEntities": sorted(entities),
            "groupByAlertDetails": sorted(details),
            "groupByCustomDetails": ["D"] if custom else [],
        }
    )
    names = {"Host": "host", "Account": "user", "DisplayName": "name", "Severity": "severity"}
    selected = [names[each] for each in sorted(entities | details)] + (["detail"] if custom else [])
    keys = [group_key(grouping, alert(now=START, **each)) for each in (one, other)]
    alone = not selected or any(not each[names[kind]] for each in (one, other) for kind in entities)
    same = all(_folded(one[name]) == _folded(other[name]) for name in selected if name in ("host", "user")) and all(
        one[name] == other[name] for name in selected if name not in ("host", "user")
    )
    assert (keys[0] is not None and keys[0] == keys[1]) == (same and not alone)


def _folded(text: str) -> str:
    return text.lower()
