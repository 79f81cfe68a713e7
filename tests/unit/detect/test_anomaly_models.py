"""Each model over real tables: it finds what is unusual, and nothing in what is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.access.workspaces import Workspace
from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput
from vedette.core.ids import new_id
from vedette.detect.anomaly_models import MODELS
from vedette.detect.behavior_analytics import BehaviorAnalytics, check_settings
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.sentinel.alert_rule_templates import TEMPLATE
from vedette.state.documents import Document
from vedette.state.store import StateStore

NOW = datetime(2024, 5, 20, 12, tzinfo=UTC)
RESOURCE_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/ws"
WORKSPACE = Workspace("cccccccc-0000-4000-8000-000000000003", "ws", RESOURCE_ID, "", "")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogStore]:
    clock = VirtualClock(NOW)
    state = StateStore(f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db", clock, new_id)
    engine = DuckDBEngine(None)
    store = LogStore(engine, clock, state)
    store.create_workspace(WORKSPACE.id, WORKSPACE.name)
    for table, usual, odd in EVENTS:
        past = [usual | {"TimeGenerated": NOW - timedelta(hours=2 + number)} for number in range(200)]
        last = [odd | {"TimeGenerated": NOW - timedelta(seconds=1 + number)} for number in range(150)]
        store.append(WORKSPACE.id, table, past + last).result()
    yield store
    store.close()
    engine.close()
    state.close()


def ssh(address: str) -> dict[str, Any]:
    return {
        "ProcessName": "sshd",
        "Computer": "web01",
        "SyslogMessage": f"Accepted publickey for ana from {address} port 50022 ssh2: RSA SHA256:x",
    }


def rdp(address: str) -> dict[str, Any]:
    return {"EventID": 4624, "LogonType": 10, "Account": "CONTOSO\\Ana", "IpAddress": address}


def dns(code: int) -> dict[str, Any]:
    return {"SubType": "LookupQuery", "ClientIP": "10.0.0.1", "ResultCode": code, "Name": "x.example"}


def sign_in(result: str, country: str) -> dict[str, Any]:
    return {"UserPrincipalName": "ana@x.example", "ResultType": result, "Location": country}


EVENTS = (
    ("Syslog", ssh("192.0.2.1"), ssh("203.0.113.7")),
    ("SecurityEvent", rdp("192.0.2.1"), rdp("203.0.113.7")),
    ("SigninLogs", sign_in("0", "DE"), sign_in("0", "KP")),
    ("SigninLogs", sign_in("50126", "DE"), sign_in("50126", "DE")),
    ("DnsEvents", dns(0), dns(0)),
    ("DnsEvents", dns(3), dns(3)),
)
SUBJECTS = {
    "Unusual address of remote desktop sign-ins": ["contoso\\ana", "203.0.113.7"],
    "Unusual address of SSH sign-ins": ["ana@web01", "203.0.113.7"],
    "Unusual country of sign-ins": ["ana@x.example", "KP"],
    "Unusual number of failed sign-ins": ["ana@x.example", "150 times"],
    "Unusual number of DNS queries": ["10.0.0.1", "300 times"],
    "Unusual number of names that do not exist": ["10.0.0.1", "150 times"],
}


def window(kind: BehaviorAnalytics, template: str, end: datetime, **settings: Any) -> Window:
    properties = {"enabled": True, "alertRuleTemplateName": template, "anomalySettings": settings}
    id = f"{RESOURCE_ID}/providers/Microsoft.SecurityInsights/alertRules/one"
    document = Document(id, TEMPLATE, RESOURCE_ID, "one", "", {"properties": properties}, NOW, NOW)
    return Window(StoredRule(id, "one", RESOURCE_ID, NOW, kind.read(document), kind.name), end)


@pytest.mark.parametrize("template", MODELS)
def test_a_model_finds_what_is_unusual(logs: LogStore, template: str) -> None:
    kind = BehaviorAnalytics(logs)
    found = kind.evaluate(WORKSPACE, window(kind, template, NOW))
    assert found.failure is None
    (alert,) = found.alerts
    assert all(text in alert.description for text in SUBJECTS[MODELS[template].name]), alert.description
    assert alert.entities
    same = kind.evaluate(WORKSPACE, window(kind, template, NOW))
    assert [each.id for each in same.alerts] == [alert.id]
    for quiet in (
        kind.evaluate(WORKSPACE, window(kind, template, NOW - timedelta(hours=1))),
        kind.evaluate(WORKSPACE, window(kind, template, NOW, threshold=1000)),
        kind.evaluate(WORKSPACE, window(kind, template, NOW, minimumHistory=500)),
    ):
        assert (quiet.failure, list(quiet.alerts)) == (None, [])


@pytest.mark.parametrize("settings", [[], "4", {"threshold": 0}, {"threshold": True}, {"minimumHistory": "many"}])
def test_thresholds_that_are_none(settings: object) -> None:
    with pytest.raises(InvalidInput, match="anomalySettings"):
        check_settings(settings)
