"""One sender of the ingestion benchmark, a process of its own: posts bodies made beforehand over one TLS connection.

Run as `python -m bench.ingest_client READY_FILE SEED EVENTS POSTS PACE`; it prints `ready`, waits for a line that says
when to begin (seconds since 1970), sends, and prints one JSON object. PACE is the seconds between the posts, 0 for as
fast as answers come. A post's time counts from when it was due, so that a slow answer also counts for those behind it.
"""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import sys
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from bench.ingest_events import bodies

LOG_TYPE = "Load"
_PATH = "/api/logs"


def main() -> None:
    """Make the bodies, wait for the word, send them all."""
    ready = json.loads(Path(sys.argv[1]).read_text())
    seed, events, posts = map(int, sys.argv[2:5])
    pace = float(sys.argv[5])
    made = list(bodies(posts, events, seed))
    connection = _connected(ready)
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    time.sleep(max(0.0, begin - time.time()))
    took: list[float] = []
    for number, body in enumerate(made):
        due = begin + number * pace if pace else time.time()
        time.sleep(max(0.0, due - time.time()))
        post(connection, ready, body)
        took.append(time.time() - due)
    print(json.dumps({"began": begin, "ended": time.time(), "took": took, "bytes": sum(map(len, made))}), flush=True)


def post(connection: http.client.HTTPSConnection, ready: dict[str, str], body: bytes, log_type: str = LOG_TYPE) -> None:
    """Send one signed post and wait for its 200."""
    date = format_datetime(datetime.now(UTC), usegmt=True)
    text = f"POST\n{len(body)}\napplication/json\nx-ms-date:{date}\n{_PATH}"
    key = base64.b64decode(ready["primary_shared_key"])
    signature = base64.b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode()
    headers = {
        "Authorization": f"SharedKey {ready['workspace_id']}:{signature}",
        "Content-Type": "application/json",
        "Log-Type": log_type,
        "x-ms-date": date,
    }
    connection.request("POST", f"{_PATH}?api-version=2016-04-01", body, headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the server answered {answer.status}: {told.decode(errors='replace')[:500]}")


def _connected(ready: dict[str, str]) -> http.client.HTTPSConnection:
    where = urlsplit(ready["https"])
    context = ssl.create_default_context(cafile=ready["ca"])
    connection = http.client.HTTPSConnection(where.hostname or "", where.port, context=context, timeout=60)
    connection.connect()
    return connection


if __name__ == "__main__":
    main()
