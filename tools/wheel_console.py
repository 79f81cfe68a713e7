"""The part of the wheel's build that puts the console into it, compressed, where `make console` has built it.

A wheel is built without Node.js too, and is then one without the console, which says so under `/console/`.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelConsole(BuildHookInterface):
    """Hatchling's hook: https://hatch.pypa.io/latest/plugins/build-hook/custom/."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add each compressed file of `console/dist`; an editable install serves the folder itself."""
        if version == "editable":
            return
        built = Path(self.root) / "console" / "dist"
        for path in sorted(built.rglob("*.gz")):
            build_data["force_include"][str(path)] = f"vedette/_data/console/{path.relative_to(built).as_posix()}"
