"""azure-monitor-query against a live server: types, time, statistics, render, partial results, errors, batches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.monitor.query import (
    LogsBatchQuery,
    LogsQueryClient,
    LogsQueryError,
    LogsQueryPartialResult,
    LogsQueryResult,
)
from tests.clients.sdk import Ready, collect, logs_query_client


@pytest.fixture
def client(server: Ready) -> LogsQueryClient:
    return logs_query_client(server)


def complete(answer: Any) -> LogsQueryResult:
    assert isinstance(answer, LogsQueryResult)
    return answer


def test_every_type_comes_back_as_the_sdk_reads_it(client: LogsQueryClient, server: Ready) -> None:
    text = (
        "print b = true, i = int(7), l = 9007199254740993, r = 1.5, s = 'ü', e = '', "
        "t = datetime(2024-02-29T12:34:56.789Z), span = 1d + 2h, g = guid(6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11), "
        "d = dynamic({'a': [1, null]}), dec = decimal(0.1), n = long(null)"
    )
    table = complete(client.query_workspace(server["workspace_id"], text, timespan=None)).tables[0]
    assert table.name == "PrimaryResult"
    assert list(table.columns) == ["b", "i", "l", "r", "s", "e", "t", "span", "g", "d", "dec", "n"]
    assert [str(type) for type in table.columns_types] == [
        *("bool", "int", "long", "real", "string", "string", "datetime", "timespan", "guid", "dynamic", "decimal"),
        "long",
    ]
    row = table.rows[0]
    assert list(row)[:6] == [True, 7, 9007199254740993, 1.5, "ü", ""]
    assert row["t"] == datetime(2024, 2, 29, 12, 34, 56, 789000, tzinfo=UTC)
    assert row["span"] == "1.02:00:00"
    assert row["g"] == "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11"
    assert row["d"] == '{"a":[1,null]}'
    assert str(row["dec"]) == "0.1"
    assert row["n"] is None


def test_timespan_confines_the_query(client: LogsQueryClient, server: Ready) -> None:
    now = datetime.now(UTC)
    moments = [now - timedelta(hours=hours) for hours in (1, 5, 30)]
    records = [{"n": number, "at": moment.isoformat()} for number, moment in enumerate(moments)]
    collect(server, "Timespan", records, **{"time-generated-field": "at"})

    def count(timespan: Any) -> int:
        answer = client.query_workspace(server["workspace_id"], "Timespan_CL | count", timespan=timespan)
        return complete(answer).tables[0].rows[0][0]

    assert count(None) == 3
    assert count(timedelta(hours=2)) == 1
    assert count((now - timedelta(hours=31), now - timedelta(hours=4))) == 2
    assert count((now - timedelta(hours=31), timedelta(hours=2))) == 1


def test_statistics_and_render_come_when_asked_for(client: LogsQueryClient, server: Ready) -> None:
    text = "range x from 1 to 3 step 1 | summarize n = count() by x | render barchart with (title = 'Three')"
    plain = complete(client.query_workspace(server["workspace_id"], text, timespan=None))
    assert not plain.statistics
    assert not plain.visualization
    told = complete(
        client.query_workspace(
            server["workspace_id"], text, timespan=None, include_statistics=True, include_visualization=True
        )
    )
    assert told.statistics is not None
    assert told.visualization is not None
    assert told.statistics["query"]["executionTime"] >= 0
    assert told.visualization["visualization"] == "barchart"
    assert told.visualization["title"] == "Three"


def test_more_rows_than_the_limit_are_a_partial_result(client: LogsQueryClient, server: Ready) -> None:
    answer = client.query_workspace(server["workspace_id"], "range x from 1 to 500001 step 1", timespan=None)
    assert isinstance(answer, LogsQueryPartialResult)
    assert len(answer.partial_data[0].rows) == 500_000
    assert answer.partial_error is not None
    assert answer.partial_error.code == "PartialError"


@pytest.mark.parametrize(
    ("text", "kind", "code", "line", "position"),
    [
        ("print 1 |\n| where", "SyntaxError", "SYN", 2, 0),
        ("print x = 1\n| where y == 1", "SemanticError", "SEM", 2, 8),
        ("NoSuchTable | count", "SemanticError", "SEM", 1, 0),
    ],
)
def test_a_mistake_is_told_with_its_line_and_position(
    client: LogsQueryClient, server: Ready, text: str, kind: str, code: str, line: int, position: int
) -> None:
    with pytest.raises(HttpResponseError) as raised:
        client.query_workspace(server["workspace_id"], text, timespan=None)
    assert raised.value.status_code == 400
    error = raised.value.error
    assert error is not None
    assert error.code == "BadArgumentError"
    assert error.innererror["code"] == kind
    finding = error.innererror["innererror"]
    assert finding["code"].startswith(code)
    assert (finding["line"], finding["pos"]) == (line, position)


def test_a_workspace_can_be_queried_by_its_resource_id(client: LogsQueryClient, server: Ready) -> None:
    resource_id = (
        f"/subscriptions/{server['subscription_id']}/resourceGroups/{server['resource_group']}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{server['workspace_name']}"
    )
    answer = complete(client.query_resource(resource_id, "print 1", timespan=None))
    assert answer.tables[0].rows[0][0] == 1


def test_a_batch_answers_each_query_for_itself(client: LogsQueryClient, server: Ready) -> None:
    texts = ["print 1", "print nope", "print 'two'"]
    queries = [LogsBatchQuery(server["workspace_id"], text, timespan=None) for text in texts]
    first, second, third = client.query_batch(queries)
    assert complete(first).tables[0].rows[0][0] == 1
    assert isinstance(second, LogsQueryError)
    assert second.code == "BadArgumentError"
    assert complete(third).tables[0].rows[0][0] == "two"


def test_an_unknown_workspace_is_not_found(client: LogsQueryClient) -> None:
    with pytest.raises(HttpResponseError, match="There is no workspace") as raised:
        client.query_workspace("00000000-0000-0000-0000-000000000000", "print 1", timespan=None)
    assert raised.value.status_code == 404


def test_a_wrong_secret_gets_no_token(server: Ready) -> None:
    wrong = ClientSecretCredential(
        server["tenant_id"],
        server["client_id"],
        "not the secret",
        authority=server["https"],
        disable_instance_discovery=True,
        connection_verify=server["ca"],
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(f"{server['https']}/.default")
