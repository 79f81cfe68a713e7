"""The demo's rules, read from the files beside this module: alert rules as one would PUT them, with a name.

They have the form of the Azure-Sentinel repository, and each has its tests beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoRule:
    """A rule's name in the workspace and its properties."""

    name: str
    properties: dict[str, Any]


def demo_rules() -> Iterator[DemoRule]:
    """The rules, in the order of their files' names."""
    from vedette.content.reading import TESTS, read_text  # noqa: PLC0415  (a server without the demo has no use for it)

    folder = files("vedette.demo") / "rules"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(TESTS):
            (item,) = read_text(Path(file.name), file.read_text(encoding="utf-8")).items
            yield DemoRule(item.name, dict(item.body["properties"]))
