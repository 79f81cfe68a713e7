"""Headers as the standards have them and as devices write them; any bytes are a message."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.formats.syslog import FACILITIES, SEVERITIES, SyslogMessage, parse_syslog

NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)
NOTICE = ("user", "notice")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            (
                "auth",
                "crit",
                at(2026, 10, 11, 22, 14, 15),
                "mymachine",
                "su",
                None,
                "'su root' failed for lonvick on /dev/pts/8",
            ),
        ),
        (
            b"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 812 ID47 - \xef\xbb\xbfAn event",
            (
                "local4",
                "notice",
                at(2003, 10, 11, 22, 14, 15, 3000),
                "mymachine.example.com",
                "evntslog",
                812,
                "An event",
            ),
        ),
        (
            b'<165>1 2003-10-11T22:14:15-07:00 host app - ID47 [own@32473 a="]\\"]" b="c"][origin ip="1.2.3.4"] text',
            (
                "local4",
                "notice",
                at(2003, 10, 12, 5, 14, 15),
                "host",
                "app",
                None,
                'ID47 [own@32473 a="]\\"]" b="c"] text',
            ),
        ),
        (
            b'<13>1 2026-11-26T15:31:16.164134+00:00 box root - - [timeQuality tzKnown="1"] hello',
            (*NOTICE, at(2026, 11, 26, 15, 31, 16, 164134), "box", "root", None, "hello"),
        ),
        (b"<14>1 - - - - - -", ("user", "info", None, "", "", None, "")),
        (
            b"<189>269614: switch1: Apr 11 10:02:08.150 UTC: %SYS-5-CONFIG_I: Configured from console",
            (
                "local7",
                "notice",
                at(2026, 4, 11, 10, 2, 8, 150000),
                "switch1",
                "%SYS-5-CONFIG_I",
                None,
                "%SYS-5-CONFIG_I: Configured from console",
            ),
        ),
        (
            b"<189>000123: *Mar  1 18:46:11: %SYS-5-RESTART: System restarted",
            (
                "local7",
                "notice",
                at(2026, 3, 1, 18, 46, 11),
                "",
                "%SYS-5-RESTART",
                None,
                "%SYS-5-RESTART: System restarted",
            ),
        ),
        (
            b"<166>Apr 11 2023 10:02:08 ASA1 : %ASA-6-302013: Built outbound",
            (
                "local4",
                "info",
                at(2023, 4, 11, 10, 2, 8),
                "ASA1",
                "%ASA-6-302013",
                None,
                "%ASA-6-302013: Built outbound",
            ),
        ),
        (
            b"<166>Apr 11 2023 10:02:08: %ASA-6-302013: Built outbound",
            ("local4", "info", at(2023, 4, 11, 10, 2, 8), "", "%ASA-6-302013", None, "%ASA-6-302013: Built outbound"),
        ),
        (b"<166>%ASA-6-302013: Built", ("local4", "info", None, "", "", None, "%ASA-6-302013: Built")),
        (
            b"<134>1 1563262058.692773343 AP_floor airmarshal_events type=rogue",
            (
                "local0",
                "info",
                at(2019, 7, 16, 7, 27, 38, 692773),
                "AP_floor",
                "",
                None,
                "airmarshal_events type=rogue",
            ),
        ),
        (
            b"<13>2024-01-01T00:00:00.123456+02:00 host postfix/smtpd[12]: connect",
            (*NOTICE, at(2023, 12, 31, 22, 0, 0, 123456), "host", "postfix/smtpd", 12, "connect"),
        ),
        (b"<13>Nov 26 15:05:00 CEST host a: b", (*NOTICE, at(2026, 11, 26, 13, 5), "host", "a", None, "b")),
        (b"<13>Jan  1 00:00:00 sshd[1]: no host", (*NOTICE, at(2026, 1, 1), "", "sshd", 1, "no host")),
        (b"<13>Jan  1 00:00:00 FW deny tcp", (*NOTICE, at(2026, 1, 1), "FW", "", None, "deny tcp")),
        (
            b"<13>Dec 31 23:00:00 h last message repeated 3 times",
            (*NOTICE, at(2025, 12, 31, 23), "h", "", None, "last message repeated 3 times"),
        ),
        (b"<30>sshd[12]: no time", ("daemon", "info", None, "", "sshd", 12, "no time")),
        (b"Nov 26 14:00:00 2026 host x: y", (*NOTICE, at(2026, 11, 26, 14), "host", "x", None, "y")),
        (b"just text: nothing else\r\n\0", (*NOTICE, None, "", "", None, "just text: nothing else")),
        (b"<999>beyond the priorities", (*NOTICE, None, "", "", None, "<999>beyond the priorities")),
        (b"<13>Feb 30 00:00:00 host a: b", (*NOTICE, None, "host", "a", None, "b")),
        (b"<13>Nov 26 15:00:00 h a: caf\xe9", (*NOTICE, at(2026, 11, 26, 15), "h", "a", None, "café")),
        (b"", (*NOTICE, None, "", "", None, "")),
    ],
)
def test_headers(line: bytes, expected: tuple[object, ...]) -> None:
    assert parse_syslog(line, NOW) == SyslogMessage(*expected)  # pyright: ignore[reportArgumentType]


def test_a_time_without_a_year_is_of_the_next_or_the_last_one_at_its_turn() -> None:
    new_year = datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC)
    assert parse_syslog(b"<13>Jan  1 00:00:05 h a: b", new_year).time == at(2027, 1, 1, 0, 0, 5)
    assert parse_syslog(b"<13>Dec 31 23:59:50 h a: b", at(2027, 1, 1)).time == at(2026, 12, 31, 23, 59, 50)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message(data: bytes) -> None:
    message = parse_syslog(data, NOW)
    assert message.facility in FACILITIES
    assert message.severity in SEVERITIES
    message.text.encode()


PIECES = [
    "<34>",
    "<1",
    "1 ",
    "- ",
    '[a@1 b="c"]',
    "[",
    "]",
    "\\",
    '"',
    "Oct 11 22:14:15 ",
    "host ",
    "su: ",
    "su[1]: ",
    "*",
    "%A-1-B: ",
    "2003-10-11T22:14:15Z ",
    "99999999999",
    "\n",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_pieces_of_headers_are_a_message(text: str) -> None:
    assert len(parse_syslog(text.encode(), NOW).text) <= len(text)


@pytest.mark.parametrize(
    "text", ["[a@1 " * 20_000, "<13>1 - - - - - " + '[x b="' * 20_000, "a=" * 50_000, " " * 100_000]
)
def test_long_lines_take_linear_time(text: str) -> None:
    parse_syslog(b"<13>Oct 11 22:14:15 h " + text.encode(), NOW)
