from collections.abc import Callable

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.core.errors import InvalidInput, NotFound

Send = Callable[..., Answer]
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "resources": [],
}


@pytest.fixture
def spec(send: Send, estate: Estate) -> str:
    id = f"{estate.resource_group_id}/providers/Microsoft.Resources/templateSpecs/spec"
    made = send("PUT", id, {"location": "eastus", "properties": {"displayName": "Spec", "metadata": {"a": 1}}})
    assert (made.status, made.body["properties"]) == (201, {"displayName": "Spec", "metadata": {"a": 1}})
    return id


def test_versions(send: Send, estate: Estate, spec: str) -> None:
    body = {"location": "westus", "properties": {"description": "first", "mainTemplate": TEMPLATE}}
    made = send("PUT", f"{spec}/versions/1.0", body)
    assert (made.status, made.body["location"]) == (201, "eastus")
    assert made.body["properties"] == body["properties"]
    assert made.body["systemData"]["createdByType"] == "Application"
    send("PUT", f"{spec}/versions/2.0", body)
    assert [each["name"] for each in send("GET", f"{spec}/versions").body["value"]] == ["1.0", "2.0"]
    assert send("PATCH", f"{spec}/versions/2.0", {"tags": {"a": "b"}}).body["properties"] == body["properties"]
    assert "versions" not in send("GET", spec).body["properties"]
    shown = send("GET", spec, expand="versions").body["properties"]["versions"]
    assert shown.keys() == {"1.0", "2.0"}
    assert shown["1.0"]["description"] == "first"
    listed = send("GET", f"{estate.subscription_resource_id}/providers/Microsoft.Resources/templateSpecs")
    assert [each["id"] for each in listed.body["value"]] == [spec]
    assert send("DELETE", spec).status == 200
    with pytest.raises(NotFound):
        send("GET", f"{spec}/versions/1.0")


def test_versions_are_resources(send: Send, estate: Estate, spec: str) -> None:
    send("PUT", f"{spec}/versions/1.0", {"location": "eastus", "properties": {"mainTemplate": {}}})
    listed = send("GET", f"{estate.resource_group_id}/resources", filter="substringof('1.', name)").body["value"]
    assert [each["id"] for each in listed] == [f"{spec}/versions/1.0"]


def test_a_version_is_under_a_spec(send: Send, estate: Estate) -> None:
    body = {"location": "eastus", "properties": {"mainTemplate": {}}}
    with pytest.raises(NotFound):
        send("PUT", f"{estate.resource_group_id}/providers/Microsoft.Resources/templateSpecs/none/versions/1", body)


@pytest.mark.parametrize(
    "properties",
    [{"displayName": "x" * 65}, {"description": "x" * 4097}, {"metadata": "text"}],
)
def test_a_spec_is_refused(send: Send, spec: str, properties: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        send("PUT", spec, {"location": "eastus", "properties": properties})


def test_none_are_built_in(send: Send) -> None:
    assert send("GET", "/providers/Microsoft.Resources/builtInTemplateSpecs").body == {"value": []}
    with pytest.raises(NotFound):
        send("GET", "/providers/Microsoft.Resources/builtInTemplateSpecs/x")
