"""Templates that are written to do more than they may, or to upset the server, are refused in the wire's own words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import InvalidInput


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with whole_server(tmp_path_factory.mktemp("hostile")) as whole:
        yield Deploying(whole)


def test_a_list_function_asks_a_resource_and_calls_nothing_else(server: Deploying) -> None:
    ids = (f"{server.group}/exportTemplate?api-version=2021-04-01&x=", f"{server.group}/providers/{PACKS}")
    for number, id in enumerate((*ids, f"{server.group}/exportTemplate%3Fapi-version=2021-04-01%26x=")):
        asked = f"[listX('{id}', '2021-04-01', createObject('resources', createArray('*')))]"
        ended = server.deploy(f"list{number}", template(outputs={"o": {"type": "object", "value": asked}}))
        assert ended["provisioningState"] == "Failed"
        assert "The path is not the id" in str(ended["error"]) or "names no resource" in str(ended["error"])


def test_a_name_or_a_version_is_no_more_than_that(server: Deploying) -> None:
    for name in ("q?api-version=2019-09-01&x=", "q%2Fr", "q#"):
        assert _refused(server, pack(name)).code == "InvalidResourceId"
    refused = _refused(server, pack("q", apiVersion="2019-09-01&x=y"))
    assert "2019-09-01&x=y" in f"{refused.message} {refused.details}"


def _refused(server: Deploying, resource: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        server.validate("named", template(resource))
    return caught.value


def test_content_that_is_no_rule_template_is_left_out_of_the_list(tmp_path: Path) -> None:
    with whole_server(tmp_path) as whole:
        for number, properties in enumerate(("text", [1], 5)):
            resource = {"type": "Microsoft.SecurityInsights/alertRuleTemplates", "properties": properties}
            content = {
                "contentId": f"c{number}",
                "contentKind": "AnalyticsRule",
                "displayName": "d",
                "version": "1.0.0",
                "packageId": "p",
                "packageVersion": "1.0.0",
                "contentProductId": "p",
                "source": {"kind": "Solution", "name": "s"},
                "mainTemplate": {"resources": [resource]},
            }
            whole.send("PUT", f"contentTemplates/c{number}", {"properties": content})
        names = [each["name"] for each in whole.send("GET", "alertRuleTemplates").body["value"]]
        assert names
        assert not {"c0", "c1", "c2"} & {*names}
