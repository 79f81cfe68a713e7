"""Ranges of IPv4 addresses as networks."""

import ipaddress
from collections.abc import Mapping

import orjson

from vedette.engine.python.function import PythonFunction


def networks(first: str | None, last: str | None) -> str | None:
    """JSON array of the least networks in CIDR notation that cover the addresses from one to another; None where one is
    no address or the last comes before the first. A prefix stands for the network's first address.

    https://learn.microsoft.com/kusto/query/ipv4-range-to-cidr-list-function
    """
    low, high = _address(first), _address(last)
    if low is None or high is None or low > high:
        return None
    return orjson.dumps([str(network) for network in ipaddress.summarize_address_range(low, high)]).decode()


def _address(text: str | None) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Network((text or "").strip(), strict=False).network_address
    except ValueError:
        return None


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_ipv4_networks": PythonFunction(networks, ("VARCHAR", "VARCHAR"), "VARCHAR")
}
"""By the names that SQL calls them by."""
