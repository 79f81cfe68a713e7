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
