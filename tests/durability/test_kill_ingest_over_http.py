"""kill -9 in the middle of ingestion over HTTP, ten times: what was acknowledged is there once, nothing by halves."""

import json
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.clients.command import VEDETTE
from tests.clients.sdk import COLLECTOR, Ready, rows, signed, web

KILLS = 10
SENDERS = 3
BATCH_ROWS = 20
START_SECONDS = 60.0
ACKNOWLEDGED_BEFORE_KILL = 12


class Ledger:
    """The batches that were sent, and those of them that were acknowledged."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        self.acknowledged: set[int] = set()

    def next_batch(self) -> int:
        with self._lock:
            self._sent += 1
            return self._sent

    def acknowledge(self, batch: int) -> None:
        with self._lock:
            self.acknowledged.add(batch)


def start(data: Path, port: int = 0) -> tuple[subprocess.Popen[bytes], Ready]:
    ready_file = data / "ready.json"
    ready_file.unlink(missing_ok=True)  # left by the server that was killed
    command = [*VEDETTE, "up", "--data", str(data), "--port", str(port)]
    with (data.parent / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    deadline = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail((data.parent / "server.log").read_text()[-4000:])
        time.sleep(0.02)
    return process, json.loads(ready_file.read_text())


def send_until_cut_off(ready: Ready, ledger: Ledger) -> None:
    """Post batch after batch until the connection breaks; a batch counts as acknowledged when its 200 is here."""
    with web(ready) as client:
        while True:
            batch = ledger.next_batch()
            body = json.dumps([{"batch": batch, "row": row, "text": "x" * 200} for row in range(BATCH_ROWS)]).encode()
            try:
                answer = client.post(COLLECTOR, content=body, headers=signed(ready, "Kill", body))
            except httpx.HTTPError:
                return
            assert answer.status_code == 200, answer.text
            ledger.acknowledge(batch)


def kill_while_sending(process: subprocess.Popen[bytes], ready: Ready, ledger: Ledger, pause: float) -> None:
    already = len(ledger.acknowledged)
    senders = [threading.Thread(target=send_until_cut_off, args=(ready, ledger)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    while len(ledger.acknowledged) < already + ACKNOWLEDGED_BEFORE_KILL and any(each.is_alive() for each in senders):
        time.sleep(0.005)
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for sender in senders:
        sender.join(30)
        assert not sender.is_alive()


def stored(ready: Ready) -> dict[int, int]:
    """How many rows there are of each batch; the number of different ones among them must be the same."""
    text = "Kill_CL | summarize Rows = count(), Different = dcount(row_d, 4) by Batch = tolong(batch_d)"
    counted = rows(ready, text)
    assert [batch for batch, count, different in counted if count != different] == []
    return {batch: count for batch, count, _ in counted}


def test_acknowledged_rows_survive_kill_9_ten_times(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    ledger = Ledger()
    pauses = random.Random(2026)
    for _ in range(KILLS):
        process, ready = start(data)
        kill_while_sending(process, ready, ledger, pauses.uniform(0, 0.03))
    process, ready = start(data)
    try:
        counts = stored(ready)
    finally:
        process.terminate()
        process.wait(10)
    assert len(ledger.acknowledged) >= KILLS * ACKNOWLEDGED_BEFORE_KILL
    assert ledger.acknowledged <= counts.keys(), "acknowledged and not there"
    assert set(counts.values()) == {BATCH_ROWS}, "a batch that is there in part, or twice"
