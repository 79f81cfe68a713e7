"""A backup of a server that is being written to, restored and looked at: one instant, whole batches, the same keys."""

import json
import subprocess
import threading
from pathlib import Path

from tests.clients.command import VEDETTE
from tests.clients.sdk import COLLECTOR, Ready, rows, signed, web
from tests.durability.serving import Ledger, start, stop

BATCH_ROWS = 20
BATCHES_BEFORE = 5


def vedette(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*VEDETTE, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


def send(ready: Ready, ledger: Ledger, enough: threading.Event) -> None:
    with web(ready) as client:
        while not enough.is_set():
            batch = ledger.next_batch()
            body = json.dumps([{"batch": batch, "row": row, "text": "x" * 200} for row in range(BATCH_ROWS)]).encode()
            answer = client.post(COLLECTOR, content=body, headers=signed(ready, "Backup", body))
            assert answer.status_code == 200, answer.text
            ledger.acknowledge(batch)


def test_a_backup_during_ingestion_is_one_instant(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir(mode=0o700)
    process, ready = start(tmp_path / "live")
    ledger, enough = Ledger(), threading.Event()
    senders = [threading.Thread(target=send, args=(ready, ledger, enough)) for _ in range(2)]
    try:
        for sender in senders:
            sender.start()
        while len(ledger.acknowledged) < BATCHES_BEFORE:
            assert all(sender.is_alive() for sender in senders)
        before = set(ledger.acknowledged)
        target = tmp_path / "backup.tar"
        made = vedette("backup", target, "--data", tmp_path / "live")
        assert made.returncode == 0, made.stderr
        assert "keys and secrets" in made.stderr
        after = ledger.next_batch()
        again = vedette("backup", target, "--data", tmp_path / "live")
        assert (again.returncode, "exists already" in again.stderr) == (1, True)
    finally:
        enough.set()
        for sender in senders:
            sender.join(60)
        stop(process)
    assert target.stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "live").glob(".backup.*"))
    restored = vedette("restore", target, "--data", tmp_path / "restored")
    assert restored.returncode == 0, restored.stderr
    for name in ("estate.json", "tokens.key"):
        assert (tmp_path / "restored" / name).read_bytes() == (tmp_path / "live" / name).read_bytes()
    check_restored(tmp_path / "restored", before, after, ready)


def check_restored(data: Path, before: set[int], after: int, old: Ready) -> None:
    process, ready = start(data)
    try:
        assert ready["primary_shared_key"] == old["primary_shared_key"]
        text = "Backup_CL | summarize Rows = count(), Different = dcount(row_d, 4) by Batch = tolong(batch_d)"
        counts = {batch: (count, different) for batch, count, different in rows(ready, text)}
        assert set(counts.values()) == {(BATCH_ROWS, BATCH_ROWS)}
        assert before <= counts.keys()
        assert all(batch < after for batch in counts)
    finally:
        stop(process)
