"""Custom connectors: what is described is kept, and the secret of an application that signs in is never shown."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.deploying import Deploying
from tests.unit.sentinel.whole import whole_server

from vedette.sentinel.kept_secrets import secrets_of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with whole_server(tmp_path_factory.mktemp("custom")) as whole:
        yield Deploying(whole)


@pytest.mark.parametrize("name", ["oAuthSettings", "oauthSettings", "OAUTHSETTINGS"])
@pytest.mark.parametrize("secret", ["clientSecret", "ClientSecret"])
def test_the_secret_of_an_application_is_not_shown(server: Deploying, name: str, secret: str) -> None:
    id = f"{server.group}/providers/Microsoft.Web/customApis/{name}{secret}"
    settings: dict[str, Any] = {"type": "oauthSetting", name: {"clientId": "an-id", secret: "hush"}}
    described = {"paths": {"/token": {"oAuthSettings": {"clientSecret": {"type": "string"}}}}}
    properties = {
        "connectionParameters": {"token": settings},
        "connectionParameterSets": {"values": [{"name": "one", "parameters": {"token": settings}}]},
        "swagger": described,
    }
    answer = server.send("PUT", id, {"location": "eastus", "properties": properties})
    for shown in (answer.body, server.send("GET", id).body):
        assert "hush" not in str(shown)
        assert shown["properties"]["connectionParameters"]["token"][name] == {"clientId": "an-id"}
        assert shown["properties"]["swagger"] == described
    assert list(secrets_of(server.whole.services.state, id).values()) == ["hush", "hush"]
