"""The page of management operations says what the resource types do."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.published_shapes import shapes_of
from vedette.arm.resource import READ_METHODS, Resource, ResourceTypes, not_served
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.state.documents import Document

SPEC = spec_from_file_location(
    "management_operations", Path(__file__).parents[2] / "tools" / "management_operations.py"
)
assert SPEC is not None
assert SPEC.loader is not None
management_operations = module_from_spec(SPEC)
SPEC.loader.exec_module(management_operations)


def run(_context: Context, _call: Call, _document: Document) -> Answer:
    return Answer(202)


TYPES = ResourceTypes(
    (
        Resource("Microsoft.SecurityInsights/alertRules", actions={"triggerRuleRun": run}),
        Resource("Microsoft.SecurityInsights/bookmarks", methods=READ_METHODS, refused={"expand": "there is no graph"}),
        not_served("Microsoft.SecurityInsights/hunts", "hunts are kept elsewhere"),
        not_served("Microsoft.SecurityInsights/threatIntelligence/indicators", "there are no indicators"),
    )
)
OPERATIONS = {each.id: each for each in shapes_of("Microsoft.SecurityInsights", "2024-01-01-preview").operations}


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("AlertRules_List", "served"),
        ("AlertRules_CreateOrUpdate", "served"),
        ("AlertRule_TriggerRuleRun", "served"),
        ("Bookmarks_List", "served"),
        ("Bookmarks_Delete", "not served"),
        ("Bookmark_Expand", "there is no graph"),
        ("Hunts_List", "hunts are kept elsewhere"),
        ("Hunts_CreateOrUpdate", "hunts are kept elsewhere"),
        ("ThreatIntelligenceIndicator_AppendTags", "there are no indicators"),
        ("Incidents_List", "not served"),
    ],
)
def test_what_an_operation_is_answered(operation: str, answer: str) -> None:
    found = next(each for name, each in OPERATIONS.items() if name.lower() == operation.lower())
    assert management_operations.answer_to(TYPES, found) == answer


def test_every_operation_of_workspaces_is_served() -> None:
    provider = "Microsoft.OperationalInsights"
    for version in ("2023-09-01", "2022-10-01", "2020-08-01", "2019-09-01"):
        for operation in shapes_of(provider, version).operations:
            if operation.type:
                assert management_operations.answer_to(RESOURCE_TYPES, operation) == "served", operation.id


def test_the_page_has_a_row_for_each() -> None:
    page = management_operations.page(RESOURCE_TYPES)
    assert page.count("\n| ") - page.count("| operation |") == sum(
        sum(1 for each in shapes_of(provider, version).operations if each.type)
        for provider, version in management_operations.PUBLISHED
    )
