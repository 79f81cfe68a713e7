"""Whether an address is one of the public internet, also where an IPv6 address stands for an IPv4 address."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_UNICAST: Final = IPv6Network("2000::/3")
_IPV4_IN_LAST_BITS: Final = (IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5 and https://www.rfc-editor.org/rfc/rfc6052#section-2.1"""


def is_public(address: str) -> bool:
    """Whether an address, with or without an IPv6 zone, leads to one host outside of private networks."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return _is_public(parsed)
    embedded = _embedded(parsed)
    return all(map(_is_public, embedded)) if embedded else parsed in _UNICAST and parsed.is_global


def _is_public(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast


def _embedded(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that whoever translates or tunnels would send to."""
    if any(address in network for network in _IPV4_IN_LAST_BITS):
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    return address.teredo or ((address.sixtofour,) if address.sixtofour else ())
