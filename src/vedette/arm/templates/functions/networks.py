"""CIDR functions: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-cidr"""

from ipaddress import IPv4Network, IPv6Network, ip_network

from vedette.arm.templates.facts import Json
from vedette.expressions.errors import about
from vedette.expressions.functions import function


def _network(name: str, text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise about(
            name, f"expects its first parameter to be a network in CIDR notation, not '{text[:60]}'."
        ) from error


def _parse_cidr(text: str) -> Json:
    network = _network("parseCidr", text)
    found: Json = {
        "network": str(network.network_address),
        "netmask": str(network.netmask),
        "cidr": network.prefixlen,
    }
    if isinstance(network, IPv6Network):
        return found | {"firstUsable": str(network[0]), "lastUsable": str(network[-1])}
    small = network.num_addresses <= 2
    return {
        "network": found["network"],
        "netmask": found["netmask"],
        "broadcast": str(network.broadcast_address),
        "firstUsable": str(network[0] if small else network[1]),
        "lastUsable": str(network[-1] if small else network[-2]),
        "cidr": network.prefixlen,
    }


def _cidr_subnet(text: str, prefix: int, index: int) -> str:
    network = _network("cidrSubnet", text)
    if not network.prefixlen <= prefix <= network.max_prefixlen:
        raise about(
            "cidrSubnet",
            f"expects its second parameter to be from {network.prefixlen} to {network.max_prefixlen}, not '{prefix}'.",
        )
    if not 0 <= index < 2 ** (prefix - network.prefixlen):
        raise about("cidrSubnet", f"has no subnet '{index}' of this size in '{network}'.")
    first = network.network_address + index * 2 ** (network.max_prefixlen - prefix)
    return f"{first}/{prefix}"


def _cidr_host(text: str, index: int) -> str:
    network = _network("cidrHost", text)
    small = network.num_addresses <= 2
    usable = network.num_addresses if small else network.num_addresses - 2
    if not 0 <= index < usable:
        raise about("cidrHost", f"has no host '{index}' in '{network}'.")
    return str(network[index if small else index + 1])


NETWORKS = (
    function("parseCidr", "network: string", _parse_cidr),
    function("cidrSubnet", "network: string, newCidr: integer, subnetIndex: integer", _cidr_subnet),
    function("cidrHost", "network: string, hostIndex: integer", _cidr_host),
)
