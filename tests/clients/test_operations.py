"""A server as those who run it see it: scraped without a token, its log read, its status asked by the command."""

import base64
import json
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tests.clients.command import VEDETTE, environment, vedette
from tests.clients.sdk import Ready, bearer, collect, rows, web

Start = Callable[..., AbstractContextManager[Ready]]
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


def scraped(url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The samples of a scrape, by name and labels."""
    answer = httpx.get(url, headers=OPENMETRICS)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(each.name, tuple(sorted(each.labels.items()))): each.value for each in families for each in each.samples}


def test_a_scraper_needs_no_token_where_metrics_have_a_port_of_their_own(start_server: Start) -> None:
    with start_server("--metrics", "127.0.0.1:0") as ready:
        assert ready["metrics"].startswith("http://127.0.0.1:")
        before = scraped(ready["metrics"])
        collect(ready, "Scraped", [{"n": n} for n in range(25)])
        assert rows(ready, "Scraped_CL | count") == [[25]]
        after = scraped(ready["metrics"])
        labels = (("table", "Scraped_CL"), ("way", "collector"))
        assert after["vedette_ingested_rows_total", labels] == 25
        assert after["vedette_ingest_ack_duration_seconds_count", (("way", "collector"),)] == 1
        posts = (("method", "POST"), ("plane", "collector"), ("status", "200"))
        assert after["vedette_http_requests_total", posts] == 1
        asked = "vedette_query_duration_seconds_count", (("origin", "api"),)
        assert after[asked] - before.get(asked, 0) == 1
        assert after["process_open_fds", ()] > 0
        assert httpx.get(ready["metrics"].replace("/metrics", "/vedette/status")).status_code == 404
        with web(ready) as client:
            assert client.get("/metrics").status_code == 401
            assert client.get("/metrics", headers=bearer(ready)).status_code == 200


def test_the_log_has_a_line_for_each_request_and_no_secret(start_server: Start, tmp_path: Path) -> None:
    with start_server("--log-level", "debug", "--log-format", "json") as ready, web(ready) as client:
        tokens = bearer(ready)
        collect(ready, "Quiet", [{"n": 1}])
        path = f"/v1/workspaces/{ready['workspace_id']}/query"
        client.get(path, headers=tokens, params={"query": "print secret = 'opensesame'", "sig": "s1gnature"})
        client.get("/no/such/path", headers=tokens)
        client.get(path, headers={"Authorization": "Bearer wr0ngt0ken"})
        client.post(
            f"/{ready['tenant_id']}/oauth2/v2.0/token",
            data={"grant_type": "client_credentials", "client_id": ready["client_id"], "client_secret": "wr0ngsecret"},
        )
        client.post("/api/logs?api-version=2016-04-01", headers={"Authorization": "SharedKey x:c2lnbmF0dXJl"})
    text = (tmp_path / "server.log").read_text()
    requests = [json.loads(line) for line in text.splitlines() if line.startswith('{"') and '"request_id"' in line]
    seen = {(line["method"], line["plane"], line["status"], line["level"]) for line in requests}
    assert {
        ("POST", "login", 200, "debug"),
        ("POST", "collector", 200, "debug"),
        ("GET", "query", 200, "debug"),
        ("GET", "arm", 404, "info"),
        ("GET", "query", 401, "info"),
    } <= seen
    token = tokens["Authorization"].removeprefix("Bearer ")
    secrets = [token, token.split(".")[2], "opensesame", "s1gnature", "wr0ngt0ken", "wr0ngsecret", "c2lnbmF0dXJl"]
    logged = "\n".join(json.dumps(line) for line in requests)
    for secret in (*secrets, ready["client_secret"], ready["primary_shared_key"], ready["secondary_shared_key"]):
        assert secret not in logged
    assert token not in text
    assert base64.b64decode(ready["primary_shared_key"]).hex() not in text


def test_an_info_log_says_what_failed_and_not_what_went_well(start_server: Start, tmp_path: Path) -> None:
    with start_server("--log-format", "json") as ready, web(ready) as client:
        assert client.get("/vedette/status", headers=bearer(ready)).status_code == 200
        failed = client.get("/no/such/path", headers=bearer(ready))
    lines = (tmp_path / "server.log").read_text().splitlines()
    (line,) = [json.loads(line) for line in lines if '"event": "request"' in line]
    assert line["request_id"] == failed.headers["x-ms-request-id"]
    assert line["principal"]
    assert line["milliseconds"] >= 0


def test_the_status_tells_a_person_what_is_there(server: Ready, tmp_path: Path) -> None:
    collect(server, "Looked", [{"n": n} for n in range(300)])
    rows(server, "Looked_CL | summarize sum(n_d)")
    told = vedette(server, tmp_path, "status", COLUMNS="200")
    assert told.returncode == 0
    for heading in ("Disk", "Memory", "Oldest", "Rows/s", "Slowest queries of the last hour"):
        assert heading in told.stdout
    (line,) = [line for line in told.stdout.splitlines() if line.strip().startswith("Looked_CL")]
    assert "300" in line
    parsed = json.loads(vedette(server, tmp_path, "status", "--json").stdout)
    (table,) = [each for each in parsed["workspaces"][0]["tables"] if each["name"] == "Looked_CL"]
    assert table["rows"] == 300
    assert table["ingest"]["rowsPerSecond"] == 5.0
    slowest = parsed["queries"]["slowest"]
    assert slowest
    assert slowest == sorted(slowest, key=lambda query: -query["milliseconds"])


def test_the_status_can_be_watched_until_it_is_interrupted(server: Ready, tmp_path: Path) -> None:
    command = [*VEDETTE, "status", "--watch", "0.5", "--json"]
    # A shell's background jobs ignore interrupts, and so would what they start.
    with subprocess.Popen(
        command,
        env=environment(server, tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as watching:
        assert watching.stdout is not None
        told = [json.loads(watching.stdout.readline()) for _ in range(2)]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 0
    assert told[0]["uptimeSeconds"] < told[1]["uptimeSeconds"]


@pytest.mark.parametrize("address", ["9464", "localhost", "localhost:x", "localhost:70000"])
def test_an_address_that_is_none_is_refused_by_the_command_line(address: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*VEDETTE, "up", "--data", str(tmp_path), "--metrics", address],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "HOST:PORT" in done.stderr


def test_the_server_says_that_it_is_alive_and_what_was_asked(start_server: Start) -> None:
    with start_server("--virtual-clock") as ready, web(ready) as client:
        rows(ready, "print asked = 1")
        moved = client.post("/vedette/clock", headers=bearer(ready), json={"advance": "PT2H"})
        assert moved.status_code == 200
        deadline = time.monotonic() + 20
        while not rows(ready, "LAQueryLogs | where QueryText == 'print asked = 1' | project ResponseCode"):
            assert time.monotonic() < deadline
        assert rows(ready, "Heartbeat | distinct Category") == [["Direct Agent"]]
        assert rows(ready, "_LogOperation | where Level == 'Error' | count") == [[0]]
