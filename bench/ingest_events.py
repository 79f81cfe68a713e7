"""Firewall events of about 300 bytes of JSON each, no two alike, the same at every run, in bodies ready to be sent."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = (
    ("Time", "timestamptz"),
    ("Host", "text"),
    ("User", "text"),
    ("SourceIp", "text"),
    ("TargetIp", "text"),
    ("TargetPort", "double precision"),
    ("Action", "text"),
    ("Bytes", "double precision"),
    ("Rule", "text"),
    ("Allowed", "boolean"),
    ("Session", "uuid"),
    ("Message", "text"),
)
"""The events' properties, and the types that a relational store would give them."""

_PORTS = (22, 53, 80, 443, 445, 3389, 8080)
_ACTIONS = ("allow", "deny", "reset", "drop")
_WORDS = ("session", "closed", "by", "policy", "after", "timeout", "inspected", "forwarded", "quarantined", "matched")


def bodies(count: int, events: int, seed: int) -> Iterator[bytes]:
    """So many JSON arrays of so many events each."""
    chance = random.Random(seed)
    for body in range(count):
        yield f"[{','.join(_event(chance, body * events + number) for number in range(events))}]".encode()


def _event(chance: random.Random, number: int) -> str:
    bits = chance.getrandbits(128)
    guid = f"{bits:032x}"
    session = f"{guid[:8]}-{guid[8:12]}-{guid[12:16]}-{guid[16:20]}-{guid[20:]}"
    time = (START + timedelta(milliseconds=number * 7)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    words = f"{_WORDS[bits % 10]} {_WORDS[bits // 10 % 10]} {_WORDS[bits // 100 % 10]} {bits // 1000 % 100_000}"
    return (
        f'{{"Time":"{time}Z","Host":"fw{bits % 40:02d}.contoso.example","User":"user{bits % 997}",'
        f'"SourceIp":"10.{bits % 16}.{bits // 16 % 250}.{bits // 4000 % 250}",'
        f'"TargetIp":"203.0.113.{bits // 7 % 250}","TargetPort":{_PORTS[bits % 7]},"Action":"{_ACTIONS[bits % 4]}",'
        f'"Bytes":{bits // 9 % 1_000_000},"Rule":"rule-{bits % 61}","Allowed":{"true" if bits % 4 == 0 else "false"},'
        f'"Session":"{session}","Message":"{words}"}}'
    )
