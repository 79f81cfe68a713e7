"""Deployments: carried out in order, told of, refused, canceled, and in a mode that deletes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, pack, template
from tests.unit.sentinel.whole import whole_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    data: Path = tmp_path_factory.mktemp("deployments")
    with whole_server(data) as whole:
        yield Deploying(whole)


def test_a_template_is_carried_out(server: Deploying) -> None:
    wanted = template(
        pack("second", dependsOn=["first"]),
        pack("first"),
        parameters={"suffix": {"type": "string"}, "key": {"type": "securestring"}},
        outputs={
            "id": {"type": "string", "value": f"[resourceId('{PACKS}', 'first')]"},
            "where": {"type": "string", "value": "[reference('first', '2019-09-01', 'Full').location]"},
            "secret": {"type": "securestring", "value": "[parameters('key')]"},
        },
    )
    begun = server.begin("whole", wanted, parameters={"suffix": {"value": "x"}, "key": {"value": "hidden-value"}})
    assert begun.status == 201
    assert begun.body["properties"]["provisioningState"] == "Accepted"
    done = server.finish(begun)
    assert done["provisioningState"] == "Succeeded", done
    assert done["parameters"] == {"suffix": {"type": "String", "value": "x"}, "key": {"type": "SecureString"}}
    assert done["outputs"] == {
        "id": {"type": "String", "value": f"{server.group}/providers/{PACKS}/first"},
        "where": {"type": "String", "value": "eastus"},
        "secret": {"type": "SecureString"},
    }
    assert done["outputResources"] == [
        {"id": f"{server.group}/providers/{PACKS}/{name}"} for name in ("first", "second")
    ]
    assert done["dependencies"][0]["resourceName"] == "second"
    assert set(server.ids()) >= {"first", "second"}
    operations = server.send("GET", f"{server.address('whole')}/operations").body["value"]
    told = [each["properties"].get("targetResource", {}).get("resourceName") for each in operations]
    assert sorted(map(str, told)) == ["None", "first", "second"]
    assert {each["properties"]["provisioningState"] for each in operations} == {"Succeeded"}
    assert server.send("GET", f"{server.address('whole')}/operations/{operations[0]['operationId']}").status == 200
    assert server.send("POST", f"{server.address('whole')}/exportTemplate").body == {"template": wanted}
