"""IPv6 addresses of queries, with IPv4 ones as their mapped form, as Kusto reads and compares them."""

import ipaddress
import re
from collections.abc import Mapping

from vedette.engine.python.function import PythonFunction

_MAPPED_BITS = 96
_COLONS_BEFORE_IPV4 = re.compile(r"\s*::(?=\d+\.)")


def compare(left: str | None, right: str | None, prefix: int | None) -> int | None:
    """-1, 0 or 1 by the bits that the shortest of the three prefixes leaves; None where one is no address.

    https://learn.microsoft.com/kusto/query/ipv6-compare-function
    """
    one, other = _parsed(_bare(left)), _parsed(_bare(right))
    if one is None or other is None or prefix is None or not 0 <= prefix <= 128:
        return None
    bits = min(one[1], other[1], prefix)
    low, high = one[0] >> (128 - bits), other[0] >> (128 - bits)
    return (low > high) - (low < high)


def text(address: str | None, prefix: int | None) -> str | None:
    """The address in its longest form, with the bits of the shorter of its own prefix and the given one only."""
    parsed = _parsed(address)
    if parsed is None or prefix is None or not 0 <= prefix <= 128:
        return None
    hidden = 128 - min(parsed[1], prefix)
    return ipaddress.IPv6Address(parsed[0] >> hidden << hidden).exploded


def _bare(address: str | None) -> str | None:
    """For comparing, an IPv4 address after two colons is just that address."""
    return _COLONS_BEFORE_IPV4.sub("", address, count=1) if address else address


def _parsed(address: str | None) -> tuple[int, int] | None:
    """An address as its 128 bits and the prefix that it carries, 128 if none."""
    if not address:
        return None
    host, slash, prefix = address.strip().partition("/")
    mapped = "." in host and ":" not in host
    try:
        bits = int(ipaddress.IPv6Address(f"::ffff:{host}" if mapped else host))
        length = (int(prefix) + (_MAPPED_BITS if "." in host else 0)) if slash else 128
    except ValueError:
        return None
    return (bits, length) if 0 <= length <= 128 else None


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_ipv6_compare": PythonFunction(compare, ("VARCHAR", "VARCHAR", "BIGINT"), "BIGINT"),
    "py_ipv6_text": PythonFunction(text, ("VARCHAR", "BIGINT"), "VARCHAR"),
}
"""By the names that SQL calls them by."""
