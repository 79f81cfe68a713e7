"""What time does to indicators: rows of those that expire, once, and rows again of those whose last one is old."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.intelligence.test_matching import Server
from tests.unit.sentinel.whole import whole_server

NEWEST = "ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id | sort by Id asc | project Id, IsActive"
COUNT = "ThreatIntelIndicators | summarize count() by Id | sort by Id asc | project Id, count_"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with whole_server(tmp_path) as opened:
        yield Server(opened)


def test_an_indicator_that_expires_gets_a_row(server: Server) -> None:
    later = server.now + timedelta(hours=2)
    server.indicator("[url:value = 'http://a/']", "a", validUntil=(server.now + timedelta(hours=1)).isoformat())
    server.indicator("[url:value = 'http://b/']", "b", validUntil=(server.now + timedelta(hours=1)).isoformat())
    server.indicator("[url:value = 'http://b/']", "b", validUntil=later.isoformat())
    server.indicator("[url:value = 'http://c/']", "c")
    server.minutes(59)
    assert server.whole.rows(NEWEST) == [["a", True], ["b", True], ["c", True]]
    for _ in range(3):
        server.minutes(2)
    assert server.whole.rows(NEWEST) == [["a", False], ["b", True], ["c", True]]
    assert server.whole.rows(COUNT) == [["a", 2], ["b", 2], ["c", 1]]
    legacy = (
        "ThreatIntelligenceIndicator | summarize arg_max(TimeGenerated, *) by IndicatorId | summarize countif(Active)"
    )
    assert server.whole.rows(legacy) == [[2]]
    server.minutes(24 * 60)
    assert server.whole.rows(NEWEST) == [["a", False], ["b", False], ["c", True]]


def test_rows_that_are_old_are_written_again(server: Server) -> None:
    server.indicator("[url:value = 'http://a/']", "a")
    server.indicator("[url:value = 'http://gone/']", "gone")
    server.whole.send("DELETE", "threatIntelligence/main/indicators/gone")
    for _ in range(6):
        server.minutes(24 * 60)
    assert server.whole.rows(COUNT) == [["a", 1], ["gone", 2]]
    for _ in range(3):
        server.minutes(24 * 60)
    assert server.whole.rows(COUNT) == [["a", 2], ["gone", 2]]
    assert server.whole.rows(NEWEST) == [["a", True], ["gone", False]]
