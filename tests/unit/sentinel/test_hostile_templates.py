"""Templates that are written to do more than they may, or to upset the server, are refused in the wire's own words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import InvalidInput
from vedette.sentinel.deployments.inside import Begun


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


def nested(name: str, properties: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": name} | {
        "properties": properties
    } | more  # fmt: skip


@pytest.mark.parametrize("properties", ["x", [1], 5, {"parameters": [1]}, {"parameters": "abc"}])
def test_a_nested_deployment_is_made_of_objects(server: Deploying, properties: Any) -> None:
    given = {"mode": "Incremental", "template": template()} | properties if isinstance(properties, dict) else properties
    refused = _refused(server, nested("inner", given))
    assert refused.code == "InvalidTemplate"
    assert "object" in refused.message


def test_deployments_do_not_fan_out_without_bound(server: Deploying) -> None:
    inner = {"expressionEvaluationOptions": {"scope": "inner"}, "mode": "Incremental"}
    leaves = template(nested("[format('b{0}', copyIndex())]", inner | {"template": template()}, copy=_many("b")))
    wide = nested("[format('a{0}', copyIndex())]", inner | {"template": leaves}, copy=_many("a"))
    assert "have more than 3000 resources together" in _refused(server, wide).message


def _many(name: str) -> dict[str, Any]:
    return {"name": name, "count": 800}


def test_what_deployments_begin_together_is_bounded() -> None:
    begun = Begun()
    for _ in range(3):
        begun.add(1000)
    with pytest.raises(InvalidInput, match="have more than 3000 resources together"):
        begun.add(1)


def test_each_output_that_fails_is_named(server: Deploying) -> None:
    """What is asked of another resource is known only behind the resources."""
    there = f"{server.group}/providers/{PACKS}/out"
    outputs = {
        "alpha": {"type": "int", "value": f"[reference('{there}', '2019-09-01').provisioningState]"},
        "beta": {"type": "string", "value": f"[reference('{there}none', '2019-09-01').x]"},
    }
    ended = server.deploy("named-outputs", template(pack("out"), outputs=outputs))
    assert [each["target"] for each in ended["error"]["details"]] == ["alpha", "beta"]
    assert "'alpha,beta'" in ended["error"]["message"]
    with pytest.raises(InvalidInput, match="Unable to parse language expression"):
        server.validate("named-outputs", template(outputs={"o": {"type": "string", "value": "[foo(]"}}))


def test_a_text_that_looks_like_an_expression_is_compared(server: Deploying) -> None:
    server.deploy("bracketed", template(pack("bracketed", tags={"a": "old"})))
    there = f"{server.group}/providers/{PACKS}/bracketed"
    for written, changed in (("[[new]", "Modify"), (f"[reference('{there}x', '2019-09-01').a]", "NoChange")):
        body = {"mode": "Incremental", "template": template(pack("bracketed", tags={"a": written}))}
        asked = server.send("POST", f"{server.address('bracketed')}/whatIf", {"properties": body})
        changes = {each["resourceId"]: each["changeType"] for each in asked.body["properties"]["changes"]}
        assert changes[there] == changed
