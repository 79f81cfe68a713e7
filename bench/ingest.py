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
from vedette.core.clock import SystemClock

CLIENTS = 4
EVENTS = 500  # in a post
RATE = 25_000  # events a second, of all clients together
SECONDS = 60
BURST_POSTS = 100  # of each client
WITHIN = 0.25  # seconds, for 99 of 100 answers
QUERY = f"{LOG_TYPE}_CL | where User_s startswith 'user1' and Bytes_d < 500000 | summarize count() by Action_s, Host_s"
_TABLE = f"{LOG_TYPE}_CL"
WARM_POSTS = 200  # stored before anything is measured, so that the query has something to read
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
            warm = _send(data, 1, WARM_POSTS, 0.0, ())[0]
            started = _cpu_seconds(process.pid)
            pace = CLIENTS * EVENTS / RATE
            steady, loaded = _send(data, 2, round(SECONDS / pace), pace, (client,))
            cpu = _cpu_seconds(process.pid) - started
            rested = [_timed(client) for _ in range(2 * len(loaded) // 3 + 1)]
            burst = _send(data, 3, BURST_POSTS, 0.0, ())[0]
            stored = client.query(f"{_TABLE} | count", None)["tables"][0]["rows"][0][0]
        sent = warm.events + steady.events + burst.events
        if stored != sent:
            raise AssertionError(f"{sent} events were acknowledged and {stored} are there")
        size = _size(data) / sent
    each = steady.bytes / steady.events
    offered = f"{CLIENTS} senders over HTTPS, {RATE:,} events/s offered, {EVENTS} a post, {each:.0f} bytes each"
    return [
        Finding(
            "ingest: seconds for a minute's events",
            steady.seconds * 60 / SECONDS,
            61,
            "s",
            f"{steady.rate:,.0f} events/s taken; {offered}",
        ),
        Finding(
            "ingest: p99 of an answer, after fsync",
            steady.p99 * 1000,
            WITHIN * 1000,
            "ms",
            f"median {_ms(median(steady.took))}, worst {_ms(max(steady.took))}; from when each post was due",
        ),
        Finding(
            "ingest: a query meanwhile",
            median(loaded) / median(rested),
            2,
            "×",
            f"{_ms(median(loaded))} against {_ms(median(rested))} at rest; {QUERY}",
        ),
        Finding(
            "ingest: server's processor time",
            cpu / steady.events * 1e6,
            1e6 / RATE,
            "µs",
            "an event, all threads, the queries meanwhile included",
        ),
        Finding("ingest: time of an event at full speed", 1e6 / burst.rate, 1e6 / RATE, "µs", _speed(burst)),
        Finding(
            "ingest: bytes on disk against gzip",
            size / _gzipped(),
            2,
            "×",
            f"{size:.0f} bytes an event, ten columns of ours included; gzip -6 of the JSON {_gzipped():.0f}",
        ),
        Finding("ingest: not visible when answered", _invisible(), 0, "events", "a query after each of 50 answers"),
    ]


def burst() -> tuple[float, float]:
    """Events a second as fast as answers come, and bytes an event on the disk once the server has stopped."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running(data) as process, answering(data, process):
            sent = _send(data, 4, BURST_POSTS, 0.0, ())[0]
        return sent.rate, _size(data) / sent.events


def _invisible() -> int:
    """How many events a query does not see that begins once they were answered for."""
    missing = 0
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running(data) as process, answering(data, process) as client:
            for number, body in enumerate(bodies(50, EVENTS, 5), 1):
                client.post_records(LOG_TYPE, body, SystemClock().now(), {})
                seen = client.query(f"{_TABLE} | count", None)["tables"][0]["rows"][0][0]
                missing += number * EVENTS - seen
    return missing


def _size(data: Path) -> int:
    return sum(file.stat().st_size for file in data.glob("logs.duckdb*"))


def _speed(sent: Sent) -> str:
    return f"{sent.rate:,.0f} events/s as fast as answers come, p99 {_ms(sent.p99)}"


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
