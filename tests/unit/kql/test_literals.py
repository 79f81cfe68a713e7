"""The text of constants, read and written."""

from datetime import UTC, datetime
from decimal import Decimal
from math import inf, isnan

import pytest

from vedette.kql import literals

SECOND = literals.TICKS_PER_SECOND
DAY = literals.TICKS_PER_DAY


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        (" 7 ", 7),
        ("0x1F", 31),
        ("0xFFFFFFFFFFFFFFFF", -1),
        ("0x8000000000000000", -(2**63)),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", None),
        ("5.0", None),
        ("1e3", None),
        ("", None),
        ("null", None),
        ("9" * 100_000, None),
    ],
)
def test_long(text: str, value: int | None) -> None:
    assert literals.parse_long(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("2147483647", 2**31 - 1), ("2147483648", None), ("-2147483648", -(2**31)), ("0xFFFFFFFF", -1)],
)
def test_int(text: str, value: int | None) -> None:
    assert literals.parse_int(text) == value


def test_real() -> None:
    assert literals.parse_real("1.5e3") == 1500
    assert literals.parse_real("5") == 5
    assert literals.parse_real("+inf") == inf
    assert literals.parse_real("-inf") == -inf
    assert isnan(literals.parse_real("nan") or 0)
    assert literals.parse_real("1_0") is None


def test_decimal_bool_guid() -> None:
    assert literals.parse_decimal("1.50") == Decimal("1.50")
    assert literals.parse_decimal("x") is None
    assert literals.parse_bool("True") is True
    assert literals.parse_bool("0") is False
    assert literals.parse_bool("maybe") is None
    assert literals.parse_guid("74BE27DE1E4E49D9B579FE0B331D3642") == "74be27de-1e4e-49d9-b579-fe0b331d3642"
    assert literals.parse_guid("74be27de") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024", datetime(2024, 1, 1)),
        ("2024-03", datetime(2024, 3, 1)),
        ("2024-03-05", datetime(2024, 3, 5)),
        ("2024-3-5", datetime(2024, 3, 5)),
        ("2024-03-05 10:30", datetime(2024, 3, 5, 10, 30)),
        ("2024-03-05T10:30:15.1234567Z", datetime(2024, 3, 5, 10, 30, 15, 123456)),
        ("2024-03-05T10:30:15+02:00", datetime(2024, 3, 5, 8, 30, 15)),
        ("2024-03-05 10:30:15 -0130", datetime(2024, 3, 5, 12, 0, 15)),
        ("2024/03/05 10:30", datetime(2024, 3, 5, 10, 30)),
        ("2025, 6, 14", datetime(2025, 6, 14)),
        ("2017 - 08 - 01", datetime(2017, 8, 1)),
        ("03/05/2024 10:30:15", datetime(2024, 3, 5, 10, 30, 15)),
        ("3/5/2024 10:30:15 PM", datetime(2024, 3, 5, 22, 30, 15)),
        ("12/31/2024 12:00 AM", datetime(2024, 12, 31)),
        ("Sat, 8 Nov 2014 15:05:02 GMT", datetime(2014, 11, 8, 15, 5, 2)),
        ("Sat, 8 Nov 14 15:05", datetime(2014, 11, 8, 15, 5)),
        ("8 November 2014", datetime(2014, 11, 8)),
        ("Saturday, 08-Nov-14 15:05:02 UTC", datetime(2014, 11, 8, 15, 5, 2)),
        ("Nov 8, 2014 15:05", datetime(2014, 11, 8, 15, 5)),
        ("Sat Nov  8 15:05:02 2014", datetime(2014, 11, 8, 15, 5, 2)),
        ("2024-13-01", None),
        ("2024-02-30", None),
        ("2024-03-05 25:00", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("13:00 PM", None),
        ("now", None),
        ("", None),
    ],
)
def test_datetime(text: str, value: datetime | None) -> None:
    assert literals.parse_datetime(text) == (None if value is None else value.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("1d", DAY),
        ("-1d", -DAY),
        ("1.5h", 5400 * SECOND),
        ("2 seconds", 2 * SECOND),
        ("10ms", SECOND // 100),
        ("1tick", 1),
        ("3microseconds", 30),
        ("100nanoseconds", 1),
        ("2", 2 * DAY),
        ("01:02", 3720 * SECOND),
        ("01:02:03", 3723 * SECOND),
        ("1.02:03", DAY + 7380 * SECOND),
        ("1.02:03:04.5", DAY + 7384 * SECOND + SECOND // 2),
        ("1.02:03:04.1234567", DAY + 7384 * SECOND + 1_234_567),
        ("-0.00:00:01", -SECOND),
        ("25:00:00", None),
        ("00:61:00", None),
        ("1 fortnight", None),
        ("99999999999999d", None),
        ("abc", None),
    ],
)
def test_timespan(text: str, ticks: int | None) -> None:
    assert literals.parse_timespan(text) == ticks


def test_written_datetimes_and_timespans() -> None:
    assert literals.format_datetime(datetime(2024, 3, 5, 1, 2, 3, 4, UTC)) == "2024-03-05T01:02:03.0000040Z"
    assert literals.format_datetime(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.0000000Z"
    assert literals.format_timespan(0) == "00:00:00"
    assert literals.format_timespan(DAY + 7384 * SECOND + 5) == "1.02:03:04.0000005"
    assert literals.format_timespan(-SECOND) == "-00:00:01"


@pytest.mark.parametrize(
    ("quoted", "value"),
    [
        ('"a"', "a"),
        ("''", ""),
        (r'"a\n\t\r\\\"\'b"', "a\n\t\r\\\"'b"),
        (r'"\u00e9\x41\U0001F600"', "éA😀"),
        (r'"\0\101"', "\0A"),
        (r'@"a\n""b"', r"a\n" + '"b'),
        ("@'it''s'", "it's"),
        ("h'x'", "x"),
        ('H@"x\\"', "x\\"),
        ("```a\\n'b\n```", "a\\n'b\n"),
        ("~~~a~~~", "a"),
    ],
)
def test_unquote(quoted: str, value: str) -> None:
    assert literals.unquote(quoted) == value


@pytest.mark.parametrize(("quoted", "offset"), [(r'"ab\d"', 3), (r'h"\q"', 2), (r'"\U41424344"', 1)])
def test_a_bad_escape_says_where(quoted: str, offset: int) -> None:
    with pytest.raises(literals.BadEscape) as caught:
        literals.unquote(quoted)
    assert caught.value.offset == offset


def test_pairs_of_surrogates_are_one_character() -> None:
    assert literals.unquote(r"'a\ud83d\ude00b'") == "a\U0001f600b"
    assert literals.unquote(r"'a\ud83d'") == "a\ufffd"
