"""STIX patterns: what is read from each form, and that anything else is refused with a place."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import InvalidInput
from vedette.formats.stix_pattern import Comparison, parse_pattern

SEVERAL = (
    "[network-traffic:src_ref.value='10.0.0.1' AND network-traffic:dst_port>=443] FOLLOWEDBY "
    "([domain-name:value LIKE '%.contoso.com'] OR [url:value MATCHES '^h\\'t']) WITHIN 300 SECONDS"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ipv4-addr:value = '198.51.100.7']", [Comparison("ipv4-addr", ("value",), "=", ("198.51.100.7",))]),
        (
            "[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5 = 'cd']",
            [
                Comparison("file", ("hashes", "SHA-256"), "=", ("ab",)),
                Comparison("file", ("hashes", "MD5"), "=", ("cd",)),
            ],
        ),
        (
            SEVERAL,
            [
                Comparison("network-traffic", ("src_ref", "value"), "=", ("10.0.0.1",)),
                Comparison("network-traffic", ("dst_port",), ">=", ("443",)),
                Comparison("domain-name", ("value",), "LIKE", ("%.contoso.com",)),
                Comparison("url", ("value",), "MATCHES", ("^h't",)),
            ],
        ),
        (
            "[network-traffic:protocols[*] IN ('tcp','udp') AND NOT EXISTS x:y] REPEATS 3 TIMES",
            [
                Comparison("network-traffic", ("protocols", "[*]"), "IN", ("tcp", "udp")),
                Comparison("x", ("y",), "EXISTS", (), True),
            ],
        ),
        (
            "[ipv4-addr:value NOT ISSUBSET '10.0.0.0/8'] START t'2024-01-01T00:00:00Z' STOP t'2024-02-01T00:00:00Z'",
            [Comparison("ipv4-addr", ("value",), "ISSUBSET", ("10.0.0.0/8",), True)],
        ),
        ("[process:is_hidden = true]", [Comparison("process", ("is_hidden",), "=", ("true",))]),
    ],
)
def test_what_is_read(text: str, expected: list[Comparison]) -> None:
    assert parse_pattern(text) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "its end at 1"),
        ("url:value = 'x'", "'url:value = 'x'' at 1"),
        ("[url:value = 'x'", "its end at 17"),
        ("[url:value = 'x' AND]", r"'\]' at 21"),
        ("[url:value = x]", r"'x\]' at 14"),
        ("[url:value ~ 'x']", "'~ 'x'\\]' at 12"),
        ("[url = 'x']", "'= 'x'\\]' at 6"),
        ("[url:value IN ()]", r"'\)\]' at 16"),
    ],
)
def test_what_is_none(text: str, place: str) -> None:
    with pytest.raises(InvalidInput, match=place):
        parse_pattern(text)


def test_limits() -> None:
    with pytest.raises(InvalidInput, match="nested"):
        parse_pattern("[" + "(" * 60 + "a:b = 1" + ")" * 60 + "]")
    with pytest.raises(InvalidInput, match="longer"):
        parse_pattern("[a:b = '" + "x" * 10_000 + "']")


@given(st.text(st.sampled_from("[]()':=abIN AND,.0*\\"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert all(each.object for each in parse_pattern(text))


@given(st.text(max_size=50))
def test_a_text_comes_back(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    assert parse_pattern(f"[url:value = '{quoted}']")[0].values == (value,)
