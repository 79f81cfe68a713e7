"""Files of Defender for Cloud's data, in the forms that they have."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vedette.core.errors import InvalidInput
from vedette.formats.defender_data import in_order, read_defender_data

HERE = "11111111-1111-1111-1111-111111111111"
THERE = "/subscriptions/22222222-2222-2222-2222-222222222222"
MACHINE = f"{THERE}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v"


def fed(*records: Any, lines: bool = False) -> list[Any]:
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps({"value": records})
    return list(read_defender_data(text.encode(), HERE))


def test_resources_move_to_the_subscription() -> None:
    assessment = {
        "id": f"{MACHINE}/providers/Microsoft.Security/assessments/a",
        "properties": {"status": {"code": "x"}},
    }
    for found in (fed(assessment), fed(assessment, lines=True)):
        (each,) = found
        assert each.address == each.id + "?api-version=2021-06-01"
        assert each.id.startswith(f"/subscriptions/{HERE}/resourceGroups/g/")
        assert (each.kind, each.group) == ("assessments", f"/subscriptions/{HERE}/resourceGroups/g")


def test_what_az_prints_is_flat() -> None:
    id = f"{THERE}/providers/Microsoft.Security/secureScores/ascScore"
    (score,) = fed({"id": id, "name": "ascScore", "type": "x", "max": 58, "current": 29, "weight": 1, "etag": None})
    assert score.properties == {"weight": 1, "score": {"max": 58, "current": 29}}


def test_an_exported_alert() -> None:
    event = {
        "SystemAlertId": "abc",
        "AlertDisplayName": "A",
        "Severity": "High",
        "Status": "New",
        "TimeGenerated": "2024-11-20T09:19:16.485Z",
        "Entities": [{"$id": "4", "HostName": "h", "Type": "host"}, {"$ref": "4"}],
        "ResourceIdentifiers": [{"$id": "2", "AzureResourceId": MACHINE, "Type": "AzureResource"}, {"Type": "AAD"}],
        "AzureResourceId": MACHINE,
    }
    (alert,) = fed(event)
    assert alert.id.endswith("/locations/local/alerts/abc")
    assert alert.properties == {
        "systemAlertId": "abc",
        "alertDisplayName": "A",
        "severity": "High",
        "status": "Active",
        "timeGeneratedUtc": "2024-11-20T09:19:16.485Z",
        "entities": [{"hostName": "h", "type": "host"}],
        "resourceIdentifiers": [{"azureResourceId": MACHINE, "type": "AzureResource"}],
    }


def test_each_comes_behind_what_it_is_under() -> None:
    assessment = f"{MACHINE}/providers/Microsoft.Security/assessments/a"
    found = fed({"id": f"{assessment}/subAssessments/s", "properties": {}}, {"id": assessment, "properties": {}})
    assert [each.kind for each in in_order(found)] == ["assessments", "assessments/subassessments"]


@pytest.mark.parametrize("wrong", [1, {}, {"id": THERE}, {"id": f"{THERE}/providers/Microsoft.Security/pricings/x"}])
def test_what_cannot_be_fed(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="Record 1"):
        fed(wrong)


@given(some.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(InvalidInput):
        list(read_defender_data(content, HERE))
