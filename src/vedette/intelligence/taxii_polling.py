"""Data connectors of kind ThreatIntelligenceTaxii at work: each is polled as often as it says, from where it stands on.

https://learn.microsoft.com/azure/sentinel/connect-threat-intelligence-taxii. Where a connector stands is stored after
each page, behind the objects of it: a page that is read twice changes nothing. How it goes is told in SentinelHealth
when that changes, and each hour while it fails.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final, cast

import structlog

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import Clock
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.ids import NewId
from vedette.core.instants import arm_time, instant_of
from vedette.core.settings import EgressSettings
from vedette.intelligence.destinations import CONNECTOR
from vedette.intelligence.importing import Feed, Imported, import_objects
from vedette.intelligence.indicator_documents import Origin
from vedette.intelligence.indicator_documents import Place as Target
from vedette.intelligence.stix_objects import TYPES
from vedette.intelligence.taxii_client import Collection, Fetch, Page, Place, fetching, read_page
from vedette.state.documents import Document
from vedette.state.store import StateStore

KIND: Final = "ThreatIntelligenceTaxii"
FREQUENCIES: Final[Mapping[str, timedelta]] = {
    "onceaminute": timedelta(minutes=1),
    "onceanhour": timedelta(hours=1),
    "onceaday": timedelta(days=1),
}
_USUAL: Final = FREQUENCIES["onceanhour"]
_RETRY: Final = timedelta(hours=1)
_SUMMARY: Final = timedelta(hours=1)
_MOST_PAGES: Final = 500  # of one poll
_SECONDS: Final = 60.0  # of one poll, so that a slow server keeps no other one waiting for longer
_UNFINISHED: Final = timedelta(minutes=1)
_STOPPING: Final = 2.0  # seconds
_HEALTH: Final = "SentinelHealth"

_log = structlog.get_logger(__name__)

SecretsOf = Callable[[str], Mapping[str, Any]]
"""The secrets of a connector by their names."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a connector stands: in the collection, when it is polled next, whether it goes well, and since when what is
    told of that."""

    place: Place = field(default_factory=Place)
    next: datetime | None = None
    status: str = ""
    told: datetime | None = None


class TaxiiPolling:
    """Polls the connectors of all workspaces, one after another, on a thread of its own."""

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        workspaces: Workspaces,
        tenant_id: str,
        secrets_of: SecretsOf,
        egress: EgressSettings,
        new_id: NewId,
    ) -> None:
        self._state = state
        self._clock = clock
        self._workspaces = workspaces
        self._tenant_id = tenant_id
        self._secrets_of = secrets_of
        self._fetch: Fetch = fetching(egress)
        self._new_id = new_id
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, now: datetime) -> None:
        """Poll what is due, unless that is going on; returns at once."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._stopped.is_set() or not self._due(now):
            return
        self._thread = threading.Thread(target=self._run, args=(now,), name="taxii", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin no other page; a server that does not answer is not waited for."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(_STOPPING)

    def poll_due(self, now: datetime) -> None:
        """Poll what is due, and return when it is done."""
        with self._lock:
            for connector, standing in self._due(now):
                if not self._stopped.is_set():
                    self._poll(connector, standing, now)

    def _run(self, now: datetime) -> None:
        try:
            self.poll_due(now)
        except Exception:
            if not self._stopped.is_set():
                _log.exception("polling TAXII servers failed; it is tried again")

    def _due(self, now: datetime) -> list[tuple[Document, Standing]]:
        found = [(each, self._standing(each)) for each in self._state.list(CONNECTOR) if _is_on(each)]
        return [(each, standing) for each, standing in found if standing.next is None or standing.next <= now]

    def _poll(self, connector: Document, standing: Standing, now: datetime) -> None:
        workspace = self._workspaces.by_resource_id(connector.scope)
        if workspace is None:
            return
        properties: Mapping[str, Any] = connector.body["properties"]
        every = frequency_of(properties)
        try:
            taken, standing, is_done = self._read(connector, workspace, standing)
        except Exception as error:
            if self._stopped.is_set():
                raise
            standing = replace(self._standing(connector), next=now + min(every, _RETRY))
            self._told(connector, workspace, standing, now, _reason(error, connector), {})
            return
        self._told(
            connector,
            workspace,
            replace(standing, next=now + (every if is_done else _UNFINISHED)),
            now,
            "",
            {"ObjectsCreated": taken.created, "ObjectsUpdated": taken.updated, "ObjectsRefused": taken.refused},
        )

    def _read(self, connector: Document, workspace: Workspace, standing: Standing) -> tuple[Imported, Standing, bool]:
        """What was read, where that ends, and whether that is all there is now."""
        collection = collection_of(connector, self._secrets_of(connector.id))
        feed = Feed(_name(connector), Origin("TAXII"), TYPES)
        target = Target(workspace, self._tenant_id)
        total, deadline = Imported(), monotonic() + _SECONDS
        for _ in range(_MOST_PAGES):
            if self._stopped.is_set():
                break
            page = self._page(collection, standing.place)
            known = [each for each in page.objects if _is_known(each)]
            taken = import_objects(self._state, self._clock, target, feed, known, soon=False)
            total = total.followed_by(taken)
            standing = replace(standing, place=page.next)
            self._keep(connector, standing)
            if not page.more:
                return total, standing, True
            if monotonic() > deadline:
                break
        return total, standing, False

    def _page(self, collection: Collection, place: Place) -> Page:
        try:
            return read_page(collection, place, self._fetch)
        except InvalidInput:
            if not place.following:
                raise
            # What the server named to read on from is no more: begin again after what is read for certain.
            return read_page(collection, replace(place, following=""), self._fetch)

    def _standing(self, connector: Document) -> Standing:
        with self._state.transaction() as transaction:
            value = transaction.get_value(_key(connector.id))
        if value is None or value["of"] != _of(connector):
            return Standing(Place(after=_first(connector.body["properties"])))
        told = value["told"]
        return Standing(
            Place(value["after"], value["following"], value["version"]),
            instant_of(value["next"]) if value["next"] else None,
            value["status"],
            instant_of(told) if told else None,
        )

    def _keep(self, connector: Document, standing: Standing) -> None:
        with self._state.transaction() as transaction:
            transaction.set_value(_key(connector.id), _encoded(connector, standing))

    def _told(
        self,
        connector: Document,
        workspace: Workspace,
        standing: Standing,
        now: datetime,
        reason: str,
        facts: Mapping[str, Any],
    ) -> None:
        """Keep how a poll went, and tell of it where that is news."""
        status = "Failure" if reason else "Success"
        changed = status != standing.status
        summary = bool(reason) and standing.told is not None and now - standing.told >= _SUMMARY
        with self._state.transaction() as transaction:
            if transaction.get(connector.id) is None:
                return
            told = now if changed or summary else standing.told
            kept = replace(standing, status=status, told=told)
            transaction.set_value(_key(connector.id), _encoded(connector, kept))
            if changed or summary:
                operation = "Data fetch status change" if changed else "Data fetch failure summary"
                row = _health(connector, workspace, operation, status, reason, facts, now, self._new_id())
                transaction.emit(workspace.id, _HEALTH, row)


def frequency_of(properties: Mapping[str, Any]) -> timedelta:
    """How often a connector is polled."""
    return FREQUENCIES.get(str(properties.get("pollingFrequency") or "").lower(), _USUAL)


def collection_of(connector: Document, secrets: Mapping[str, Any]) -> Collection:
    """The collection that a connector names. Raises InvalidInput (TaxiiFailed) where it names none."""
    properties: Mapping[str, Any] = connector.body["properties"]
    root, id = properties.get("taxiiServer"), properties.get("collectionId")
    if not isinstance(root, str) or not root or not isinstance(id, str) or not id:
        raise InvalidInput("TaxiiFailed", "The connector lacks 'taxiiServer', the API root, or 'collectionId'.")
    known = {name.lower(): str(value) for name, value in secrets.items()}
    return Collection(root, id, known.get("username", ""), known.get("password", ""))


def _reason(error: Exception, connector: Document) -> str:
    """What is told of a failure. One that nobody foresaw is logged too, and keeps no other connector from its turn."""
    if isinstance(error, VedetteError):
        return error.message
    _log.error("polling a TAXII server failed", connector=connector.id, exc_info=error)
    return f"What the server answered could not be read ({type(error).__name__})."


def _is_on(connector: Document) -> bool:
    if str(connector.body.get("kind", "")).lower() != KIND.lower():
        return False
    types: Any = connector.body.get("properties", {}).get("dataTypes")
    client = cast("dict[str, Any]", types).get("taxiiClient") if isinstance(types, dict) else None
    state = cast("dict[str, Any]", client).get("state") if isinstance(client, dict) else None
    return str(state or "Enabled").lower() != "disabled"


def _is_known(value: Any) -> bool:
    """Whether an object is of a type that is kept; a feed has others too, which nobody asked for."""
    return isinstance(value, dict) and cast("dict[str, Any]", value).get("type") in TYPES


def _first(properties: Mapping[str, Any]) -> str:
    """From when on objects are read at first: all, unless the connector says otherwise."""
    text = properties.get("taxiiLookbackPeriod")
    try:
        return arm_time(instant_of(str(text)).astimezone(UTC), "milliseconds") if text else ""
    except (ValueError, OverflowError):
        return ""


def _name(connector: Document) -> str:
    return str(connector.body["properties"].get("friendlyName") or connector.name)


def _key(connector_id: str) -> str:
    return f"taxii:{connector_id.lower()}"


def _of(connector: Document) -> list[str]:
    """What a standing is of: another collection, and a connector made anew, begin at the beginning."""
    properties: Mapping[str, Any] = connector.body["properties"]
    named = [str(properties.get(name) or "") for name in ("taxiiServer", "collectionId")]
    return [arm_time(connector.created), *named]


def _encoded(connector: Document, standing: Standing) -> dict[str, Any]:
    return {
        "of": _of(connector),
        "after": standing.place.after,
        "following": standing.place.following,
        "version": standing.place.version,
        "next": arm_time(standing.next) if standing.next else "",
        "status": standing.status,
        "told": arm_time(standing.told) if standing.told else "",
    }


def _health(
    connector: Document,
    workspace: Workspace,
    operation: str,
    status: str,
    reason: str,
    facts: Mapping[str, Any],
    now: datetime,
    id: str,
) -> dict[str, Any]:
    """https://learn.microsoft.com/azure/sentinel/health-table-reference"""
    return {
        "TimeGenerated": now,
        "OperationName": operation,
        "Status": status,
        "Description": reason or "Objects were read from the TAXII server.",
        "Reason": "TaxiiFailed" if reason else "",
        "RecordId": id,
        "SentinelResourceId": connector.id,
        "SentinelResourceKind": KIND,
        "SentinelResourceName": _name(connector),
        "SentinelResourceType": "Data connector",
        "SourceSystem": "Sentinel",
        "WorkspaceId": workspace.id,
        "ExtendedProperties": {"DestinationTable": "ThreatIntelIndicators", **facts},
    }
