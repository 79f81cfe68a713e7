"""A disk that fails, that is full, or that has too little room: nothing is acknowledged that is not there later."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.clients.sdk import COLLECTOR, Ready, rows, signed, web
from tests.durability.disk import disk
from tests.durability.serving import start, stop

BODY = b'[{"text":"x"}]'
SMALL = "300m"
FILLER = 220_000_000


def post(ready: Ready) -> httpx.Response:
    with web(ready) as client:
        return client.post(COLLECTOR, content=BODY, headers=signed(ready, "Disk", BODY))


def count(ready: Ready) -> int:
    return rows(ready, "Disk_CL | count")[0][0]


@pytest.mark.parametrize("failure", ["eio", "enospc"])
def test_a_failed_sync_or_write_stops_acceptance_and_is_never_tried_again(tmp_path: Path, failure: str) -> None:
    environment = disk(tmp_path)
    data = tmp_path / "data"
    process, ready = start(data, environment=environment)
    try:
        assert post(ready).status_code == 200
        told = Path(environment["DISK_CONTROL"]) / failure
        told.touch()
        failed = post(ready)
        assert (failed.status_code, failed.json()["Error"]) == (503, "LogStorageFailure"), failed.text
        assert failed.headers["Retry-After"]
        told.unlink()
        assert post(ready).status_code == 503, "what a failed sync left behind nobody knows: it is not tried again"
        if failure == "enospc":
            assert count(ready) == 1, "reading goes on"
    finally:
        process.kill()
        process.wait(20)
    process, ready = start(data)
    try:
        assert count(ready) == 1
        assert post(ready).status_code == 200
        assert count(ready) == 2
    finally:
        stop(process)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 MB; skips where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "vedette-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk of the test's own cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_when_there_is_room_again_storing_goes_on(small_disk: Path) -> None:
    process, ready = start(small_disk / "data")
    try:
        assert post(ready).status_code == 200
        filler = small_disk / "filler"
        filler.write_bytes(bytes(FILLER))
        full = post(ready)
        assert (full.status_code, full.json()["Error"]) == (503, "InsufficientStorage"), full.text
        assert "The disk is full" in full.json()["Message"]
        assert full.headers["Retry-After"]
        assert count(ready) == 1
        filler.unlink()
        assert post(ready).status_code == 200
        assert count(ready) == 2
        filler.write_bytes(bytes(FILLER // 2))
        acknowledged = 2 + fill(ready)
        assert count(ready) == acknowledged
    finally:
        stop(process)
    process, ready = start(small_disk / "data")
    try:
        assert count(ready) == acknowledged
    finally:
        stop(process)


def fill(ready: Ready) -> int:
    """Post until there is no room left; how many rows were acknowledged."""
    body = b"[" + b",".join(b'{"text":"%s"}' % os.urandom(5000).hex().encode() for _ in range(200)) + b"]"
    acknowledged = 0
    with web(ready) as client:
        for _ in range(100):
            answer = client.post(COLLECTOR, content=body, headers=signed(ready, "Disk", body))
            if answer.status_code == 503:
                assert answer.json()["Error"] == "InsufficientStorage", answer.text
                return acknowledged
            assert answer.status_code == 200, answer.text
            acknowledged += 200
    raise AssertionError("the disk did not get full")


def test_no_descriptors_are_left(tmp_path: Path) -> None:
    """Connections that take every descriptor cost connections; nothing that was acknowledged, and not for ever."""
    process, ready = start(tmp_path / "data", before=_few_descriptors)
    held: list[httpx.Client] = []
    try:
        acknowledged = 0
        for _ in range(60):
            held.append(web(ready))
            try:
                answer = held[-1].post(
                    COLLECTOR, content=BODY, headers=signed(ready, "Disk", BODY), timeout=httpx.Timeout(2)
                )
            except httpx.HTTPError:
                break
            if answer.status_code == 200:
                acknowledged += 1
        for client in held:
            client.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if post(ready).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.2)
        assert 0 < acknowledged < count(ready) <= acknowledged + 2
    finally:
        stop(process)


def _few_descriptors() -> None:

    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


@pytest.mark.slow
def test_too_little_memory_loses_nothing(tmp_path: Path) -> None:
    """Posts and queries that need more than there is fail, or end the server; what was acknowledged is there."""
    process, ready = start(tmp_path / "data", before=_little_memory)
    acknowledged = 0
    try:
        body = b"[" + b",".join([b'{"text":"%s"}' % (b"x" * 20_000)] * 1000) + b"]"
        with web(ready) as client:
            for _ in range(6):
                answer = client.post(COLLECTOR, content=body, headers=signed(ready, "Disk", body))
                acknowledged += 1000 * (answer.status_code == 200)
            threads = [threading.Thread(target=_hungry, args=(ready,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for _ in range(6):
                answer = client.post(COLLECTOR, content=body, headers=signed(ready, "Disk", body))
                acknowledged += 1000 * (answer.status_code == 200)
            for thread in threads:
                thread.join(60)
    except httpx.HTTPError:
        pass  # the server is gone, as after the system's own out-of-memory kill
    finally:
        process.kill()
        process.wait(20)
    process, ready = start(tmp_path / "data")
    try:
        assert acknowledged
        assert count(ready) in range(acknowledged, acknowledged + 1001, 1000)
    finally:
        stop(process)


def _hungry(ready: Ready) -> None:
    text = "Disk_CL | extend k = 1 | join kind=inner (Disk_CL | extend k = 1) on k | summarize make_list(text_s)"
    try:
        rows(ready, text)
    except Exception:  # whatever it is, it is the query's own
        return


def _little_memory() -> None:

    resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
