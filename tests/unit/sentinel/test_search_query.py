"""Which queries a search job can run, and that their results say where they come from."""

import pytest

from vedette.core.errors import InvalidInput
from vedette.kql.diagnostics import KqlError
from vedette.sentinel.search_query import search_query

EXTENDED = "| extend _OriginalType = Type, _OriginalItemId = _ItemId, _OriginalTimeGenerated = TimeGenerated"
NAMES = "_OriginalType, _OriginalItemId, _OriginalTimeGenerated"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Syslog", f"Syslog {EXTENDED}\n"),
        ("Syslog | where * has 'x'", f"Syslog {EXTENDED} | where * has 'x'\n"),
        (
            "Syslog | project Computer // why\n| extend a = 1",
            f"Syslog {EXTENDED} | project Computer, {NAMES} // why\n| extend a = 1\n",
        ),
        ("['My table'] | project-keep *Id", f"['My table'] {EXTENDED} | project-keep *Id, {NAMES}\n"),
        (
            "Syslog | project-away A | parse M with * 'a' B | parse-where M with 'c' D",
            f"Syslog {EXTENDED} | project-away A | parse M with * 'a' B | parse-where M with 'c' D\n",
        ),
    ],
)
def test_the_origin_is_kept_through_projections(text: str, expected: str) -> None:
    assert search_query(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "Syslog | take 5",
        "Syslog | summarize count()",
        "Syslog | join (Heartbeat) on Computer",
        "union Syslog, Heartbeat",
        "Syslog | union Heartbeat",
        "let a = 1; Syslog",
        "set notruncation; Syslog",
        "Syslog | where Computer in ((Heartbeat | project Computer))",
        "Syslog | extend n = toscalar(Heartbeat | count)",
        "Syslog | project-by-names 'a'",
        "workspace('other').Syslog",
        "datatable(a:long)[1]",
    ],
)
def test_what_a_search_job_cannot_run(text: str) -> None:
    with pytest.raises(InvalidInput, match="search job"):
        search_query(text)


def test_what_cannot_be_read_at_all() -> None:
    with pytest.raises(KqlError):
        search_query("Syslog | where (")
