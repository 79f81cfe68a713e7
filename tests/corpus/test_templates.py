"""Real templates deployed: each as its author wrote it, into a resource group and a workspace of its own."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.api_examples import EXAMPLES
from tests.unit.sentinel.deploying import Deploying
from tests.unit.sentinel.whole import whole_server
from vedette.arm.json_reader import read_object
from vedette.core.errors import VedetteError
from vedette.core.ids import derived_id

TEMPLATES = EXAMPLES.parent.parent / "arm"
WORKSPACES = "Microsoft.OperationalInsights/workspaces"
EACH = 4
"""Of so many templates one is among those that are deployed each time."""

FOUND = sorted(TEMPLATES.glob("*/*.json")) if TEMPLATES.is_dir() else []
CASES = [pytest.param(path, marks=() if number % EACH == 0 else pytest.mark.slow) for number, path in enumerate(FOUND)]
SHARE = 0.9
"""Of the templates so many deploy."""

REFUSED = {
    r"InvalidContentLink: .*--egress-host": "it links to templates at an address that the server may not ask",
    r"InvalidTemplate: .*The resource '[^']+' is not defined in the template": "it depends on what it does not have",
    r"InvalidTemplate: .*string character '\)' at position '\d+' is not expected": "it has a bracket too many",
}
"""Why templates are refused, in Azure too but for the first."""

pytestmark = pytest.mark.skipif(not FOUND, reason=f"no templates at {TEMPLATES}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def server() -> Iterator[Deploying]:
    with tempfile.TemporaryDirectory() as data, whole_server(Path(data)) as whole:
        yield Deploying(whole)


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[Path, str]]:
    """What came of each template; at the end enough of them have deployed."""
    found: dict[Path, str] = {}
    yield found
    if len(found) == len(FOUND):
        assert sum(1 for each in found.values() if each == "Succeeded") >= SHARE * len(FOUND)


def given(template: dict[str, Any], workspace: str) -> dict[str, Any]:
    """What somebody who deploys it must say: the workspace, and something for what has no default."""
    values: dict[str, Any] = {}
    for name, defined in template.get("parameters", {}).items():
        if name in ("workspace", "workspace-location"):
            values[name] = {"value": workspace if name == "workspace" else "eastus"}
        elif "newguid(" in str(defined.get("defaultValue")).lower():
            values[name] = {"value": derived_id(workspace, name)}  # or each deployment would make others
        elif defined.get("defaultValue") is None:
            values[name] = {"value": defined.get("allowedValues", ["something"])[0]}
    return values


def place_for(server: Deploying, number: int) -> tuple[str, str]:
    """A resource group of its own with a workspace in it that Sentinel is on in, and the workspace's name."""
    name = f"soc-{number}"
    group = f"{server.whole.services.estate.subscription_resource_id}/resourceGroups/template-{number}"
    server.send("PUT", group, {"location": "eastus"})
    workspace = f"{group}/providers/{WORKSPACES}/{name}"
    server.send("PUT", workspace, {"location": "eastus", "properties": {}})
    onboarding = "providers/Microsoft.SecurityInsights/onboardingStates/default"
    server.send("PUT", f"{workspace}/{onboarding}", {"properties": {}})
    return group, name


def what_if(server: Deploying, group: str, template: dict[str, Any], workspace: str) -> dict[str, str]:
    """What would be done to each resource, by its folded id; with what is different where there should be nothing."""
    properties = {"mode": "Incremental", "template": template, "parameters": given(template, workspace)}
    told = server.send("POST", f"{server.address('all', group)}/whatIf", {"properties": properties}).body
    return {
        each["resourceId"].lower(): each["changeType"] if not each.get("delta") else json.dumps(each["delta"])[:600]
        for each in told["properties"]["changes"]
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:80])
def test_a_template_deploys(server: Deploying, outcomes: dict[Path, str], path: Path) -> None:
    template = read_object(path.read_bytes())
    group, workspace = place_for(server, FOUND.index(path))
    try:
        before = what_if(server, group, template, workspace)
        done = server.deploy("all", template, scope=group, parameters=given(template, workspace))
    except VedetteError as error:
        outcomes[path] = f"{error.code}: {error.message}"
        assert any(re.match(each, outcomes[path], re.DOTALL) for each in REFUSED), outcomes[path]
        return
    outcomes[path] = done["provisioningState"]
    assert done["provisioningState"] == "Succeeded", json.dumps(done["error"])[:3000]
    made = {each["id"].lower() for each in done["outputResources"]}
    early = {id: change for id, change in before.items() if change != "Ignore"}
    assert early | {id: "Create" for id in early if id.endswith(f"/{workspace}")} == dict.fromkeys(made, "Create")
    left = what_if(server, group, template, workspace)
    assert {id: each for id, each in left.items() if id in made} == dict.fromkeys(made, "NoChange")
