"""No plan shows a password, in whatever form it is written."""

import pytest

from vedette.cli.plan_text import plan_lines
from vedette.content.item import Item
from vedette.content.kinds import DATA_CONNECTOR, PLAYBOOK, Kind
from vedette.content.masking import secrets_of
from vedette.content.plan_reports import plan_json, plan_junit, plan_sarif
from vedette.content.planning import make_plan

from .memory_endpoint import WORKSPACE, MemoryEndpoint


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (DATA_CONNECTOR, {"friendlyName": "a", "password": "hush1"}, {"friendlyName": "b", "password": "hush2"}),
        (DATA_CONNECTOR, {"friendlyName": "a"}, {"friendlyName": "b", "auth": {"ApiKey": "hush2"}}),
        (DATA_CONNECTOR, {"friendlyName": "a"}, {"friendlyName": "say hush-hush to b"}),
        (
            PLAYBOOK,
            {"definition": {"i": {"authentication": {"type": "Raw", "value": "hush1"}}}},
            {"definition": {"i": {"authentication": {"type": "Raw", "value": "hush2"}}}},
        ),
        (
            PLAYBOOK,
            {"definition": {"i": {}}},
            {"definition": {"i": {"http": {"Authentication": {"type": "Raw", "value": "hush2", "PFX": "hush3"}}}}},
        ),
        (
            PLAYBOOK,
            {"definition": {"parameters": {"p": {"type": "SecureString", "defaultValue": "hush1"}}}},
            {"definition": {"parameters": {"p": {"type": "SecureString", "defaultValue": "hush2"}}}},
        ),
        (DATA_CONNECTOR, {"apiKeys": ["hush1"]}, {"apiKeys": ["hush2", "hush3"]}),
        (DATA_CONNECTOR, {"apiKeys": ["hush1"]}, {"apiKeys": ["hush2"]}),
        (DATA_CONNECTOR, {"keys": {"primary": "hush1"}}, {"keys": {"primary": "hush2"}}),
        (DATA_CONNECTOR, {}, {"password": {"text": "hush2"}}),
        (PLAYBOOK, {"definition": {}}, {"definition": {"uri": "https://x.example/?sig=hush2&a=b"}}),
    ],
)
def test_secrets_are_masked(kind: Kind, before: dict[str, object], after: dict[str, object]) -> None:
    endpoint = MemoryEndpoint()
    told = Item(kind, "a", {"kind": "X", "properties": after})
    endpoint.keep(WORKSPACE.path_of(told), {"kind": "X", "properties": before})
    secrets = secrets_of({"apiKey": "hush-hush", "region": "b", "threshold": 5})
    made = make_plan(endpoint.client(), WORKSPACE, [told], set="default", secrets=secrets)
    for text in ("\n".join(plan_lines(made)), plan_json([made]), plan_sarif([made]), plan_junit([made])):
        assert "***" in text
        assert "hush" not in text
    assert made.changes[0].item is told
