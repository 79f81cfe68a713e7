"""`vedette.connect()` against a live server with the demo, and the notebook of the documentation."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import nbformat
import pandas
import polars
import pyarrow
import pytest
from azure.core.exceptions import ClientAuthenticationError
from nbclient import NotebookClient
from tests.clients.conftest import Ready, running

import vedette
from vedette.content.refused import Refused
from vedette.core.errors import InvalidInput, NotFound, Unauthenticated, Unavailable
from vedette.notebook.connection import Connection, QueryFailed

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ready, Path]]:
    folder = tmp_path_factory.mktemp("demo")
    with running(folder, "--demo") as ready:
        yield ready, folder / "ready.json"


@pytest.fixture
def soc(demo: tuple[Ready, Path]) -> Iterator[Connection]:
    with vedette.connect(demo[1]) as connection:
        yield connection


def test_a_result_in_every_form(soc: Connection) -> None:
    result = soc.query(
        "print t=datetime(2024-01-31T12:00:00.5Z), d=dynamic({'a': [1]}), n=long(null), x=1.5, s='<b>', "
        "y=decimal(1.25), z=2h, b=true"
    )
    assert len(result) == 1
    assert result[0] == {
        "t": datetime(2024, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC),
        "d": {"a": [1]},
        "n": None,
        "x": 1.5,
        "s": "<b>",
        "y": Decimal("1.25"),
        "z": timedelta(hours=2),
        "b": True,
    }
    frame = result.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["d"][0] == {"a": [1]}
    assert str(frame["t"].dtype).startswith("datetime64")
    assert isinstance(result.df, pandas.DataFrame)
    assert isinstance(result.to_arrow(), pyarrow.Table)
    assert isinstance(result.to_polars(), polars.DataFrame)
    assert "&lt;b&gt;" in result._repr_html_()
    assert "<b>" not in result._repr_html_()
    assert "1 row" in repr(result)
    assert [column.type for column in result.columns][:2] == ["datetime", "dynamic"]


def test_times_and_several_results(soc: Connection) -> None:
    end = datetime.now(UTC) + timedelta(minutes=1)
    counts = [
        soc.query("SigninLogs | count", span)[0]["Count"]
        for span in ("P2D", timedelta(days=2), (end - timedelta(days=2), end), timedelta(minutes=1))
    ]
    assert counts[0] == counts[1] == counts[2] > 0
    assert counts[3] < counts[0]
    assert len(soc.query_all("SigninLogs | fork (count) (take 1)")) == 2


def test_what_is_no_time_is_the_callers_mistake(soc: Connection) -> None:
    with pytest.raises(InvalidInput, match="A timespan is a text, a timedelta, or its start and end"):
        soc.query("print 1", 5)  # pyright: ignore[reportArgumentType]


def test_a_mistake_is_shown_with_its_place(soc: Connection) -> None:
    with pytest.raises(QueryFailed) as failed:
        soc.query("SigninLogs\n| where Nothing == 1")
    assert "2 | | where Nothing == 1" in failed.value.message
    assert "^^^^^^^" in failed.value.message


def test_incidents_are_read_commented_changed_and_closed(soc: Connection) -> None:
    incidents = soc.incidents.list("properties/status eq 'New'")
    assert incidents
    assert len(soc.incidents.list(top=2)) == 2
    first = soc.incidents[incidents[0].number]
    assert (first.title, first.owner, first.status) == (incidents[0].title, "", "New")
    assert first.alerts()
    assert first.entities()
    first.comment("Seen.")
    first.comment("<script>")
    assert sorted(first.comments()) == ["<script>", "Seen."]
    first.change(severity="Low", labels=["phishing", "demo"])
    assert (first.severity, set(first.labels)) == ("Low", {"phishing", "demo"})
    first.close("BenignPositive", reason="SuspiciousButExpected", comment="A drill.")
    again = soc.incidents.get(first.id.rpartition("/")[2])
    assert (again.status, again.properties["classification"]) == ("Closed", "BenignPositive")
    assert again.severity == "Low"
    stale = soc.incidents[incidents[1].number]
    soc.incidents[incidents[1].number].change(severity="Low")
    with pytest.raises(Refused) as refused:
        stale.change(severity="High")
    assert refused.value.status in (409, 412)
    assert f">{first.number}<" in soc.incidents._repr_html_()
    assert "Closed" in again._repr_html_()
    with pytest.raises(NotFound):
        soc.incidents[999_999]


def test_rules_are_items_that_can_be_made_and_removed(soc: Connection) -> None:
    rules = soc.rules()
    spray = rules["Password spray followed by a sign-in"]
    assert spray.body["properties"]["severity"] == "High"
    assert "Data carried in DNS names" in rules._repr_html_()
    with pytest.raises(NotFound, match="Did you mean 'Password spray followed by a sign-in'"):
        rules["Password spray followed by a sign-on"]
    body = {**spray.body, "properties": {**spray.body["properties"], "displayName": "A copy", "enabled": False}}
    made = soc.content.put(replace(spray, name="a-copy", body=body))
    assert soc.rules()["A copy"].name == made.name == "a-copy"
    soc.content.delete(made)
    assert "a-copy" not in {each.name for each in soc.rules()}
    with pytest.raises(InvalidInput, match="Did you mean 'AlertRule'"):
        soc.content.list("AlertRules")
    with pytest.raises(InvalidInput, match=r"There are Watchlist, .*, RoleAssignment\.$"):
        soc.content.list("xyz")


def test_a_management_endpoint_with_a_credential_of_ones_own(
    demo: tuple[Ready, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, _ = demo
    with pytest.raises(InvalidInput, match="Say which workspace"):
        vedette.connect("azure")
    with pytest.raises(Unavailable, match="no ready file"):
        vedette.connect("nowhere.json")
    monkeypatch.setenv("SSL_CERT_FILE", ready["ca"])
    with vedette.connect(demo[1]) as own:
        token = own.client._bearer.text()

    class Given:
        def get_token(self, scope: str) -> object:
            assert scope == f"{ready['https']}/.default"
            return type("Token", (), {"token": token, "expires_on": datetime.now(UTC).timestamp() + 3600})

    with vedette.connect(
        ready["https"],
        subscription=ready["subscription_id"],
        resource_group=ready["resource_group"],
        workspace=ready["workspace_name"],
        credential=Given(),
    ) as soc:
        assert soc.workspace_id == ready["workspace_id"]
        assert soc.query("print 1")[0] == {"print_0": 1}


def test_a_credential_of_ones_own_that_cannot_sign_in_is_told_as_azures_own_are() -> None:
    asked: list[dict[str, str]] = []

    class Given:
        def get_token(self, scope: str, **options: str) -> object:
            asked.append(options)
            raise ClientAuthenticationError(f"nobody is known for {scope}")

    place = {"subscription": "s", "resource_group": "g", "workspace": "w"}
    for tenant in ("", "contoso"):
        with pytest.raises(Unauthenticated, match=r"nobody is known for https://127\.0\.0\.1:1/\.default") as refused:
            vedette.connect("https://127.0.0.1:1", **place, tenant=tenant, credential=Given())
        assert "AZURE_CLIENT_ID" not in refused.value.message
    assert asked == [{}, {"tenant_id": "contoso"}]


def test_the_notebook_of_the_documentation_runs(demo: tuple[Ready, Path]) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)
    assert "/home/" not in NOTEBOOK.read_text(encoding="utf-8")
    environment = os.environ | {
        "VEDETTE_READY_FILE": str(demo[1]),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env=environment)
    shown = [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    assert any("Password spray" in each for each in shown)
    assert any("<table" in each for each in shown)
