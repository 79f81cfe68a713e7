"""The signature of a Data Collector post: who may post what, and when."""

import base64
import hashlib
import hmac
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.access.workspaces import Workspace
from vedette.api.shared_key import check_date, check_signature, parse_shared_key
from vedette.core.errors import Forbidden, InvalidInput

ID = "271f17d3-5457-4237-9131-ae98a6f55c37"
OTHER = "371f17d3-5457-4237-9131-ae98a6f55c37"
WORKSPACE = Workspace(
    id=ID,
    name="ws",
    resource_id="/subscriptions/s/resourceGroups/r/providers/Microsoft.OperationalInsights/workspaces/ws",
    primary_key=base64.b64encode(b"p" * 64).decode(),
    secondary_key=base64.b64encode(b"s" * 64).decode(),
)
DATE = "Sun, 22 Nov 2026 20:36:17 GMT"
NOW = datetime(2026, 11, 22, 20, 36, 17, tzinfo=UTC)
HOST = f"{ID}.ods.opinsights.azure.com"


def signature(key: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def check(encoded: str, *, length: int = 40, content_type: str = "application/json", date: str = DATE) -> None:
    key = parse_shared_key(f"SharedKey {ID}:{encoded}", HOST)
    check_signature(key, WORKSPACE, length=length, content_type=content_type, date=date)


SIGNED = f"POST\n40\napplication/json\nx-ms-date:{DATE}\n/api/logs"


@pytest.mark.parametrize("key", [b"p" * 64, b"s" * 64])
def test_both_keys_sign(key: bytes) -> None:
    check(signature(key, SIGNED))
    check(f" {signature(key, SIGNED)}\n ")


def test_the_content_type_is_signed_exactly_as_sent() -> None:
    content_type = "application/json; charset=UTF-8"
    check(signature(b"p" * 64, SIGNED.replace("application/json", content_type)), content_type=content_type)


@pytest.mark.parametrize(
    "text",
    [
        SIGNED.replace("40", "41"),
        SIGNED.replace("POST", "PUT"),
        SIGNED.replace("application/json", "text/plain"),
        SIGNED.replace("20:36:17", "20:36:18"),
        SIGNED.replace("/api/logs", "/api/Logs"),
        SIGNED.replace("\n", "\r\n"),
    ],
)
def test_another_text_than_that_of_the_request_is_refused(text: str) -> None:
    with pytest.raises(Forbidden) as refusal:
        check(signature(b"p" * 64, text))
    assert refusal.value.code == "InvalidAuthorization"


@pytest.mark.parametrize("encoded", ["", "AAAA", "not base64!", signature(b"x" * 64, SIGNED), "é"])
def test_other_signatures_are_refused(encoded: str) -> None:
    with pytest.raises(Forbidden):
        check(encoded)


@pytest.mark.parametrize("header", ["", "SharedKey", "Bearer token", f"SharedKeyLite {ID}:AAAA"])
def test_other_schemes_are_refused(header: str) -> None:
    with pytest.raises((Forbidden, InvalidInput)):
        parse_shared_key(header, HOST)


@pytest.mark.parametrize("workspace", ["", "ws", f"{ID}x", "../../etc", "1" * 36])
def test_a_workspace_id_is_a_guid(workspace: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_shared_key(f"SharedKey {workspace}:AAAA", "localhost")
    assert refusal.value.code == "InvalidCustomerId"


@pytest.mark.parametrize(
    "host", [HOST, HOST.upper(), f"{HOST}:443", "localhost:8443", "127.0.0.1", "", "ws.ods.opinsights.azure.com"]
)
def test_a_host_is_only_a_hint(host: str) -> None:
    assert parse_shared_key(f"sharedkey  {ID}:AAAA", host).workspace_id == ID


@pytest.mark.parametrize("suffix", ["azure.com", "azure.us", "azure.cn", "azure.com:443"])
def test_a_host_of_another_workspace_is_refused(suffix: str) -> None:
    with pytest.raises(Forbidden, match="another workspace"):
        parse_shared_key(f"SharedKey {ID}:AAAA", f"{OTHER}.ods.opinsights.{suffix}")


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_dates_near_now_are_taken(minutes: int) -> None:
    check_date(DATE, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-901, 901, 10**8])
def test_dates_far_from_now_are_refused(seconds: int) -> None:
    with pytest.raises(Forbidden, match="15 minutes"):
        check_date(DATE, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("date", ["", "now", "2026-11-22T20:36:17Z", "Sun, 99 Nov 2026 20:36:17 GMT", "\x00"])
def test_other_dates_are_refused(date: str) -> None:
    with pytest.raises(Forbidden):
        check_date(date, NOW)


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 01 Jan 2024 99999999999999999999:00:00 GMT",
        "Fri, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Fri, 01 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 0001 00:00:00 +1400",
    ],
)
def test_dates_beyond_all_numbers_are_refused(date: str) -> None:
    with pytest.raises(Forbidden):
        check_date(date, NOW)


HEADER_TEXT = st.text(st.characters(max_codepoint=255))
DATE_PARTS = st.sampled_from(["Fri,", "01", "Jan", "2024", "00:00:00", "+9999", "GMT", "-", "99999999999", ":", " "])


@settings(deadline=None)
@given(HEADER_TEXT | st.builds(" ".join, st.lists(DATE_PARTS, max_size=8)))
def test_any_date_is_taken_or_refused(date: str) -> None:
    with suppress(Forbidden):
        check_date(date, NOW)


@settings(deadline=None)
@given(HEADER_TEXT | st.builds("SharedKey {}:{}".format, st.just(ID) | HEADER_TEXT, HEADER_TEXT), HEADER_TEXT)
def test_any_header_is_read_or_refused(header: str, other: str) -> None:
    with suppress(Forbidden, InvalidInput):
        key = parse_shared_key(header, other)
        check_signature(key, WORKSPACE, length=40, content_type=other, date=DATE)
        pytest.fail("a guessed signature was taken")
