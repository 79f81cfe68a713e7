"""Indicators: their documents, the rows of both tables, and every way to ask for them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.core.errors import Conflict, InvalidInput, NotFound

MAIN = "threatIntelligence/main"
FLOW = (
    "[network-traffic:src_ref.value = '10.0.0.1' AND network-traffic:dst_port = 443 AND "
    "network-traffic:protocols[*] = 'tcp']"
)


@pytest.fixture
def server(tmp_path: Any) -> Iterator[Whole]:
    with whole_server(tmp_path) as opened:
        yield opened


def body(pattern: str = "[url:value = 'https://contoso.com/x']", **properties: Any) -> dict[str, Any]:
    sent = {"source": "Azure Sentinel", "displayName": "one", "pattern": pattern, "patternType": "url"}
    return {"kind": "indicator", "properties": sent | properties}


def legacy(server: Whole, columns: str) -> list[list[Any]]:
    return server.rows(
        "ThreatIntelligenceIndicator | summarize arg_max(TimeGenerated, *) by IndicatorId | sort by IndicatorId asc "
        f"| project {columns}"
    )


def test_the_life_of_an_indicator(server: Whole) -> None:
    made = server.send(
        "POST",
        f"{MAIN}/createIndicator",
        body(confidence=80, threatTypes=["malicious-activity"], validUntil="", modified="", labels=[]),
    )
    properties = made.body["properties"]
    assert made.status == 201
    assert made.body["kind"] == "indicator"
    assert made.body["id"] == f"{server.sentinel}/{MAIN}/indicators/{made.body['name']}"
    assert properties["externalId"] == f"indicator--{made.body['name']}"
    assert properties["parsedPattern"] == [
        {"patternTypeKey": "url", "patternTypeValues": [{"valueType": "url", "value": "https://contoso.com/x"}]}
    ]
    assert "validUntil" not in properties
    assert not {"search", "createdBy"} & set(made.body)
    place = f"{MAIN}/indicators/{made.body['name']}"
    assert server.send("GET", place).body == made.body
    assert server.send("GET", f"{MAIN}/indicators").body == {"value": [made.body]}
    assert legacy(server, "Url, Active, ConfidenceScore, ThreatType, SourceSystem, Tags") == [
        ["https://contoso.com/x", True, 80.0, "malicious-activity", "Azure Sentinel", "[]"]
    ]
    changed = server.send("PUT", place, body(revoked="false", confidence=90) | {"etag": made.body["etag"]})
    assert changed.status == 200
    assert changed.body["properties"]["created"] == properties["created"]
    assert legacy(server, "ConfidenceScore") == [[90.0]]
    assert server.send("DELETE", place).status == 200
    assert server.send("DELETE", place).status == 204
    assert legacy(server, "Active, Url") == [[False, "https://contoso.com/x"]]
    assert server.rows(
        "ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id, ObservableValue | project IsDeleted, "
        "IsActive, ObservableKey, ObservableValue, tostring(Data.pattern_type)"
    ) == [[True, False, "url:value", "https://contoso.com/x", "stix"]]
    with pytest.raises(NotFound):
        server.send("GET", place)


@pytest.mark.parametrize(
    ("pattern", "columns", "expected"),
    [
        ("[ipv4-addr:value = '198.51.100.7']", "NetworkIP", ["198.51.100.7"]),
        ("[ipv6-addr:value ISSUBSET '2001:db8::/32']", "NetworkCidrBlock", ["2001:db8::/32"]),
        ("[domain-name:value = 'a.contoso.com']", "DomainName", ["a.contoso.com"]),
        ("[email-addr:value = 'a@contoso.com']", "EmailSenderAddress", ["a@contoso.com"]),
        ("[file:hashes.'SHA-256' = 'ab' AND file:name = 'x.exe']", "FileHashType, FileHashValue, FileName",
         ["SHA256", "ab", "x.exe"]),
        (
            FLOW,
            "NetworkSourceIP, NetworkDestinationPort, NetworkProtocol",
            ["10.0.0.1", 443, 6],
        ),
        ("[ipv4-addr:value != '198.51.100.7']", "NetworkIP", [""]),
        ("[network-traffic:dst_port = '\u00b2']", "NetworkDestinationPort", [None]),
        (f"[network-traffic:dst_port = {'4' * 5000}]", "NetworkDestinationPort", [None]),
    ],
)  # fmt: skip
def test_columns_of_patterns(server: Whole, pattern: str, columns: str, expected: list[Any]) -> None:
    server.send("PUT", f"{MAIN}/indicators/a", body(pattern))
    assert legacy(server, columns) == [expected]


def test_a_row_for_each_observable(server: Whole) -> None:
    server.send(
        "PUT",
        f"{MAIN}/indicators/a",
        body(
            "[file:hashes.MD5 = 'ab' OR file:hashes.'SHA-1' IN ('cd', 'ef')]",
            objectMarkingRefs=["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"],
            killChainPhases=[{"killChainName": "lockheed-martin-cyber-kill-chain", "phaseName": "delivery"}],
            threatIntelligenceTags=["a"],
            validUntil="2020-01-01T00:00:00Z",
        ),
    )
    assert server.rows(
        "ThreatIntelIndicators | project ObservableKey, ObservableValue, IsActive, tostring(AdditionalFields.TLPLevel)"
        " | sort by ObservableValue asc"
    ) == [
        ["file:hashes.MD5", "ab", False, "amber"],
        ["file:hashes.'SHA-1'", "cd", False, "amber"],
        ["file:hashes.'SHA-1'", "ef", False, "amber"],
    ]
    assert legacy(server, "Active, KillChainDelivery, TrafficLightProtocolLevel, Tags") == [
        [False, True, "amber", '["a"]']
    ]


def test_the_same_indicator_twice_is_one(server: Whole) -> None:
    sent = body(externalId="indicator--1")
    first = server.send("POST", f"{MAIN}/createIndicator", sent)
    again = server.send("POST", f"{MAIN}/createIndicator", sent)
    other = server.send("POST", f"{MAIN}/createIndicator", body(externalId="indicator--1", source="Other"))
    assert [first.status, again.status, other.status] == [201, 200, 201]
    assert first.body["name"] == again.body["name"] != other.body["name"]


def test_tags(server: Whole) -> None:
    place = f"{MAIN}/indicators/a"
    made = server.send("PUT", place, body(threatIntelligenceTags=["x"])).body
    added = server.send("POST", f"{place}/appendTags", {"threatIntelligenceTags": ["y", "x"]})
    assert added.status == 200
    assert added.body["properties"]["threatIntelligenceTags"] == ["x", "y"]
    replaced = {"kind": "indicator", "properties": {"threatIntelligenceTags": ["z"], "displayName": "no"}}
    shown = server.send("POST", f"{place}/replaceTags", replaced).body
    assert shown["properties"]["threatIntelligenceTags"] == ["z"]
    assert shown["properties"]["displayName"] == "one"
    with pytest.raises(Conflict, match="indicator"):
        server.send("PUT", place, body() | {"etag": made["etag"]})
    assert legacy(server, "Tags") == [['["z"]']]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        (body("[url:value = ]"), "no STIX pattern"),
        (body(validUntil="never"), "properties.validUntil"),
        (body(validFrom="2024-01-02T00:00:00Z", validUntil="2024-01-01T00:00:00Z"), "later than"),
        (body(confidence=101), "0 to 100"),
        (body(pattern=None), "properties.pattern"),  # type: ignore[arg-type]
        (body(threatIntelligenceTags="x"), "threatIntelligenceTags"),
    ],
)
def test_what_is_no_indicator(server: Whole, sent: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        server.send("PUT", f"{MAIN}/indicators/a", sent)


def test_a_pattern_of_another_language_is_kept(server: Whole) -> None:
    made = server.send("PUT", f"{MAIN}/indicators/a", body("rule x { condition: true }", patternType="yara"))
    assert made.body["properties"]["parsedPattern"] == []
    assert server.rows("ThreatIntelIndicators | project tostring(Data.pattern_type), ObservableKey") == [["yara", ""]]


@pytest.fixture
def several(server: Whole) -> Whole:
    for name, pattern, more in (
        ("a", "[ipv4-addr:value = '10.0.0.1']", {"confidence": 10, "patternType": "ipv4-addr", "source": "S1"}),
        ("b", "[url:value = 'http://B']", {"confidence": 50, "threatTypes": ["botnet"], "displayName": "Bee"}),
        ("c", "[url:value = 'http://c']", {"confidence": 90, "validUntil": "2030-01-01T00:00:00Z"}),
        ("d", "[url:value = 'http://d']", {"confidence": 99, "revoked": True}),
    ):
        server.send("PUT", f"{MAIN}/indicators/{name}", body(pattern, **more))
    return server


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, "abc"),
        ({"includeDisabled": True}, "abcd"),
        ({"minConfidence": 50, "maxConfidence": 80}, "b"),
        ({"minValidUntil": "2029-01-01T00:00:00Z", "maxValidUntil": "2031-01-01T00:00:00Z"}, "c"),
        ({"sources": ["S1", "S2"]}, "a"),
        ({"patternTypes": ["ipv4-addr"]}, "a"),
        ({"threatTypes": ["botnet"]}, "b"),
        ({"ids": ["a", "indicator--c"]}, "ac"),
        ({"keywords": ["bEE", "10.0.0"]}, "ab"),
        ({"sortBy": [{"itemKey": "confidence", "sortOrder": "descending"}]}, "cba"),
        ({"sortBy": [{"itemKey": "confidence", "sortOrder": "unsorted"}]}, "abc"),
    ],
)
def test_criteria(several: Whole, criteria: dict[str, Any], expected: str) -> None:
    listed = several.send("POST", f"{MAIN}/queryIndicators", criteria).body["value"]
    assert "".join(each["name"] for each in listed) == expected


def test_pages_of_criteria(several: Whole) -> None:
    """A page goes on with a GET of its link, as the SDKs do, or with its token in the body."""
    asked = {"pageSize": 2, "sortBy": [{"itemKey": "confidence", "sortOrder": "descending"}], "includeDisabled": True}
    first = several.send("POST", f"{MAIN}/queryIndicators", asked).body
    assert [each["name"] for each in first["value"]] == ["d", "c"]
    parts = urlsplit(first["nextLink"])
    token = dict(parse_qsl(parts.query))["$skipToken"]
    rest = several.send("GET", parts.path, skipToken=token).body
    assert [each["name"] for each in rest["value"]] == ["b", "a"]
    assert "nextLink" not in rest
    again = several.send("POST", f"{MAIN}/queryIndicators", asked | {"skipToken": token}).body
    assert again == rest
    for wrong in ("x", "e30", "!!", "eJyrVkoszk5NUbKKjtVRSivKz1WyMqgFAEx7BsU"):  # the last asks for a list
        with pytest.raises(InvalidInput, match="skipToken"):
            several.send("GET", f"{MAIN}/queryIndicators", skipToken=wrong)


@pytest.mark.parametrize(
    "criteria",
    [
        {"minConfidence": "x"},
        {"sources": "S1"},
        {"keywords": [{}]},
        {"maxValidUntil": "soon"},
        {"sortBy": [{"itemKey": "a.b"}]},
        {"sortBy": [{"itemKey": "confidence", "sortOrder": "up"}]},
        {"pageSize": 0},
    ],
)
def test_criteria_that_are_none(server: Whole, criteria: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(criteria))):
        server.send("POST", f"{MAIN}/queryIndicators", criteria)


@pytest.mark.parametrize(
    ("clauses", "connective", "expected"),
    [
        ([], None, "abcd"),
        ([("confidence", "GreaterThanEqual", ["50"])], None, "bcd"),
        ([("confidence", "Equals", ["10", "90"])], None, "ac"),
        ([("source", "Equals", ["S1"]), ("name", "StringStartsWith", ["Be"])], "Or", "ab"),
        ([("source", "NotEquals", ["S1"]), ("confidence", "LessThan", ["60"])], "And", "b"),
        ([("revoked", "IsTrue", [])], None, "d"),
        ([("valid_until", "IsNull", [])], None, "abd"),
        ([("threat_types", "ArrayContains", ["botnet"])], None, "b"),
        ([("threat_types", "ArrayNotContains", ["botnet"])], None, "acd"),
        ([("validUntil", "AfterAbsolute", ["2029-01-01T00:00:00Z"])], None, "c"),
        ([("lastUpdatedTimeUtc", "OnOrAfterRelative", ["P1D"])], None, "abcd"),
        ([("lastUpdatedTimeUtc", "BeforeRelative", ["P1D"])], None, ""),
    ],
)
def test_conditions(several: Whole, clauses: list[Any], connective: str | None, expected: str) -> None:
    parts = [{"field": field, "operator": operator, "values": values} for field, operator, values in clauses]
    query = {"condition": {"clauses": parts, "conditionConnective": connective}}
    listed = several.send("POST", f"{MAIN}/query", query).body["value"]
    assert "".join(sorted(each["name"] for each in listed)) == expected
    assert several.send("POST", f"{MAIN}/count", query).body == {"count": len(expected)}


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("AfterRelative", "P9999999D"),
        ("AfterRelative", "P99999999999D"),
        ("AfterAbsolute", "soon"),
        ("Equals", "2024-01-01T00:00:00X"),
    ],
)
def test_conditions_with_times_that_are_none(server: Whole, operator: str, value: str) -> None:
    clause = {"field": "lastUpdatedTimeUtc", "operator": operator, "values": [value]}
    with pytest.raises(InvalidInput):
        server.send("POST", f"{MAIN}/count", {"condition": {"clauses": [clause]}})


def test_pages_of_conditions(several: Whole) -> None:
    query = {"condition": {"clauses": []}, "maxPageSize": 3, "sortBy": {"field": "confidence", "direction": "DESC"}}
    first = several.send("POST", f"{MAIN}/query", query).body
    assert [each["name"] for each in first["value"]] == ["d", "c", "b"]
    assert first["value"][0]["kind"] == "Indicator"
    assert first["value"][0]["properties"]["data"]["pattern"] == "[url:value = 'http://d']"
    parts = urlsplit(first["nextLink"])
    rest = several.send("GET", parts.path, skipToken=dict(parse_qsl(parts.query))["$skipToken"]).body
    assert [each["name"] for each in rest["value"]] == ["a"]
    other = query | {"condition": {"clauses": [], "stixObjectType": "attack-pattern"}}
    assert several.send("POST", f"{MAIN}/query", other).body == {"value": []}


def test_metrics(several: Whole) -> None:
    metrics = several.send("GET", f"{MAIN}/metrics").body["value"][0]["properties"]
    assert metrics["patternTypeMetrics"] == [
        {"metricName": "url", "metricValue": 3},
        {"metricName": "ipv4-addr", "metricValue": 1},
    ]
    assert metrics["threatTypeMetrics"] == [{"metricName": "botnet", "metricValue": 1}]
    assert {each["metricName"] for each in metrics["sourceMetrics"]} == {"S1", "Azure Sentinel"}


def test_only_main_is_there(server: Whole) -> None:
    with pytest.raises(NotFound):
        server.send("PUT", "threatIntelligence/other/indicators/a", body())
