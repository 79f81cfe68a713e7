"""An alert with what it is about and what it is in, looked up no sooner than it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.instants import arm_time, instant_of
from vedette.detect.entity_documents import ENTITY, ENTITY_RELATION
from vedette.detect.incidents import INCIDENT
from vedette.detect.relations import related_documents
from vedette.graph_security.names import Product, product_of
from vedette.graph_security.triage import Triage, triage_of
from vedette.state.documents import Document
from vedette.state.store import StateStore


@dataclass(slots=True)
class FoundAlert:
    """An alert's document, read from `state`, and its workspace."""

    state: StateStore
    workspace: Workspace
    document: Document
    _triage: Triage | None = None
    _related: list[Document] | None = None
    properties: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.properties = self.document.body["properties"]

    @property
    def triage(self) -> Triage:
        """What Graph keeps of it."""
        if self._triage is None:
            self._triage = triage_of(self.state, self.document.id)
        return self._triage

    @property
    def entities(self) -> list[Document]:
        """What it is about."""
        return [each for each in self._found() if each.type == ENTITY]

    @property
    def incident(self) -> Document | None:
        """The incident that it is in, the latest of several."""
        incidents = [each for each in self._found() if each.type == INCIDENT]
        return incidents[-1] if incidents else None

    @property
    def status(self) -> str:
        """Its status, as the management API has it."""
        return str(self.properties.get("status") or "New")

    @property
    def rule_ids(self) -> str:
        """The rules that made it, as its row has them; empty for one of another product."""
        return str(self.additional.get("Analytic Rule Ids") or "")

    @property
    def additional(self) -> Mapping[str, Any]:
        """Its extended properties."""
        return self.properties.get("additionalData") or {}

    @property
    def product(self) -> Product:
        """The product that it comes from."""
        return product_of(str(self.properties.get("productName") or ""), by_rule=bool(self.rule_ids))

    @property
    def created(self) -> str:
        """When it was made."""
        return str(self.properties.get("timeGenerated") or arm_time(self.document.created))

    @property
    def updated(self) -> str:
        """When it was last changed: not before it was made, though the clock of a test may say so."""
        return arm_time(max(self.document.modified, instant_of(self.created)))

    def _found(self) -> list[Document]:
        if self._related is None:
            self._related = related_documents(self.state, self.document.id, ENTITY_RELATION)
        return self._related
