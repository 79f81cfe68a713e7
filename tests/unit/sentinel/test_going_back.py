"""What a deployment goes back to after a failure: whose rights hold, and which deployments are not meant."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, nested, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import Forbidden
from vedette.core.ids import new_id
from vedette.sentinel.deployments.records import change_properties

SENTINEL_READER = "8d289c81-5878-46d4-8554-54e1e3d8b5cb"
FAILING = template(
    outputs={"o": {"type": "string", "value": f"[reference(resourceId('{PACKS}', 'nobody'), '2019-09-01').x]"}}
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with whole_server(tmp_path_factory.mktemp("going-back")) as whole:
        yield Deploying(whole)


def group_of(server: Deploying, name: str) -> str:
    group = f"{server.group.rpartition('/')[0]}/{name}"
    server.send("PUT", group, {"location": "eastus"})
    return group


def reader_of(server: Deploying, group: str) -> Deploying:
    services = server.whole.services
    reader = services.directory.ensure_service_principal(
        application_id=new_id(), object_id=new_id(), name="reader", secret="s"
    )
    services.roles.assign(reader, SENTINEL_READER, group)
    return Deploying(replace(server.whole, principal=reader))


def back_to(name: str) -> dict[str, Any]:
    return {"type": "SpecificDeployment", "deploymentName": name}


def test_whoever_may_not_write_what_it_goes_back_to_is_refused(server: Deploying) -> None:
    group = group_of(server, "refused")
    server.deploy("owners", template(pack("first")), scope=group)
    reader = reader_of(server, group)
    for wanted in (back_to("owners"), {"type": "LastSuccessful"}):
        with pytest.raises(Forbidden) as refused:
            reader.begin("readers", FAILING, scope=group, onErrorDeployment=wanted)
        assert "Microsoft.OperationalInsights/queryPacks/write" in refused.value.message


def test_going_back_has_the_rights_of_who_asked_for_it(server: Deploying) -> None:
    group = group_of(server, "rights")
    server.deploy("empty", template(), scope=group)
    server.deploy("more", template(pack("precious")), scope=group)
    reader = reader_of(server, group)
    done = reader.deploy("readers", FAILING, scope=group, onErrorDeployment=back_to("empty"))
    assert done["onErrorDeployment"]["provisioningState"] == "Failed"
    assert server.ids(group) == ["precious"]


def test_the_last_successful_one_was_made_by_no_other(server: Deploying) -> None:
    group = group_of(server, "nested")
    server.deploy("good", template(pack("good"), nested("inner", template(pack("inside")))), scope=group)
    bad = template(nested("own", template()), outputs=FAILING["outputs"])
    done = server.deploy("bad", bad, scope=group, onErrorDeployment={"type": "LastSuccessful"})
    assert (done["onErrorDeployment"]["deploymentName"], set(server.ids(group))) == ("good", {"good", "inside"})
    done = server.deploy("bad", bad, scope=group, onErrorDeployment=back_to("inner"))
    assert done["error"]["details"][-1]["code"] == "RollbackDeploymentNotFound"


def test_the_last_successful_one_is_over(server: Deploying) -> None:
    group = group_of(server, "running")
    state = server.whole.services.state
    server.deploy("good", template(pack("good")), scope=group)
    server.deploy("going", template(pack("going")), scope=group)
    change_properties(state, server.address("going", group), {"provisioningState": "Running"})
    done = server.deploy("bad", FAILING, scope=group, onErrorDeployment={"type": "LastSuccessful"})
    assert done["onErrorDeployment"]["deploymentName"] == "good"
    done = server.deploy("bad", FAILING, scope=group, onErrorDeployment=back_to("going"))
    assert done["error"]["details"][-1]["code"] == "RollbackDeploymentNotFound"
