"""Watchlists: uploads, single items, what queries see of them, and what cannot be uploaded."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.arm.operations import OPERATIONS
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput, NotFound, Unsupported, VedetteError
from vedette.sentinel.watchlist_work import refresh

ITEM = "82ba292c-dc97-4dfc-969d-d4dd9e666842"
_numbers = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole_server(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture
def alias() -> str:
    return f"list{next(_numbers)}"


def body(content: str | None = None, **properties: Any) -> dict[str, Any]:
    sent = {"displayName": "Assets", "provider": "Contoso", "source": "a.csv", "itemsSearchKey": "Host"}
    raw = {"rawContent": content, "contentType": "text/csv"} if content else {}
    return {"properties": sent | raw | properties}


def items(server: Whole, alias: str) -> list[dict[str, Any]]:
    listed = server.send("GET", f"watchlists/{alias}/watchlistItems", version="2024-03-01").body["value"]
    return [each["properties"]["itemsKeyValue"] for each in listed]


def seen(server: Whole, alias: str) -> list[list[Any]]:
    return server.rows(f"_GetWatchlist('{alias}') | project SearchKey, Host, Town | sort by Host asc")


def test_an_upload_is_items_and_rows_at_once(server: Whole, alias: str) -> None:
    made = server.send("PUT", f"watchlists/{alias}", body("Host,Town\nweb1,Turin\nweb2,Rome\n", labels=["a"]))
    properties = made.body["properties"]
    assert made.status == 201
    assert (properties["uploadStatus"], properties["provisioningState"]) == ("Complete", "Succeeded")
    assert "rawContent" not in properties
    assert (properties["watchlistAlias"], properties["watchlistType"]) == (alias, "watchlist")
    assert properties["createdBy"]["objectId"] == server.principal.object_id
    assert items(server, alias) == [{"Host": "web1", "Town": "Turin"}, {"Host": "web2", "Town": "Rome"}]
    assert seen(server, alias) == [["web1", "web1", "Turin"], ["web2", "web2", "Rome"]]
    assert [alias] in server.rows("_GetWatchlistAlias")
    assert server.rows(
        f"Watchlist | where WatchlistAlias == '{alias}' | summarize count() by _DTItemType, _DTItemStatus, "
        "WatchlistName, Provider, Source, Tags | sort by _DTItemType asc"
    ) == [
        ["watchlist", "Create", "Assets", "Contoso", "a.csv", '["a"]', 1],
        ["watchlist-item", "Create", "Assets", "Contoso", "a.csv", '["a"]', 2],
    ]


def test_an_upload_adds_what_is_not_there(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body("Host,Town\nweb1,Turin\nweb1,Turin\n"))
    again = server.send("PUT", f"watchlists/{alias}", body("Town,Host\nTurin,web1\nBern,web3\n"))
    assert again.status == 200
    assert seen(server, alias) == [["web1", "web1", "Turin"], ["web3", "web3", "Bern"]]


def test_single_items(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body())
    place = f"watchlists/{alias}/watchlistItems/{ITEM}"
    made = server.send("PUT", place, {"properties": {"itemsKeyValue": {"Host": "web1", "Town": "Turin"}}})
    assert made.status == 201
    assert made.body["properties"]["watchlistItemId"] == ITEM
    assert made.body["properties"]["entityMapping"] == {}
    changed = server.send(
        "PUT", place, {"etag": made.body["etag"], "properties": {"itemsKeyValue": {"Host": "web1", "Town": "Rome"}}}
    )
    assert changed.status == 200
    assert changed.body["properties"]["created"] == made.body["properties"]["created"]
    assert seen(server, alias) == [["web1", "web1", "Rome"]]
    with pytest.raises(Conflict, match="watchlist item"):
        server.send("PUT", place, {"etag": made.body["etag"], "properties": {"itemsKeyValue": {"Host": "x"}}})
    assert server.send("DELETE", place).status == 200
    assert server.send("DELETE", place).status == 204
    assert server.rows(f"_GetWatchlist('{alias}') | count") == [[0]]
    with pytest.raises(InvalidInput, match="itemsKeyValue"):
        server.send("PUT", place, {"properties": {"itemsKeyValue": {}}})


def test_a_deleted_watchlist_is_gone_for_queries_too(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body("Host,Town\nweb1,Turin\nweb2,Rome\n"))
    assert server.send("DELETE", f"watchlists/{alias}").status == 200
    assert server.send("DELETE", f"watchlists/{alias}").status == 204
    with pytest.raises(NotFound):
        server.send("GET", f"watchlists/{alias}")
    with pytest.raises(NotFound):
        items(server, alias)
    assert server.rows(f"_GetWatchlist('{alias}') | count") == [[0]]
    assert [alias] not in server.rows("_GetWatchlistAlias")
    assert server.rows(
        f"Watchlist | where WatchlistAlias == '{alias}' and _DTItemStatus == 'Delete' | summarize count() by "
        "_DTItemType | sort by _DTItemType asc"
    ) == [["watchlist", 1], ["watchlist-item", 2]]
    server.send("PUT", f"watchlists/{alias}", body("Host,Town\nweb9,Bern\n"))
    assert seen(server, alias) == [["web9", "web9", "Bern"]]
    assert server.send("DELETE", f"watchlists/{alias}", version="2025-10-01-preview").status == 204


def test_what_hangs_on_a_watchlist_goes_with_it(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body("Host\nweb1\n"))
    id = f"{server.sentinel}/watchlists/{alias}"
    server.make_reader(id)
    refresh(server.context, server.services.clock.now() + timedelta(days=12))
    assert server.assignments(id) == 1
    assert server.send("DELETE", f"watchlists/{alias}").status == 200
    assert server.assignments(id) == 0
    with server.services.state.transaction() as transaction:
        assert transaction.delete_below(id, keep=[OPERATIONS]) == 0


def test_a_large_upload_comes_in_pieces(server: Whole, alias: str) -> None:
    content = "Host,Town\n" + "".join(f"web{number},Town {number}\n" for number in range(2500))
    server.send("PUT", f"watchlists/{alias}", body(content))
    assert server.rows(f"_GetWatchlist('{alias}') | summarize count(), dcount(Host, 4)") == [[2500, 2500]]
    page = server.send("GET", f"watchlists/{alias}/watchlistItems").body
    assert [each["properties"]["itemsKeyValue"]["Host"] for each in page["value"][:3]] == ["web0", "web1", "web2"]
    assert "nextLink" in page
    server.send("DELETE", f"watchlists/{alias}")
    assert server.rows(f"_GetWatchlist('{alias}') | count") == [[0]]


def test_lines_to_skip_tabs_and_quotes(server: Whole, alias: str) -> None:
    content = 'first\nsecond\nHost\tTown\n"web\n1"\t"Tu""rin"\n\nweb2\n'
    sent = body(content, numberOfLinesToSkip=2, contentType="text/tsv")
    server.send("PUT", f"watchlists/{alias}", sent)
    assert items(server, alias) == [{"Host": "web\n1", "Town": 'Tu"rin'}, {"Host": "web2", "Town": ""}]


@pytest.mark.parametrize("character", ["\u2028", "\u0085", "\v", "\f", "\x1c"])
def test_only_line_breaks_end_a_line(server: Whole, alias: str, character: str) -> None:
    """Skipped lines and the lines that messages tell of are those of every other reader of text/csv."""
    content = f"first{character}line\nHost,Town\nweb{character}1,Turin\n"
    server.send("PUT", f"watchlists/{alias}", body(content, numberOfLinesToSkip=1))
    assert items(server, alias) == [{"Host": f"web{character}1", "Town": "Turin"}]


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_other_line_ends(server: Whole, alias: str, end: str) -> None:
    content = end.join(["first", "Host,Town", f'"web{end}1",Turin', "web2,Rome"])
    server.send("PUT", f"watchlists/{alias}", body(content, numberOfLinesToSkip=1))
    assert items(server, alias) == [{"Host": f"web{end}1", "Town": "Turin"}, {"Host": "web2", "Town": "Rome"}]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        (body("Name,Town\na,b\n"), "itemsSearchKey' is 'Host'.*Name, Town"),
        (body("Host,Host\na,b\n"), "two columns with the name 'Host'"),
        (body("Host,\na,b\n"), "no name for column 2"),
        (body("Host\na,b\n"), "2 values in line 2"),
        (body("Host\n" + "a" * 10_241), "more than 10240 characters in line 2"),
        (body("Host\n" + "a\n" * 2_000_000), "larger than 3.8 MB"),
        (body('Host\n"a\n'), "cannot be read"),
        (body("Host\na\n", numberOfLinesToSkip=5), "no header after 5 skipped lines"),
        (body("Host\na\n", contentType="application/json"), "text/csv and text/tsv"),
        (body("Host\na\n", watchlistAlias="another"), "watchlistAlias"),
    ],
)
def test_what_cannot_be_uploaded(server: Whole, alias: str, sent: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        server.send("PUT", f"watchlists/{alias}", sent)
    with pytest.raises(NotFound):
        server.send("GET", f"watchlists/{alias}")


@pytest.mark.parametrize("source", [{"source": "Remote storage"}, {"sourceType": "AzureStorage"}, {"sasUri": "x"}])
def test_storage_accounts_are_refused_by_name(server: Whole, alias: str, source: dict[str, str]) -> None:
    with pytest.raises(Unsupported, match="storage accounts"):
        server.send("PUT", f"watchlists/{alias}", body(**source))


def test_the_search_key_stays_while_there_are_items(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body("Host,Town\nweb1,Turin\n"))
    with pytest.raises(InvalidInput, match="stays 'Host'"):
        server.send("PUT", f"watchlists/{alias}", body(itemsSearchKey="Town"))


def test_a_search_key_is_needed_but_in_the_oldest_version(server: Whole, alias: str) -> None:
    sent = body("Host,Town\nweb1,Turin\n", itemsSearchKey=None)
    with pytest.raises(InvalidInput, match="itemsSearchKey"):
        server.send("PUT", f"watchlists/{alias}", sent)
    server.send("PUT", f"watchlists/{alias}", sent, "2019-01-01-preview")
    assert seen(server, alias) == [["", "web1", "Turin"]]


def test_one_piece_of_work_at_a_time(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body("Host\nweb1\n"))
    state, id = server.services.state, f"{server.sentinel}/watchlists/{alias}"
    document = state.get(id)
    assert document is not None
    busy = {**document.body, "properties": document.body["properties"] | {"provisioningState": "InProgress"}}
    with state.transaction() as transaction:
        transaction.put(id=id, type=document.type, scope=document.scope, name=document.name, body=busy)
    for method, sent in (("PUT", body("Host\nweb2\n")), ("DELETE", None)):
        with pytest.raises(Conflict, match="being uploaded"):
            server.send(method, f"watchlists/{alias}", sent)


def test_an_upload_that_was_cut_short_is_ended_later_and_nothing_twice(
    server: Whole, alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill: some pieces are committed, and the operation begins anew."""
    content = "Host,Town\n" + "".join(f"web{number},x\n" for number in range(1500))
    started: list[str] = []
    monkeypatch.setattr(server.services.operations, "start", started.append)
    monkeypatch.setattr(server.services.operations, "wait", lambda *_: False)
    going_on = server.send("PUT", f"watchlists/{alias}", body(content))
    assert going_on.body["properties"]["uploadStatus"] == "InProgress"
    monkeypatch.undo()
    state, id = server.services.state, f"{server.sentinel}/watchlists/{alias}"
    from vedette.arm.operations import Running, _Stopped  # noqa: PLC0415
    from vedette.sentinel.watchlist_work import watchlist_works  # noqa: PLC0415

    operation = server.services.operations.find(started[0])
    assert operation is not None
    running = Running(server.services.operations, operation)
    calls = count()

    def stop_after_one() -> None:
        if next(calls) == 1:
            raise _Stopped

    monkeypatch.setattr(running, "check", stop_after_one)
    with pytest.raises(_Stopped):
        watchlist_works(server.context)["watchlist upload"](running)
    assert state.count("Microsoft.SecurityInsights/watchlists/watchlistItems", id) == 1000
    monkeypatch.undo()
    server.services.operations.start(started[0])
    assert server.services.operations.wait(started[0], 30)
    assert server.send("GET", f"watchlists/{alias}").body["properties"]["uploadStatus"] == "Complete"
    assert server.rows(
        f"Watchlist | where WatchlistAlias == '{alias}' and _DTItemType == 'watchlist-item' | count"
    ) == [[1500]]


def test_rows_are_written_again_before_they_grow_old(server: Whole, alias: str) -> None:
    server.send("PUT", f"watchlists/{alias}", body("Host,Town\nweb1,Turin\n"))
    clock = server.services.clock
    assert isinstance(clock, VirtualClock)
    counted = f"Watchlist | where WatchlistAlias == '{alias}' | count"
    refresh(server.context, clock.now() + timedelta(days=11))
    assert server.rows(counted) == [[2]]
    refresh(server.context, clock.now() + timedelta(days=12))
    refresh(server.context, clock.now() + timedelta(days=13))
    assert server.rows(counted) == [[4]]
    assert seen(server, alias) == [["web1", "web1", "Turin"]]


def test_no_watchlist_where_sentinel_is_off(server: Whole) -> None:
    other = server.services.estate.workspace_resource_id.replace("/workspaces/", "/workspaces/no")
    with pytest.raises(VedetteError):
        server.send("PUT", f"{other}/providers/Microsoft.SecurityInsights/watchlists/a", body())
