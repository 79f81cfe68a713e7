"""Benign firewall events: the web, scans from outside, three servers' backup, and one large upload."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from vedette.demo.cast import BACKUP_ADDRESS, DESIGNER, FIREWALL, OFFICE_ADDRESS, PEOPLE
from vedette.demo.moments import Moments

TABLE = "CommonSecurityLog"

_PER_PERSON = 27
_SCANS = 140
_SERVERS = ("10.20.1.10", "10.20.1.11", "10.20.1.12")
_BACKUP_PARTS = 12
_UPLOAD_ADDRESS = "192.0.2.150"
_UPLOAD_PARTS = 10


def connection(
    source: str, destination: str, port: int, moment: datetime, *, sent: int, received: int, action: str = "allow"
) -> dict[str, Any]:
    """One row of CommonSecurityLog: a connection that the firewall let through, or not."""
    inbound = destination == OFFICE_ADDRESS
    return {
        "TimeGenerated": moment,
        "DeviceVendor": "Example Networks",
        "DeviceProduct": "Gatehouse",
        "DeviceVersion": "7.2",
        "DeviceName": FIREWALL,
        "Computer": FIREWALL,
        "DeviceEventClassID": "traffic",
        "Activity": "end" if action == "allow" else "drop",
        "DeviceAction": action,
        "CommunicationDirection": "Inbound" if inbound else "Outbound",
        "Protocol": "TCP",
        "SourceIP": source,
        "SourcePort": 49152 + (sent + received) % 16_000,
        "DestinationIP": destination,
        "DestinationPort": port,
        "SentBytes": sent,
        "ReceivedBytes": received,
        "LogSeverity": "1" if action == "allow" else "4",
    }


def benign_connections(moments: Moments) -> Iterator[dict[str, Any]]:
    """A day at the firewall."""
    chance = moments.chance
    for person in PEOPLE:
        for _ in range(_PER_PERSON):
            destination = f"192.0.2.{chance.randint(1, 60)}"
            sent, received = chance.randint(400, 90_000), chance.randint(2_000, 4_000_000)
            yield connection(person.address, destination, 443, moments.any(), sent=sent, received=received)
    for _ in range(_SCANS):
        scanner, port = f"203.0.113.{chance.randint(100, 250)}", chance.choice((22, 23, 445, 3389, 8080))
        yield connection(scanner, OFFICE_ADDRESS, port, moments.any(), sent=60, received=0, action="deny")
    yield from _large_transfers(moments)


def _large_transfers(moments: Moments) -> Iterator[dict[str, Any]]:
    """Large and harmless: several machines send to the backup, and the designer's upload stays under the bound."""
    chance = moments.chance
    for server in _SERVERS:
        for part in range(_BACKUP_PARTS):
            moment = moments.before_end(hours=14, minutes=-5 * part, seconds=chance.randint(0, 200))
            sent = chance.randint(250_000_000, 400_000_000)
            yield connection(server, BACKUP_ADDRESS, 443, moment, sent=sent, received=90_000)
    for part in range(_UPLOAD_PARTS):
        moment = moments.before_end(hours=9, minutes=-2 * part)
        yield connection(
            DESIGNER.address, _UPLOAD_ADDRESS, 443, moment, sent=chance.randint(2 * 10**7, 3 * 10**7), received=5_000
        )
