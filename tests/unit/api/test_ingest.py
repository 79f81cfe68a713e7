"""The Data Collector API over the composed application: what is stored, and every documented refusal."""

import asyncio
import base64
import gzip
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import orjson
import pytest
from starlette.testclient import TestClient
from tests.unit.api.signing import post, signed_headers

from vedette.api import ingest
from vedette.api.app import make_app
from vedette.api.ingest import POST_BYTES
from vedette.api.services import Services
from vedette.core.clock import VirtualClock
from vedette.kql.types import ScalarType


def stored(services: Services, table: str) -> list[dict[str, Any]]:
    """The rows of a table, by column."""
    result = services.logs.query(services.estate.workspace_id, table)
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows()]


def column_types(services: Services, table: str) -> dict[str, ScalarType]:
    found = services.logs.catalog(services.estate.workspace_id).table(table)
    assert found is not None
    return {column.name: column.type for column in found.columns}


def is_absent(services: Services, table: str) -> bool:
    return services.logs.catalog(services.estate.workspace_id).table(table) is None


def test_records_are_stored_when_the_answer_comes(anonymous: TestClient, services: Services) -> None:
    answer = post(anonymous, services, [{"a": 1, "b": "x", "Computer": "web01"}, {"a": "2", "c": None}], "Stored")
    assert (answer.status_code, answer.content) == (200, b"")
    first, second = stored(services, "Stored_CL")
    assert (first["a_d"], first["b_s"], first["Computer"], first["SourceSystem"]) == (1.0, "x", "web01", "RestAPI")
    assert (second["a_d"], second["b_s"], second["Type"]) == (2.0, "", "Stored_CL")
    assert first["TenantId"] == services.estate.workspace_id
    types = column_types(services, "Stored_CL")
    assert types["a_d"] is ScalarType.real
    assert {"MG", "ManagementGroupName", "RawData", "TimeGenerated"} <= types.keys()
    assert "c_s" not in types


def test_later_records_take_the_types_of_earlier_ones(anonymous: TestClient, services: Services) -> None:
    post(anonymous, services, [{"n": 1.5, "t": "text"}], "Typed")
    post(anonymous, services, [{"n": "2.5", "t": 3}], "Typed")
    rows = stored(services, "Typed_CL")
    assert sorted((row["n_d"], row["t_s"], row["t_d"]) for row in rows) == [(1.5, "text", None), (2.5, "", 3.0)]


def test_the_secondary_key_signs_too(anonymous: TestClient, services: Services) -> None:
    answer = post(anonymous, services, [{"a": 1}], "Secondary", key=services.estate.secondary_shared_key)
    assert answer.status_code == 200


def test_a_single_object_is_one_record(anonymous: TestClient, services: Services) -> None:
    assert post(anonymous, services, {"a": 1}, "Single").status_code == 200
    assert len(stored(services, "Single_CL")) == 1


def test_an_empty_array_stores_nothing(anonymous: TestClient, services: Services) -> None:
    assert post(anonymous, services, [], "Nothing").status_code == 200
    assert is_absent(services, "Nothing_CL")


def test_empty_headers_are_absent(anonymous: TestClient, services: Services) -> None:
    empty = {"time-generated-field": "", "x-ms-AzureResourceId": ""}
    assert post(anonymous, services, [{"a": 1}], "EmptyHeaders", headers=empty).status_code == 200
    (row,) = stored(services, "EmptyHeaders_CL")
    assert row["_ResourceId"] == ""


def test_the_resource_id_is_that_of_the_header(anonymous: TestClient, services: Services) -> None:
    resource = {"x-ms-AzureResourceId": "/subscriptions/S1/resourceGroups/R/providers/P/t/N"}
    post(anonymous, services, [{"a": 1}], "OfResource", headers=resource)
    (row,) = stored(services, "OfResource_CL")
    assert row["_ResourceId"] == "/subscriptions/s1/resourcegroups/r/providers/p/t/n"
    assert row["_SubscriptionId"] == "s1"


@pytest.mark.parametrize("field", ["when", "TimeGenerated"])
def test_the_time_is_that_of_the_named_field(anonymous: TestClient, services: Services, field: str) -> None:
    now = services.clock.now()
    recent, old = now - timedelta(hours=1), now - timedelta(days=3)
    records = [{field: recent.isoformat(), "n": 1}, {field: old.isoformat(), "n": 2}, {"n": 3}]
    headers = {"time-generated-field": field}
    assert post(anonymous, services, records, f"Timed{field}", headers=headers).status_code == 200
    rows = {row["n_d"]: row["TimeGenerated"] for row in stored(services, f"Timed{field}_CL")}
    assert rows[1.0] == recent
    assert all(abs(rows[n] - now) < timedelta(minutes=1) for n in (2.0, 3.0))


def test_a_compressed_post_is_signed_as_sent(anonymous: TestClient, services: Services) -> None:
    packed = gzip.compress(b'[{"a":1}]')
    assert post(anonymous, services, packed, "Packed", headers={"Content-Encoding": "gzip"}).status_code == 200
    assert len(stored(services, "Packed_CL")) == 1


def test_a_post_of_unknown_length_is_signed_over_what_came(anonymous: TestClient, services: Services) -> None:
    body = b'[{"a":1}]'
    date = services.wall_clock.now()
    headers = signed_headers(services, body, "Chunked", key=services.estate.primary_shared_key, date=date)
    answer = anonymous.post("/api/logs?api-version=2016-04-01", content=iter([body[:4], body[4:]]), headers=headers)
    assert answer.status_code == 200
    cut = anonymous.post("/api/logs?api-version=2016-04-01", content=iter([body[:4]]), headers=headers)
    assert cut.json()["Error"] == "InvalidAuthorization"


def test_posts_that_arrive_together_are_all_stored(services: Services) -> None:
    bodies = [orjson.dumps([{"n": n, f"only{n}": n}]) for n in range(24)]

    async def send_all() -> list[int]:
        key, date = services.estate.primary_shared_key, services.wall_clock.now()
        transport = httpx.ASGITransport(make_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1:8443") as client:
            posts = [
                client.post(
                    "/api/logs?api-version=2016-04-01",
                    content=body,
                    headers=signed_headers(services, body, "Together", key=key, date=date),
                )
                for body in bodies
            ]
            return [answer.status_code for answer in await asyncio.gather(*posts)]

    assert set(asyncio.run(send_all())) == {200}
    assert sorted(row["n_d"] for row in stored(services, "Together_CL")) == list(range(24))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "MissingApiVersion"),
        ("?api-version=", "MissingApiVersion"),
        ("?api-version=2015-01-01", "InvalidApiVersion"),
    ],
)
def test_api_versions(anonymous: TestClient, services: Services, query: str, code: str) -> None:
    refused(post(anonymous, services, [{"a": 1}], "Refused", query=query), 400, code)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Log-Type": ""}, 400, "MissingLogType"),
        ({"Log-Type": "a-b"}, 400, "InvalidLogType"),
        ({"Log-Type": "a b"}, 400, "InvalidLogType"),
        ({"Log-Type": "x" * 101}, 400, "InvalidLogType"),
        ({"Content-Type": ""}, 400, "MissingContentType"),
        ({"Content-Type": "text/json"}, 400, "UnsupportedContentType"),
        ({"Content-Type": "application/json; charset=utf-8"}, 403, "InvalidAuthorization"),
        ({"Authorization": ""}, 403, "InvalidAuthorization"),
        ({"Authorization": "Bearer abc"}, 403, "InvalidAuthorization"),
        ({"Authorization": "SharedKey not-a-guid:AAAA"}, 400, "InvalidCustomerId"),
        ({"Authorization": "SharedKey 00000000-0000-0000-0000-000000000000:AAAA"}, 400, "InvalidCustomerId"),
        ({"x-ms-date": ""}, 403, "InvalidAuthorization"),
        ({"x-ms-date": "2026-01-01"}, 403, "InvalidAuthorization"),
        ({"Host": "00000000-0000-0000-0000-000000000000.ods.opinsights.azure.com"}, 403, "InvalidAuthorization"),
    ],
)
def test_headers(anonymous: TestClient, services: Services, headers: dict[str, str], status: int, code: str) -> None:
    refused(post(anonymous, services, [{"a": 1}], "Refused", headers=headers), status, code)


def test_a_charset_is_fine_where_it_is_signed(anonymous: TestClient, services: Services) -> None:
    body, date = b'[{"a":1}]', format_datetime(services.wall_clock.now(), usegmt=True)
    content_type = "application/json; charset=utf-8"
    text = f"POST\n{len(body)}\n{content_type}\nx-ms-date:{date}\n/api/logs".encode()
    digest = hmac.new(base64.b64decode(services.estate.primary_shared_key), text, hashlib.sha256).digest()
    headers = {
        "Authorization": f"SharedKey {services.estate.workspace_id}:{base64.b64encode(digest).decode()}",
        "Content-Type": content_type,
        "x-ms-date": date,
    }
    assert post(anonymous, services, body, "Charset", headers=headers).status_code == 200


@pytest.mark.parametrize("minutes", [-16, 16])
def test_an_old_or_early_signature_is_refused(anonymous: TestClient, services: Services, minutes: int) -> None:
    date: datetime = services.wall_clock.now() + timedelta(minutes=minutes)
    key = services.estate.primary_shared_key
    headers = signed_headers(services, b"[{}]", "Refused", key=key, date=date)
    answer = anonymous.post("/api/logs?api-version=2016-04-01", content=b"[{}]", headers=headers)
    refused(answer, 403, "InvalidAuthorization")


def test_a_foreign_key_is_refused(anonymous: TestClient, services: Services) -> None:
    foreign = base64.b64encode(b"x" * 64).decode()
    refused(post(anonymous, services, [{"a": 1}], "Refused", key=foreign), 403, "InvalidAuthorization")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"hello",
        b'[{"a":1}',
        b"[1,2]",
        b'"text"',
        b"17",
        b"null",
        b'[{"a":NaN}]',
        b'[{"a":"\xff"}]',
        b"[" * 10_000 + b"]" * 10_000,
        b'[{"a":' + b"[" * 500 + b"]" * 500 + b"}]",
        b'[{"ok":1},{"TimeGenerated":"2024-01-01T00:00:00Z"}]',
        b'[{"tenant":"x"}]',
        b'[{"RawData":"x"}]',
    ],
)
def test_bodies_are_all_or_nothing(anonymous: TestClient, services: Services, body: bytes) -> None:
    refused(post(anonymous, services, body, "Refused"), 400, "InvalidDataFormat")
    assert is_absent(services, "Refused_CL")


def test_a_reserved_property_is_named(anonymous: TestClient, services: Services) -> None:
    assert "'tenant'" in post(anonymous, services, [{"tenant": 1}], "Refused").json()["Message"]


def test_thirty_megabytes_are_taken_and_more_is_404(anonymous: TestClient, services: Services) -> None:
    value = "x" * 30_000
    record = len(value) + len('{"a":""},')
    records = [{"a": value}] * (POST_BYTES // record)
    assert post(anonymous, services, records, "Large").status_code == 200
    assert len(stored(services, "Large_CL")) == len(records)
    refused(post(anonymous, services, [*records, *records[:50]], "TooLarge"), 404, "RequestTooLarge")
    assert is_absent(services, "TooLarge_CL")


def test_other_methods_are_refused(anonymous: TestClient) -> None:
    assert anonymous.get("/api/logs?api-version=2016-04-01").status_code == 405


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["Error"]) == (status, code), answer.text
    assert answer.json().keys() == {"Error", "Message"}
    assert answer.json()["Message"]


def test_a_workspace_that_is_deleted_is_inactive(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    client = signed_in(virtual_services)
    path = f"{virtual_services.estate.workspace_resource_id}?api-version=2023-09-01"
    assert client.delete(path).status_code == 200
    answer = post(client, virtual_services, [{"a": 1}], "Late")
    assert (answer.status_code, answer.json()["Error"]) == (400, "InactiveCustomer")
    assert client.delete(f"{path}&force=true").status_code in (200, 204)


def test_more_than_a_workspace_takes_in_a_minute_is_429(
    virtual_services: Services, signed_in: Callable[[Services], TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BYTES_PER_MINUTE", 600)
    clock = VirtualClock(datetime.now(UTC))  # the machine's: limits are of real time, as the waiting is
    services = replace(virtual_services, wall_clock=clock)
    client = signed_in(services)
    answers = [post(client, services, [{"a": "x" * 400}], "Busy") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["Error"] == "TooManyRequests"
    assert int(answers[1].headers["retry-after"]) >= 1
    clock.advance(timedelta(minutes=1))
    assert post(client, services, [{"a": "x"}], "Busy").status_code == 200


def test_a_fault_of_the_server_is_unspecified(
    anonymous: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(ingest, "append_records", fail)
    answer = post(anonymous, services, [{"a": 1}], "Fault")
    assert (answer.status_code, answer.json()["Error"]) == (500, "UnspecifiedError")
    assert "secret detail" not in answer.text


ODD_BODIES = [
    b'\xef\xbb\xbf[{"Kept": "BOM"}]',
    b'[{"Kept": "first", "Kept": "twice"}]\r\n',
    b'[{"Kept": "a\\u0000b"}]',
    b'[{"Kept": "\\ud83d\\ude00"}]',
    b'[{"Kept": "9", "Number": 123456789012345678901234567890}]',
    b'[{"Kept": "deep", "List": ' + b"[" * 200 + b"]" * 200 + b"}]",
]


def test_odd_and_allowed_bodies(anonymous: TestClient, services: Services) -> None:
    for body in ODD_BODIES:
        assert post(anonymous, services, body, "Odd").status_code == 200, body
    assert {row["Kept_s"] for row in stored(services, "Odd_CL")} == {
        "BOM",
        "twice",
        "a\0b",
        "\N{GRINNING FACE}",
        "9",
        "deep",
    }


REFUSED_BODIES = [
    b'[{"a": NaN}]',
    b'[{"a": -Infinity}]',
    b'[{"a": "\\ud800"}]',
    b'[{"a": "\xff"}]',
    b"[" * 10_000 + b"]" * 10_000,
    b'[{"a": ' + b"[" * 900 + b"]" * 900 + b"}]",
    '[{"a": 1}]'.encode("utf-16"),
]


@pytest.mark.parametrize("body", REFUSED_BODIES)
def test_bodies_that_are_refused_whole(anonymous: TestClient, services: Services, body: bytes) -> None:
    answer = post(anonymous, services, body, "RefusedWhole")
    assert (answer.status_code, answer.json()["Error"]) == (400, "InvalidDataFormat")
    assert is_absent(services, "RefusedWhole_CL")


def test_a_bomb_is_refused(anonymous: TestClient, services: Services) -> None:
    packed = gzip.compress(b"[" + b" " * 64_000_000 + b"]")
    answer = post(anonymous, services, packed, "Bomb", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 404
    assert is_absent(services, "Bomb_CL")
