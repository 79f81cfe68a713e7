from datetime import UTC, datetime

import pytest

from vedette.kql.catalog import Catalog
from vedette.kql.compile import compile_query
from vedette.logs.catalog import TableRegister, WorkspaceCatalog
from vedette.logs.row_by_row import is_row_by_row, keeps_column, reads_now

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def catalog() -> Catalog:
    return WorkspaceCatalog("workspace_x", TableRegister({}), {}, lambda _name: None)


@pytest.mark.parametrize(
    ("query", "alone", "time"),
    [
        ("Heartbeat", True, True),
        ("Heartbeat | where Computer has 'a' | extend x = strlen(Computer)", True, True),
        ("Heartbeat | project TimeGenerated, Computer", True, True),
        ("Heartbeat | project Computer", True, False),
        ("Heartbeat | extend TimeGenerated = TimeGenerated + 1h", True, False),
        ("Heartbeat | project-rename T = TimeGenerated | extend TimeGenerated = T", True, True),
        ("union Heartbeat, (SigninLogs | where ResultType == '0')", True, True),
        ("let T = Heartbeat | where Computer != ''; T | mv-expand x = pack_array(1, 2)", True, True),
        ("Heartbeat | where Computer in ((SigninLogs | project Identity))", False, None),
        ("Heartbeat | where Computer == toscalar(SigninLogs | take 1 | project Identity)", False, None),
        ("Heartbeat | summarize count() by Computer", False, None),
        ("Heartbeat | take 5", False, None),
        ("Heartbeat | top 5 by TimeGenerated", False, None),
        ("Heartbeat | join kind=inner (SigninLogs) on $left.Computer == $right.Identity", False, None),
        ("Heartbeat | distinct Computer", False, None),
        ("print x = 1", False, None),
    ],
)
def test_which_queries_look_at_each_row(catalog: Catalog, query: str, alone: bool, time: bool | None) -> None:
    plan = compile_query(query, catalog, now=NOW).plan
    assert is_row_by_row(plan) is alone
    if time is not None:
        assert keeps_column(plan, "TimeGenerated") is time


@pytest.mark.parametrize(
    ("query", "reads"),
    [
        ("Heartbeat | where TimeGenerated > ago(1h)", True),
        ("Heartbeat | extend x = now() | where Computer == ''", True),
        ("Heartbeat | where Computer == 'now()'", False),
    ],
)
def test_which_read_the_instant(catalog: Catalog, query: str, reads: bool) -> None:
    query_ = compile_query(query, catalog, now=NOW)
    assert (query_.reads_clock or reads_now(query_.plan)) is reads
