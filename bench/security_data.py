"""Ten million generated security events, the same at every run, in the form that every side can load."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa

from vedette.kql.types import ScalarType

ROWS = 10_000_000
CHUNK = 500_000
START = np.datetime64("2026-01-01T00:00:00", "us")
DAYS = 30

COLUMNS = {
    "TimeGenerated": ScalarType.datetime,
    "EventID": ScalarType.int,
    "Account": ScalarType.string,
    "Computer": ScalarType.string,
    "SourceIp": ScalarType.string,
    "Action": ScalarType.string,
    "Port": ScalarType.int,
    "Bytes": ScalarType.long,
    "CommandLine": ScalarType.string,
    "Url": ScalarType.string,
    "Details": ScalarType.dynamic,
}
WATCH_COLUMNS = {"TimeGenerated": ScalarType.datetime, "Ip": ScalarType.string}

_ACTIONS = ("Allow", "Deny", "Reset", "Drop")
_PORTS = (22, 53, 80, 443, 445, 3389, 8080)
_EVENTS = (4624, 4624, 4624, 4625, 4634, 4688, 4688, 4672, 5156, 5156)
_PROGRAMS = (
    "chrome.exe",
    "powershell.exe",
    "svchost.exe",
    "cmd.exe",
    "outlook.exe",
    "python.exe",
    "ssh.exe",
    "msedge.exe",
)
_COUNTRIES = ("US", "DE", "FR", "IN", "BR", "CN", "GB", "JP", "NL", "PL")
_WORDS = ("update", "sync", "report", "backup", "deploy", "login", "export", "verify")
_RARE = ("mimikatz", "procdump -ma lsass", "-enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoA")
_SITES = ("intranet.contoso.example", "mail.contoso.example", "files.fabrikam.example", "login.adatum.example")


def chunks(rows: int) -> Iterator[pa.Table]:
    """The events; `Details` is JSON text."""
    for first in range(0, rows, CHUNK):
        yield _chunk(np.arange(first, min(first + CHUNK, rows), dtype=np.int64), rows)


def watch() -> pa.Table:
    """A thousand addresses to look for, a tenth of which occur."""
    numbers = np.arange(1000, dtype=np.int64)
    ips = _texts("10.{}.{}.{}", numbers % 16 + (numbers % 10 > 0) * 16, numbers % 250, numbers % 13)
    times = pa.array(np.full(1000, START), pa.timestamp("us"))
    return pa.table({"TimeGenerated": times, "Ip": pa.array(ips)})


def day(number: int) -> datetime:
    """The first instant of a day of the data."""
    return (START + np.timedelta64(number, "D")).astype(datetime)


def _chunk(n: np.ndarray, rows: int) -> pa.Table:
    mixed = (n * 2_654_435_761) % 4_294_967_291
    seconds = (n * (DAYS * 86_400 * 1_000_000 // rows)).astype("timedelta64[us]")
    program, word = _pick(_PROGRAMS, mixed // 7), _pick(_WORDS, mixed // 11)
    account, host = mixed // 13 % 5000, mixed // 17 % 2000
    rare = mixed % 9973
    command = [
        f"C:\\Tools\\{p} /{w} -user u{a} -host h{h} -id {i}"
        if r >= 3
        else f"C:\\Tools\\{p} {_RARE[r]} -user u{a} -host h{h}"
        for p, w, a, h, i, r in zip(program, word, account, host, mixed % 100_000, rare, strict=True)
    ]
    details = [
        f'{{"process":{{"name":"{p}","id":{i}}},"geo":{{"country":"{c}"}},'
        f'"tags":["{w}","t{i % 20}"],"score":{i % 100}}}'
        for p, w, c, i in zip(program, word, _pick(_COUNTRIES, mixed // 19), mixed % 65_536, strict=True)
    ]
    return pa.table(
        {
            "TimeGenerated": pa.array(START + seconds, pa.timestamp("us")),
            "EventID": pa.array(np.array(_EVENTS, np.int32)[mixed // 3 % len(_EVENTS)]),
            "Account": pa.array(_texts("user{}@contoso.example", account)),
            "Computer": pa.array(_texts("host-{}", host)),
            "SourceIp": pa.array(_texts("10.{}.{}.{}", mixed // 23 % 16, mixed // 29 % 250, mixed // 31 % 13)),
            "Action": pa.array(_pick(_ACTIONS, mixed // 37)),
            "Port": pa.array(np.array(_PORTS, np.int32)[mixed // 41 % len(_PORTS)]),
            "Bytes": pa.array(mixed * 48_271 % 1_000_003),
            "CommandLine": pa.array(command),
            "Url": pa.array(
                [
                    f"https://{s}/{w}/{i}?q={w}"
                    for s, w, i in zip(_pick(_SITES, mixed // 43), word, mixed % 5000, strict=True)
                ]
            ),
            "Details": pa.array(details),
        }
    )


def _pick(values: tuple[str, ...], numbers: np.ndarray) -> list[str]:
    return np.array(values, dtype=object)[numbers % len(values)].tolist()


def _texts(form: str, *numbers: np.ndarray) -> list[str]:
    return [form.format(*each) for each in zip(*(column.tolist() for column in numbers), strict=True)]
