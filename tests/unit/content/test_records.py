"""What is known of an apply that was interrupted, or beside which another one ran."""

import time
from pathlib import Path

import httpx
import pytest

from vedette.cli.plan_text import print_outcomes
from vedette.content.applying import Outcome, Status, apply_plan
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, ALERT_RULE_ACTION, SAVED_SEARCH
from vedette.content.managed import Mark, place_of, read_record, write_record
from vedette.content.planning import make_plan
from vedette.content.reading import read_text
from vedette.core.errors import Conflict, InvalidInput, Unavailable, VedetteError

from .memory_endpoint import WORKSPACE, MemoryEndpoint


def search(name: str) -> Item:
    return read_text(Path("a.yaml"), f"id: {name}\nname: {name}\nquery: T\n").items[0]


def names(endpoint: MemoryEndpoint) -> set[str]:
    return {name for _, _, name in read_record(endpoint.client(), WORKSPACE, "default").marks}


def test_an_interrupt_ends_it_and_what_was_done_is_told_and_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint = MemoryEndpoint()
    made = make_plan(endpoint.client(), WORKSPACE, [search(each) for each in "abcdef"], set="default")

    def slow(_request: httpx.Request) -> None:
        time.sleep(0.02)

    def interrupt(_outcome: Outcome) -> None:
        raise KeyboardInterrupt

    endpoint.judge = slow
    applied = apply_plan(endpoint.client(), made, at_once=1, told=interrupt)
    done = applied.count(Status.DONE)
    assert 1 <= done < 6
    assert applied.count(Status.SKIPPED) == 6 - done
    assert len(names(endpoint)) == done
    with pytest.raises(KeyboardInterrupt):
        print_outcomes(made, applied)
    assert f"{done} created" in capsys.readouterr().err


def test_refusals_are_told_where_the_record_cannot_be_written_too(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint = MemoryEndpoint()
    made = make_plan(endpoint.client(), WORKSPACE, [search("a")], set="default")
    parts = 0

    def refuse(request: httpx.Request) -> httpx.Response | None:
        nonlocal parts
        if request.method == "GET":
            return None
        parts += "vedette-content" in request.url.path
        if "vedette-content" in request.url.path and parts == 1:
            return None
        return httpx.Response(400, json={"error": {"code": "BadRequest", "message": "Quota is used up."}})

    endpoint.judge = refuse
    applied = apply_plan(endpoint.client(), made)
    assert [each.status for each in applied.outcomes] == [Status.FAILED]
    with pytest.raises(VedetteError, match="Quota"):
        print_outcomes(made, applied)
    assert "HuntingQuery 'a' (a)" in capsys.readouterr().err


def test_what_may_have_been_made_stays_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.content.management_client.time.sleep", lambda _seconds: None)
    endpoint = MemoryEndpoint()
    made = make_plan(endpoint.client(), WORKSPACE, [search("a"), search("b")], set="default")

    def lose(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PUT" and request.url.path.endswith("/a"):
            raise httpx.ReadError("cut off")
        refused = {"error": {"code": "BadRequest", "message": "No."}}
        return httpx.Response(400, json=refused) if request.url.path.endswith("/b") else None

    endpoint.judge = lose
    applied = apply_plan(endpoint.client(), made, keep_going=True)
    assert isinstance(applied.failed[0].error, Unavailable)
    assert names(endpoint) == {"a"}


def test_two_first_applies_keep_each_others_marks() -> None:
    endpoint = MemoryEndpoint()
    first = make_plan(endpoint.client(), WORKSPACE, [search("a")], set="default")
    second = make_plan(endpoint.client(), WORKSPACE, [search("b")], set="default")
    assert apply_plan(endpoint.client(), first).broken is None
    assert apply_plan(endpoint.client(), second).broken is None
    marks = read_record(endpoint.client(), WORKSPACE, "default").marks
    assert set(marks) == {place_of(search("a")), place_of(search("b"))}
    assert all(each.applied for each in marks.values())
    with pytest.raises(Conflict, match="another apply"):
        write_record(endpoint.client(), WORKSPACE, first.record, {place_of(search("c")): Mark()})


@pytest.mark.parametrize("query", ["T | take 1", "datatable(Type:string", ""])
def test_a_record_that_somebody_changed_is_told_with_what_to_do(query: str) -> None:
    endpoint = MemoryEndpoint()
    assert apply_plan(endpoint.client(), make_plan(endpoint.client(), WORKSPACE, [search("a")], set="x")).broken is None
    part = WORKSPACE.path(SAVED_SEARCH, "vedette-content-x-1")
    properties = endpoint.resources[part]["properties"]
    endpoint.keep(part, {"properties": {**properties, "query": query}})
    with pytest.raises(InvalidInput, match=r"'vedette-content-x-1', is damaged: .* delete it and apply again"):
        read_record(endpoint.client(), WORKSPACE, "x")
    head, row, *end = properties["query"].splitlines()
    endpoint.keep(part, {"properties": {**properties, "query": "\n".join([head, row[:-1], *end])}})
    with pytest.raises(InvalidInput, match=r"'vedette-content-x-1', is damaged: .* delete it and apply again"):
        read_record(endpoint.client(), WORKSPACE, "x")


def test_children_follow_a_parent_that_is_known_by_its_title_in_any_casing() -> None:
    endpoint = MemoryEndpoint()
    body = {"kind": "Scheduled", "properties": {"displayName": "Brute force"}}
    endpoint.keep(WORKSPACE.path(ALERT_RULE, "there"), body)
    action = {"properties": {"logicAppResourceId": "/subscriptions/s/p", "triggerUri": "https://x.example"}}
    items = [Item(ALERT_RULE, "Rule-A", body), Item(ALERT_RULE_ACTION, "b", action, "rule-a")]
    made = make_plan(endpoint.client(), WORKSPACE, items, set="default", by_title=True)
    assert [(each.item.name, each.item.parent) for each in made.changes] == [("there", ""), ("b", "there")]
