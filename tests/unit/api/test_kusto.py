"""The Kusto REST API over the composed application: results, frames, options, errors, commands."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.kql.types import ScalarType

BASE = "https://127.0.0.1:8443"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def db(services: Services) -> str:
    rows = [{"n": n, "word": f"w{n % 2}"} for n in range(5)]
    columns = {"n": ScalarType.long, "word": ScalarType.string}
    services.logs.append(services.estate.workspace_id, "Kusto_CL", rows, columns=columns).result()
    return services.estate.workspace_name


@pytest.fixture
def v1(owner: TestClient, db: str) -> Ask:
    return lambda csl, **options: asked(owner, "/v1/rest/query", db, csl, options)


@pytest.fixture
def v2(owner: TestClient, db: str) -> Ask:
    return lambda csl, **options: asked(owner, "/v2/rest/query", db, csl, options)


@pytest.fixture
def show(owner: TestClient, db: str) -> Callable[[str], list[list[Any]]]:
    return lambda csl: asked(owner, "/v1/rest/mgmt", db, csl, {})["Tables"][0]["Rows"]


def asked(client: TestClient, path: str, db: str, csl: str, options: dict[str, Any]) -> Any:
    answer = client.post(path, json={"db": db, "csl": csl, "properties": {"Options": options}})
    assert answer.status_code == 200, answer.text
    return answer.json()


def primary(frames: list[dict[str, Any]]) -> list[Any]:
    return next(frame["Rows"] for frame in frames if frame.get("TableKind") == "PrimaryResult")


def test_the_tables_of_the_first_version(v1: Ask) -> None:
    tables = v1("Kusto_CL | summarize sum(n) by word | sort by word asc")["Tables"]
    assert [table["TableName"] for table in tables] == ["Table_0", "Table_1", "Table_2", "Table_3"]
    assert tables[0]["Columns"] == [
        {"ColumnName": "word", "DataType": "String", "ColumnType": "string"},
        {"ColumnName": "sum_n", "DataType": "Int64", "ColumnType": "long"},
    ]
    assert tables[0]["Rows"] == [["w0", 6], ["w1", 4]]
    contents = [row[:3] for row in tables[3]["Rows"]]
    assert contents == [
        [0, "QueryResult", "PrimaryResult"],
        [1, "QueryProperties", "@ExtendedProperties"],
        [2, "QueryStatus", "QueryStatus"],
    ]
    assert next(row[1:5] for row in tables[2]["Rows"]) == [4, "Info", 0, "Query completed successfully"]


def test_the_frames_of_the_second_version(v2: Ask) -> None:
    frames = v2("Kusto_CL | summarize n = count() by word | sort by word asc | render piechart with (title = 'T')")
    assert [frame["FrameType"] for frame in frames] == ["DataSetHeader", *["DataTable"] * 3, "DataSetCompletion"]
    assert frames[0]["IsProgressive"] is False
    drawn = json.loads(frames[1]["Rows"][0][2])
    assert (drawn["Visualization"], drawn["Title"]) == ("piechart", "T")
    assert primary(frames) == [["w0", 3], ["w1", 2]]
    assert frames[3]["Rows"][0][5:9] == [4, "Info", 0, "S_OK (0)"]
    assert frames[4] == {"FrameType": "DataSetCompletion", "HasErrors": False, "Cancelled": False}


def test_cells(v2: Ask) -> None:
    text = (
        "print a = dynamic({'x': [1, null]}), b = dynamic(null), c = 1d + 2h, d = decimal(0.1), e = true, f = '', "
        'g = datetime(2024-02-29 10:20:30.1234567), h = long(null), i = real(nan), j = \'{"no": "json"}\''
    )
    (row,) = primary(v2(text))
    assert row == [
        {"x": [1, None]},
        None,
        "1.02:00:00",
        "0.1",
        True,
        "",
        "2024-02-29T10:20:30.1234567Z",
        None,
        "NaN",
        '{"no": "json"}',
    ]


@pytest.mark.parametrize("option", ["results_v2_fragment_primary_tables", "results_progressive_enabled"])
def test_a_result_in_fragments(v2: Ask, option: str) -> None:
    frames = v2("range n from 1 to 70000 step 1", **{option: True})
    assert frames[0]["IsProgressive"] is (option == "results_progressive_enabled")
    rows = [row for frame in frames if frame["FrameType"] == "TableFragment" for row in frame["Rows"]]
    assert rows == [[n] for n in range(1, 70001)]
    assert next(frame for frame in frames if frame["FrameType"] == "TableCompletion")["RowCount"] == 70000


def test_several_results(v1: Ask, v2: Ask) -> None:
    text = "range n from 1 to 3 step 1 | fork Few=(take 0) (where n > 1); print 'x'"
    tables = v1(text)["Tables"]
    assert [table["Rows"] for table in tables[:3]] == [[], [[2], [3]], [["x"]]]
    assert [row[2] for row in tables[5]["Rows"][:3]] == ["Few", "GenericResult", "PrimaryResult"]
    for option in ("none", "results_v2_fragment_primary_tables"):
        frames = v2(text, **{option: True})
        named = [(each["TableId"], each["TableName"]) for each in frames if each.get("TableKind") == "PrimaryResult"]
        assert named == [(1, "Few"), (2, "GenericResult"), (3, "PrimaryResult")]
    short = v2("range n from 1 to 3 step 1; range m from 1 to 9 step 1", truncationmaxrecords=3)
    assert [len(each["Rows"]) for each in short if each.get("TableKind") == "PrimaryResult"] == [3, 4]
    assert short[-1]["HasErrors"] is True


def test_a_result_that_is_cut_short(v2: Ask, v1: Ask) -> None:
    frames = v2("range n from 1 to 10 step 1", truncationmaxrecords=3)
    *rows, error = primary(frames)
    assert rows == [[1], [2], [3]]
    assert error["OneApiErrors"][0]["error"]["code"] == "LimitsExceeded"
    assert frames[-1]["HasErrors"] is True
    later = v2("range n from 1 to 10 step 1", truncationmaxrecords=3, deferpartialqueryfailures=True)
    assert primary(later) == [[1], [2], [3]]
    assert later[-1]["OneApiErrors"][0]["error"]["@permanent"] is False
    first = v1("range n from 1 to 10 step 1", truncationmaxrecords="3")["Tables"][0]["Rows"]
    assert first[:3] == [[1], [2], [3]]
    assert "E_QUERY_RESULT_SET_TOO_LARGE" in first[3]["Exceptions"][0]


def test_options(v2: Ask, owner: TestClient, db: str) -> None:
    assert primary(v2("print now()", query_now="2020-01-02T03:04:05Z")) == [["2020-01-02T03:04:05Z"]]
    assert primary(v2("print now()", query_now="datetime(2020-01-02)")) == [["2020-01-02T00:00:00Z"]]
    past = {"query_datetimescope_from": "2001-01-01", "query_datetimescope_to": "2002-01-01"}
    assert primary(v2("Kusto_CL | count", **past, query_datetimescope_column="TimeGenerated")) == [[0]]
    assert primary(v2("Kusto_CL | count", servertimeout="00:01:00", request_readonly=True, notruncation=True)) == [[5]]
    endless = {"db": db, "csl": "range a from 1 to 100000000000 step 1 | summarize sum(a * a)"}
    properties = json.dumps({"Options": {"servertimeout": "00:00:00.2"}})
    answer = owner.post("/v2/rest/query", json={**endless, "properties": properties})
    assert (answer.status_code, answer.json()["error"]["@permanent"]) == (504, False)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"query_language": "sql"}, "sql"),
        ({"query_datetimescope_column": "Other"}, "query_datetimescope_column"),
        ({"query_take_max_records": 5}, "query_take_max_records"),
        ({"servertimeout": "soon"}, "servertimeout"),
        ({"truncationmaxrecords": -1}, "truncationmaxrecords"),
        ({"query_now": "yesterday"}, "query_now"),
    ],
)
def test_options_that_are_refused_by_name(owner: TestClient, db: str, options: dict[str, Any], name: str) -> None:
    answer = owner.post("/v2/rest/query", json={"db": db, "csl": "print 1", "properties": {"Options": options}})
    assert answer.status_code == 400
    assert name in answer.json()["error"]["@message"]


def test_parameters(owner: TestClient, db: str) -> None:
    csl = (
        "declare query_parameters(n:long, s:string = 'd', t:datetime = datetime(null), on:bool = false, m:int = -1); "
        "print n, s, t, on, m"
    )

    def given(**parameters: Any) -> Any:
        return owner.post("/v2/rest/query", json={"db": db, "csl": csl, "properties": {"Parameters": parameters}})

    everything = {"n": "long(7)", "s": 'it\'s "raw"', "t": "datetime(2024-01-02)", "on": True, "m": -5}
    assert primary(given(**everything).json()) == [[7, 'it\'s "raw"', "2024-01-02T00:00:00Z", True, -5]]
    assert primary(given(n=1, s="'quoted'").json()) == [[1, "quoted", None, False, -1]]
    for wrong in ({}, {"n": "Kusto_CL | count"}, {"n": "toscalar(Kusto_CL | count)"}, {"n": "'text'"}, {"n": "1 + 1"}):
        answer = given(**wrong)
        assert (answer.status_code, answer.json()["error"]["innererror"]["code"]) == (400, "SEM0202")
    assert given(n=[1]).status_code == 400


def test_a_get_reads_the_url(owner: TestClient, db: str) -> None:
    answer = owner.get("/v2/rest/query", params={"db": db, "csl": "Kusto_CL | count"})
    assert primary(answer.json()) == [[5]]


def test_ids_are_told_back(owner: TestClient, db: str) -> None:
    sent = {"x-ms-client-request-id": "KPC.execute;7c7b0ba7-1d5f-4aab-8a76-0fcba1a1e1d1"}
    answer = owner.post("/v2/rest/query", json={"db": db, "csl": "print 1"}, headers=sent)
    assert answer.headers["x-ms-client-request-id"] == sent["x-ms-client-request-id"]
    assert answer.headers["x-ms-activity-id"]
    assert answer.json()[3]["Rows"][0][1] == sent["x-ms-client-request-id"]


@pytest.mark.parametrize(
    ("csl", "kind", "code"),
    [("Kusto_CL | whree n > 1", "SyntaxException", "SYN"), ("Nothing | take 1", "SemanticException", "SEM0100")],
)
def test_a_query_that_does_not_compile(owner: TestClient, db: str, csl: str, kind: str, code: str) -> None:
    answer = owner.post("/v2/rest/query", json={"db": db, "csl": csl})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "General_BadRequest")
    assert error["innererror"]["@type"].endswith(kind)
    assert error["innererror"]["code"].startswith(code)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"csl": 1}', b'{"csl": "print 1", "db": 5}'])
def test_bodies_that_are_refused(owner: TestClient, content: bytes) -> None:
    answer = owner.post("/v2/rest/query", content=content)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) >= {"code", "message", "@type", "@message", "@permanent"}


def test_databases_by_every_name(owner: TestClient, services: Services, db: str) -> None:
    estate = services.estate
    for name in (db.upper(), estate.workspace_id, "", "NetDefaultDB"):
        answer = owner.post("/v2/rest/query", json={"db": name, "csl": "Kusto_CL | count"})
        assert primary(answer.json()) == [[5]]
    path = estate.workspace_resource_id.replace("resourceGroups", "resourcegroups").lower()
    for version in ("v1", "v2"):
        answer = owner.post(f"{path}/{version}/rest/query", json={"db": db, "csl": "Kusto_CL | count"})
        assert answer.status_code == 200
    answer = owner.post("/v2/rest/query", json={"db": "nowhere", "csl": "print 1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest_EntityNotFound")


def test_a_caller_without_the_permission(services: Services, db: str) -> None:
    stranger = service_principal(services, "kusto")
    token = services.tokens.issue(stranger, "https://kusto.kusto.windows.net", base=BASE).text
    client = TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
    for path in ("/v2/rest/query", "/v1/rest/mgmt"):
        answer = client.post(path, json={"db": db, "csl": ".show version"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Unauthorized")


def test_where_to_log_in(anonymous: TestClient) -> None:
    told = anonymous.get("/v1/rest/auth/metadata").json()["AzureAD"]
    assert told["LoginEndpoint"] == BASE
    assert told["KustoServiceResourceId"] == "https://kusto.kusto.windows.net"


# --- commands ------------------------------------------------------------------------------------------------------


def test_databases_and_versions(show: Ask, db: str) -> None:
    assert show(".show version")[0][2] == "Engine"
    for command in (".show databases", ".show cluster databases", ".show databases details", ".show database"):
        assert show(command)[0][0] == db
    assert show(f".show database {db} identity")[0][3] is True
    assert show(f'.show database ["{db}"] details')[0][0] == db
    assert show(f".show databases ({db}, '{db}')")[1][0] == db


def test_tables(show: Ask, db: str) -> None:
    assert "Kusto_CL" in [row[0] for row in show(".show tables")]
    assert show(".show tables (Kusto_CL, Heartbeat)")[0] == ["Kusto_CL", db, "", ""]
    assert show(".show table Kusto_CL details")[0][4] == 5
    assert [row[0] for row in show(".show table ['Kusto_CL']")][:2] == ["TimeGenerated", "n"]
    _, text, *_ = show(".show table Kusto_CL schema as json")[0]
    assert {"Name": "n", "Type": "System.Int64", "CslType": "long"} in json.loads(text)["OrderedColumns"]
    assert show(".show table Kusto_CL cslschema")[0][1].startswith("TimeGenerated:datetime,n:long,word:string")


def test_schemas(show: Ask, db: str) -> None:
    told = json.loads(show(f".show database {db} schema as json")[0][0])["Databases"][db]
    assert {"Name": "word", "Type": "System.String", "CslType": "string"} in told["Tables"]["Kusto_CL"][
        "OrderedColumns"
    ]
    function = told["Functions"]["_GetWatchlist"]
    assert [parameter["Name"] for parameter in function["InputParameters"]] == ["watchlistAlias", "keys"]
    assert json.loads(show(".show schema as json")[0][0])["Databases"][db]["Tables"].keys() == told["Tables"].keys()
    assert [db, "Kusto_CL", "n", "System.Int64"] in [row[:4] for row in show(".show databases schema")]
    script = [row[0] for row in show(f".show database {db} schema as csl script")]
    assert any(line.startswith(".create-merge table Kusto_CL (TimeGenerated:datetime, n:long") for line in script)
    parameters = [row[1] for row in show(".show functions") if row[0] == "_GetWatchlist"]
    assert parameters == ["(watchlistAlias:string, keys:dynamic=dynamic([]))"]
    assert show(".show function _GetWatchlistAlias")[0][1] == "()"


def test_a_query_over_what_a_command_shows(owner: TestClient, show: Ask, v2: Ask, db: str) -> None:
    piped = (
        ".show databases entities with (showObfuscatedStrings=true)\n"
        f"| where DatabaseName == '{db}' and EntityName == 'Kusto_CL' | project EntityType, CslOutputSchema"
    )
    kind, columns = show(piped)[0]
    assert kind == "Table"
    assert columns.startswith("TimeGenerated:datetime, n:long, word:string")
    assert show(".show tables | where TableName startswith 'Kusto_' | count") == [[1]]
    assert primary(v2(".show databases | project DatabaseName, IsCurrent, ReservedSlot1")) == [[db, True, False]]
    assert primary(v2(".show databases | project same = DatabaseId == toguid(tostring(DatabaseId))")) == [[True]]
    assert primary(v2(".show queries | where Duration < 1h and StartedOn > ago(1d) | count"))[0][0] >= 1
    wrong = owner.post("/v1/rest/mgmt", json={"db": db, "csl": ".show tables | where Nope == 1"})
    assert wrong.status_code == 400


def test_the_caller_sees_its_own_queries(show: Ask, v2: Ask) -> None:
    v2("print 'to be remembered'")
    mine = show(".show queries")
    assert [row[6] for row in mine if "to be remembered" in row[1]] == ["Completed"]
    assert show(".show running queries | count")[0][0] >= 1
    assert show(".show principal access")[0][3] == "Viewer"
    assert show(".show operations") == []
    assert show(".show materialized-views") == []


@pytest.mark.parametrize(
    "command",
    [
        ".create table T (a:string)",
        ".drop table Kusto_CL",
        ".set-or-append T <| print 1",
        ".ingest inline into table T <| 1",
        ".alter database x policy retention '{}'",
        ".show tables extra",
        ".show",
        ".",
        ".show table",
        ".show tables (",
        ".show 'unclosed",
    ],
)
def test_other_commands_are_refused_by_name(owner: TestClient, db: str, command: str) -> None:
    answer = owner.post("/v1/rest/mgmt", json={"db": db, "csl": command})
    assert answer.status_code == 400
    assert "is not supported here" in answer.json()["error"]["@message"]


@pytest.mark.parametrize(
    "command", [".show table Nothing", ".show function Nothing", ".show database Nothing schema as json"]
)
def test_names_that_are_not_there(owner: TestClient, db: str, command: str) -> None:
    answer = owner.post("/v1/rest/mgmt", json={"db": db, "csl": command})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest_EntityNotFound")
