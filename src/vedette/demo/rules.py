"""The demo's rules, read from the files beside this module: alert rules as one would PUT them, with a name."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

# The properties that are the same in all of them: on, never suppressed, one incident for alerts about the same things.
_SHARED: dict[str, Any] = {
    "enabled": True,
    "suppressionEnabled": False,
    "suppressionDuration": "PT5H",
    "incidentConfiguration": {
        "createIncident": True,
        "groupingConfiguration": {
            "enabled": True,
            "reopenClosedIncident": False,
            "lookbackDuration": "P1D",
            "matchingMethod": "AllEntities",
        },
    },
}


@dataclass(frozen=True, slots=True)
class DemoRule:
    """A rule's name in the workspace and its properties."""

    name: str
    properties: dict[str, Any]


def demo_rules() -> Iterator[DemoRule]:
    """The rules, in the order of their files' names."""
    folder = files("vedette.demo") / "rules"
    for file in sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name):
        properties = tomllib.loads(file.read_text(encoding="utf-8"))
        yield DemoRule(properties.pop("name"), _SHARED | properties)
