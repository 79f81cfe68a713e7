"""One piece of a workspace's content: a resource as the management API has it, apart from any workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vedette.content.kinds import Kind

SERVER_OWNED = frozenset({"id", "name", "type", "etag", "systemData"})
"""Members of a resource that its server makes; no body holds them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an item was read: the file, and the line of it, from one, where the item begins.

    `at` leads through the file's values to the item; `form` is the name of the form that it has there.
    """

    path: Path
    line: int = 1
    at: tuple[str | int, ...] = ()
    form: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Item:
    """What a PUT of the resource sends, and under which name.

    `name` is the resource's own name in its workspace, which stays the same from one run to the next and names the
    item in every message with `title`. `body` has `kind`, `properties`, `location`, `tags` and the like, never what
    the server makes (`SERVER_OWNED`). `parent` is the name of the resource that a child belongs to, empty for others.
    """

    kind: Kind
    name: str
    body: Mapping[str, Any]
    parent: str = ""
    source: Source | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        """What people call it: its display name, or its own name where it has none."""
        properties: Mapping[str, Any] = self.body.get("properties") or {}
        told = properties.get(self.kind.title)
        return str(told) if told else self.name

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same item in a file and in a workspace: names of resources are told apart without case."""
        return self.kind.name, self.parent.casefold(), self.name.casefold()
