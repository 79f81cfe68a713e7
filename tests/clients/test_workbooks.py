"""azure-mgmt-applicationinsights over TLS: workbooks with their revisions, templates, and workbooks of one's own."""

import json
from collections.abc import Iterator

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.applicationinsights.v2020_11_20 import models as templates
from azure.mgmt.applicationinsights.v2021_03_08 import models as own
from azure.mgmt.applicationinsights.v2023_06_01 import models
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources import models as rm
from tests.clients import sdk

GROUP, NAME = "workbooks", "deadb33f-5e0d-4064-8ebb-1a4ed0313eb2"
CONTENT = json.dumps({"version": "Notebook/1.0", "items": []})


@pytest.fixture(scope="module", autouse=True)
def group(server: sdk.Ready) -> Iterator[None]:
    groups = sdk.management_client(ResourceManagementClient, server).resource_groups
    groups.create_or_update(GROUP, rm.ResourceGroup(location="eastus"))
    yield
    groups.begin_delete(GROUP).result()


@pytest.fixture(params=["2021-08-01", "2022-04-01", "2023-06-01"])
def client(server: sdk.Ready, request: pytest.FixtureRequest) -> ApplicationInsightsManagementClient:
    def kind(*arguments: object, **named: object) -> ApplicationInsightsManagementClient:
        return ApplicationInsightsManagementClient(*arguments, **named, api_version=request.param)

    return sdk.management_client(kind, server)


def test_workbooks(server: sdk.Ready, client: ApplicationInsightsManagementClient) -> None:
    workbooks, source = client.workbooks, f"/subscriptions/{server['subscription_id']}"
    wanted = models.Workbook(
        location="eastus", kind="shared", display_name="Sign-ins", serialized_data=CONTENT, category="sentinel"
    )
    made = workbooks.create_or_update(GROUP, NAME, wanted, source_id=source)
    assert (made.display_name, made.source_id, made.version) == ("Sign-ins", source, "Notebook/1.0")
    assert (made.tags or {})["hidden-title"] == "Sign-ins"
    update = models.WorkbookUpdateParameters(display_name="Others", tags={"a": "b"})
    assert workbooks.update(GROUP, NAME, workbook_update_parameters=update).display_name == "Others"
    assert workbooks.get(GROUP, NAME, can_fetch_content=True).serialized_data == CONTENT
    assert workbooks.get(GROUP, NAME, can_fetch_content=False).serialized_data is None
    assert [each.name for each in workbooks.list_by_subscription(category="sentinel")] == [NAME]
    assert [each.name for each in workbooks.list_by_resource_group(GROUP, category="sentinel", source_id=source)]
    assert list(workbooks.list_by_resource_group(GROUP, category="workbook")) == []
    revisions = [each.revision for each in workbooks.revisions_list(GROUP, NAME)]
    assert len(revisions) == 2
    assert workbooks.revision_get(GROUP, NAME, revisions[-1]).display_name == "Sign-ins"
    workbooks.delete(GROUP, NAME)
    with pytest.raises(ResourceNotFoundError):
        workbooks.get(GROUP, NAME)


def test_templates_and_own(server: sdk.Ready) -> None:
    client = sdk.management_client(ApplicationInsightsManagementClient, server)
    gallery = templates.WorkbookTemplateGallery(name="g", category="c", type="workbook", resource_type="azure monitor")
    wanted = templates.WorkbookTemplate(location="eastus", galleries=[gallery], template_data={"items": []})
    kept = client.workbook_templates
    assert kept.create_or_update(GROUP, "template", wanted).template_data == {"items": []}
    assert kept.update(GROUP, "template", templates.WorkbookTemplateUpdateParameters(tags={"a": "b"})).tags == {
        "a": "b"
    }
    assert kept.get(GROUP, "template").galleries
    assert [each.name for each in kept.list_by_resource_group(GROUP)] == ["template"]
    kept.delete(GROUP, "template")
    mine = client.my_workbooks
    workbook = own.MyWorkbook(
        location="eastus", kind="user", display_name="Mine", serialized_data=CONTENT, category="workbook"
    )
    assert mine.create_or_update(GROUP, NAME, workbook).display_name == "Mine"
    assert mine.get(GROUP, NAME).kind == "user"
    assert mine.update(GROUP, NAME, workbook).display_name == "Mine"
    assert [each.name for each in mine.list_by_resource_group(GROUP, category="workbook")] == [NAME]
    assert NAME in [each.name for each in mine.list_by_subscription(category="workbook")]
    mine.delete(GROUP, NAME)
