"""By what an entity is known again: its strong identifiers, or where it has none, all that is known of it.

https://learn.microsoft.com/azure/sentinel/entities#strong-and-weak-identifiers
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from vedette.detect.entity_types import ENTITY_TYPES, Names

GENERIC_ACCOUNTS = frozenset(
    {
        "admin",
        "administrator",
        "system",
        "root",
        "anonymous",
        "authenticated user",
        "network",
        "null",
        "local system",
        "localsystem",
        "network service",
    }
)
"""https://learn.microsoft.com/azure/sentinel/entities-reference#weak-identifiers-of-an-account-entity"""

_DOMAIN_SIDS = ("s-1-5-21-", "s-1-12-1-")
_BUILT_IN_DOMAINS = frozenset(
    {"nt authority", "nt service", "builtin", "workgroup", "window manager", "iis apppool", "."}
)
_BESIDE = ("$id", "$ref", "Type")


def strong_identifiers(kind: str, fields: Mapping[str, Any]) -> tuple[Names, ...]:
    """The sets of an entity's fields that each identify it alone."""
    return tuple(
        names
        for names in ENTITY_TYPES[kind].strong
        if all(fields.get(name) for name in names) and _is_strong(kind, names, fields)
    )


def identities(kind: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Texts of which two entities share one when they are the same.

    There is one for each strong identifier. An entity with weak ones only is the same as another with the same fields,
    and no other: a bare user name is nobody's for certain. Letter case does not matter.
    """
    strong = strong_identifiers(kind, fields)
    return tuple(_text(kind, {name: fields[name] for name in names}) for names in strong) or (_text(kind, fields),)


def is_generic(kind: str, fields: Mapping[str, Any]) -> bool:
    """Whether this is an account that is known by nothing but a name which every system has."""
    name = str(fields.get("Name", "")).strip().lower()
    return kind == "Account" and name in GENERIC_ACCOUNTS and not strong_identifiers(kind, fields)


def _is_strong(kind: str, names: Names, fields: Mapping[str, Any]) -> bool:
    match kind, names:
        case "Account", ("Sid",):
            return str(fields["Sid"]).lower().startswith(_DOMAIN_SIDS)
        case "Account", ("Name", "NTDomain"):
            return str(fields["NTDomain"]).lower() not in _BUILT_IN_DOMAINS | {_host_name(fields)}
        case "IP", ("Address",):
            return _is_global(str(fields["Address"]))
        case "URL", _:
            return _is_absolute(str(fields["Url"]))
        case "CloudApplication", ("AppId",) | ("Name",):
            return not fields.get("InstanceName")
        case _:
            return True


def _host_name(account: Mapping[str, Any]) -> str:
    host = account.get("Host")
    return str(cast("dict[str, Any]", host).get("HostName", "")).lower() if isinstance(host, dict) else ""


def _is_global(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def _is_absolute(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def _text(kind: str, fields: Mapping[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in fields.items()}
    return f"{kind}:{orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()}".lower()


def _plain(value: Any) -> Any:
    """A value without the numbers that an alert's JSON gives to its objects; addresses in one form."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in cast("dict[str, Any]", value).items() if name not in _BESIDE}
    if isinstance(value, list):
        return [_plain(each) for each in cast("Sequence[Any]", value)]
    if isinstance(value, str) and ":" in value:
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            return value
    return value
