"""IPv6 addresses as queries compare and print them."""

import pytest

from vedette.engine.python import ipv6


@pytest.mark.parametrize(
    ("left", "right", "prefix", "expected"),
    [
        ("fe80::1", "fe80::1", 128, 0),
        ("fe80::1", "fe80::2", 128, -1),
        ("fe80::2", "fe80::1/120", 128, 0),
        ("192.168.1.1/24", "192.168.1.255", 128, 0),
        ("192.168.1.1", "::ffff:c0a8:0101", 128, 0),
        ("::192.168.1.1", "192.168.1.1", 128, 0),
        ("fe80::1", "nothing", 128, None),
        ("fe80::1", "fe80::1", 129, None),
        (None, "fe80::1", 128, None),
    ],
)
def test_compare(left: str | None, right: str, prefix: int, expected: int | None) -> None:
    assert ipv6.compare(left, right, prefix) == expected


@pytest.mark.parametrize(
    ("address", "prefix", "expected"),
    [
        ("fe80::85d:e82c:9446:7994", 124, "fe80:0000:0000:0000:085d:e82c:9446:7990"),
        ("192.168.255.255/24", 128, "0000:0000:0000:0000:0000:ffff:c0a8:ff00"),
        ("fe80::1/999", 128, None),
        ("", 128, None),
    ],
)
def test_text(address: str, prefix: int, expected: str | None) -> None:
    assert ipv6.text(address, prefix) == expected
