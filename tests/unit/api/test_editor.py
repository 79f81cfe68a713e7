"""What an editor asks of a query that is being written."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from vedette.api.services import Services

Ask = Callable[..., Any]


@pytest.fixture
def ask(owner: TestClient, services: Services) -> Ask:
    def asked(what: str, query: str, **body: Any) -> Any:
        path = f"/vedette/workspaces/{services.estate.workspace_id}/{what}"
        return owner.post(path, json={"query": query, **body})

    return asked


def test_a_check_tells_all_errors_with_their_places(ask: Ask) -> None:
    told = ask("check", "SigninLogs\n| where ResultTyp == 1 and foo(2)").json()
    assert told["valid"] is False
    first, second = told["diagnostics"]
    assert (first["code"], first["line"], first["column"], first["hint"]) == (
        "SEM0100",
        2,
        9,
        "Did you mean 'ResultType'?",
    )
    assert (second["code"], second["severity"]) == ("SEM0260", "error")


def test_a_check_tells_columns_and_warnings(ask: Ask) -> None:
    told = ask("check", "SigninLogs | where ResultType == 0 | summarize n = count() by UserPrincipalName").json()
    assert told["columns"] == [{"name": "UserPrincipalName", "type": "string"}, {"name": "n", "type": "long"}]
    assert told["valid"] is True
    assert "WRN0002" in [each["code"] for each in told["diagnostics"]]


def test_a_check_of_a_query_that_is_confined_to_a_time(ask: Ask) -> None:
    def codes(**more: Any) -> list[str]:
        return [each["code"] for each in ask("check", "SigninLogs | count", **more).json()["diagnostics"]]

    assert codes() == codes(timespan=None) == ["WRN0004"]
    assert codes(timespan="P1D") == []


def test_a_check_tells_the_columns_of_every_result(ask: Ask) -> None:
    told = ask("check", "SigninLogs | facet by ResultType with (count)").json()
    assert told["results"] == [
        {"name": "PrimaryResult", "columns": [{"name": "Count", "type": "long"}]},
        {
            "name": "PrimaryResult_2",
            "columns": [{"name": "ResultType", "type": "string"}, {"name": "count_ResultType", "type": "long"}],
        },
    ]


def test_completions_and_hovers(ask: Ask) -> None:
    query = "SigninLogs | where UserPrin"
    told = ask("complete", query, offset=len(query)).json()["completions"]
    assert (told[0]["text"], told[0]["kind"], told[0]["start"]) == ("UserPrincipalName", "column", 19)
    assert ask("hover", "print strlen('x')", offset=7).json()["hover"]["heading"].startswith("strlen(")
    assert ask("hover", "print 1", offset=6).json() == {"hover": None}


@pytest.mark.parametrize("body", [{"query": 5, "offset": 0}, {"query": "T", "offset": 9}, {"query": "T"}])
def test_a_body_that_is_wrong_is_refused(owner: TestClient, services: Services, body: dict[str, Any]) -> None:
    reply = owner.post(f"/vedette/workspaces/{services.estate.workspace_id}/hover", json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    ("query", "mended"),
    [
        ("SigninLogs | where ResultTyp == 1", "SigninLogs | where ResultType == 1"),
        ("SigninLogs | extend x = ['ResultTyp']", "SigninLogs | extend x = ['ResultType']"),
        ("SigninLog | take 1", "SigninLogs | take 1"),
        ("SigninLogs | mv-expnd LocationDetails", "SigninLogs | mv-expand LocationDetails"),
        ("print strle('a')", "print strlen('a')"),
        ("SigninLogs | join kind=inne (AuditLogs) on CorrelationId", None),
        ("_GetWatchlists('x')", "_GetWatchlist('x')"),
        ("let T = datatable(['first name']:long)[1]; T | where ['first nam'] == 1", None),
    ],
)
def test_a_quick_fix_is_an_edit_that_mends(ask: Ask, query: str, mended: str | None) -> None:
    (finding,) = [each for each in ask("check", query).json()["diagnostics"] if each["severity"] == "error"]
    edit = finding["edit"]
    changed = query[: edit["start"]] + edit["text"] + query[edit["end"] :]
    assert changed == (mended or changed)
    assert ask("check", changed).json()["valid"] is True


def test_what_has_no_quick_fix(ask: Ask) -> None:
    told = ask("check", "SigninLogs | where 5").json()["diagnostics"] + ask("check", "print y").json()["diagnostics"]
    assert told
    assert [each["edit"] for each in told] == [None] * len(told)


def test_what_only_a_server_knows(ask: Ask, owner: TestClient, services: Services) -> None:
    """Workspaces, watchlists and saved functions are no errors where they are there."""
    name = services.estate.workspace_name
    path = f"{services.estate.workspace_resource_id}/savedSearches/halves?api-version=2020-08-01"
    body = {"category": "f", "displayName": "f", "query": "print h = x / 2", "functionAlias": "Halves"}
    saved = owner.put(path, json={"properties": body | {"functionParameters": "x:long"}})
    assert saved.is_success, saved.text
    for query in (f"workspace('{name}').SigninLogs | count", "_GetWatchlist('any') | count", "Halves(4)"):
        assert ask("check", query).json()["valid"] is True, query
    (finding,) = ask("check", "workspace('elsewhere').SigninLogs | count").json()["diagnostics"]
    assert (finding["code"], finding["start"], finding["end"]) == ("SEM0114", 10, 21)
    assert ask("check", "Halve(4)").json()["diagnostics"][0]["edit"]["text"] == "Halves"
    owner.delete(path)
