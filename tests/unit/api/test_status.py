"""What the status says of a server."""

from starlette.testclient import TestClient

from vedette import __version__
from vedette.api.services import Services


def test_the_status_names_what_is_there(owner: TestClient, services: Services) -> None:
    services.logs.append(services.estate.workspace_id, "Heartbeat", [{"Computer": "a"}, {"Computer": "b"}]).result(30)
    told = owner.get("/vedette/status").json()
    assert told["version"] == __version__
    assert told["clock"]["virtual"] is False
    assert told["addresses"] == {
        "https": "https://127.0.0.1:8443",
        "http": "http://127.0.0.1:8080",
        "proxy": "http://127.0.0.1:3128",
    }
    (workspace,) = told["workspaces"]
    assert workspace["id"] == services.estate.workspace_id
    assert workspace["resourceId"] == services.estate.workspace_resource_id
    assert {"name": "Heartbeat", "rows": 2} in workspace["tables"]
    assert isinstance(workspace["alertRules"], int)
    assert isinstance(workspace["incidents"], int)


def test_the_status_holds_no_secret(owner: TestClient, services: Services) -> None:
    text = owner.get("/vedette/status").text
    assert services.estate.client_secret not in text
    assert services.estate.primary_shared_key not in text
