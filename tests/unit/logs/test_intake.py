"""Who is told of rows that came and were not stored."""

import pyarrow as pa
import pytest
from tests.unit.logs.running_store import WORKSPACE, Running

from vedette.core.errors import NotFound

OTHER = "0f7c2f5e-0f3a-4f6e-9d6a-1d2e3f405162"


def test_rows_that_are_refused_together_are_told_where_they_were_going(running: Running) -> None:
    running.store.create_workspace(OTHER, "other")
    told: list[tuple[str, str, str]] = []
    running.store.tell_refusals(lambda workspace, table, code, _reason: told.append((workspace, table, code)))
    rows = pa.table({"Computer": ["c"]})
    places = [(WORKSPACE, "Syslog"), (OTHER, "Missing_CL")]
    with pytest.raises(NotFound) as refused:
        running.store.append_together(dict.fromkeys(places, rows), way="ingestion")
    assert told == [(*place, refused.value.code) for place in places]


def test_rows_for_several_tables_of_a_workspace_are_told_by_table(running: Running) -> None:
    told: list[tuple[str, str]] = []
    running.store.tell_refusals(lambda workspace, table, _code, _reason: told.append((workspace, table)))
    with pytest.raises(NotFound):
        running.store.append_tables(WORKSPACE, {"Syslog": [{}], "Missing_CL": [{}]}, way="collector")
    assert told == [(WORKSPACE, "Syslog"), (WORKSPACE, "Missing_CL")]
