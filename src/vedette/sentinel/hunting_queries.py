"""Hunting queries: saved searches of the category of that name, with their tactics and techniques among their tags.

https://learn.microsoft.com/azure/sentinel/hunting
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.errors import NotFound
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.state.documents import Document
from vedette.state.store import StateStore

CATEGORY = "hunting queries"


@dataclass(frozen=True, slots=True)
class HuntingQuery:
    """A saved search that is hunted with: its ARM id, its name and display name, and its text."""

    id: str
    name: str
    display_name: str
    query: str
    description: str
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]

    def is_of(self, tactics: Sequence[str], techniques: Sequence[str]) -> bool:
        """Whether it has one of the tactics and one of the techniques; a technique stands for those below it too."""
        wanted = [each.lower() for each in techniques]
        own = [each.lower() for each in self.techniques]
        of_tactic = not tactics or bool({each.lower() for each in tactics} & {each.lower() for each in self.tactics})
        return of_tactic and (
            not wanted or any(each == one or each.startswith(f"{one}.") for each in own for one in wanted)
        )


def hunting_queries(state: StateStore, workspace: Workspace) -> list[HuntingQuery]:
    """The hunting queries of a workspace, by their display names."""
    found = [_read(document) for document in state.list(SAVED_SEARCH, workspace.resource_id)]
    return sorted((each for each in found if each is not None), key=lambda each: each.display_name.lower())


def named_queries(state: StateStore, workspace: Workspace, names: Sequence[str]) -> list[HuntingQuery]:
    """The hunting queries of these names, display names or ARM ids, in their order. Raises NotFound."""
    known: dict[str, HuntingQuery] = {}
    for each in hunting_queries(state, workspace) if names else ():
        for key in (each.name, each.display_name, each.id):
            known.setdefault(key.lower(), each)
    missing = next((name for name in names if name.lower() not in known), None)
    if missing is not None:
        raise NotFound("NotFound", f"There is no hunting query '{missing[:200]}' in the workspace '{workspace.name}'.")
    return [known[name.lower()] for name in names]


def _read(document: Document) -> HuntingQuery | None:
    properties: Mapping[str, Any] = document.body.get("properties", {})
    if str(properties.get("category", "")).strip().lower() != CATEGORY:
        return None
    tags = {str(tag.get("name", "")).lower(): str(tag.get("value") or "") for tag in properties.get("tags") or []}
    return HuntingQuery(
        document.id,
        document.name,
        str(properties.get("displayName", "")),
        str(properties.get("query", "")),
        tags.get("description", ""),
        _listed(tags.get("tactics", "")),
        _listed(tags.get("techniques", "")) or _listed(tags.get("relevanttechniques", "")),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
