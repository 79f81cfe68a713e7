"""Deployments of templates that stand elsewhere: in a template spec, or at an address that the server may ask."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.deploying import Deploying, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import InvalidInput, NotFound
from vedette.core.settings import EgressSettings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with whole_server(tmp_path_factory.mktemp("links")) as whole:
        yield Deploying(whole)


def linking(name: str, path: str) -> dict[str, Any]:
    """A deployment whose template stands beside the one that it is in."""
    properties = {"mode": "Incremental", "templateLink": {"relativePath": path}}
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": name,
        "properties": properties,
    }


def test_a_spec_and_what_is_beside_it(server: Deploying) -> None:
    spec = f"{server.group}/providers/Microsoft.Resources/templateSpecs/linked"
    server.send("PUT", spec, {"location": "eastus", "properties": {}})
    linked = linking("beside-it", "parts/one.json")
    version = {
        "mainTemplate": template(linked),
        "linkedTemplates": [{"path": "parts/one.json", "template": template(pack("from-a-spec"))}],
    }
    server.send("PUT", f"{spec}/versions/1.0", {"location": "eastus", "properties": version})
    done = server.deploy("of-a-spec", None, templateLink={"id": f"{spec}/versions/1.0"})
    assert done["provisioningState"] == "Succeeded", done
    assert done["templateLink"] == {"id": f"{spec}/versions/1.0"}
    assert "from-a-spec" in server.ids()
    with pytest.raises(NotFound) as missing:
        server.begin("of-a-spec", None, templateLink={"id": f"{spec}/versions/2.0"})
    assert missing.value.code == "TemplateSpecVersionNotFound"


def test_links_are_followed_only_where_they_may(tmp_path_factory: pytest.TempPathFactory) -> None:
    linked = linking("linked", "sub/inner.json")
    files = {
        "/main.json": template(linked),
        "/sub/inner.json": template(pack("from-afar")),
        "/no-template?sig=hush": [],
    }

    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(files.get(self.path, {})).encode()
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as files_server:
        threading.Thread(target=files_server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{files_server.server_port}"
        link = {"uri": f"http://{host}/main.json"}
        with (
            whole_server(tmp_path_factory.mktemp("closed")) as whole,
            pytest.raises(InvalidInput, match="--egress-host"),
        ):
            Deploying(whole).begin("linked", None, templateLink=link)
        egress = EgressSettings((host,), private_addresses=True)
        with whole_server(tmp_path_factory.mktemp("open"), egress=egress) as whole:
            open_one = Deploying(whole)
            done = open_one.deploy("outer", None, templateLink=link)
            assert done["provisioningState"] == "Succeeded", done
            assert open_one.ids() == ["from-afar"]
            with pytest.raises(InvalidInput, match="answered 404"):
                open_one.begin("outer", None, templateLink={"uri": f"http://{host}/nothing.json"})
            for path in ("nothing.json", "no-template"):
                with pytest.raises(InvalidInput) as refused:
                    open_one.begin("outer", None, templateLink={"uri": f"http://{host}/{path}?sig=hush"})
                assert "hush" not in refused.value.message
        files_server.shutdown()
