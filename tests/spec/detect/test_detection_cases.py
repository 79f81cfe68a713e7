"""Runs the cases beside this file: rules, events and steps of the clock in; alerts, incidents and health rows out.

A case is a TOML file: `about`, `[rules.NAME]` with what differs from the rule below, its `kind` too,
`delay` and `timeout` of rules where they are not the usual ones, and `[[step]]`s, each with one of

* `put = "NAME"` stores a rule, with `change` laid over it; `remove = "NAME"` deletes it,
* `events = { TABLE = [{…}] }` stores events; `TimeGenerated` is now unless `ago` says how long before; one with `times`
  is there so many times, `every` so long before the last,
* `advance = "PT5M"` moves the clock and runs rules on the way; `standstill = "PT5H"` moves it while the server is down,
* `close = 1` closes the incident of that number,
* `call = "PUT incidents/1/comments/c1"` with a `body`, or `refused` by a code, is a call of the management API,
* `expect` holds `alerts`, `incidents`, `health`, `rules`, `anomalies` or `fused` (the alerts of rules of kind Fusion):
  every one there is, oldest first, each with the fields to compare;
  or `runs`: in one entry how many there were, and how many windows were given up before one.
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.spec.detect.management_api import ManagementApi, in_agreement

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.durations import parse_duration
from vedette.core.ids import new_id
from vedette.core.settings import RuleSettings
from vedette.detect.behavior_analytics import BehaviorAnalytics
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.entity_documents import incident_entities
from vedette.detect.fusion import Fusion
from vedette.detect.incidents import INCIDENT, incident_alerts, update_incident
from vedette.detect.product_alerts import ProductAlerts
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
RESOURCE_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/ws"
WORKSPACE = Workspace("cccccccc-0000-4000-8000-000000000003", "ws", RESOURCE_ID, "", "")
RULE: dict[str, Any] = {
    "displayName": "A host beats",
    "enabled": True,
    "severity": "Medium",
    "query": "Heartbeat",
    "queryFrequency": "PT5M",
    "queryPeriod": "PT5M",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
    "entityMappings": [{"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "Computer"}]}],
}
CASES = sorted(Path(__file__).parent.glob("*.toml"))


class Stage:
    """The parts of a server that a case needs, real ones over one database of documents."""

    def __init__(self, state_url: str, case: dict[str, Any]) -> None:
        self.rules: dict[str, dict[str, Any]] = case["rules"]
        self.settings = RuleSettings(
            delay=parse_duration(case.get("delay", "PT0S")), timeout=parse_duration(case.get("timeout", "PT3M"))
        )
        self.clock = VirtualClock(START)
        self.state = StateStore(state_url, self.clock, new_id)
        self.engine = DuckDBEngine(None)
        self.logs = LogStore(self.engine, self.clock, self.state)
        self.logs.create_workspace(WORKSPACE.id, WORKSPACE.name)
        self.state.deliver = self.logs.apply_outbox
        self.api = ManagementApi(WORKSPACE, self.clock, self.state, self.logs)
        self.kinds = (ProductAlerts(self.logs), Fusion(self.logs, self.state), BehaviorAnalytics(self.logs))
        self.start()

    def start(self) -> None:
        """A server that has just started remembers nothing but what it stored."""
        self.detections = Detections(
            self.state, self.logs, self.clock, Workspaces([WORKSPACE]), kinds=self.kinds, settings=self.settings
        )

    def close(self) -> None:
        self.logs.close()
        self.engine.close()
        self.state.close()

    def put(self, name: str, change: dict[str, Any]) -> None:
        properties = RULE | self.rules[name] | change
        with self.state.transaction() as transaction:
            transaction.put(
                id=_rule_id(name),
                type=ALERT_RULE,
                scope=RESOURCE_ID,
                name=name,
                body={"kind": properties.pop("kind", "Scheduled"), "properties": properties},
            )

    def remove(self, name: str) -> None:
        with self.state.transaction() as transaction:
            transaction.delete(_rule_id(name))

    def store(self, events: dict[str, list[dict[str, Any]]]) -> None:
        for table, rows in events.items():
            events = [self._event(row, number) for row in rows for number in range(row.get("times", 1))]
            self.logs.append(WORKSPACE.id, table, events, columns=_types(table)).result()

    def _event(self, row: dict[str, Any], number: int) -> dict[str, Any]:
        ago = parse_duration(row.get("ago", "PT0S")) + number * parse_duration(row.get("every", "PT0S"))
        told = {name: row[name] for name in row if name not in ("ago", "every", "times")}
        return {"TimeGenerated": self.clock.now() - ago} | told

    def advance(self, duration: timedelta) -> None:
        self.detections.advance_to(self.clock, self.clock.now() + duration)

    def standstill(self, duration: timedelta) -> None:
        self.clock.advance(duration)
        self.start()

    def close_incident(self, number: int) -> None:
        incidents = self.state.list(INCIDENT)
        incident = next(each for each in incidents if each.body["properties"]["incidentNumber"] == number)
        properties = incident.body["properties"] | {"status": "Closed", "classification": "Undetermined"}
        with self.state.transaction() as transaction:
            update_incident(transaction, WORKSPACE, incident, properties, modified_by="ana", now=self.clock.now())

    def alerts(self) -> list[dict[str, Any]]:
        return [
            {
                "at": _since_start(row["TimeGenerated"]),
                "name": row["AlertName"],
                "severity": row["AlertSeverity"],
                "component": row["ProductComponentName"],
                "from": _since_start(row["StartTime"] or row["TimeGenerated"]),
                "to": _since_start(row["EndTime"] or row["TimeGenerated"]),
                "query_end": _query_end(row),
                "tactics": row["Tactics"],
                "techniques": json.loads(row["Techniques"] or "[]"),
                "sub_techniques": json.loads(row["SubTechniques"] or "[]"),
                "description": row["Description"],
                "product": row["ProductName"],
                "link": row["AlertLink"],
                "score": row["ConfidenceScore"],
                "entities": [_entity(each) for each in json.loads(row["Entities"] or "[]")],
                "details": json.loads(_extended(row).get("Custom Details", "{}")),
            }
            for row in self._rows("SecurityAlert")
        ]

    def fused(self) -> list[dict[str, Any]]:
        return [alert for alert in self.alerts() if alert["component"] == "Fusion"]

    def anomalies(self) -> list[dict[str, Any]]:
        found = [
            {
                "model": row["AnomalyTemplateName"],
                "user": row["UserPrincipalName"],
                "address": row["SourceIpAddress"],
                "score": row["Score"],
            }
            for row in self._rows("Anomalies")
        ]
        return sorted(found, key=lambda each: each["model"])

    def incidents(self) -> list[dict[str, Any]]:
        last = {row["IncidentName"]: row for row in self._rows("SecurityIncident")}
        incidents = self.state.list(INCIDENT)
        assert set(last) >= {incident.name for incident in incidents}
        shown: list[dict[str, Any]] = []
        for incident in incidents:
            properties, row = incident.body["properties"], last[incident.name]
            alerts = incident_alerts(self.state, incident.id)
            in_agreement(self.state, incident, row)
            shown.append(
                {
                    "number": properties["incidentNumber"],
                    "title": properties["title"],
                    "status": properties["status"],
                    "severity": properties["severity"],
                    "alerts": len(alerts),
                    "rows": sum(each["IncidentName"] == incident.name for each in self._rows("SecurityIncident")),
                    "tactics": properties["additionalData"]["tactics"],
                    "classification": properties.get("classification"),
                    "labels": [label["labelName"] for label in properties["labels"]],
                    "bookmarks": properties["additionalData"]["bookmarksCount"],
                    "comments": properties["additionalData"]["commentsCount"],
                    "tasks": [task["status"] for task in row["Tasks"] if task["status"] != "Deleted"],
                    "merged": properties["additionalData"].get("mergedIncidentNumber"),
                    "first": _since_start(row["FirstActivityTime"]),
                    "last": _since_start(row["LastActivityTime"]),
                    "entities": sorted(
                        each.body["properties"]["friendlyName"] for each in incident_entities(self.state, incident.id)
                    ),
                }
            )
        return sorted(shown, key=lambda each: each["number"])

    def health(self) -> list[dict[str, Any]]:
        return [
            {
                "at": _since_start(row["TimeGenerated"]),
                "status": row["Status"],
                "operation": row["OperationName"],
                "trigger": row["ExtendedProperties"]["TriggerType"],
                "reason": row["Reason"],
                "results": row["ExtendedProperties"]["QueryResultAmount"],
                "alerts": row["ExtendedProperties"]["AlertsGeneratedAmount"],
                "issues": len(row["ExtendedProperties"]["Issues"]),
            }
            for row in self._rows("SentinelHealth")
        ]

    def rule_documents(self) -> list[dict[str, Any]]:
        documents = self.state.list(ALERT_RULE)
        shown = ("displayName", "enabled", "description")
        return [{name: each.body["properties"].get(name) for name in shown} for each in documents]

    def runs(self) -> list[dict[str, Any]]:
        issues = [each for row in self._rows("SentinelHealth") for each in row["ExtendedProperties"]["Issues"]]
        missed = [int(each.split()[0]) for each in issues if "were not run" in each or "run together" in each]
        return [{"number": len(self._rows("SentinelHealth")), "missed": missed}]

    def _rows(self, table: str) -> list[dict[str, Any]]:
        found = self.logs.query(WORKSPACE.id, table)
        names = [column.name for column in found.columns]
        rows = [dict(zip(names, row, strict=True)) for row in found.rows()]
        return sorted(rows, key=lambda row: row["TimeGenerated"])


@pytest.fixture
def stage(state_url: str, request: pytest.FixtureRequest) -> Iterator[tuple[Stage, dict[str, Any]]]:
    case = tomllib.loads(request.param.read_text(encoding="utf-8"))
    stage = Stage(state_url, case)
    yield stage, case
    stage.close()


@pytest.mark.parametrize("stage", CASES, indirect=True, ids=lambda case: case.stem)
def test_case(stage: tuple[Stage, dict[str, Any]]) -> None:
    on, case = stage
    for number, step in enumerate(case["step"], start=1):
        match step:
            case {"put": name}:
                on.put(name, step.get("change", {}))
            case {"remove": name}:
                on.remove(name)
            case {"events": events}:
                on.store(events)
            case {"advance": duration}:
                on.advance(parse_duration(duration))
            case {"standstill": duration}:
                on.standstill(parse_duration(duration))
            case {"call": _}:
                on.api.send(step)
            case {"close": incident}:
                on.close_incident(incident)
            case {"expect": expected}:
                for what, wanted in expected.items():
                    _compare(
                        f"step {number}: {what}", getattr(on, {"rules": "rule_documents"}.get(what, what))(), wanted
                    )
            case _:
                pytest.fail(f"step {number} says nothing that is known: {step}")


def _compare(where: str, there: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    narrowed = [{name: each[name] for name in wish} for each, wish in zip(there, wanted, strict=False)] + there[
        len(wanted) :
    ]
    assert narrowed == wanted, where


def _extended(row: dict[str, Any]) -> dict[str, str]:
    return json.loads(row["ExtendedProperties"] or "{}")


def _query_end(row: dict[str, Any]) -> str:
    end = _extended(row).get("Query End Time UTC")
    return "" if end is None else _since_start(datetime.fromisoformat(end))


def _rule_id(name: str) -> str:
    return f"{RESOURCE_ID}/providers/{ALERT_RULE}/{name}"


def _types(table: str) -> dict[str, ScalarType]:
    return {"Computer": ScalarType.string} if table.endswith("_CL") else {}


def _since_start(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    minutes = (instant - START) / timedelta(minutes=1)
    return f"{minutes:+g}"


def _entity(entity: dict[str, Any]) -> str:
    return " ".join(str(value) for name, value in entity.items() if name not in ("$id", "Type"))
