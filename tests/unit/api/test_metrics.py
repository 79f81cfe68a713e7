"""What `/metrics` says, read by Prometheus's own parsers."""

import time
from collections.abc import Callable

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.api.metrics import exposition, make_metrics_app
from vedette.api.services import Services
from vedette.core.metrics import Described, Metrics

BASE = "https://127.0.0.1:8443"
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}

Scrape = Callable[[], dict[str, Metric]]


@pytest.fixture
def scrape(owner: TestClient) -> Scrape:
    """Reads `/metrics` as OpenMetrics, by name of the family."""

    def read() -> dict[str, Metric]:
        answer = owner.get("/metrics", headers=OPENMETRICS)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        return {family.name: family for family in read_openmetrics(answer.text)}

    return read


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    """The value of one sample; zero while there is none with these labels."""
    found = [each for family in families.values() for each in family.samples if each.name == sample]
    return sum(each.value for each in found if labels.items() <= each.labels.items())


def test_every_family_has_a_help_and_a_unit(scrape: Scrape) -> None:
    families = scrape()
    own = [family for name, family in families.items() if name.startswith("vedette_")]
    assert len(own) > 20
    for family in own:
        assert family.documentation, family.name
        assert family.unit or family.type == "info", family.name


def test_the_process_and_the_release_are_there(scrape: Scrape) -> None:
    families = scrape()
    assert value(families, "process_resident_memory_bytes") > 10_000_000
    assert value(families, "process_open_fds") > 3
    assert value(families, "vedette_build_info") == 1


def test_the_text_format_is_what_a_scraper_gets_that_asks_for_nothing(owner: TestClient) -> None:
    answer = owner.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    names = {family.name for family in read_prometheus(answer.text)}
    assert {"vedette_http_requests", "vedette_data_file_size_bytes"} <= names


def test_rows_are_counted_by_table_and_way_when_they_are_on_the_disk(scrape: Scrape, services: Services) -> None:
    before = scrape()
    rows = [{"Computer": "counted"}] * 3
    labels = {"table": "Syslog", "way": "syslog"}
    services.logs.append(services.estate.workspace_id, "Syslog", rows, way="syslog").result(30)
    deadline = time.monotonic() + 10
    while (after := scrape()) and value(after, "vedette_ingested_rows_total", **labels) == value(
        before, "vedette_ingested_rows_total", **labels
    ):
        assert time.monotonic() < deadline, "counting follows the acknowledgement at once"

    def grown(sample: str, **labels: str) -> float:
        return value(after, sample, **labels) - value(before, sample, **labels)

    assert grown("vedette_ingested_rows_total", **labels) == 3
    assert grown("vedette_ingested_bytes_total", **labels) == 3 * (len("counted") + 8)  # and eight for TimeGenerated
    assert grown("vedette_ingest_ack_duration_seconds_count", way="syslog") == 1
    assert grown("vedette_log_commit_duration_seconds_count") >= 1
    assert grown("vedette_log_commit_rows_sum") >= 3
    assert value(after, "vedette_log_writer_waiting_batches") == 0
    assert value(after, "vedette_data_file_size_bytes", file="logs") > 0


def test_queries_are_counted_and_timed(scrape: Scrape, owner: TestClient, services: Services) -> None:
    path = f"/v1/workspaces/{services.estate.workspace_id}/query"
    before = scrape()
    for text in ("print n = 1", "print n = 1", "NoSuchTable | take 1"):
        owner.post(path, json={"query": text})
    after = scrape()

    def grown(sample: str, **labels: str) -> float:
        return value(after, sample, **labels) - value(before, sample, **labels)

    assert grown("vedette_query_duration_seconds_count", origin="api") == 3
    assert grown("vedette_query_result_rows_total", origin="api") == 2
    assert grown("vedette_query_failed_queries_total", origin="api") == 1
    assert grown("vedette_query_plan_cache_lookups_total", found="true") >= 1
    assert grown("vedette_http_requests_total", plane="query", method="POST", status="200") == 2
    assert grown("vedette_http_requests_total", plane="query", method="POST", status="400") == 1
    assert grown("vedette_http_refused_requests_total", plane="query") == 1
    assert value(after, "vedette_query_running_queries", origin="api") == 0


def test_a_refused_post_is_counted_by_its_code(scrape: Scrape, anonymous: TestClient) -> None:
    before = scrape()
    anonymous.post("/api/logs", content=b"[]")
    after = scrape()
    labels = {"plane": "collector", "code": "MissingApiVersion"}
    sample = "vedette_http_refused_requests_total"
    assert value(after, sample, **labels) - value(before, sample, **labels) == 1


def test_a_refused_export_is_counted_by_its_code(scrape: Scrape, owner: TestClient) -> None:
    before = scrape()
    assert owner.post("/v1/logs", content=b"{}", headers={"content-type": "text/plain"}).status_code == 400
    after = scrape()
    sample, labels = "vedette_http_refused_requests_total", {"code": "UnsupportedMediaType"}
    assert value(after, sample, **labels) - value(before, sample, **labels) == 1


def test_what_somebody_else_counts_is_a_counter_too() -> None:
    metrics = Metrics()
    metrics.gauge(
        Described("heard_messages", "Messages.", "messages", ("outcome",)), lambda: {("good",): 3}, grows=True
    )
    metrics.gauge(Described("open_files", "Files.", "files"), lambda: {(): 7})
    body, _ = exposition(metrics, OPENMETRICS["Accept"])
    families = {family.name: family for family in read_openmetrics(body.decode())}
    assert families["vedette_heard_messages"].type == "counter"
    assert value(families, "vedette_heard_messages_total", outcome="good") == 3
    assert families["vedette_open_files"].type == "gauge"


def test_they_need_a_permission(anonymous: TestClient, services: Services) -> None:
    stranger = service_principal(services, "metrics")
    token = services.tokens.issue(stranger, BASE, base=BASE).text
    assert anonymous.get("/metrics").status_code == 401
    assert anonymous.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_the_listener_of_their_own_has_nothing_else(services: Services) -> None:
    client = TestClient(make_metrics_app(services.metrics))
    assert "vedette_http_requests" in client.get("/metrics").text
    assert client.get("/vedette/status").status_code == 404
    assert client.post("/metrics").status_code == 405
