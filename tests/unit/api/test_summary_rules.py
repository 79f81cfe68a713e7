"""Summary rules over the composed application on a virtual clock: bin by bin, once each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from vedette.access.addresses import Addresses
from vedette.access.query_permissions import QueryPermissions
from vedette.api.services import Services
from vedette.core.clock import VirtualClock
from vedette.core.errors import TimedOut
from vedette.core.settings import Settings
from vedette.kql.types import ScalarType
from vedette.log_management.summary_rule import Progress, SummaryRule
from vedette.server.composition import compose
from vedette.state.documents import Document

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
VERSION = {"api-version": "2025-07-01"}
QUERY = "Sent_CL | summarize Total = sum(n), Last = max(TimeGenerated) by Type = user"
SignedIn = Callable[[Services], TestClient]


class Rules:
    """The first workspace's rules, as their maker sees them, on a clock that begins 14 minutes before an hour."""

    def __init__(self, services: Services, signed_in: SignedIn) -> None:
        self.services = services
        self.client = signed_in(services)
        now = services.clock.now()
        self.hour = now.replace(minute=0, second=0, microsecond=0) + 2 * HOUR
        self.to(self.hour - 14 * MINUTE)

    def place(self, name: str = "r", action: str = "") -> str:
        return f"{self.services.estate.workspace_resource_id}/summaryLogs/{name}{action}"

    def to(self, at: datetime) -> None:
        assert isinstance(self.services.clock, VirtualClock)
        self.services.clock.set(at)
        self.services.periodic.run_due(at)

    def put(self, name: str = "r", **definition: Any) -> Any:
        body = {
            "properties": {
                "ruleType": "User",
                "description": "d",
                "ruleDefinition": {"query": QUERY, "binSize": 60, "destinationTable": "Sums_CL"} | definition,
            }
        }
        return self.client.put(self.place(name), params=VERSION, json=body)

    def get(self, name: str = "r") -> dict[str, Any]:
        return self.client.get(self.place(name), params=VERSION).json()["properties"]

    def post(self, action: str, body: Any = None) -> Any:
        return self.client.post(self.place(action=f"/{action}"), params=VERSION, json=body)

    def send(self, at: datetime, n: int, user: str = "ann") -> None:
        row = {"TimeGenerated": at, "n": n, "user": user}
        columns = {"n": ScalarType.long, "user": ScalarType.string}
        self.services.logs.append(self.services.estate.workspace_id, "Sent_CL", [row], columns=columns).result()

    def rows(self, query: str) -> list[list[Any]]:
        return self.services.logs.query(self.services.estate.workspace_id, query).rows()


@pytest.fixture
def rules(virtual_services: Services, signed_in: SignedIn) -> Rules:
    rules = Rules(virtual_services, signed_in)
    rules.send(rules.hour - 50 * MINUTE, 1)
    return rules


def test_a_rule_is_made_while_rows_wait_for_the_next_query(rules: Rules) -> None:
    with rules.services.state.transaction() as transaction:
        row = {"TimeGenerated": rules.hour.isoformat(), "OperationName": "waits"}
        transaction.emit_all(rules.services.estate.workspace_id, "AzureActivity", [row], soon=False)
    tables = rules.services.logs.tables
    create, held = tables.create, list[bool]()

    def noted(*given: Any) -> None:
        held.append(rules.services.state.is_writing)
        create(*given)

    tables.create = noted
    assert rules.put().status_code == 201
    assert held == [False]
    assert rules.rows("Sums_CL | getschema | where ColumnName == 'Total' | project ColumnType") == [["long"]]
    assert rules.rows("AzureActivity | where OperationName == 'waits' | count") == [[1]]
    assert "columns" not in rules.client.get(rules.place(), params=VERSION).json()


def test_a_query_inside_a_transaction_leaves_the_rows_that_wait(rules: Rules) -> None:
    with rules.services.state.transaction() as transaction:
        row = {"TimeGenerated": rules.hour.isoformat(), "OperationName": "waits"}
        transaction.emit_all(rules.services.estate.workspace_id, "AzureActivity", [row], soon=False)
    with rules.services.state.transaction():
        assert rules.rows("AzureActivity | where OperationName == 'waits' | count") == [[0]]
    assert rules.rows("AzureActivity | where OperationName == 'waits' | count") == [[1]]


def test_a_destination_that_was_not_made_is_made_with_the_first_rows(rules: Rules) -> None:
    assert rules.put().status_code == 201
    workspace, tables = rules.services.estate.workspace_id, rules.services.logs.tables
    tables.drop(workspace, "Sums_CL")  # as after a kill between the rule's commit and the making of its table
    rules.to(rules.hour + 10 * MINUTE)
    assert rules.rows("Sums_CL | project Total") == [[1]]


def test_each_bin_is_summed_up_once_into_the_destination(rules: Rules) -> None:
    hour = rules.hour
    made = rules.put()
    assert made.status_code == 201, made.text
    assert made.json()["properties"]["isActive"] is True
    assert made.json()["properties"]["ruleDefinition"]["timeSelector"] == "TimeGenerated"
    for minutes, n in ((-61, 100), (-60, 2), (-1, 4), (0, 8), (59, 16)):
        rules.send(hour + minutes * MINUTE, n)
    rules.to(hour + 3 * MINUTE)
    assert rules.rows("Sums_CL | count") == [[0]]  # made with the rule, and its first bin waits for late rows
    rules.to(hour + 4 * MINUTE)
    rules.to(hour + 5 * MINUTE)
    columns = "TimeGenerated, _OriginalType, Total, Last, _RuleName, _BinSize, _BinStartTime"
    assert rules.rows(f"Sums_CL | project {columns}") == [
        [hour + 4 * MINUTE, "ann", 7, hour - MINUTE, "r", 60, hour - HOUR]
    ]
    rules.to(hour + 64 * MINUTE)
    assert rules.rows("Sums_CL | order by _BinStartTime asc | project Total") == [[7], [24]]
    told = rules.rows(
        "LASummaryLogs | where Status != 'Started' | project RuleName, Status, ResultsRecordCount, BinSize"
    )
    assert told == [["r", "Succeeded", 1, 60]] * 2
    table = rules.client.get(f"{rules.services.estate.workspace_resource_id}/tables/Sums_CL", params=VERSION).json()[
        "properties"
    ]
    assert table["plan"] == "Analytics"
    names = [column["name"] for column in table["schema"]["columns"]]
    assert names[:4] == ["TimeGenerated", "_OriginalType", "Total", "Last"]


def test_a_rule_that_was_deleted_and_made_anew_runs_all_of_its_own_bins(rules: Rules) -> None:
    rules.put(binDelay=0)
    rules.to(rules.hour)
    assert rules.rows("Sums_CL | project Total") == [[1]]
    for query, size, at in (
        ("Sent_CL | summarize Total = 100 * sum(n)", 60, rules.hour + MINUTE),  # the same bin
        (QUERY, 180, rules.hour + HOUR),  # one that began before it
    ):
        assert rules.client.delete(rules.place(), params=VERSION).is_success
        assert rules.put(query=query, binSize=size, binDelay=0).is_success
        rules.to(at)
    assert rules.rows("Sums_CL | order by Total asc, _BinSize asc | project Total, _BinSize") == [
        [1, 60],
        [1, 180],
        [100, 60],
    ]


def test_bins_that_are_laid_out_anew_from_earlier_on_are_run(rules: Rules) -> None:
    first = rules.hour - HOUR
    rules.put(binStartTime=first.isoformat())
    rules.to(rules.hour + 4 * MINUTE)
    assert rules.put(binStartTime=first.isoformat(), binSize=120).status_code == 200
    rules.to(rules.hour + 64 * MINUTE)
    assert rules.rows("Sums_CL | order by _BinSize asc | project _BinSize, _BinStartTime") == [
        [60, first],
        [120, first],
    ]


def test_bins_that_fell_due_while_the_server_was_down_are_run_when_it_is_back(
    tmp_path: Path, own_addresses: Addresses, signed_in: SignedIn
) -> None:
    settings = Settings(tmp_path, virtual_clock=True)
    with compose(settings, own_addresses) as services:
        rules = Rules(services, signed_in)
        hour = rules.hour
        rules.send(hour - MINUTE, 0)
        assert rules.put(binSize=20).status_code == 201
        for minutes in range(5, 125, 10):
            rules.send(hour + minutes * MINUTE, 1)
        services.clock.set(hour + 2 * HOUR)  # pyright: ignore[reportAttributeAccessIssue]
    for _ in range(2):
        with compose(settings, own_addresses) as services:
            services.periodic.run_due(hour + 2 * HOUR + 4 * MINUTE)
            found = services.logs.query(
                services.estate.workspace_id, "Sums_CL | order by _BinStartTime asc | project _BinStartTime, Total"
            ).rows()
            assert found == [[hour - 20 * MINUTE, 0], *([hour + bin * 20 * MINUTE, 2] for bin in range(6))]


def test_results_that_were_stored_before_a_kill_are_not_stored_again(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.send(rules.hour - MINUTE, 1)
    rules.put()
    with monkeypatch.context() as killed:
        killed.setattr("vedette.log_management.summaries.write_progress", lambda *_: 1 / 0)
        rules.to(rules.hour + 4 * MINUTE)
    rules.to(rules.hour + 5 * MINUTE)
    assert rules.rows("Sums_CL | count") == [[1]]


def test_a_rule_that_is_stopped_leaves_out_the_bins_of_its_pause(rules: Rules) -> None:
    hour = rules.hour
    rules.put()
    for bin in range(5):
        rules.send(hour + bin * HOUR - MINUTE, 1)
    rules.to(hour + 4 * MINUTE)
    assert rules.post("stop").status_code == 200
    assert (rules.get()["isActive"], rules.get()["statusCode"]) == (False, "UserAction")
    rules.to(hour + 3 * HOUR - 30 * MINUTE)
    started = rules.post("start")
    assert started.status_code == 202
    polled = rules.client.get(started.headers["Azure-AsyncOperation"].partition("8443")[2]).json()
    assert polled["status"] == "Succeeded"
    assert rules.get()["isActive"] is True
    assert "statusCode" not in rules.get()
    rules.to(hour + 4 * HOUR + 4 * MINUTE)
    bins = rules.rows("Sums_CL | order by _BinStartTime asc | project _BinStartTime")
    assert bins == [[hour - HOUR], [hour + 2 * HOUR], [hour + 3 * HOUR]]


def test_a_bin_that_fails_is_tried_again_then_given_up_and_can_be_retried(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour, query = rules.hour, rules.services.logs.query
    rules.send(hour - MINUTE, 1)
    rules.put(query=f"{QUERY} // mine")

    def late(scope: str, text: str, **rest: Any) -> Any:
        if "// mine" in text:
            raise TimedOut("GatewayTimeout", "It took too long.")
        return query(scope, text, **rest)

    with monkeypatch.context() as slow:
        slow.setattr(type(rules.services.logs), "query", lambda _self, *given, **named: late(*given, **named))
        rules.to(hour + 4 * MINUTE)
        retry = {"properties": {"retryBinStartTime": (hour - HOUR).isoformat()}}
        assert rules.post("retryBin", retry).status_code == 400
        rules.to(hour + 9 * HOUR)
    failed = "LASummaryLogs | where Status == 'Failed' | summarize count(), take_any(Message) by BinStartTime"
    assert rules.rows(f"{failed} | top 1 by BinStartTime asc") == [[hour - HOUR, 10, "It took too long."]]
    retried = rules.post("retrybin", retry)
    assert retried.status_code == 202
    assert rules.rows(f"Sums_CL | where _BinStartTime == datetime({(hour - HOUR).isoformat()}) | count") == [[1]]
    assert rules.post("retryBin", retry).status_code == 400


def test_a_rule_that_only_fails_is_stopped(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    rules.put(binSize=20)
    monkeypatch.setattr("vedette.log_management.summary_rule.MOST_TRIES", 1)
    rules.services.logs.tables.drop(rules.services.estate.workspace_id, "Sent_CL")
    rules.to(rules.hour + 4 * HOUR)
    assert (rules.get()["isActive"], rules.get()["statusCode"]) == (False, "DataPlaneError")


def test_a_destination_that_is_gone_is_said_and_kept_gone(rules: Rules) -> None:
    rules.send(rules.hour - MINUTE, 1)
    rules.put()
    table = f"{rules.services.estate.workspace_resource_id}/tables/Sums_CL"
    assert rules.client.delete(table, params={"api-version": "2022-10-01"}).status_code == 202
    rules.to(rules.hour + 4 * MINUTE)
    ((status, message),) = rules.rows("LASummaryLogs | where Status != 'Started' | project Status, Message")
    assert status == "Succeeded"
    assert "Sums_CL is gone" in message
    assert rules.rows("union isfuzzy=true Sums_CL, (print n = 1) | count") == [[1]]


def test_a_rule_is_listed_changed_and_deleted(rules: Rules) -> None:
    rules.put()
    changed = rules.put(query=f"{QUERY} | extend More = 'x'")
    assert changed.status_code == 200
    rules.send(rules.hour - MINUTE, 1)
    rules.to(rules.hour + 4 * MINUTE)
    assert rules.rows("Sums_CL | project More") == [["x"]]
    listed = rules.client.get(rules.place("").rstrip("/"), params=VERSION).json()["value"]
    assert [each["name"] for each in listed] == ["r"]
    assert rules.client.delete(rules.place(), params=VERSION).status_code == 202
    assert rules.client.get(rules.place(), params=VERSION).status_code == 404
    assert rules.client.delete(rules.place(), params=VERSION).status_code == 204


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"binSize": 45}, "binSize"),
        ({"destinationTable": "Sums"}, "destinationTable"),
        ({"query": ""}, "query"),
        ({"binDelay": -1}, "binDelay"),
        ({"timeSelector": "Other"}, "timeSelector"),
        ({"binStartTime": "2020-01-01T00:00:00Z"}, "binStartTime"),
        ({"binStartTime": "2100-01-01T00:30:00Z"}, "binStartTime"),
        ({"query": "NoSuchTable"}, "NoSuchTable"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_by_name(rules: Rules, wrong: dict[str, Any], named: str) -> None:
    refused = rules.put(**wrong)
    assert refused.status_code == 400
    assert named in refused.text


@pytest.mark.parametrize(
    ("minutes", "first"),
    [(1440, (6, 15, 0)), (720, (7, 3, 0)), (60, (7, 14, 0)), (30, (7, 14, 30)), (20, (7, 14, 40))],
)
def test_the_first_bin_is_the_documented_one(minutes: int, first: tuple[int, int, int]) -> None:
    rule = _rule(binSize=minutes)
    day, hour, minute = first
    assert rule.first_bin(datetime(2023, 6, 7, 14, 44, tzinfo=UTC)) == datetime(2023, 6, day, hour, minute, tzinfo=UTC)


def test_the_bins_of_a_rule_with_a_start_time_are_the_documented_ones() -> None:
    rule = _rule(binSize=720, binDelay=8, binStartTime="2023-06-08T07:00:00Z")
    assert rule.first is not None
    progress = Progress(rule.first)
    assert progress.due(rule) == datetime(2023, 6, 8, 19, 8, tzinfo=UTC)
    assert progress.done(rule).next == datetime(2023, 6, 8, 19, tzinfo=UTC)


def _rule(**definition: Any) -> SummaryRule:
    now = datetime(2023, 6, 7, 14, 44, tzinfo=UTC)
    body = {"properties": {"isActive": True, "ruleDefinition": {"query": "T", "destinationTable": "X_CL"} | definition}}
    return SummaryRule.of(Document("/rule", "t", "/workspace", "r", "", body, now, now))


def test_who_may_not_read_a_table_makes_no_rule_over_it(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    rules.services.logs.append(rules.services.estate.workspace_id, "SecurityEvent", [{"Account": "ann"}]).result()
    assert rules.put("mine", query="SecurityEvent | summarize count()").status_code == 201
    monkeypatch.setattr(QueryPermissions, "may_read", lambda _self, _workspace, table: table != "SecurityEvent")
    refused = rules.put("other", query="SecurityEvent | summarize count()")
    assert (refused.status_code, "SecurityEvent" in refused.text) == (400, True)
