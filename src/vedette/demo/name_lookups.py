"""Benign DNS lookups: a few names asked for often, and a content network whose names are long but few."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from vedette.core.ids import derived_id
from vedette.demo.cast import DNS_SERVER, DOMAIN, PEOPLE
from vedette.demo.moments import Moments

TABLE = "DnsEvents"

_PER_PERSON = 44
_LOOKUP = 256
_INTERNAL = tuple(f"{host}.{DOMAIN}" for host in ("hl-dc-01", "hl-fs-01", "planner", "intranet", "print"))
_PUBLIC = tuple(
    f"{host}.{domain}"
    for domain in ("northpost.example", "harbourdocs.example", "tidetables.example", "cranehire.example")
    for host in ("www", "api", "mail", "login", "static")
)
_CONTENT = tuple(
    f"{derived_id('content', str(number)).replace('-', '')}{number:014d}.edge.swiftcache.example"
    for number in range(12)
)


def lookup(address: str, moment: datetime, name: str, type: str = "A", answer: str = "") -> dict[str, Any]:
    """One row of DnsEvents."""
    return {
        "TimeGenerated": moment,
        "Computer": DNS_SERVER,
        "ClientIP": address,
        "Name": name,
        "QueryType": type,
        "IPAddresses": answer,
        "SubType": "LookupQuery",
        "EventId": _LOOKUP,
        "ResultCode": 0,
        "Result": "Success",
    }


def benign_lookups(moments: Moments) -> Iterator[dict[str, Any]]:
    """A day of lookups from every laptop."""
    chance = moments.chance
    for person in PEOPLE:
        for _ in range(_PER_PERSON):
            names = chance.choices((_INTERNAL, _PUBLIC, _CONTENT), weights=(3, 5, 2))[0]
            type = chance.choices(("A", "AAAA"), weights=(4, 1))[0]
            yield lookup(person.address, moments.any(), chance.choice(names), type, f"192.0.2.{chance.randint(1, 60)}")
