"""What msticpy puts on the wire: Python's way of writing a dict, truths as texts, the versions of its time."""

from collections.abc import Callable
from typing import Any

import pytest

from vedette.access.principals import Principal
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.json_reader import read_json
from vedette.arm.resource_ids import parse_id
from vedette.sentinel.resources import RESOURCE_TYPES

Raw = Callable[..., Answer]


@pytest.fixture
def raw(context: Context, owner: Principal, sentinel: str) -> Raw:
    def raw(method: str, place: str, version: str, data: Any = None) -> Answer:
        body = None if data is None else read_json(str(data).encode())
        call = Call(method, parse_id(f"{sentinel}/{place}"), owner, {"api-version": version}, "https://localhost", body)
        return answer(context, RESOURCE_TYPES, call)

    return raw


def test_an_incident_is_opened_commented_on_and_closed(raw: Raw, sentinel: str) -> None:
    labels = [{"labelName": "it's", "labelType": "User"}]
    opened = {"title": 'He said "no"', "severity": "High", "status": "New", "labels": labels}
    made = raw("PUT", "incidents/i1", "2020-01-01", {"properties": opened})
    assert made.status == 201
    assert made.body["properties"]["title"] == 'He said "no"'
    assert made.body["properties"]["labels"] == labels

    comment = raw("PUT", "incidents/i1/comments/c1", "2020-04-01", {"properties": {"message": "Seen"}})
    assert comment.status == 201
    assert raw("PUT", "incidents/i1/comments/c1", "2020-04-01", {"properties": {"message": "Again"}}).status == 201

    read = raw("GET", "incidents/i1", "2020-01-01").body
    closed = {"title": "No", "status": "Closed", "severity": "Low", "classification": "Undetermined"}
    sent = {"properties": closed | {"classificationReason": None, "owner": None}, "etag": read["etag"]}
    assert raw("PUT", "incidents/i1", "2020-01-01", sent).status == 200

    bookmark = {"displayName": "Odd", "query": "T | where a == 'b'", "queryResult": None, "notes": "x", "labels": ["y"]}
    assert raw("PUT", "bookmarks/b1", "2020-01-01", {"properties": bookmark}).status == 201
    relation = {"properties": {"relatedResourceId": f"{sentinel}/bookmarks/b1"}}
    assert raw("PUT", "incidents/i1/relations/r1", "2021-04-01", relation).status == 201
    for action in ("alerts", "entities", "bookmarks"):
        assert raw("POST", f"incidents/i1/{action}", "2021-04-01").status == 200


def test_a_rule_with_truths_as_texts(raw: Raw) -> None:
    properties = {
        "displayName": "A rule",
        "query": "Heartbeat",
        "queryFrequency": "PT5H",
        "queryPeriod": "PT5H",
        "severity": "Medium",
        "suppressionDuration": "PT1H",
        "suppressionEnabled": "false",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": "0",
        "description": "",
        "tactics": [],
        "enabled": "true",
    }
    made = raw("PUT", "alertRules/r1", "2020-01-01", {"kind": "Scheduled", "properties": properties})
    assert made.status == 201
    kept = made.body["properties"]
    assert (kept["enabled"], kept["suppressionEnabled"], kept["triggerThreshold"]) == (True, False, 0)
    assert raw("GET", "alertRules", "2024-01-01-preview").body["value"] == [made.body]
