"""kill -9 in the middle of ingestion over HTTP, ten times: what was acknowledged is there once, nothing by halves."""

import json
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx
from tests.clients.sdk import COLLECTOR, Ready, rows, signed, web
from tests.durability.serving import Ledger, start

KILLS = 10
SENDERS = 3
BATCH_ROWS = 20
ACKNOWLEDGED_BEFORE_KILL = 12


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
