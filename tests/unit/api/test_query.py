"""The query API over the composed application: answers, errors, permissions, batches."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal
from tests.unit.api.signing import post

from vedette.api.app import make_app
from vedette.api.services import Services

BASE = "https://127.0.0.1:8443"
EVERY_TYPE = """
print a = true, b = int(1), c = 9007199254740993, d = 0.5, e = "", f = datetime(2024-01-01 10:20:30.1234567),
      g = 1d + 2h, h = dynamic({"x": [1, null]}), i = long(null), j = real(nan), k = datetime(2024-01-01)
"""


@pytest.fixture(scope="module")
def url(services: Services, anonymous: TestClient) -> str:
    records = [{"n": n, "word": f"w{n % 2}"} for n in range(5)]
    assert post(anonymous, services, records, "Asked").status_code == 200
    return f"/v1/workspaces/{services.estate.workspace_id}/query"


def ask(client: TestClient, url: str, text: str, **members: Any) -> Any:
    answer = client.post(url, json={"query": text, **members})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_shape_of_an_answer(owner: TestClient, url: str) -> None:
    answer = owner.post(url, json={"query": "Asked_CL | summarize total = sum(n_d) by word_s | sort by word_s asc"})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-ms-request-id"]
    assert answer.json() == {
        "tables": [
            {
                "name": "PrimaryResult",
                "columns": [{"name": "word_s", "type": "string"}, {"name": "total", "type": "real"}],
                "rows": [["w0", 6.0], ["w1", 4.0]],
            }
        ]
    }


def test_several_results(owner: TestClient, url: str) -> None:
    answer = ask(owner, url, "Asked_CL | where n_d > 2 | facet by word_s with (count); Asked_CL | count")
    assert [(table["name"], sorted(table["rows"])) for table in answer["tables"]] == [
        ("PrimaryResult", [[2]]),
        ("PrimaryResult_2", [["w0", 1], ["w1", 1]]),
        ("PrimaryResult_3", [[5]]),
    ]
    refused = owner.post(url, json={"query": "Asked_CL | count; Asked_CL | facet by nothing"})
    finding = refused.json()["error"]["innererror"]["innererror"]
    assert (refused.status_code, finding["line"], finding["pos"]) == (400, 1, 38)


def test_cells_of_every_type(owner: TestClient, url: str) -> None:
    (table,) = ask(owner, url, EVERY_TYPE)["tables"]
    types = ["bool", "int", "long", "real", "string", "datetime", "timespan", "dynamic", "long", "real", "datetime"]
    assert [column["type"] for column in table["columns"]] == types
    (row,) = table["rows"]
    assert json.loads(row.pop(7)) == {"x": [1, None]}
    assert row == [
        True,
        1,
        9007199254740993,
        0.5,
        "",
        "2024-01-01T10:20:30.1234567Z",
        "1.02:00:00",
        None,
        "NaN",
        "2024-01-01T00:00:00Z",
    ]


def test_no_rows_are_an_empty_table(owner: TestClient, url: str) -> None:
    (table,) = ask(owner, url, "Asked_CL | where n_d > 100 | project n_d")["tables"]
    assert table == {"name": "PrimaryResult", "columns": [{"name": "n_d", "type": "real"}], "rows": []}


def test_many_rows_arrive_in_order(owner: TestClient, url: str) -> None:
    (table,) = ask(owner, url, "range n from 1 to 20000 step 1")["tables"]
    assert table["rows"] == [[n] for n in range(1, 20001)]


def test_a_get_reads_the_url(owner: TestClient, url: str) -> None:
    answer = owner.get(url, params={"query": "Asked_CL | count", "timespan": "P1D"})
    assert answer.json()["tables"][0]["rows"] == [[5]]


def test_the_timespan_confines_every_table(owner: TestClient, url: str) -> None:
    assert ask(owner, url, "Asked_CL | count", timespan="PT3600.0S")["tables"][0]["rows"] == [[5]]
    assert ask(owner, url, "Asked_CL | count", timespan="2020-01-01/P1D")["tables"][0]["rows"] == [[0]]
    outside = owner.post(f"{url}?timespan=2020-01-01/P1D", json={"query": "Asked_CL | count", "timespan": "P1D"})
    assert outside.json()["tables"][0]["rows"] == [[0]]


def test_what_came_in_this_very_instant_is_within_the_timespan(virtual_services: Services, signed_in: Any) -> None:
    client = signed_in(virtual_services)
    assert post(client, virtual_services, [{"n": 1}], "Instant").status_code == 200
    url = f"/v1/workspaces/{virtual_services.estate.workspace_id}/query"
    assert ask(client, url, "Instant_CL | count", timespan="PT1H")["tables"][0]["rows"] == [[1]]


def test_preferences_add_members(owner: TestClient, url: str) -> None:
    prefer = {"Prefer": "wait=30,include-statistics=true,include-render=true"}
    body = {"query": "Asked_CL | summarize count() by word_s | render barchart"}
    answer = owner.post(url, json=body, headers=prefer).json()
    statistics = answer["statistics"]["query"]
    assert statistics["executionTime"] > 0
    assert statistics["datasetStatistics"][0]["tableRowCount"] == 2
    assert answer["render"]["visualization"] == "barchart"
    assert owner.post(url, json=body).json().keys() == {"tables"}


def test_too_many_rows_are_a_partial_answer(owner: TestClient, url: str) -> None:
    answer = ask(owner, url, "range n from 1 to 500001 step 1 | project n = 1")
    assert len(answer["tables"][0]["rows"]) == 500_000
    assert answer["error"]["code"] == "PartialError"
    assert answer["error"]["details"][0]["innererror"]["code"] == "-2133196797"


def test_a_query_past_its_time_is_504(owner: TestClient, url: str) -> None:
    endless = {"query": "range a from 1 to 100000000000 step 1 | summarize sum(a * a)"}
    answer = owner.post(url, json=endless, headers={"Prefer": "wait=0.2"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "GatewayTimeout")


@pytest.mark.parametrize(
    ("text", "kind", "code", "line", "token"),
    [
        ("Asked_CL\n| whree n_d > 1", "SyntaxError", "SYN", 2, "whree"),
        ("Asked_CL | where absent > 1", "SemanticError", "SEM0100", 1, "absent"),
        ("NoSuchTable | take 1", "SemanticError", "SEM0100", 1, "NoSuchTable"),
        ("", None, "", 1, ""),
    ],
)
def test_a_query_that_does_not_compile(
    owner: TestClient, url: str, text: str, kind: str | None, code: str, line: int, token: str
) -> None:
    answer = owner.post(url, json={"query": text})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "BadArgumentError"
    assert error["message"] == "The request had some invalid properties"
    inner = error["innererror"]
    assert kind is None or inner["code"] == kind
    finding = inner["innererror"]
    assert finding["code"].startswith(code)
    assert (finding["line"], finding["token"]) == (line, token)
    assert finding["message"]


def test_every_mistake_is_told_in_one_answer(owner: TestClient, url: str) -> None:
    error = owner.post(url, json={"query": "Asked_CL | where nope > 1\n| extend b = sqrtt(n_d)"}).json()["error"]
    assert error["innererror"]["innererror"]["token"] == "nope"
    (other,) = error["details"]
    assert (other["code"], other["line"], other["token"]) == ("SEM0260", 2, "sqrtt")


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "InvalidJsonBody"),
        (b"not json", "InvalidJsonBody"),
        (b"[]", "InvalidJsonBody"),
        (b"{}", "MissingQuery"),
        (b'{"query":"print 1","timespan":"yesterday"}', "InvalidTimespan"),
        (b'{"query":"print 1","workspaces":["elsewhere"]}', "UnknownWorkspace"),
    ],
)
def test_bodies(owner: TestClient, url: str, content: bytes, detail: str) -> None:
    answer = owner.post(url, content=content)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"][0]["code"]) == ("QueryValidationError", detail)


def test_a_missing_query_in_a_url(owner: TestClient, url: str) -> None:
    assert owner.get(url).json()["error"]["details"][0]["code"] == "MissingQuery"


def test_a_body_over_its_limit(owner: TestClient, url: str) -> None:
    answer = owner.post(url, json={"query": "//" + "x" * 3_000_000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "RequestTooLarge")


def test_the_workspace_may_be_named_again(owner: TestClient, services: Services, url: str) -> None:
    names = [services.estate.workspace_name, services.estate.workspace_id, services.estate.workspace_resource_id]
    assert ask(owner, url, "Asked_CL | count", workspaces=names)["tables"][0]["rows"] == [[5]]


def test_an_unknown_workspace(owner: TestClient) -> None:
    answer = owner.post("/v1/workspaces/00000000-0000-0000-0000-000000000000/query", json={"query": "print 1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "WorkspaceNotFoundError")


@pytest.mark.parametrize("path", ["/v1/workspaces", "/v1/workspaces/x", "/v1/workspaces/x/nothing"])
def test_unknown_paths(owner: TestClient, path: str) -> None:
    answer = owner.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "PathNotFoundError")


def test_a_workspace_by_its_resource_id(owner: TestClient, services: Services, url: str) -> None:
    resource = services.estate.workspace_resource_id
    assert ask(owner, f"/v1{resource}/query", "Asked_CL | count")["tables"][0]["rows"] == [[5]]
    other = owner.post(f"/v1{resource}x/query", json={"query": "print 1"})
    assert (other.status_code, other.json()["error"]["code"]) == (404, "ResourceNotFoundError")


def test_a_token_without_the_permission(services: Services, url: str) -> None:
    stranger = service_principal(services, "query-stranger")
    token = services.tokens.issue(stranger, "https://api.loganalytics.io", base=BASE).text
    client = TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    assert client.post(url, json={"query": "print 1"}).status_code == 403
    batch = {"requests": [{"id": "1", "workspace": services.estate.workspace_id, "method": "POST", "body": {}}]}
    (answer,) = client.post("/v1/$batch", json=batch).json()["responses"]
    assert answer["status"] == 403


def test_no_token(anonymous: TestClient, url: str) -> None:
    assert anonymous.post(url, json={"query": "print 1"}).status_code == 401


def test_a_batch_as_the_sdk_sends_it(owner: TestClient, services: Services, url: str) -> None:
    workspace = services.estate.workspace_id

    def entry(id: str, query: Any, **members: Any) -> dict[str, Any]:
        body = {"query": query, "timespan": None, "workspaces": None}
        frame = {"id": id, "body": body, "headers": {"Prefer": ""}, "workspace": workspace, "path": "/query"}
        return {**frame, "method": "POST", **members}

    requests = [
        entry("good", "Asked_CL | count"),
        entry("typo", "Asked_CL | cuont"),
        entry("elsewhere", "print 1", workspace="00000000-0000-0000-0000-000000000000"),
        entry("path", "print 1", path="/fakePath"),
        entry("get", "ignored", method=None, path="/query?query=print%201"),
        entry("rendered", "print 1", headers={"prefer": "include-statistics=true"}),
    ]
    answer = owner.post("/v1/$batch", json={"requests": requests})
    responses = {each["id"]: each for each in answer.json()["responses"]}
    assert {id: each["status"] for id, each in responses.items()} == {
        "good": 200,
        "typo": 400,
        "elsewhere": 400,
        "path": 404,
        "get": 200,
        "rendered": 200,
    }
    assert responses["good"]["body"]["tables"][0]["rows"] == [[5]]
    assert responses["typo"]["body"]["error"]["innererror"]["code"] == "SyntaxError"
    assert responses["elsewhere"]["body"]["error"]["code"] == "FailedToResolveResource"
    assert responses["get"]["body"]["tables"][0]["rows"] == [[1]]
    assert "statistics" in responses["rendered"]["body"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": []},
        {"requests": [1]},
        {"requests": [{"id": "1"}]},
        {"requests": [{"workspace": "w"}]},
        {"requests": [{"id": "1", "workspace": "w", "headers": []}] * 1},
        {"requests": [{"id": "1", "workspace": "w"}] * 2},
        {"requests": [{"id": str(n), "workspace": "w"} for n in range(101)]},
    ],
)
def test_batches_that_are_refused_whole(owner: TestClient, body: Any) -> None:
    answer = owner.post("/v1/$batch", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "QueryValidationError")


def test_explain_tells_the_plan_and_the_sql(owner: TestClient, services: Services, url: str) -> None:
    path = f"/vedette/workspaces/{services.estate.workspace_id}/explain"
    told = owner.post(path, json={"query": "Asked_CL | where n_d > 2 | count", "timespan": "PT1H"}).json()
    assert told["columns"] == [{"name": "Count", "type": "long"}]
    assert told["plan"].splitlines()[-1].strip() == "scan Asked_CL"
    assert told["sql"].startswith("SELECT")
    assert told["steps"].startswith("WITH step1_scan")
    assert "\0" not in told["sql"] + told["steps"]
    refused = owner.post(path, json={"query": "Asked_CL | where nope > 2"})
    assert refused.status_code == 400
    assert "nope" in refused.text
