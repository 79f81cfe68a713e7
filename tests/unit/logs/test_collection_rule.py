"""Whatever JSON a rule is, it is read or its faults are told."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.logs.collection_flows import check_flows
from vedette.logs.collection_rule import KINDS, Problems, parse_rule

NAMES = [
    "streamDeclarations",
    "destinations",
    "dataFlows",
    "dataSources",
    "columns",
    "name",
    "type",
    "streams",
    "logAnalytics",
    "workspaceResourceId",
    "outputStream",
    "transformKql",
    "syslog",
    "eventHubs",
    "azureMonitorMetrics",
    "transformations",
]
TEXTS = [
    "Custom-A",
    "Microsoft-Syslog",
    "Custom-A_CL",
    "Microsoft-Table-Syslog",
    "string",
    "source",
    "a",
    "source|where",
    "source|take|1",
    "/w",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(TEXTS) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "Custom-A"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(SCALARS | st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_json_is_a_rule_or_told_what_is_wrong(kind: Any, properties: dict[str, Any]) -> None:
    problems = Problems()
    rule = parse_rule(kind, properties, problems)
    check_flows(rule, lambda _workspace, _table: None, datetime(2024, 1, 1, tzinfo=UTC), problems)
    assert all(set(each) == {"code", "message", "target"} for each in problems.found)
    assert problems.found or rule.flows or rule.kind in ("AgentSettings", "WorkspaceTransforms")
