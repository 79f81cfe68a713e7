"""Hunting over HTTP, an API of Vedette's own: run hunting queries in one go, and promote what they find.

* `GET  /vedette/workspaces/{id}/hunting/queries`: the hunting queries, `tactic` and `technique` narrow them.
* `POST …/hunting/run`: `{queries?, tactics?, techniques?, timespan?, compare?}`; results and deltas of each query.
* `POST …/hunting/bookmarks`: `{query | savedSearch, timespan?, rows?, displayName?, notes?, labels?, tactics?,
  techniques?, entityMappings?, incident?}`; rows become bookmarks, and these an incident's.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import anyio
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api.acts import recorded
from vedette.api.arm_context import arm_context
from vedette.api.authentication import authorize
from vedette.api.json_response import JsonResponse
from vedette.api.query_log import caller_of
from vedette.api.query_request import read_json_body
from vedette.api.query_scope import of_workspace
from vedette.api.readable_workspace import named_workspace
from vedette.api.services import Services
from vedette.api.timespan import parse_timespan
from vedette.arm.call import Call
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.arm.shapes import any_text, fields, list_of, text, truth, whole
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.core.ids import derived_id
from vedette.core.instants import reckonable
from vedette.detect.arm_fields import invalid
from vedette.detect.incidents import BOOKMARK_KIND, INCIDENT, MAX_BOOKMARKS, RELATION
from vedette.detect.relations import related_names
from vedette.detect.results import Results
from vedette.detect.rule import EntityMapping
from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import Limits
from vedette.logs.query_record import Caller
from vedette.logs.result import QueryResult
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.logs.scope import QueryScope
from vedette.sentinel.hunt_runs import LIMITS, Stretch, run_hunt
from vedette.sentinel.hunting_queries import HuntingQuery, hunting_queries, named_queries
from vedette.sentinel.promotion import EntityColumns, Finding, bookmark_bodies
from vedette.sentinel.relations import BOOKMARK, bookmark_incident
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.state.documents import Document

MOST_PROMOTED: Final = 100
"""Rows that one call makes bookmarks of."""

_MOST_QUERIES: Final = 1000
_HUNTS: Final = 2  # at a time, of all callers: one may last minutes, and the queries of others do not wait for it
_VERSION: Final = "2024-01-01-preview"
_DEFAULT_SPAN: Final = "P1D"

_run_body = fields(
    {
        "queries": list_of(text, most=_MOST_QUERIES),
        "tactics": list_of(text),
        "techniques": list_of(text),
        "timespan": text,
        "compare": truth,
    }
)
_incident = fields({"id": text, "title": text, "severity": text, "description": any_text})
_field_mapping = fields({"identifier": text, "columnName": text}, required=("identifier", "columnName"))
_mapping = fields(
    {"entityType": text, "fieldMappings": list_of(_field_mapping, least=1, most=3)},
    required=("entityType", "fieldMappings"),
)
_promotion = fields(
    {
        "query": text,
        "savedSearch": text,
        "timespan": text,
        "rows": list_of(whole, least=1, most=MOST_PROMOTED),
        "displayName": text,
        "notes": any_text,
        "labels": list_of(text),
        "tactics": list_of(text),
        "techniques": list_of(text),
        "entityMappings": list_of(_mapping, most=10),
        "incident": _incident,
    }
)


def routes(services: Services) -> list[BaseRoute]:
    """Every call is authorized by the Azure actions of what it reads and writes."""
    hunting = _Hunting(services)
    base = "/vedette/workspaces/{workspace_id}/hunting"
    return [
        Route(f"{base}/queries", hunting.queries, methods=["GET"]),
        Route(f"{base}/run", hunting.run, methods=["POST"]),
        Route(f"{base}/bookmarks", hunting.promote, methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Hunter:
    """Who asks: the principal, the workspace with what may be read of it, and how records name the caller."""

    principal: Principal
    workspace: Workspace
    scope: QueryScope
    caller: Caller


async def hunter_of(request: Request, services: Services) -> Hunter:
    """The caller in the workspace of the path. Raises Unauthenticated, NotFound, Forbidden."""
    principal, workspace = await named_workspace(request, services)
    scope = of_workspace(services, principal, workspace).scope
    return Hunter(principal, workspace, scope, caller_of(request, principal))


class _Hunting:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._hunts = anyio.CapacityLimiter(_HUNTS)

    async def queries(self, request: Request) -> Response:
        """The hunting queries that the parameters let through."""
        hunter = await self._reader(request)
        narrowed = {name: request.query_params.getlist(name) for name in ("tactic", "technique")}
        read = partial(hunting_queries, self._services.state, hunter.workspace)
        found = await self._services.queries.run(hunter.principal, lambda _: read())
        shown = [asdict(each) for each in found if each.is_of(narrowed["tactic"], narrowed["technique"])]
        return JsonResponse({"value": [_camel(each) for each in shown]})

    async def run(self, request: Request) -> Response:
        """Run the queries that are named, or all that have the tactics and techniques."""
        hunter = await self._reader(request)
        sent = cast("dict[str, Any]", _run_body("body", await read_json_body(request)))
        stretch = _stretch(sent.get("timespan"), self._services.clock.now())
        compare = bool(sent.get("compare", True))

        def hunt(cancellation: Cancellation) -> dict[str, Any]:
            ask = partial(self._ask, hunter, cancellation)
            return run_hunt(ask, self._chosen(hunter.workspace, sent), stretch, compare=compare)

        queries, stopping = self._services.queries, self._services.stopping
        return await queries.answer(request, stopping, hunter.principal, hunt, self._hunts)

    async def promote(self, request: Request) -> Response:
        """Make bookmarks of rows, each once however often it is asked for, and put them into an incident."""
        hunter = await self._reader(request)
        sent = cast("dict[str, Any]", _promotion("body", await read_json_body(request)))
        base = self._services.addresses.base(request.headers.get("host"))
        work = partial(self._promoted, hunter, sent, base)
        return await self._services.queries.answer(request, self._services.stopping, hunter.principal, work)

    async def _reader(self, request: Request) -> Hunter:
        hunter = await hunter_of(request, self._services)
        place = hunter.workspace.resource_id
        authorize(self._services, hunter.principal, action=f"{SAVED_SEARCH}/read", scope=place)
        return hunter

    def _chosen(self, workspace: Workspace, sent: dict[str, Any]) -> list[HuntingQuery]:
        state = self._services.state
        if sent.get("queries"):
            return named_queries(state, workspace, sent["queries"])
        found = hunting_queries(state, workspace)
        return [each for each in found if each.is_of(sent.get("tactics") or (), sent.get("techniques") or ())]

    def _ask(
        self, hunter: Hunter, cancellation: Cancellation, query: str, start: datetime, end: datetime, limits: Limits
    ) -> QueryResult:
        return self._services.logs.query(
            hunter.scope,
            query,
            timespan=(start, end),
            now=end,
            limits=limits,
            cancellation=cancellation,
            caller=hunter.caller,
        )

    def _promoted(self, hunter: Hunter, sent: dict[str, Any], base: str, cancellation: Cancellation) -> dict[str, Any]:
        named = [sent["savedSearch"]] if "savedSearch" in sent else []
        saved = next(iter(named_queries(self._services.state, hunter.workspace, named)), None)
        query = sent.get("query") or (saved.query if saved else None)
        if query is None or (saved and "query" in sent):
            raise InvalidInput("InvalidInput", "Name either a 'savedSearch' or a 'query'.")
        stretch = _stretch(sent.get("timespan"), self._services.clock.now())
        finding = Finding(
            query,
            stretch.start,
            stretch.end,
            sent.get("displayName") or (saved.display_name if saved else "Bookmark"),
            sent.get("notes") or (saved.description if saved else ""),
            sent.get("labels") or (),
            sent.get("tactics") or (saved.tactics if saved else ()),
            sent.get("techniques") or (saved.techniques if saved else ()),
            _mappings(sent.get("entityMappings") or ()),
        )
        result = self._ask(hunter, cancellation, query, stretch.start, stretch.end, LIMITS)
        rows = _chosen_rows(result.rows(), sent.get("rows"))
        bodies = list(bookmark_bodies(finding, Results({each.name: each.type for each in result.columns}, rows)))
        put = partial(self._put, hunter.principal, base)
        return _Promotion(self._services, hunter, put).keep(bodies, sent.get("incident"))

    def _put(self, principal: Principal, base: str, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """A change by the management API itself, with its permissions, checks and records."""
        call = Call("PUT", parse_id(id), principal, {"api-version": _VERSION}, base, body)
        context = arm_context(self._services)
        reply = recorded(self._services.audit, RESOURCE_TYPES, call, partial(answer, context, RESOURCE_TYPES, call))
        return cast("dict[str, Any]", reply.body)


class _Promotion:
    """Keeps bookmarks, and an incident for them, by PUTs."""

    def __init__(self, services: Services, hunter: Hunter, put: Any) -> None:
        self._services = services
        self._principal = hunter.principal
        self._place = hunter.workspace.resource_id
        self._put = put

    def keep(self, bodies: Sequence[tuple[str, dict[str, Any]]], incident: dict[str, Any] | None) -> dict[str, Any]:
        """The bookmarks and the incident as they are kept; what is refused is refused before anything is kept. Raises
        what the management API raises."""
        if incident is None:
            return {"bookmarks": self._bookmarks(bodies), "incident": None}
        id, standing = self._incident(incident, [name for name, _body in bodies])
        bookmarks = self._bookmarks(bodies)
        joined = self._told(standing) if standing else self._opened(id, incident)
        for bookmark in bookmarks:
            if bookmark["name"] not in self._bookmarks_in(id):
                relation = f"{joined['id']}/relations/{derived_id('promoted', joined['id'].lower(), bookmark['name'])}"
                self._put(relation, {"properties": {"relatedResourceId": bookmark["id"]}})
        document = self._services.state.get(id)
        counts = document.body["properties"]["additionalData"] if document else {}
        return {"bookmarks": bookmarks, "incident": joined | {"bookmarksCount": counts.get("bookmarksCount", 0)}}

    def _bookmarks(self, bodies: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        return [self._put(self._bookmark_id(name), body) for name, body in bodies]

    def _bookmark_id(self, name: str) -> str:
        return f"{self._place}/providers/{BOOKMARK}/{name}"

    def _incident(self, asked: dict[str, Any], names: Sequence[str]) -> tuple[str, Document | None]:
        """The id of the incident that is named, or of one that the same findings find again, and what stands there; it
        can take the bookmarks. Raises InvalidInput, Forbidden, NotFound, Conflict."""
        name = str(asked.get("id") or derived_id("promoted", *sorted(names)))
        id = self._incident_id(name)
        self._authorize(f"{INCIDENT}/read", id)
        self._authorize(f"{RELATION}/write", id)
        standing = self._services.state.get(id)
        if standing is None:
            if "id" in asked:
                raise NotFound("NotFound", f"There is no incident '{name[:200]}'.")
            self._authorize(f"{INCIDENT}/write", id)
        together = {*names, *(self._bookmarks_in(id) if standing else ())}
        if len(together) > MAX_BOOKMARKS:
            raise InvalidInput(
                "BadRequest", f"The incident would have {len(together)} bookmarks; {MAX_BOOKMARKS} are allowed."
            )
        for each in names:
            elsewhere = bookmark_incident(self._services.state, self._bookmark_id(each))
            if elsewhere is not None and elsewhere[0].id.lower() != id.lower():
                raise Conflict("Conflict", f"The bookmark '{each}' is in the incident '{elsewhere[0].id}' already.")
        return id, standing

    def _incident_id(self, name: str) -> str:
        """The id of an incident of this workspace, by its name or by that id. Raises InvalidInput."""
        path = parse_id(name if "/" in name else f"{self._place}/providers/{INCIDENT}/{name}")
        is_incident = path.is_item and path.type.lower() == INCIDENT.lower()
        if not is_incident or path.scope.lower() != self._place.lower():
            raise InvalidInput("BadRequest", "'incident.id' is the name or the id of an incident of this workspace.")
        return path.id

    def _authorize(self, action: str, id: str) -> None:
        authorize(self._services, self._principal, action=action, scope=id)

    def _opened(self, id: str, asked: dict[str, Any]) -> dict[str, Any]:
        properties = {
            "title": asked.get("title") or "Hunting findings",
            "severity": asked.get("severity") or "Medium",
            "status": "New",
            **({"description": asked["description"]} if asked.get("description") else {}),
        }
        made = self._put(id, {"properties": properties})
        return {"id": made["id"], "name": made["name"], "title": made["properties"]["title"]}

    def _told(self, incident: Document) -> dict[str, Any]:
        return {"id": incident.id, "name": incident.name, "title": incident.body["properties"]["title"]}

    def _bookmarks_in(self, incident_id: str) -> list[str]:
        return related_names(self._services.state, incident_id, RELATION).get(BOOKMARK_KIND, [])


def _stretch(timespan: str | None, now: datetime) -> Stretch:
    start, end = parse_timespan(timespan or _DEFAULT_SPAN, now)
    if start is None or end is None or end - start > timedelta(days=400):
        raise InvalidInput("InvalidInput", "'timespan' has a start and an end, at most 400 days apart.")
    try:
        return Stretch(reckonable(start), reckonable(end))
    except ValueError as error:
        raise InvalidInput("InvalidInput", f"'timespan' cannot be hunted over: {error}.") from error


def _mappings(sent: Sequence[dict[str, Any]]) -> list[EntityColumns]:
    """The mappings as rules have them, checked as theirs are. Raises InvalidInput (BadRequest)."""
    try:
        read = [EntityMapping.model_validate(each) for each in sent]
    except ValidationError as error:
        raise invalid("bookmark", error) from error
    return [
        (each.entity_type, tuple((field.identifier, field.column_name) for field in each.field_mappings))
        for each in read
    ]


def _chosen_rows(rows: list[list[Any]], chosen: Sequence[int] | None) -> list[list[Any]]:
    if not rows:
        raise InvalidInput("InvalidInput", "The query gave no rows, so there is nothing to make bookmarks of.")
    if chosen is None:
        if len(rows) > MOST_PROMOTED:
            raise InvalidInput(
                "InvalidInput", f"The query gave {len(rows)} rows; name up to {MOST_PROMOTED} of them by 'rows'."
            )
        return rows
    if any(number < 0 or number >= len(rows) for number in chosen):
        raise InvalidInput(
            "InvalidInput", f"'rows' has numbers from 0 to {len(rows) - 1}; the query gave {len(rows)} rows."
        )
    return [rows[number] for number in dict.fromkeys(chosen)]


def _camel(told: dict[str, Any]) -> dict[str, Any]:
    return {("displayName" if name == "display_name" else name): each for name, each in told.items()}
