"""KQL over files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.core.errors import NotFound
from vedette.kql.diagnostics import KqlError
from vedette.logs.files import query_files

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def test_a_query_joins_two_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "Hosts.csv").write_text("host,owner\nweb01,ana\nweb02,ben\n")
    (tmp_path / "Events.json").write_text(
        '[{"host": "web01", "at": "2024-01-01T10:00:00Z", "detail": {"port": 22}},'
        ' {"host": "web03", "at": "2024-01-01T11:00:00Z"}]'
    )
    query = "Events | join kind=leftouter Hosts on host | project host, owner, at, port = tolong(detail.port), detail"
    result = query_files([tmp_path], query, now=NOW)[0].result
    assert [column.name for column in result.columns] == ["host", "owner", "at", "port", "detail"]
    assert sorted(result.rows(), key=str) == [
        ["web01", "ana", datetime(2024, 1, 1, 10, tzinfo=UTC), 22, {"port": 22}],
        ["web03", "", datetime(2024, 1, 1, 11, tzinfo=UTC), None, None],
    ]


def test_errors(tmp_path: Path) -> None:
    (tmp_path / "Hosts.csv").write_text("host,owner\nweb01,ana\n")
    with pytest.raises(KqlError):
        query_files([tmp_path], "Host | count", now=NOW)
    with pytest.raises(NotFound):
        query_files([tmp_path / "absent"], "print 1", now=NOW)


def test_a_query_of_several_results(tmp_path: Path) -> None:
    (tmp_path / "Hosts.csv").write_text("host,owner\nweb01,ana\nweb02,ben\nweb03,ben\n")
    query = "Hosts | summarize n = count(); Hosts | facet by owner with (take 1 | project host)"
    results = query_files([tmp_path], query, now=NOW)
    assert [(each.name, sorted(each.result.rows())) for each in results] == [
        ("PrimaryResult", [[3]]),
        ("PrimaryResult_2", [["web01"]]),
        ("PrimaryResult_3", [["ana", 1], ["ben", 2]]),
    ]
    with pytest.raises(KqlError, match="named 'ownr'") as raised:
        query_files([tmp_path], "Hosts | count; Hosts | facet by ownr", now=NOW)
    assert raised.value.diagnostics[0].span.start == 32


def test_a_result_too_many_where_one_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "Hosts.csv").write_text("host\nweb01\n")
    with pytest.raises(KqlError, match="cannot be used here"):
        query_files([tmp_path], "let F = () { Hosts | fork (count) (take 1) }; F() | count", now=NOW)
