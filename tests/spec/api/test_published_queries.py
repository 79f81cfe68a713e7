"""Published requests of the query API are sent as they are; the replies have the published columns, and the shape that
the published specification gives them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.corpus.api_examples import EXAMPLES, Example, ids_of, read_area

from vedette.access.estate import Estate
from vedette.api.services import Services

AREA = "operationalinsights-dataplane"
OTHERS = ("draft-test", "draft-test-2")
GROUP = "Microsoft.OperationalInsights/workspaces"
NOT_OBJECTS = ("rows",)
"""What the specification calls objects and its own examples fill with values."""

GONE = {
    ("PerformanceBucket", "string"),
    ("OperationLinks", "dynamic"),
    ("IsRollup", "bool"),
    ("IsCopied", "bool"),
    ("RecommendationPeriod", "string"),
    ("TargetCount", "int"),
}
"""Columns of AppRequests and ADAssessmentRecommendation in the examples that their documentation no longer has."""

NOT_HERE = {
    "isPreferredFacet": "the portal's choice of facets",
    "categories": "nothing sorts built-in tables into categories here",
    "resourceTypes": "tables are of no resource type here",
}
"""What of published metadata is not told, and why."""

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"no published examples at {EXAMPLES}")


@pytest.fixture(scope="module")
def examples(services: Services, owner: TestClient, estate: Estate) -> dict[str, Example]:
    """The examples, for this server's workspace; the workspaces that they name besides are made, and rows are there."""
    for name in OTHERS:
        path = f"{estate.workspace_resource_id.rpartition('/')[0]}/{name}"
        made = owner.put(path, params={"api-version": "2023-09-01"}, json={"location": "local", "properties": {}})
        assert made.is_success, made.text
    now = services.clock.now()
    for workspace in services.workspaces.all():
        for table in ("Usage", "AppRequests", "Operation"):
            services.logs.append(workspace.id, table, [{"TimeGenerated": now}] * 12).result()
    places = {"workspaceId": estate.workspace_id, "subscriptionId": estate.subscription_id}
    return {example.id: example for example in read_area(AREA, places)}


@pytest.mark.parametrize("id", ids_of(AREA))
def test_answered_as_published(examples: dict[str, Example], owner: TestClient, estate: Estate, id: str) -> None:
    example = examples[id]
    body = example.body
    if isinstance(body, dict):
        for request in body.get("requests", ()):
            request["workspace"] = estate.workspace_id
    path, _, flag = example.path.partition("?")
    query = {**example.query, **({flag: ""} if flag else {})}
    reply = owner.request(example.method, path, params=query, json=body)
    assert reply.status_code == 200, reply.text
    ours, published = reply.json(), example.published(200)
    specification = json.loads((EXAMPLES / AREA / example.version / "spec" / "OperationalInsights.json").read_text())
    assert list(misfits(ours, schema_of(specification, example), specification)) == []
    for mine, theirs in answers(ours, published):
        compare(mine, theirs)


def answers(ours: Any, published: Any) -> Iterator[tuple[Any, Any]]:
    """Our answers beside the published ones: one, or those of a batch by their ids."""
    if "responses" not in published:
        yield ours, published
        return
    by_id = {each["id"]: each for each in ours["responses"]}
    for each in published["responses"]:
        assert by_id[each["id"]]["status"] == each["status"]
        yield by_id[each["id"]]["body"], each["body"]


def compare(ours: Any, published: Any) -> None:
    if "categories" in published:
        compare_metadata(ours, published)
        return
    (mine,), (theirs,) = ours["tables"], published["tables"]
    assert mine["name"] == theirs["name"]
    own = [(column["name"], column["type"]) for column in mine["columns"]]
    wanted = [(column["name"], column["type"]) for column in theirs["columns"]]
    is_whole_table = any(name == "TenantId" for name, _ in wanted) and any(
        name == "TimeGenerated" for name, _ in wanted
    )
    if is_whole_table:
        assert set(wanted) - GONE <= set(own)
        assert len(mine["rows"]) in (2, 3, 10), "take 2, take 3, take 10"
    else:
        assert own == wanted


def compare_metadata(ours: Any, published: Any) -> None:
    """Every collection is there, and every table that both know has the published columns."""
    assert set(published) <= set(ours)
    own = {table["id"]: table for table in ours["tables"]}
    for table in published["tables"]:
        mine = own.get(table["id"])
        if mine is None:
            assert table["id"].endswith("_CL"), "only tables that somebody made are not known"
            continue
        assert set(table) - set(mine) - {"description"} == set()
        own_columns = {(column["name"], column["type"]) for column in mine["columns"]}
        assert {(column["name"], column["type"]) for column in table["columns"]} - GONE <= own_columns
        assert set(table["related"]) - set(mine["related"]) <= set(NOT_HERE)


# --- the specification ---------------------------------------------------------------------------------------------


def schema_of(specification: Mapping[str, Any], example: Example) -> Mapping[str, Any]:
    path = example.template.partition("?")[0].removeprefix("/v1")
    return specification["paths"][path][example.method.lower()]["responses"]["200"]["schema"]


def misfits(value: Any, schema: Mapping[str, Any], specification: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Where a value is not as a schema of the specification has it."""
    if "$ref" in schema:
        schema = specification["definitions"][Path(schema["$ref"]).name]
    kind = schema.get("type")
    if kind == "array":
        if not isinstance(value, list):
            yield f"{place} is no array"
            return
        for at, each in enumerate(value[:50]):
            if not place.endswith(NOT_OBJECTS):
                yield from misfits(each, schema["items"], specification, f"{place}[{at}]")
    elif kind == "object":
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        yield from (f"{place} lacks {name}" for name in schema.get("required", ()) if name not in value)
        for name, of in schema.get("properties", {}).items():
            if value.get(name) is not None:
                yield from misfits(value[name], of, specification, f"{place}.{name}")
    elif kind in _KINDS and not isinstance(value, _KINDS[kind]):
        yield f"{place} is no {kind}: {value!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place} is none of {schema['enum']}: {value!r}"


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
