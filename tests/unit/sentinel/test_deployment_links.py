"""Templates and parameters that stand elsewhere: at an address, beside another template, in a template spec."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, pack, template
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.access.principals import Principal
from vedette.access.role_definitions import CONTRIBUTOR, READER
from vedette.core.errors import Forbidden, InvalidInput, NotFound, VedetteError
from vedette.core.settings import EgressSettings

NESTED = {
    "type": "Microsoft.Resources/deployments",
    "apiVersion": "2022-09-01",
    "name": "inside",
}


class Files(BaseHTTPRequestHandler):
    """Serves what a test puts into `held`, by path; what is `kept` only to who asks with `?sig=key`."""

    held: ClassVar[dict[str, str]] = {}
    kept: ClassVar[set[str]] = set()
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.asked.append(self.path)
        text = None if path in self.kept and query != "sig=key" else self.held.get(path)
        self.send_response(404 if text is None else 200)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, files: str) -> Iterator[Deploying]:
    egress = EgressSettings((files.removeprefix("http://"),), private_addresses=True)
    with whole_server(tmp_path_factory.mktemp("links"), egress=egress) as whole:
        yield Deploying(whole)


@pytest.fixture(autouse=True)
def _no_files() -> None:
    Files.held.clear()
    Files.kept.clear()
    Files.asked.clear()


def linking(**link: Any) -> dict[str, Any]:
    return NESTED | {"properties": {"mode": "Incremental", "templateLink": link}}


def linked(server: Deploying, name: str, link: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """The properties of a deployment of a template that a link leads to, once it is over."""
    body = {"properties": {"mode": "Incremental", "templateLink": link, **properties}}
    return server.finish(server.send("PUT", server.address(name), body))


def test_a_template_at_an_address_and_those_beside_it(server: Deploying, files: str) -> None:
    Files.held["/a/main.json"] = "// the way in\n" + json.dumps(
        template(
            linking(relativePath="parts/one.json"),
            pack("after", dependsOn=["inside"], tags={"of": "[reference('inside').outputs.of.value]"}),
        )
    )
    Files.held["/a/parts/one.json"] = json.dumps(
        template(
            pack("linked"),
            outputs={"of": {"type": "string", "value": "[last(split(deployment().properties.templateLink.uri, '/'))]"}},
        )
    )
    done = linked(server, "link", {"uri": f"{files}/a/main.json", "contentVersion": "1.0.0.0"})
    assert done["provisioningState"] == "Succeeded", done
    assert done["templateLink"] == {"uri": f"{files}/a/main.json", "contentVersion": "1.0.0.0"}
    assert {"linked", "after"} <= set(server.ids())
    after = server.send("GET", f"{server.group}/providers/{PACKS}/after").body
    assert after["tags"] == {"of": "one.json"}
    inside = server.send("GET", server.address("inside")).body["properties"]
    assert inside["templateLink"]["uri"] == f"{files}/a/parts/one.json"


def test_parameters_of_a_file_and_a_key_that_nobody_sees(server: Deploying, files: str) -> None:
    Files.held["/t.json"] = json.dumps(
        template(
            pack("[parameters('name')]"),
            linking(relativePath="beside.json"),
            parameters={"name": {"type": "string"}},
        )
    )
    Files.held["/beside.json"] = json.dumps(template(pack("beside")))
    Files.kept.update(("/t.json", "/beside.json"))
    Files.held["/p.json"] = json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {"name": {"value": "named"}},
        }
    )
    done = linked(
        server, "kept", {"uri": f"{files}/t.json", "queryString": "sig=key"}, parametersLink={"uri": f"{files}/p.json"}
    )
    assert done["provisioningState"] == "Succeeded", done
    assert {"named", "beside"} <= set(server.ids())
    assert "sig=key" not in str(server.send("GET", server.address("kept")).body)
    written = [each for each in server.whole.services.settings.data.rglob("*") if each.is_file()]
    assert written
    assert not [each for each in written if b"sig=key" in each.read_bytes()]


@pytest.mark.parametrize(
    ("link", "code", "told"),
    [
        ({"uri": "https://elsewhere.example.org/t.json"}, "InvalidContentLink", "--egress-host elsewhere.example.org"),
        ({"uri": "FILES/none.json"}, "InvalidContentLink", "answered 404"),
        ({"uri": "FILES/broken.json"}, "InvalidContentLink", "is no template"),
        (
            {"uri": "FILES/t.json", "contentVersion": "2.0.0.0"},
            "InvalidContentLink",
            "has the contentVersion '1.0.0.0'",
        ),
        ({"uri": "file:///etc/passwd"}, "InvalidContentLink", "http:// and https:// only"),
        ({"relativePath": "t.json"}, "InvalidTemplateLink", "only for a template that has an address itself"),
        ({}, "InvalidTemplateLink", "has a 'uri', an 'id' or a 'relativePath'"),
    ],
)
def test_links_that_lead_nowhere(server: Deploying, files: str, link: dict[str, str], code: str, told: str) -> None:
    Files.held["/t.json"] = json.dumps(template())
    Files.held["/broken.json"] = "{"
    sent = {name: each.replace("FILES", files) for name, each in link.items()}
    with pytest.raises(InvalidInput) as caught:
        linked(server, "nowhere", sent)
    assert caught.value.code == code
    assert told in caught.value.message
    with pytest.raises(NotFound):
        server.send("GET", server.address("nowhere"))


def test_a_relative_path_stays_with_its_server(server: Deploying, files: str) -> None:
    Files.held["/main.json"] = json.dumps(template(linking(relativePath="//127.0.0.1:1/t.json")))
    with pytest.raises(VedetteError, match="leads to another server"):
        linked(server, "away", {"uri": f"{files}/main.json"})


def spec(server: Deploying, name: str, version: str, **properties: Any) -> str:
    id = f"{server.group}/providers/Microsoft.Resources/templateSpecs/{name}"
    server.whole.send("PUT", id, {"location": "eastus"}, "2021-05-01")
    body = {"location": "eastus", "properties": properties}
    return server.whole.send("PUT", f"{id}/versions/{version}", body, "2021-05-01").body["id"]


def test_a_template_spec_with_templates_beside_it(server: Deploying) -> None:
    parts = [
        {
            "path": "parts/one.json",
            "template": template(pack("first"), linking(relativePath="two.json") | {"name": "deeper"}),
        },
        {"path": "parts/two.json", "template": template(pack("second"))},
    ]
    main = template(linking(relativePath="parts/one.json"), pack("[parameters('third')]"))
    main["parameters"] = {"third": {"type": "string"}}
    id = spec(server, "s", "1.0", mainTemplate=main, linkedTemplates=parts)
    done = linked(server, "spec", {"id": id}, parameters={"third": {"value": "third"}})
    assert done["provisioningState"] == "Succeeded", done
    assert done["templateLink"] == {"id": id}
    assert {"first", "second", "third"} <= set(server.ids())
    outer = template(linking(id=id) | {"name": "by-spec"})
    outer["resources"][0]["properties"]["parameters"] = {"third": {"value": "fourth"}}
    assert server.deploy("of-spec", outer)["provisioningState"] == "Succeeded"
    assert "fourth" in server.ids()


def test_a_template_spec_that_is_not_there_or_not_the_callers(server: Deploying) -> None:
    id = spec(server, "hidden", "1.0", mainTemplate=template(pack("hidden")))
    with pytest.raises(NotFound, match="hidden/versions/2"):
        linked(server, "none", {"id": id.replace("1.0", "2.0")})
    services = server.whole.services
    elsewhere = f"{server.group}-elsewhere"
    server.whole.send("PUT", elsewhere, {"location": "eastus"}, "2021-04-01")
    stranger = Principal("11111111-2222-3333-4444-555555555555", "stranger", "stranger", services.estate.tenant_id)
    services.roles.assign(stranger, CONTRIBUTOR, elsewhere)
    other = Deploying(Whole(services, stranger))
    body = {"properties": {"mode": "Incremental", "templateLink": {"id": id}}}
    with pytest.raises(Forbidden, match="templateSpecs/versions/read"):
        other.send("PUT", other.address("stranger", elsewhere), body)
    services.roles.assign(stranger, READER, id.partition("/versions/")[0])
    assert (
        other.finish(other.send("PUT", other.address("stranger", elsewhere), body))["provisioningState"] == "Succeeded"
    )
