"""azure-kusto-data against a live server: queries, commands, dataframes, parameters, errors, all over TLS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.kusto.data import ClientRequestProperties, KustoClient, KustoConnectionStringBuilder
from azure.kusto.data._cloud_settings import CloudSettings
from azure.kusto.data.exceptions import KustoApiError, KustoMultiApiError
from tests.clients.sdk import Ready, collect, credential

_DATAFRAME = """
import json, sys
from pathlib import Path
from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.helpers import dataframe_from_result_table
from azure.identity import ClientSecretCredential

ready = json.loads(Path(sys.argv[1]).read_text())
credential = ClientSecretCredential(
    ready["tenant_id"], ready["client_id"], ready["client_secret"],
    authority=ready["https"], disable_instance_discovery=True, connection_verify=ready["ca"],
)
address = KustoConnectionStringBuilder.with_azure_token_credential(ready["https"], credential)
with KustoClient(address) as client:
    text = "KustoFrame_CL | project TimeGenerated, n_d, word_s | sort by n_d asc"
    frame = dataframe_from_result_table(client.execute(ready["workspace_name"], text).primary_results[0])
print(json.dumps([list(frame["word_s"]), str(frame["TimeGenerated"].dtype), float(frame["n_d"].sum())]))
"""


@pytest.fixture
def client(server: Ready, monkeypatch: pytest.MonkeyPatch) -> Iterator[KustoClient]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server["ca"])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    CloudSettings._cloud_cache.clear()  # pyright: ignore[reportPrivateUsage]
    address = KustoConnectionStringBuilder.with_azure_token_credential(server["https"], credential(server))
    with KustoClient(address) as kusto:
        yield kusto


@pytest.fixture
def db(server: Ready) -> str:
    return server["workspace_name"]


def test_every_type_comes_back_as_the_sdk_reads_it(client: KustoClient, db: str) -> None:
    text = (
        "print b = true, i = int(7), l = 9007199254740993, r = 1.5, s = 'ü', t = datetime(2024-02-29T12:34:56.789Z), "
        "span = 1d + 2h, g = guid(6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11), d = dynamic({'a': [1, null]}), "
        "dec = decimal(0.1), n = long(null)"
    )
    answer = client.execute_query(db, text)
    assert answer.errors_count == 0
    (row,) = answer.primary_results[0]
    assert (row["b"], row["i"], row["l"], row["r"], row["s"], row["n"]) == (True, 7, 9007199254740993, 1.5, "ü", None)
    assert row["t"] == datetime(2024, 2, 29, 12, 34, 56, 789000, tzinfo=UTC)
    assert row["span"] == timedelta(days=1, hours=2)
    assert row["d"] == {"a": [1, None]}
    assert str(row["dec"]) == "0.1"


def test_stored_rows_as_a_dataframe(server: Ready, tmp_path: Path) -> None:
    collect(server, "KustoFrame", [{"n": n, "word": f"w{n}"} for n in range(3)])
    ready = tmp_path / "ready.json"
    ready.write_text(json.dumps(dict(server)))
    # In a process of its own: pandas wants Arrow with NumPy, and the server, which other tests run in this process,
    # loads Arrow without it.
    environment = os.environ | {"REQUESTS_CA_BUNDLE": server["ca"], "NO_PROXY": "127.0.0.1,localhost"}
    command = [sys.executable, "-c", _DATAFRAME, str(ready)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words, dtype, total = json.loads(done.stdout)
    assert words == ["w0", "w1", "w2"]
    assert dtype.startswith("datetime64")
    assert total == 3


def test_options_and_parameters(client: KustoClient, db: str) -> None:
    properties = ClientRequestProperties()
    properties.set_parameter("name", "it's")
    properties.set_parameter("least", "long(2)")
    properties.set_option(ClientRequestProperties.request_timeout_option_name, timedelta(minutes=1))
    properties.client_request_id = "test;parameters"
    text = (
        "declare query_parameters(name:string, least:long); range n from 1 to 3 step 1 | where n >= least | extend name"
    )
    rows = [row.to_list() for row in client.execute_query(db, text, properties).primary_results[0]]
    assert rows == [[2, "it's"], [3, "it's"]]


def test_a_large_result_streams(client: KustoClient, db: str) -> None:
    tables = client.execute_streaming_query(db, "range n from 1 to 100000 step 1")
    assert sum(row["n"] for row in next(tables.iter_primary_results())) == 5_000_050_000


def test_a_result_that_is_cut_short_is_an_error_to_the_sdk(client: KustoClient, db: str) -> None:
    properties = ClientRequestProperties()
    properties.set_option("truncationmaxrecords", 10)
    with pytest.raises(KustoMultiApiError, match="E_QUERY_RESULT_SET_TOO_LARGE"):
        client.execute_query(db, "range n from 1 to 100 step 1", properties)
    properties.set_option(ClientRequestProperties.results_defer_partial_query_failures_option_name, True)
    partial = client.execute_query(db, "range n from 1 to 100 step 1", properties)
    assert len(partial.primary_results[0]) == 10
    assert partial.errors_count == 1
    assert "E_QUERY_RESULT_SET_TOO_LARGE" in partial.get_exceptions()[0]


def test_errors_say_what_is_wrong(client: KustoClient, db: str) -> None:
    with pytest.raises(KustoApiError, match="SEM0100") as raised:
        client.execute_query(db, "NoSuchTable | count")
    assert raised.value.is_semantic_error()
    assert raised.value.get_api_error().permanent is True
    with pytest.raises(KustoApiError, match="could not be found"):
        client.execute_query("nowhere", "print 1")
    with pytest.raises(KustoApiError, match=r"\.create table T"):
        client.execute_mgmt(db, ".create table T (a:string)")


def test_commands(client: KustoClient, db: str) -> None:
    (version,) = client.execute_mgmt(db, ".show version").primary_results[0]
    assert version["ServiceType"] == "Engine"
    assert db in [row["DatabaseName"] for row in client.execute(db, ".show databases").primary_results[0]]
    entities = client.execute(db, ".show databases entities | where EntityName == 'Heartbeat' | project EntityType")
    assert {row["EntityType"] for row in entities.primary_results[0]} == {"Table"}
