"""How many events does the server take from four senders over HTTPS, how soon does it answer, and what does a query
take meanwhile? Every answer is given after fsync; senders and server share this machine."""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bench.ingest_client import LOG_TYPE
from bench.ingest_events import bodies
from bench.question import Finding
from bench.server import answering, running
from vedette.cli.client import Client

CLIENTS = 4
EVENTS = 500  # in a post
RATE = 25_000  # events a second, of all clients together
SECONDS = 60
BURST_POSTS = 100  # of each client
WITHIN = 0.25  # seconds, for 99 of 100 answers
QUERY = f"{LOG_TYPE}_CL | where User_s startswith 'user1' and Bytes_d < 500000 | summarize count() by Action_s, Host_s"
_TABLE = f"{LOG_TYPE}_CL"
_WARM_POSTS = 100  # stored before anything is measured, so that the query has something to read
_LEAD = 0.2  # seconds between the word and the first post
_PAUSE = 0.5  # seconds between queries


@dataclass(frozen=True, slots=True)
class Sent:
    """What the senders of one phase saw: events, seconds of the whole, seconds of each post in order."""

    events: int
    seconds: float
    took: list[float]
    bytes: int

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 posts were answered."""
        return quantiles(self.took, n=100)[98]


def ask() -> list[Finding]:
    """Warm, steady, burst; then the same query at rest, and the bytes on the disk."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running(data) as process, answering(data, process) as client:
            warm = _send(data, 1, _WARM_POSTS, 0.0, ())[0]
            pace = CLIENTS * EVENTS / RATE
            steady, loaded = _send(data, 2, round(SECONDS / pace), pace, (client,))
            cpu = _cpu_seconds(process.pid)
            rested = [_timed(client) for _ in range(9)]
            burst = _send(data, 3, BURST_POSTS, 0.0, ())[0]
            stored = client.query(f"{_TABLE} | count", None)["tables"][0]["rows"][0][0]
        sent = warm.events + steady.events + burst.events
        if stored != sent:
            raise AssertionError(f"{sent} events were acknowledged and {stored} are there")
        size = sum(file.stat().st_size for file in data.rglob("*.duckdb*"))
    where = f"{CLIENTS} senders over HTTPS, {EVENTS} events a post of {steady.bytes / steady.events:.0f} bytes each"
    during, at_rest = median(loaded), median(rested)
    return [
        Finding(
            "ingest: time for a minute's events",
            steady.seconds,
            SECONDS * 1.02,
            "s",
            f"{RATE:,} events/s offered, {steady.rate:,.0f} taken; {where}",
        ),
        Finding(
            "ingest: p99 of an answer",
            steady.p99 * 1000,
            WITHIN * 1000,
            "ms",
            f"median {_ms(median(steady.took))}, worst {_ms(max(steady.took))}; counted from when each post was due",
        ),
        Finding(
            "ingest: a query meanwhile",
            during / at_rest,
            2,
            "×",
            f"{_ms(during)} against {_ms(at_rest)} at rest; {QUERY}",
        ),
        Finding(
            "ingest: as fast as answers come",
            RATE / burst.rate,
            1,
            "×",
            f"{burst.rate:,.0f} events/s, p99 {_ms(burst.p99)}; target/measured",
        ),
        Finding(
            "ingest: server's processor time",
            cpu / (steady.events + warm.events) * 1e6,
            1e6 / RATE,
            "µs",
            "an event; all threads",
        ),
        Finding(
            "ingest: bytes on disk against gzip",
            size / sent / _gzipped(),
            2,
            "×",
            f"{size / sent:.0f} bytes an event against {_gzipped():.0f}; all columns, the standard ones included",
        ),
    ]


def _send(data: Path, phase: int, posts: int, pace: float, watching: Sequence[Client]) -> tuple[Sent, list[float]]:
    """Let all clients send so many posts each; meanwhile time the query, where there is a client to ask it."""
    with ExitStack() as stack:
        senders = [stack.enter_context(_sender(data, phase * 100 + number, posts, pace)) for number in range(CLIENTS)]
        for sender in senders:
            assert sender.stdout is not None
            if sender.stdout.readline() != "ready\n":
                raise RuntimeError("a sender did not get ready")
        begin = time.time() + _LEAD
        for number, sender in enumerate(senders):
            assert sender.stdin is not None
            sender.stdin.write(f"{begin + number * pace / CLIENTS}\n")
            sender.stdin.flush()
        time.sleep(2 * _LEAD)
        queries: list[float] = []
        while watching and all(sender.poll() is None for sender in senders):
            queries += [_timed(client) for client in watching]
            time.sleep(_PAUSE)
        told = [json.loads(sender.communicate()[0]) for sender in senders]
    took = [seconds for each in told for seconds in each["took"]]
    seconds = max(each["ended"] for each in told) - min(each["began"] for each in told)
    return Sent(CLIENTS * posts * EVENTS, seconds, took, sum(each["bytes"] for each in told)), queries


@contextmanager
def _sender(data: Path, seed: int, posts: int, pace: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.ingest_client", str(data / "ready.json")]
    command += [str(seed), str(EVENTS), str(posts), str(pace)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _timed(client: Client) -> float:
    began = time.perf_counter()
    client.query(QUERY, None)
    return time.perf_counter() - began


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _gzipped() -> float:
    """Bytes of an event's JSON after gzip."""
    text = b"".join(bodies(40, EVENTS, 1))
    return len(gzip.compress(text, 6)) / (40 * EVENTS)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
