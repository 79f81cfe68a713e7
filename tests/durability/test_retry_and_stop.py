"""Requests that are sent again, senders that go away, and a server that is told to stop."""

import json
import signal
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.clients.sdk import COLLECTOR, Ready, rows, signed, web
from tests.durability.serving import Ledger, start, stop

BATCH_ROWS = 50
SENDERS = 8
EXIT_SECONDS = 5.0


def body(batch: int) -> bytes:
    return json.dumps([{"batch": batch, "row": row, "text": "x" * 200} for row in range(BATCH_ROWS)]).encode()


def batches(ready: Ready) -> dict[int, tuple[int, int]]:
    text = "Sent_CL | summarize count(), dcount(row_d, 4) by tolong(batch_d)"
    return {batch: (count, different) for batch, count, different in rows(ready, text)}


def test_a_request_is_stored_once_however_often_it_is_sent_also_after_kill_9(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sent = body(1)

    def post(ready: Ready, id: str) -> int:
        headers = signed(ready, "Sent", sent) | {"x-ms-client-request-id": id}
        with web(ready) as client:
            return client.post(COLLECTOR, content=sent, headers=headers).status_code

    process, ready = start(data)
    try:
        with ThreadPoolExecutor(SENDERS) as threads:
            answers = [each.result() for each in [threads.submit(post, ready, "one") for _ in range(2 * SENDERS)]]
        assert set(answers) == {200}
    finally:
        process.kill()
        process.wait(20)
    process, ready = start(data)
    try:
        assert post(ready, "one") == 200
        assert batches(ready) == {1: (BATCH_ROWS, BATCH_ROWS)}
        assert post(ready, "another") == 200
        assert batches(ready) == {1: (2 * BATCH_ROWS, BATCH_ROWS)}
    finally:
        stop(process)


def test_a_sender_that_goes_away_leaves_all_or_nothing(tmp_path: Path) -> None:
    process, ready = start(tmp_path / "data")
    where = urlsplit(ready["https"])
    context = ssl.create_default_context(cafile=ready["ca"])
    try:
        with web(ready) as client:  # which makes the table
            first = body(24)
            assert client.post(COLLECTOR, content=first, headers=signed(ready, "Sent", first)).status_code == 200
        for batch in range(24):
            sent = body(batch)
            lines = [f"POST {COLLECTOR} HTTP/1.1", f"Host: {where.netloc}", f"Content-Length: {len(sent)}"]
            lines += [f"{name}: {value}" for name, value in signed(ready, "Sent", sent).items()]
            request = "\r\n".join([*lines, "", ""]).encode() + sent
            plain = socket.create_connection((where.hostname, where.port))
            with context.wrap_socket(plain, server_hostname=where.hostname) as connection:
                whole = batch % 2 == 0  # in the middle of the body, or in the middle of the answer
                connection.sendall(request if whole else request[: len(request) * batch // 24])
        deadline = time.monotonic() + 30
        while len(stored := batches(ready)) < 13 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert set(stored.values()) == {(BATCH_ROWS, BATCH_ROWS)}
        assert {batch for batch in stored if batch % 2} == set()
    finally:
        stop(process)


def test_sigterm_answers_what_is_on_its_way_and_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    process, ready = start(data)
    ledger = Ledger()

    def send() -> None:
        with web(ready) as client:
            while True:
                batch = ledger.next_batch()
                sent = body(batch)
                try:
                    answer = client.post(COLLECTOR, content=sent, headers=signed(ready, "Sent", sent))
                except httpx.HTTPError:
                    return
                if answer.status_code == 503:
                    return
                assert answer.status_code == 200, answer.text
                ledger.acknowledge(batch)

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    while len(ledger.acknowledged) < 3 * SENDERS:
        time.sleep(0.01)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(4 * EXIT_SECONDS) == 0
    took = time.monotonic() - began
    for sender in senders:
        sender.join(30)
    process, ready = start(data)
    try:
        stored = batches(ready)
        assert ledger.acknowledged <= stored.keys()
        assert set(stored.values()) == {(BATCH_ROWS, BATCH_ROWS)}
    finally:
        stop(process)
    assert took < EXIT_SECONDS
