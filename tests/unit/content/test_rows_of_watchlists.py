"""Rows of watchlists come to rest, and what somebody changed of them is told from what a file has changed."""

from dataclasses import replace

import pytest

from vedette.content.applying import apply_plan
from vedette.content.drifting import find_drift
from vedette.content.item import Item
from vedette.content.kinds import WATCHLIST
from vedette.content.planning import Action, Plan, make_plan

from .memory_endpoint import WORKSPACE, MemoryEndpoint

PATH = WORKSPACE.path(WATCHLIST, "vips")


def vips(*names: str) -> Item:
    properties = {"displayName": "VIPs", "provider": "us", "source": "a.csv", "itemsSearchKey": "user"}
    text = "".join(f"{each}\n" for each in ("user", *names))
    return Item(WATCHLIST, "vips", {"properties": {**properties, "rawContent": text, "contentType": "text/csv"}})


def plan(endpoint: MemoryEndpoint, item: Item, *, prune: bool = False) -> Plan:
    return make_plan(endpoint.client(), WORKSPACE, [item], set="default", prune=prune)


def applied(*names: str) -> MemoryEndpoint:
    endpoint = MemoryEndpoint()
    assert apply_plan(endpoint.client(), plan(endpoint, vips(*names))).broken is None
    return endpoint


def drifted(endpoint: MemoryEndpoint, *items: Item) -> list[str]:
    drift = find_drift(endpoint.client(), WORKSPACE, items, set="default", kinds=(WATCHLIST,), with_others=False)
    return [each.item.name for each in drift.changes]


@pytest.mark.parametrize("prune", [False, True])
def test_a_row_that_a_text_has_twice_comes_to_rest(prune: bool) -> None:
    endpoint = applied("ann", "bob", "ann")
    assert [each.action for each in plan(endpoint, vips("ann", "bob", "ann"), prune=prune).changes] == [Action.NONE]


def test_rows_that_somebody_added_or_took_away_are_drift() -> None:
    endpoint = applied("ann", "bob")
    assert drifted(endpoint) == drifted(endpoint, vips("ann", "bob")) == []
    added = endpoint.row(PATH, "x", {"user": "eve"})
    assert drifted(endpoint) == drifted(endpoint, vips("ann", "bob")) == ["vips"]
    assert apply_plan(endpoint.client(), plan(endpoint, vips("ann", "bob"))).broken is None
    assert drifted(endpoint) == ["vips"]
    del endpoint.resources[added]
    assert drifted(endpoint) == []
    del endpoint.resources[next(path for path in endpoint.resources if path.startswith(f"{PATH}/"))]
    assert drifted(endpoint) == drifted(endpoint, vips("ann", "bob")) == ["vips"]


def test_rows_that_only_the_file_has_changed_are_none() -> None:
    endpoint = applied("ann", "bob")
    assert drifted(endpoint, vips("ann", "bob", "cy")) == drifted(endpoint, vips("ann")) == []
    (change,) = plan(endpoint, vips("ann", "cy"), prune=True).changes
    assert change.rows is not None
    assert (len(change.rows.added), len(change.rows.extra)) == (1, 1)
    assert apply_plan(endpoint.client(), plan(endpoint, vips("ann"), prune=True)).broken is None
    assert drifted(endpoint) == drifted(endpoint, vips("ann")) == []


def test_records_of_before_rows_were_in_them_are_read() -> None:
    endpoint = applied("ann")
    path = next(path for path in endpoint.resources if "vedette-content" in path)
    told = endpoint.resources[path]["properties"]
    old = ", ".join(told["query"].splitlines()[1].split(", ")[:-1])
    told["query"] = f"{told['query'].splitlines()[0].replace(', Rows:string', '')}\n{old}\n]"
    made = plan(endpoint, vips("ann"))
    assert not made.changed
    assert [replace(each, rows="") for each in made.record.marks.values()] == list(made.record.marks.values())
    endpoint.row(PATH, "x", {"user": "eve"})
    assert drifted(endpoint) == []
    assert drifted(endpoint, vips("ann")) == ["vips"]
