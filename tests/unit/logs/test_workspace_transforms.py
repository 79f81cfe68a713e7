"""What a workspace does to records that come without a rule of their own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

WORKSPACE = "1b7c2f5e-0f3a-4f6e-9d6a-1d2e3f405162"
WORKSPACE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
RULE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/r"
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore(f"sqlite:///{tmp_path}/state.db", VirtualClock(NOW), new_id)
    yield store
    store.close()


@pytest.fixture
def logs(state: StateStore) -> Iterator[LogStore]:
    engine = DuckDBEngine(None)
    store = LogStore(engine, VirtualClock(NOW), state)
    store.create_workspace(WORKSPACE, "w", WORKSPACE_ID)
    yield store
    store.close()
    engine.close()


def bind(state: StateStore, rule_id: str = RULE_ID, **texts: str) -> None:
    """Bind a rule with a statement for each table to the workspace."""
    flows = [
        {"streams": [f"Microsoft-Table-{table}"], "destinations": ["here"], "transformKql": text}
        for table, text in texts.items()
    ]
    destinations = {"logAnalytics": [{"workspaceResourceId": WORKSPACE_ID.upper(), "name": "here"}]}
    rule = {"kind": "WorkspaceTransforms", "properties": {"destinations": destinations, "dataFlows": flows}}
    workspace = {"properties": {"defaultDataCollectionRuleResourceId": rule_id}}
    with state.transaction() as transaction:
        put(transaction, RULE_ID, "Microsoft.Insights/dataCollectionRules", rule)
        put(transaction, WORKSPACE_ID, "Microsoft.OperationalInsights/workspaces", workspace)


def put(transaction: Any, id: str, type: str, body: dict[str, Any]) -> None:
    transaction.put(id=id, type=type, scope="/subscriptions/s/resourceGroups/g", name=id.rpartition("/")[2], body=body)


def asked(logs: LogStore, text: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in logs.query(WORKSPACE, text).rows()]


def test_records_are_filtered_and_changed_on_their_way_in(logs: LogStore, state: StateStore) -> None:
    text = (
        "source | where SeverityLevel != 'info' | extend Facility = toupper(Facility) | project-away HostIP, TenantId"
    )
    bind(state, Syslog=text)
    rows = [
        {"Facility": "auth", "SeverityLevel": "info", "HostIP": "1"},
        {"Facility": "cron", "SeverityLevel": "err", "HostIP": "2"},
    ]
    logs.append(WORKSPACE, "Syslog", rows).result()
    logs.append_arrow(WORKSPACE, "Syslog", pa.table({"Facility": ["kern"], "SeverityLevel": ["err"]})).result()
    assert asked(logs, "Syslog | project Facility, HostIP, TimeGenerated | sort by Facility asc") == [
        ("CRON", "", NOW),
        ("KERN", "", NOW),
    ]


def test_what_has_a_rule_of_its_own_is_left_alone(logs: LogStore, state: StateStore) -> None:
    bind(state, Syslog="source | where false")
    table = pa.table({"Facility": ["kern"]})
    logs.append_together({(WORKSPACE, "Syslog"): table}).result()
    logs.append_arrow(WORKSPACE, "Syslog", table).result()
    assert asked(logs, "Syslog | count") == [(1,)]


def test_other_tables_and_unbound_rules_do_nothing(logs: LogStore, state: StateStore) -> None:
    bind(state, Syslog="source | where false")
    logs.append(WORKSPACE, "Event", [{"Computer": "a"}]).result()
    assert asked(logs, "Event | count") == [(1,)]
    bind(state, rule_id="/nowhere", Syslog="source | where false")
    logs.append(WORKSPACE, "Syslog", [{"Facility": "a"}]).result()
    assert asked(logs, "Syslog | count") == [(1,)]


def test_a_changed_rule_is_followed(logs: LogStore, state: StateStore) -> None:
    for letter in "ab":
        bind(state, Syslog=f"source | extend Facility = '{letter}'")
        logs.append(WORKSPACE, "Syslog", [{"Facility": "x"}]).result()
    assert asked(logs, "Syslog | project Facility | sort by Facility asc") == [("a",), ("b",)]


def test_dynamic_columns_and_columns_of_other_types(logs: LogStore, state: StateStore) -> None:
    text = "source | extend Level = toint(EventData.level), EventID = EventID + 1 | where isnotnull(Level)"
    bind(state, WindowsEvent=text)
    rows = [{"EventData": {"level": 3}, "EventID": 1}, {"EventData": {}, "EventID": 2}]
    logs.append(WORKSPACE, "WindowsEvent", rows).result()
    assert asked(logs, "WindowsEvent | project EventID, tolong(EventData.level)") == [(2, 3)]
