"""The graph of an incident: its alerts, bookmarks and entities, and the alerts of elsewhere that share the entities.

https://learn.microsoft.com/azure/sentinel/investigate-incidents#investigate-incidents-visually-using-the-investigation-graph
"""

from collections.abc import Iterator
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.shapes import truth
from vedette.core.instants import arm_time, instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import ENTITY, ENTITY_RELATION, alert_entities, newest_alerts
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.incidents import BOOKMARK_KIND, RELATION
from vedette.detect.relations import related_documents, related_names
from vedette.sentinel.time_windows import TimeWindow, body_field, requested_window
from vedette.state.documents import Document
from vedette.state.store import StateStore

Node = dict[str, Any]

MOST_RELATED = 100
"""Alerts of elsewhere that a graph shows."""

_MOST_READ = 1000  # of one entity, to find those within the time that is asked for

_NESTED = {shown for known in ENTITY_TYPES.values() for shown in known.nested.values()}


def incident_graph(context: Context, call: Call, document: Document) -> Answer:
    """POST `graph`; with `includeRelatedAlerts` those within `startTime` and `endTime` too. Raises InvalidInput."""
    window = requested_window(call.body)
    include = truth("includeRelatedAlerts", body_field(call.body, "includeRelatedAlerts") or False)
    graph = _Graph(context.state)
    graph.add_incident(document)
    if include:
        _add_related(context.state, graph, window)
    nodes, edges = graph.shown()
    return Answer(200, {"nodes": nodes, "edges": edges})


def _add_related(state: StateStore, graph: "_Graph", window: TimeWindow) -> None:
    """The newest alerts of elsewhere of each entity, until there are as many as a graph shows."""
    for entity in graph.entities():
        for alert in newest_alerts(state, entity.id, _MOST_READ):
            if graph.related >= MOST_RELATED:
                return
            span = (instant_of(alert.body["properties"][name]) for name in ("startTimeUtc", "endTimeUtc"))
            if window.meets(*span):
                graph.add_related(entity, alert)


class _Graph:
    """Nodes by the id of what they stand for, and edges between them."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._documents: dict[str, Document] = {}
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, str], None] = {}
        self.related = 0

    def entities(self) -> list[Document]:
        """The entities among the nodes."""
        return [each for each in self._documents.values() if each.type == ENTITY and each.body["kind"] != ALERT_KIND]

    def shown(self) -> tuple[list[Node], list[dict[str, str]]]:
        """The nodes and edges as they are answered."""
        edges = [{"source": source, "target": target, "kind": kind} for source, target, kind in self._edges]
        return list(self._nodes.values()), edges

    def add_incident(self, incident: Document) -> None:
        """The incident, its alerts and bookmarks, and their entities."""
        self._node(incident, "Incident", incident.body["properties"]["title"])
        for joined in related_documents(self._state, incident.id, RELATION):
            if joined.body.get("kind") == ALERT_KIND:
                self._alert(joined)
                self._edge(incident, joined, "Alert")
                for entity in alert_entities(self._state, joined.id):
                    self._entity(entity)
                    self._edge(joined, entity, "Entity")
            elif joined.type == ENTITY:
                self._entity(joined)
                self._edge(incident, joined, "Entity")
            else:
                self._node(joined, BOOKMARK_KIND, joined.body["properties"]["displayName"])
                self._edge(incident, joined, BOOKMARK_KIND)
        self._bookmarked()

    def add_related(self, entity: Document, alert: Document) -> None:
        """An alert that is not in the incident, and shares an entity with it."""
        if alert.id not in self._nodes:
            self.related += 1
            self._alert(alert)
            incidents = related_names(self._state, alert.id, ENTITY_RELATION).get("", [])
            self._nodes[alert.id] |= {"isRelated": True, "incidentNames": incidents}
        if self._nodes[alert.id].get("isRelated"):
            self._edge(entity, alert, "RelatedAlert")

    def _alert(self, alert: Document) -> None:
        own = alert.body["properties"]
        self._node(alert, ALERT_KIND, own["alertDisplayName"])
        self._nodes[alert.id] |= {name: own[name] for name in ("severity", "startTimeUtc", "endTimeUtc") if name in own}

    def _entity(self, entity: Document) -> None:
        if entity.id in self._nodes:
            return
        self._node(entity, entity.body["kind"], entity.body["properties"]["friendlyName"])
        for id in _within(entity):
            inner = self._state.get(id)
            if inner is not None:
                self._entity(inner)
                self._edge(entity, inner, "PartOf")

    def _bookmarked(self) -> None:
        for entity in self.entities():
            for bookmark in related_documents(self._state, entity.id, ENTITY_RELATION, BOOKMARK_KIND):
                if bookmark.id in self._nodes:
                    self._edge(bookmark, entity, "Entity")

    def _node(self, document: Document, kind: str, name: str) -> None:
        self._documents.setdefault(document.id, document)
        self._nodes.setdefault(
            document.id,
            {"id": document.id, "kind": kind, "friendlyName": name, "createdTimeUtc": arm_time(document.created)},
        )

    def _edge(self, source: Document, target: Document, kind: str) -> None:
        self._edges.setdefault((source.id, target.id, kind))


def _within(entity: Document) -> Iterator[str]:
    """The ids of the entities within an entity."""
    for name, value in entity.body["properties"].items():
        if name in _NESTED:
            yield from value if isinstance(value, list) else [value]
