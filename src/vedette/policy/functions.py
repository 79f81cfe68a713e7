"""The functions of policies: those of templates that are allowed in them, and their own.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#policy-functions
"""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from vedette.arm.templates.functions import LAMBDA_NAMES, LAZY, PURE
from vedette.arm.templates.functions.dates import formatted
from vedette.expressions.date_formats import parse_datetime
from vedette.expressions.errors import about
from vedette.expressions.functions import Function, function, table

INSTANT: Final = "yyyy-MM-ddTHH:mm:ss.fffffffZ"
"""How policies write an instant."""

NOT_ALLOWED: Final = frozenset(
    {
        "copyindex", "datetimeadd", "datetimefromepoch", "datetimetoepoch", "deployment", "environment",
        "extensionresourceid", "lambda", "listaccountsas", "listkeys", "listsecrets", "managementgroup",
        "newguid", "pickzones", "providers", "reference", "resourceid", "subscriptionresourceid",
        "managementgroupresourceid", "tenantresourceid", "tenant", "variables", "deployer", "references",
    }
)  # fmt: skip
"""Functions of templates that no policy may call."""

OF_SCENE: Final = frozenset(
    {"parameters", "field", "current", "requestcontext", "policy", "resourcegroup", "subscription", "utcnow"}
)
"""Functions that ask about the resource, the request, the assignment or the time."""

Address = IPv4Address | IPv6Address


def _add_days(text: str, days: int) -> str:
    try:
        return formatted(parse_datetime(text) + timedelta(days=days), INSTANT)
    except (ValueError, OverflowError) as error:
        raise about(
            "addDays", f"expects a date and time and a number of days, not '{text[:60]}' and {days}."
        ) from error


def _ip_range_contains(outer: str, inner: str) -> bool:
    first, last = _range(outer)
    begins, ends = _range(inner)
    return first.version == begins.version and int(first) <= int(begins) and int(ends) <= int(last)


def _range(text: str) -> tuple[Address, Address]:
    """The first and last address of one address, a prefix, or `first-last`."""
    try:
        if "-" in text:
            first, _, last = text.partition("-")
            return ip_address(first.strip()), ip_address(last.strip())
        network = ip_network(text.strip(), strict=False)
        return network[0], network[-1]
    except ValueError as error:
        raise about("ipRangeContains", f"expects IP addresses or ranges of them, not '{text[:60]}'.") from error


_OWN: Final = (
    function("addDays", "dateTime: string, numberOfDaysToAdd: integer", _add_days),
    function("ipRangeContains", "range: string, targetRange: string", _ip_range_contains),
)

FUNCTIONS: Final[Mapping[str, Function]] = {
    **{name: each for name, each in PURE.items() if name not in NOT_ALLOWED and name not in LAMBDA_NAMES},
    **table(_OWN),
}
"""Those that give the same for the same arguments, by folded name."""

LAZY_FUNCTIONS: Final = {name: each for name, each in LAZY.items() if name not in NOT_ALLOWED}
"""Those that do not evaluate all that they are given."""


def is_known(name: str) -> bool:
    """Whether policies have a function of this name."""
    return name.lower() in FUNCTIONS or name.lower() in LAZY_FUNCTIONS or name.lower() in OF_SCENE
