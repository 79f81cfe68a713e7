"""The Logs Ingestion API through the public SDKs: a rule made by one, records sent by another, read back by a third."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.loganalytics.models import Column, Schema, Table, TableProperties
from azure.monitor.ingestion import LogsUploadError
from tests.clients.monitoring import ingestion, made_rule, monitor, rule_body, workspace_id
from tests.clients.node_client import missing, run
from tests.clients.sdk import Ready, bearer, collect, log_analytics, rows, web

COLUMNS = {
    "Time": "datetime",
    "Computer": "string",
    "AdditionalContext": "string",
    "CounterName": "string",
    "CounterValue": "real",
}
TRANSFORM = (
    "source | extend jsonContext = parse_json(AdditionalContext) | project TimeGenerated = Time, Computer, "
    "SyslogMessage = tostring(jsonContext.message), ProcessID = toint(jsonContext.pid)"
)


def record(number: int) -> dict[str, Any]:
    return {
        "Time": datetime.now(UTC).isoformat(),
        "Computer": f"web{number:06d}",
        "AdditionalContext": json.dumps({"message": f"number {number}", "pid": number}),
        "Unknown": {"ignored": True},
    }


def test_records_are_transformed_into_a_built_in_table(server: Ready) -> None:
    body = rule_body(server, "Custom-App", COLUMNS, "Microsoft-Syslog", TRANSFORM)
    endpoint, immutable_id = made_rule(server, "to-syslog", body)
    ingestion(server, endpoint).upload(immutable_id, "Custom-App", [record(1), record(2)])
    found = rows(server, "Syslog | where Computer startswith 'web00000' | project Computer, SyslogMessage, ProcessID")
    assert sorted(found) == [["web000001", "number 1", 1], ["web000002", "number 2", 2]]


def test_a_large_upload_arrives_whole(server: Ready) -> None:
    """The SDK splits it into calls of one megabyte, by what the records take without the commas between them."""
    body = rule_body(server, "Custom-Large", {"TimeGenerated": "datetime", "Computer": "string"}, "Microsoft-Syslog")
    endpoint, immutable_id = made_rule(server, "large", body)
    time = datetime.now(UTC).isoformat()
    sent = [{"TimeGenerated": time, "Computer": f"large{number}"} for number in range(60_000)]
    ingestion(server, endpoint).upload(immutable_id, "Custom-Large", sent)
    assert rows(server, "Syslog | where Computer startswith 'large' | summarize count(), dcount(Computer, 4)") == [
        [60_000, 60_000]
    ]


def test_what_is_sent_twice_as_one_request_is_stored_once(server: Ready) -> None:
    body = rule_body(server, "Custom-Twice", {"TimeGenerated": "datetime", "Computer": "string"}, "Microsoft-Syslog")
    endpoint, immutable_id = made_rule(server, "twice", body)
    address = f"{endpoint}/dataCollectionRules/{immutable_id}/streams/Custom-Twice?api-version=2023-01-01"
    packed = gzip.compress(json.dumps([{"Computer": "twice"}]).encode())
    headers = bearer(server) | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with web(server) as client:
        for name in ("a", "a", "b"):
            sent = client.post(address, content=packed, headers=headers | {"x-ms-client-request-id": name})
            assert (sent.status_code, sent.content) == (204, b"")
    assert rows(server, "Syslog | where Computer == 'twice' | count") == [[2]]


def test_errors_are_told_to_on_error_and_raised(server: Ready) -> None:
    body = rule_body(server, "Custom-App", COLUMNS, "Microsoft-Syslog", TRANSFORM)
    endpoint, immutable_id = made_rule(server, "errors", body)
    failed: list[LogsUploadError] = []
    ingestion(server, endpoint).upload("dcr-0", "Custom-App", [record(1)], on_error=failed.append)
    assert [error.failed_logs for error in failed] == [[record(1) | {"Time": failed[0].failed_logs[0]["Time"]}]]
    for id, stream in (("dcr-0", "Custom-App"), (immutable_id, "Custom-Other")):
        with pytest.raises(HttpResponseError) as error:
            ingestion(server, endpoint).upload(id, stream, [record(1)])
        assert error.value.status_code == 404
        assert error.value.response is not None
        assert error.value.response.headers["x-ms-error-code"] == "NotFound"


def test_rules_endpoints_and_associations(server: Ready) -> None:
    client, group = monitor(server), server["resource_group"]
    endpoint = client.data_collection_endpoints.create(group, "dce", {"location": "eastus", "properties": {}})
    assert endpoint.logs_ingestion.endpoint == server["https"]
    body = rule_body(server, "Custom-App", COLUMNS, "Microsoft-Syslog", TRANSFORM)
    body["properties"]["dataCollectionEndpointId"] = endpoint.id
    rule = client.data_collection_rules.create(group, "associated", body)
    assert re.fullmatch("dcr-[0-9a-f]{32}", rule.immutable_id)
    again = client.data_collection_rules.create(group, "associated", body)
    assert again.immutable_id == rule.immutable_id
    assert rule.destinations.log_analytics[0].workspace_id == server["workspace_id"]

    machine = f"{workspace_id(server).partition('/providers/')[0]}/providers/Microsoft.Compute/virtualMachines/vm1"
    associations = client.data_collection_rule_associations
    associations.create(machine, "one", {"properties": {"dataCollectionRuleId": rule.id}})
    associations.create(
        machine, "configurationAccessEndpoint", {"properties": {"dataCollectionEndpointId": endpoint.id}}
    )
    assert [each.name for each in associations.list_by_rule(group, "associated")] == ["one"]
    assert [each.name for each in associations.list_by_data_collection_endpoint(group, "dce")] == [
        "configurationAccessEndpoint"
    ]
    assert len(list(associations.list_by_resource(machine))) == 2
    with pytest.raises(HttpResponseError) as refused:
        client.data_collection_rules.delete(group, "associated")
    assert refused.value.status_code == 409
    client.data_collection_rules.delete(group, "associated", delete_associations=True)
    assert [each.name for each in associations.list_by_resource(machine)] == ["configurationAccessEndpoint"]
    assert "dce" in [each.name for each in client.data_collection_endpoints.list_by_subscription()]
    assert "associated" not in [each.name for each in client.data_collection_rules.list_by_resource_group(group)]


def test_a_wrong_rule_is_refused_with_the_place_of_each_fault(server: Ready) -> None:
    transform = "source | project TimeGenerated = Time, Computer, | summarize count()"
    body = rule_body(server, "Custom-App", COLUMNS, "Microsoft-Syslog", transform)
    with pytest.raises(HttpResponseError) as refused:
        monitor(server).data_collection_rules.create(server["resource_group"], "wrong", body)
    error = refused.value.error
    assert error is not None
    assert error.code == "InvalidPayload"
    (detail,) = error.details
    assert (detail.code, detail.target) == ("InvalidTransformQuery", "properties.dataFlows[0]")
    assert "SyntaxError" in detail.message
    assert " at 1:" in detail.message


def test_a_stream_of_a_custom_table(server: Ready) -> None:
    """The table is there already, with what a collector's post has made."""
    collect(server, "Migrated", [{"Name": "first", "Count": 1.0}])
    columns = {"When": "string", "Name_s": "string", "Count_d": "real", "Extra": "dynamic"}
    transform = "source | extend TimeGenerated = todatetime(When), Extra = tostring(Extra)"
    endpoint, immutable_id = made_rule(
        server, "migrated", rule_body(server, "Custom-Migrated", columns, "Custom-Migrated_CL", transform)
    )
    now = datetime.now(UTC).replace(microsecond=0)
    old = now - timedelta(days=30)
    sent = [
        {"When": now.isoformat(), "Name_s": "second", "Count_d": "2.5"},
        {"When": old.isoformat(), "Name_s": 3, "Count_d": "no number"},
    ]
    ingestion(server, endpoint).upload(immutable_id, "Custom-Migrated", sent)
    found = rows(server, "Migrated_CL | project Name_s, Count_d, Late = TimeGenerated < ago(1d) | sort by Name_s asc")
    assert found == [["3", None, False], ["first", 1.0, False], ["second", 2.5, False]]


def test_a_workspace_transforms_what_comes_without_a_rule(virtual_server: Ready) -> None:
    """A rule of kind WorkspaceTransforms, bound by a property of the workspace; a rule's own records pass it by."""
    ready = virtual_server
    flow = {
        "streams": ["Microsoft-Table-Syslog"],
        "destinations": ["here"],
        "transformKql": "source | where SeverityLevel != 'debug' | extend Facility = toupper(Facility)",
    }
    body = rule_body(ready, "Custom-Own", {"TimeGenerated": "datetime", "Facility": "string"}, "Microsoft-Syslog")
    _, immutable_id = made_rule(ready, "own", body)
    body["kind"] = "WorkspaceTransforms"
    body["properties"] |= {"dataFlows": [flow], "streamDeclarations": {}}
    rule = monitor(ready).data_collection_rules.create(ready["resource_group"], "workspace", body)
    bound = {"properties": {"defaultDataCollectionRuleResourceId": rule.id}}
    sent = [{"Facility": "auth", "SeverityLevel": "debug"}, {"Facility": "cron", "SeverityLevel": "err"}]
    with web(ready) as client:
        client.headers.update(bearer(ready))
        answer = client.patch(f"{workspace_id(ready)}?api-version=2023-09-01", json=bound)
        assert answer.status_code == 200, answer.text
        rows_of_syslog = f"/vedette/workspaces/{ready['workspace_id']}/tables/Syslog/rows"
        assert client.post(rows_of_syslog, json=sent).status_code == 204
    ingestion(ready, ready["https"]).upload(immutable_id, "Custom-Own", [{"Facility": "kern"}])
    assert rows(ready, "Syslog | project Facility | sort by Facility asc") == [["CRON"], ["kern"]]


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
def test_the_javascript_client(server: Ready) -> None:
    columns = {"TimeGenerated": "datetime", "Computer": "string", "SyslogMessage": "string"}
    body = rule_body(server, "Custom-Script", columns, "Microsoft-Syslog")
    endpoint, immutable_id = made_rule(server, "javascript", body)
    sent = {"endpoint": endpoint, "rule": immutable_id, "stream": "Custom-Script", "count": 5000}
    record = {"TimeGenerated": datetime.now(UTC).isoformat(), "SyslogMessage": "x" * 500}
    assert run(server, "ingest.mjs", sent | {"record": record}) == {"uploaded": 5000}
    text = (
        "Syslog | where Computer startswith 'js' | summarize count(), dcount(Computer, 4), max(strlen(SyslogMessage))"
    )
    assert rows(server, text) == [[5000, 5000, 500]]
    (error,) = run(server, "ingest.mjs", sent | {"record": record, "rule": "dcr-0", "count": 1})["errors"]
    assert error == {
        "code": "NotFound",
        "statusCode": 404,
        "message": "Data collection rule with immutable Id 'dcr-0' not found.",
    }


def test_a_table_that_is_made_for_a_rule(server: Ready) -> None:
    """As the tutorials do it: a table, then a rule into it; without the table there is no rule, without its column the
    value is dropped."""
    columns = {"TimeGenerated": "datetime", "Name": "string", "Uid": "string", "Bag": "dynamic", "Extra": "string"}
    body = rule_body(server, "Custom-Tutorial", columns, "Custom-Tutorial_CL", "source | extend Uid = toguid(Uid)")
    with pytest.raises(HttpResponseError) as refused:
        made_rule(server, "tutorial", body)
    assert refused.value.error is not None
    assert [each.code for each in refused.value.error.details] == ["InvalidOutputTable"]
    schema = Schema(
        name="Tutorial_CL",
        columns=[
            Column(name=name, type=type)
            for name, type in {"TimeGenerated": "dateTime", "Name": "string", "Uid": "guid", "Bag": "dynamic"}.items()
        ],
    )
    table = Table(properties=TableProperties(schema=schema))
    with log_analytics(server) as client:
        at = (server["resource_group"], server["workspace_name"], "Tutorial_CL")
        client.tables.begin_create_or_update(*at, table).result()
    endpoint, immutable_id = made_rule(server, "tutorial", body)
    uid = "74be27de-1e4e-49d9-b579-fe0b331d3642"
    sent = [{"Name": "a", "Uid": uid.upper(), "Bag": {"x": [1]}, "Extra": "dropped"}, {"Name": "b", "Uid": "none"}]
    ingestion(server, endpoint).upload(immutable_id, "Custom-Tutorial", sent)
    text = "Tutorial_CL | project Name, Uid, tolong(Bag.x[0]), Extra = column_ifexists('Extra', '-') | sort by Name asc"
    assert rows(server, text) == [["a", uid, 1, "-"], ["b", "", None, "-"]]
