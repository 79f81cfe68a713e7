"""How long does a line of syslog or CEF take to become a row, beside jc, which turns the same lines into dictionaries?

jc is no dependency of this project: without it there is no finding. `pip install jc`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec

from bench.question import Finding, interleaved
from vedette.formats.syslog_rows import syslog_row

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_LINES = 4_000
_RUNS = 3

SYSLOG = (
    "<34>Oct 11 22:14:15 web{number} sshd[{number}]: Failed password for root from 198.51.100.{number} port 51122 ssh2"
)
CEF = (
    "CEF:0|Example|Firewall|2.1|deny|Traffic denied|7|src=10.0.0.{number} spt=50211 dst=198.51.100.9 dpt=443 proto=TCP "
    "in=209 out=0 rt=1659523775038 request=https://example.com/a?b\\=c requestMethod=GET act=blocked cs1Label=Rule "
    "cs1=rule {number} cn1Label=Session cn1=48293 msg=The connection was denied by the rule"
)


def ask() -> list[Finding]:
    """The time of each kind of line as a part of jc's."""
    if find_spec("jc") is None:
        return []
    return [
        finding
        for name, pattern, parser in (("syslog", SYSLOG, "syslog_bsd"), ("CEF", CEF, "cef"))
        for finding in _beside(name, [pattern.format(number=number % 100) for number in range(_LINES)], parser)
    ]


def _beside(name: str, lines: list[str], parser: str) -> list[Finding]:
    encoded, text, jc = [line.encode() for line in lines], "\n".join(lines), import_module("jc")
    ours, theirs = interleaved(
        _RUNS,
        lambda: _seconds(lambda: [syslog_row(line, NOW) for line in encoded]),
        lambda: _seconds(lambda: jc.parse(parser, text)),
    )
    note = f"{_LINES / ours:,.0f} lines/s typed into columns; jc {_LINES / theirs:,.0f} lines/s"
    return [Finding(f"a line of {name} beside jc", ours / theirs, 1.0, "×", note)]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
