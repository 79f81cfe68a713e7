"""Cutting records into posts."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from vedette.cli.batches import batches
from vedette.formats.rows import TableRow

RECORDS = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3), max_size=30)


@given(RECORDS, st.integers(2, 200))
def test_batches_hold_every_record_once_in_order_within_the_size(records: list[dict[str, str]], size: int) -> None:
    made = list(batches((TableRow("T", record) for record in records), size))
    assert [record for batch in made for record in orjson.loads(batch.bodies["T"])] == records
    assert all(len(batch.bodies["T"]) <= size or batch.count == 1 for batch in made)
    assert [number for batch in made for number in range(batch.first, batch.last + 1)] == [*range(1, len(records) + 1)]


def test_a_batch_has_a_body_for_each_table() -> None:
    (batch,) = batches([TableRow("A", {"n": 1}), TableRow("B", {"n": 2}), TableRow("A", {"n": 3})])
    assert batch.bodies == {"A": b'[{"n":1},{"n":3}]', "B": b'[{"n":2}]'}
    assert (batch.first, batch.last, batch.count) == (1, 3, 3)
