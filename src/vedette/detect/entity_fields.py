"""What one identifier's value says of an entity: full names are taken apart, truth values read."""

import ipaddress
from typing import Any


def fields_of(kind: str, identifier: str, text: str) -> dict[str, Any]:
    """The fields that one identifier's value stands for."""
    match kind, identifier:
        case "Account", "FullName":
            return _account_fields(text)
        case "Host", "FullName":
            return _host_fields(text)
        case "DNS", "IpAddress":
            return {"IpAddresses": [{"Address": text, "Type": "ip"}]}
        case _, "IsDomainJoined":
            return {identifier: text.lower() == "true"}
        case _:
            return {identifier: text}


def _account_fields(text: str) -> dict[str, Any]:
    """`CONTOSO\\alice` and `alice@contoso.com` taken apart; anything else is a bare name."""
    domain, backslash, name = text.partition("\\")
    if backslash:
        return {"Name": name, "NTDomain": domain} if name and domain else {"Name": name or domain}
    name, at, suffix = text.rpartition("@")
    return {"Name": name, "UPNSuffix": suffix} if at and name and suffix else {"Name": text}


def _host_fields(text: str) -> dict[str, Any]:
    """`web01.contoso.com` and `CONTOSO\\web01` taken apart; an address stays whole."""
    if _is_address(text):
        return {"HostName": text}
    domain, backslash, name = text.partition("\\")
    if backslash:
        return {"HostName": name, "NTDomain": domain} if name and domain else {"HostName": name or domain}
    name, dot, suffix = text.partition(".")
    return {"HostName": name, "DnsDomain": suffix} if dot and name and suffix else {"HostName": text}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
