"""Whatever a definition says, it is refused when it is stored, or a run of it ends or waits; none is our failure."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.automation.crash_child import SCHEMA, Child, child

from vedette.automation.workflows.records import RUN
from vedette.core.errors import VedetteError

NAMES = st.sampled_from(["A", "B", "C", "D"])
TEXTS = st.sampled_from(
    [
        "x",
        "@item()",
        "@items('A')",
        "@body('B')",
        "@outputs('C')?['x']",
        "@variables('v')",
        "@add(1, variables('v'))",
        "@createArray(1, 'a', null)",
        "@{triggerBody()?['n']}",
        "@result('D')",
        "@iterationIndexes('A')",
        "@action()",
        "@workflow()",
        "@parameters('p')",
        "@trigger()",
        "@json('{')",
        "",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "from", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
KINDS = st.sampled_from(
    [
        "Compose", "ParseJson", "Select", "Query", "Join", "Table", "InitializeVariable", "SetVariable", "If", "Switch",
        "AppendToArrayVariable", "AppendToStringVariable", "IncrementVariable", "Foreach", "Until", "Scope", "Wait",
        "Terminate", "Response", "Http", "ApiConnection", "ApiConnectionWebhook", "Workflow", "Function", "Nope",
    ]
)  # fmt: skip
VARIABLE = st.fixed_dictionaries(
    {
        "variables": st.lists(
            st.fixed_dictionaries({"name": st.just("v"), "type": st.sampled_from(["integer", "array", "string", "z"])}),
            max_size=2,
        )
    }
)
INPUTS = st.one_of(
    VALUES,
    VARIABLE,
    st.fixed_dictionaries({"name": st.just("v"), "value": VALUES}),
    st.fixed_dictionaries(
        {"from": VALUES, "select": VALUES, "where": VALUES, "format": st.just("CSV"), "joinWith": TEXTS}
    ),
    st.fixed_dictionaries({"content": VALUES, "schema": VALUES}),
    st.fixed_dictionaries({"host": VALUES, "method": TEXTS, "path": TEXTS, "body": VALUES, "uri": TEXTS}),
)
STATUSES = st.lists(st.sampled_from(["Succeeded", "Failed", "Skipped", "TimedOut"]), min_size=1, max_size=3)


def action(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": KINDS, "inputs": INPUTS},
        optional={
            "runAfter": st.dictionaries(NAMES, STATUSES, max_size=1),
            "expression": VALUES,
            "foreach": VALUES,
            "actions": st.dictionaries(st.sampled_from(["E", "F", "G"]), inner, max_size=2),
            "else": st.fixed_dictionaries({"actions": st.dictionaries(st.just("H"), inner, max_size=1)}),
            "cases": st.dictionaries(st.just("k"), st.fixed_dictionaries({"case": VALUES}), max_size=1),
            "limit": st.fixed_dictionaries({}, optional={"count": VALUES, "timeout": st.sampled_from(["PT1M", "x"])}),
            "runtimeConfiguration": VALUES,
            "operationOptions": TEXTS,
            "trackedProperties": VALUES,
        },
    )


LEAVES = st.fixed_dictionaries({"type": KINDS, "inputs": INPUTS})
ACTIONS = st.dictionaries(NAMES, action(LEAVES), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with child(tmp_path_factory.mktemp("any")) as opened:
        yield opened


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTIONS, VALUES)
def test_any_definition(made: Child, actions: dict[str, Any], body: Any) -> None:
    id = f"{made.services.estate.resource_group_id}/providers/Microsoft.Logic/workflows/any"
    definition = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {"manual": {"type": "Request", "inputs": {}}},
        "actions": actions,
    }
    try:
        made.put(id, {"location": "local", "properties": {"definition": definition}})
    except VedetteError:
        return
    made.manage(made.owner, "POST", f"{id}/triggers/manual/run?api-version=2019-05-01", body)
    made.services.automation.run_due()
    runs = made.services.state.list(RUN, id)
    assert [run.body["properties"] for run in runs if run.body["properties"].get("code") == "InternalServerError"] == []
    made.manage(made.owner, "DELETE", f"{id}?api-version=2019-05-01")
