import pytest

from vedette.arm.published_shapes import nearest, operation_name, shapes_of, versions_of
from vedette.arm.resource_ids import parse_id

INSIGHTS = "Microsoft.SecurityInsights"
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
SENTINEL = f"{WORKSPACE}/providers/Microsoft.SecurityInsights"


def test_versions_are_known_in_order() -> None:
    versions = versions_of("microsoft.securityinsights")
    assert list(versions) == sorted(versions)
    assert "2024-03-01" in versions
    assert versions_of("Microsoft.Nothing") == ()


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("2024-03-01", "2024-03-01"),
        ("2026-01-01", "2024-03-01"),
        ("2024-02-01", "2024-01-01-preview"),
        ("2022-11-01", "2020-01-01"),
        ("2019-12-31-preview", "2019-01-01-preview"),
        ("2015-03-20", "2019-01-01-preview"),
    ],
)
def test_the_nearest_version(asked: str, served: str) -> None:
    assert next(nearest(INSIGHTS, asked)).version == served


def test_every_definition_that_is_named_is_there() -> None:
    for provider in ("Microsoft.SecurityInsights", "Microsoft.Logic", "Microsoft.Resources", "Microsoft.Insights"):
        for version in versions_of(provider):
            shapes = shapes_of(provider, version)
            waiting = [each.body.ref for each in shapes.operations if each.body and each.body.ref]
            seen: set[str] = set()
            while waiting:
                name = waiting.pop()
                if name in seen:
                    continue
                seen.add(name)
                definition = shapes.definition(name)
                assert definition is not None, (provider, version, name)
                waiting += definition.kinds.values()
                waiting += [each.ref for _, each in definition.properties.values() if each.ref]
                waiting += [each.items.ref for _, each in definition.properties.values() if each.items]
                waiting = [each for each in waiting if each]


def test_operations_are_found_by_type_and_scope() -> None:
    shapes = shapes_of(INSIGHTS, "2024-03-01")
    rule = parse_id(f"{SENTINEL}/alertRules/r")
    found = shapes.operation(operation_name(rule, "PUT"), "PUT", rule.scope)
    assert found is not None
    assert found.id == "AlertRules_CreateOrUpdate"
    indicators = parse_id(f"{SENTINEL}/threatIntelligence/main/queryIndicators")
    queried = shapes.operation(operation_name(indicators, "POST"), "POST", indicators.scope)
    assert queried is not None
    assert queried.id == "ThreatIntelligenceIndicator_QueryIndicators"


def test_one_type_has_a_shape_for_each_scope() -> None:
    shapes = shapes_of("Microsoft.Resources", "2024-07-01")
    in_group = shapes.operation("Microsoft.Resources/deployments", "PUT", "/subscriptions/s/resourceGroups/g")
    in_management = shapes.operation(
        "Microsoft.Resources/deployments", "PUT", "/providers/Microsoft.Management/managementGroups/m"
    )
    assert in_group is not None
    assert in_management is not None
    assert (in_group.body, in_management.body) != (None, None)
    assert in_group.body != in_management.body
