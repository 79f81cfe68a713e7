from datetime import UTC, datetime

import pytest

from vedette.kql.query_now import query_now

DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("print now()", None),
        ("set query_now = datetime(2024-05-01); print now()", DAY),
        ("// why\nset query_now=datetime(2024-05-01T00:00:00Z);\nprint 1", DAY),
        ("set query_now = datetime(2020-01-01); set query_now = datetime(2024-05-01); print 1", DAY),
        ("print 'set query_now = datetime(2024-05-01);'", None),
        ("set query_now = ", None),
        ("set query_now = 5; print 1", None),
    ],
)
def test_the_instant_that_a_query_sets(text: str, instant: datetime | None) -> None:
    assert query_now(text) == instant
