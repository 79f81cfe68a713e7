"""Files of indicators: what each format takes, what is told of what is wrong, and who may send one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient
from tests.unit.sentinel.whole import BASE, Whole, whole_server

from vedette.api.app import make_app
from vedette.core.errors import Conflict, InvalidInput
from vedette.intelligence.flat_files import MOST, csv_objects, json_objects
from vedette.intelligence.stix_objects import errors_of

PREVIEW = "2024-01-01-preview"
HEADER = (
    "threatTypes,tags,name,description,confidence,revoked,validFrom,validUntil,tlpLevel,severity,observableType,"
    "observableValue\n"
)
ROW = 'Phishing,"demo, csv",A name,"About, it",100,,2022-07-18T12:00:00.000Z,,white,5,domain-name,evil.example\n'
OBJECT = {
    "type": "indicator",
    "id": "indicator--dbc48d87-b5e9-4380-85ae-e1184abf5ff4",
    "pattern": "[ipv4-addr:value = '198.51.100.5']",
    "pattern_type": "stix",
    "created": "2022-07-27T12:00:00.000Z",
    "modified": "2022-07-27T12:00:00.000Z",
    "valid_from": "2016-07-20T12:00:00.000Z",
    "confidence": "95",
    "lang": "",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Whole]:
    with whole_server(tmp_path) as opened:
        yield opened


def begin(server: Whole, name: str = "a", format: str = "CSV", **more: Any) -> str:
    file = {"fileName": "f", "fileSize": 1, "fileFormat": format}
    sent = {"source": "A feed", "contentType": "Unspecified", "ingestionMode": "IngestAnyValidRecords"}
    begun = server.send("PUT", f"fileImports/{name}", {"properties": sent | {"importFile": file} | more}, PREVIEW)
    assert begun.status == 201
    return begun.body["properties"]["importFile"]["fileContentUri"]


def send(server: Whole, uri: str, content: bytes | str) -> int:
    client = TestClient(make_app(server.services), base_url=BASE)
    return client.put(uri, content=content, headers={"x-ms-blob-type": "BlockBlob"}).status_code


def properties(server: Whole, name: str = "a") -> dict[str, Any]:
    return server.send("GET", f"fileImports/{name}", version=PREVIEW).body["properties"]


def test_a_row_of_csv() -> None:
    (found,) = csv_objects((HEADER + ROW).encode("utf-8-sig"))
    assert errors_of(found) == []
    assert found["pattern"] == "[domain-name:value = 'evil.example']"
    assert (found["confidence"], found["labels"], found["indicator_types"]) == (100, ["demo", "csv"], ["Phishing"])
    assert found["object_marking_refs"] == ["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"]
    assert list(csv_objects((HEADER + ROW).encode())) == [found]


def test_a_file_of_several_hashes() -> None:
    (found,) = csv_objects(b"validFrom,fileName,MD5,SHA-256\n2024-01-01,o'x.exe,ab,cd\n")
    assert errors_of(found) == []
    assert found["pattern"] == "[file:hashes.MD5 = 'ab' OR file:hashes.'SHA-256' = 'cd' OR file:name = 'o\\'x.exe']"


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("Phishing,,,,100,,,,,,domain-name,x.example", "created"),
        ("Phishing,,,,100,,2024-01-01,,,,domain-name,", "pattern"),
        ("Phishing,,,,100,,2024-01-01,,,,something else,x", "pattern"),
        ("Phishing,,,,high,,2024-01-01,,,,domain-name,x", "confidence"),
        ("Phishing,,,,1,perhaps,2024-01-01,,,,domain-name,x", "revoked"),
    ],
)
def test_rows_that_are_no_indicators(row: str, named: str) -> None:
    (found,) = csv_objects((HEADER + row).encode())
    assert f"Property={named}:" in errors_of(found)[0]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe", b"", b'validFrom,x\n"open'])
def test_files_that_are_no_csv(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        csv_objects(content)
    assert caught.value.code == "InvalidFile"


def test_json_of_several_shapes() -> None:
    for value in ([OBJECT], OBJECT, {"type": "bundle", "objects": [OBJECT]}, {"stixobjects": [OBJECT]}):
        (found,) = json_objects(orjson.dumps(value))
        assert errors_of(found) == []
        assert found["confidence"] == 95
    for content in (b"", b"5", b"[", b"{]"):
        with pytest.raises(InvalidInput):
            json_objects(content)


def test_what_is_right_is_imported_and_the_rest_told(server: Whole) -> None:
    uri = begin(server)
    assert properties(server)["state"] == "WaitForUpload"
    assert "fileContentUri" not in properties(server)["importFile"]
    assert send(server, uri, HEADER + ROW + "x,,,,,,,,,,,\n" + ROW.replace("evil", "other")) == 201
    told = properties(server)
    counts = [told[f"{name}RecordCount"] for name in ("total", "valid", "ingested")]
    assert (told["state"], counts) == ("IngestedWithErrors", [3, 2, 2])
    assert told["errorsPreview"][0]["recordIndex"] == 1
    found = (
        "ThreatIntelIndicators | project ObservableValue, SourceSystem, LastUpdateMethod | sort by ObservableValue asc"
    )
    assert server.rows(found) == [
        ["evil.example", "A feed", "File Import"],
        ["other.example", "A feed", "File Import"],
    ]
    assert send(server, uri, HEADER + ROW) == 403  # the address was good for one file
    assert send(server, begin(server, "b"), HEADER + ROW) == 201
    assert len(server.rows(found)) == 2


def test_all_or_none(server: Whole) -> None:
    uri = begin(server, format="JSON", ingestionMode="IngestOnlyIfAllAreValid")
    assert send(server, uri, orjson.dumps([OBJECT, {"type": "indicator"}])) == 201
    told = properties(server)
    assert (told["state"], told["ingestedRecordCount"], told["validRecordCount"]) == ("Invalid", 0, 1)
    assert server.rows("ThreatIntelIndicators | count") == [[0]]
    assert (
        send(server, begin(server, "b", "JSON", ingestionMode="IngestOnlyIfAllAreValid"), orjson.dumps([OBJECT])) == 201
    )
    assert properties(server, "b")["state"] == "Ingested"


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("CSV", "validFrom\n" + "a\n" * (MOST + 1)),
        ("JSON", f"[{'0,' * MOST}0]"),
        ("JSON", f"[{'0,' * MOST * 50}0]"),
    ],
)
def test_a_file_of_too_many_records(server: Whole, format: str, content: str) -> None:
    assert send(server, begin(server, format=format), content) == 201
    told = properties(server)
    assert told["state"] == "Invalid"
    assert f"more than {MOST} records" in told["errorsPreview"][0]["errorMessages"][0]


@pytest.mark.parametrize("mode", ["IngestAnyValidRecords", "IngestOnlyIfAllAreValid"])
def test_of_many_errors_the_first_are_told(server: Whole, mode: str) -> None:
    uri = begin(server, ingestionMode=mode)
    assert send(server, uri, HEADER + ROW + "x\n\n" * 1200 + ROW.replace("evil", "other")) == 201
    told = properties(server)
    counts = [told[f"{name}RecordCount"] for name in ("total", "valid", "ingested")]
    assert counts == [1202, 2, 2 if mode == "IngestAnyValidRecords" else 0]
    assert [each["recordIndex"] for each in told["errorsPreview"]] == list(range(1, 101))
    assert server.rows("ThreatIntelIndicators | count") == [[counts[2]]]


def test_a_file_that_is_none(server: Whole) -> None:
    assert send(server, begin(server, format="JSON"), b"no json") == 201
    told = properties(server)
    assert told["state"] == "Invalid"
    assert "no JSON" in told["errorsPreview"][0]["errorMessages"][0]


def test_who_may_send_a_file(server: Whole) -> None:
    uri = begin(server)
    other = begin(server, "b")
    place, _, sig = uri.partition("?sig=")
    for wrong in (
        place,
        f"{place}?sig=",
        f"{place}?sig=x",
        f"{other.partition('?')[0]}?sig={sig}",
        f"{place}/x?sig={sig}",
    ):
        assert send(server, wrong, HEADER + ROW) in (401, 403), wrong
    assert send(server, f"{uri}&comp=block&blockid=1", b"x") == 501
    with pytest.raises(Conflict):
        begin(server)


@pytest.mark.parametrize(
    "more",
    [{"source": ""}, {"source": "Microsoft Sentinel"}, {"importFile": {"fileFormat": "Unspecified"}}],
)
def test_imports_that_are_none(server: Whole, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        begin(server, **more)
