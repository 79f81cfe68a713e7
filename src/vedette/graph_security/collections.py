"""The collections of Graph's security API: which documents each is over, and what of them the store can answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vedette.access.workspaces import Workspace
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import ENTITY
from vedette.detect.incidents import INCIDENT
from vedette.graph_security import alert, incident, legacy_alert
from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.incident_ids import read_incident_id
from vedette.graph_security.listing import Collection
from vedette.graph_security.names import (
    ALERT_STATES,
    INCIDENT_STATES,
    LEGACY_STATES,
    PRODUCTS,
    SEVERITIES,
    held_as,
)
from vedette.graph_security.narrowing import Field, Fields, Held
from vedette.graph_security.triage import Triage, triages_of
from vedette.state.conditions import Compare, Order
from vedette.state.documents import Document
from vedette.state.store import StateStore

_IS_ALERT: Final = Compare(("kind",), "eq", ALERT_KIND)
_CREATED: Final = ("properties", "timeGenerated")
NEWEST_ALERTS: Final = (Order(_CREATED, descending=True),)
NEWEST_INCIDENTS: Final = (Order(("properties", "createdTimeUtc"), descending=True),)


def _of(names: Mapping[str, str]) -> Held:
    return lambda value: held_as(names, value) or None


def _incident_state(value: object) -> Sequence[str] | None:
    """A closed incident may be one that is merged into another."""
    held = held_as(INCIDENT_STATES, value)
    return held if held and "Closed" not in held else None


def _keyword(value: object) -> Sequence[str] | None:
    """The names of the products of a keyword; what is none may be in the name of any other product."""
    names = tuple(name for name, product in PRODUCTS.items() if product.keyword.lower() == str(value).lower())
    return names or None


_ALERT_FIELDS: Final[Fields] = {
    ("id",): Field(("name",)),
    ("severity",): Field(("properties", "severity"), _of(SEVERITIES)),
    ("status",): Field(("properties", "status"), _of(ALERT_STATES)),
    ("createddatetime",): Field(_CREATED),
    ("lastupdatedatetime",): Field(("modified",)),
    ("firstactivitydatetime",): Field(("properties", "startTimeUtc")),
    ("lastactivitydatetime",): Field(("properties", "endTimeUtc")),
    ("title",): Field(("properties", "alertDisplayName")),
}
_LEGACY_FIELDS: Final[Fields] = {
    ("id",): Field(("name",)),
    ("severity",): Field(("properties", "severity"), _of(SEVERITIES)),
    ("status",): Field(("properties", "status"), _of(LEGACY_STATES)),
    ("createddatetime",): Field(_CREATED),
    ("lastmodifieddatetime",): Field(("modified",)),
    ("eventdatetime",): Field(("properties", "endTimeUtc")),
    ("vendorinformation", "provider"): Field(("properties", "productName"), _keyword),
    ("title",): Field(("properties", "alertDisplayName")),
}
_INCIDENT_FIELDS: Final[Fields] = {
    ("severity",): Field(("properties", "severity"), _of(SEVERITIES)),
    ("status",): Field(("properties", "status"), _incident_state),
    ("createddatetime",): Field(("properties", "createdTimeUtc")),
    ("lastupdatedatetime",): Field(("properties", "lastModifiedTimeUtc")),
    ("displayname",): Field(("properties", "title")),
}


@dataclass(frozen=True, slots=True)
class Tenant:
    """The documents, the tenant, the GUID of its first workspace, the workspaces of it that are looked at, by their
    folded ids, and of alerts that are looked at together what Graph keeps of them."""

    state: StateStore
    id: str
    own_workspace: str
    workspaces: Mapping[str, Workspace]
    triages: dict[str, Triage] = field(default_factory=dict[str, Triage])

    def alerts(self) -> Collection:
        """`/security/alerts_v2`."""
        return Collection(
            self.state,
            ENTITY,
            tuple(self.workspaces),
            _IS_ALERT,
            _ALERT_FIELDS,
            lambda document, whole: self.shown_alert(self.found(document), whole=whole),
            alert.OF_OTHERS,
            lambda documents: self.triages.update(triages_of(self.state, [each.id for each in documents])),
        )

    def legacy_alerts(self) -> Collection:
        """`/security/alerts`."""
        return replace(
            self.alerts(),
            fields=_LEGACY_FIELDS,
            show=lambda document, whole: self.shown_legacy_alert(self.found(document), whole=whole),
            of_others=legacy_alert.OF_OTHERS,
        )

    def incidents(self) -> Collection:
        """`/security/incidents`."""
        return Collection(
            self.state,
            INCIDENT,
            tuple(self.workspaces),
            None,
            _INCIDENT_FIELDS,
            lambda document, whole: self.shown_incident(document, whole=whole),
            incident.OF_OTHERS,
        )

    def shown_alert(self, found: FoundAlert, *, whole: bool = True) -> dict[str, Any]:
        """An alert of the present API."""
        return alert.shown_alert(found, self.id, self.own_workspace, whole=whole)

    def shown_legacy_alert(self, found: FoundAlert, *, whole: bool = True) -> dict[str, Any]:
        """An alert of the first API."""
        return legacy_alert.shown_legacy_alert(found, self.id, self.own_workspace, whole=whole)

    def shown_incident(self, document: Document, *, whole: bool = True) -> dict[str, Any]:
        """An incident, without its alerts."""
        workspace = self.workspaces[document.scope]
        return incident.shown_incident(self.state, document, workspace, self.id, self.own_workspace, whole=whole)

    def found(self, document: Document) -> FoundAlert:
        """The alert of a document of one of these workspaces."""
        triage = self.triages.get(document.id.lower())
        return FoundAlert(self.state, self.workspaces[document.scope], document, triage)

    def alert(self, id: str) -> FoundAlert | None:
        """The alert of an id, in the oldest of the workspaces that has one."""
        for workspace in self.workspaces.values():
            document = self.state.get(f"{workspace.resource_id}/providers/{ENTITY}/{id}")
            if document is not None and document.body.get("kind") == ALERT_KIND and "/" not in id:
                return self.found(document)
        return None

    def incident(self, id: str) -> Document | None:
        """The incident of an id."""
        read = read_incident_id(id, self.own_workspace)
        if read is None:
            return None
        number, workspace_id = read
        for scope, workspace in self.workspaces.items():
            if workspace.id.lower() == workspace_id.lower():
                has_number = Compare(("properties", "incidentNumber"), "eq", number)
                return next(iter(self.state.list(INCIDENT, scope, where=has_number, limit=1)), None)
        return None
