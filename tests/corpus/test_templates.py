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

TEMPLATES = EXAMPLES.parent.parent / "arm"
WORKSPACES = "Microsoft.OperationalInsights/workspaces"
FOUND = sorted(TEMPLATES.glob("*/*.json")) if TEMPLATES.is_dir() else []
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


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem[:80])
def test_a_template_deploys(server: Deploying, outcomes: dict[Path, str], path: Path) -> None:
    template = read_object(path.read_bytes())
    group, workspace = place_for(server, FOUND.index(path))
    try:
        done = server.deploy("all", template, scope=group, parameters=given(template, workspace))
    except VedetteError as error:
        outcomes[path] = f"{error.code}: {error.message}"
        assert any(re.match(each, outcomes[path], re.DOTALL) for each in REFUSED), outcomes[path]
        return
    outcomes[path] = done["provisioningState"]
    assert done["provisioningState"] == "Succeeded", json.dumps(done["error"])[:3000]
