"""The actions of the Microsoft Sentinel connector, as requests to this server's own management plane.

https://learn.microsoft.com/connectors/azuresentinel/#actions
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, unquote

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.arm.resource_ids import parse_id
from vedette.automation.trigger_bodies import alert_entity
from vedette.automation.workflows.definition import part
from vedette.automation.workflows.incident_changes import owner_of, tag_names, with_changes, with_labels
from vedette.automation.workflows.management import managed
from vedette.automation.workflows.outcomes import Done, failed
from vedette.automation.workflows.records import Record, repetition_name
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.incidents import INCIDENT, TASK
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import Json, parse_json, property_of, text_of
from vedette.state.documents import Document

if TYPE_CHECKING:
    from vedette.automation.workflows.effects import Parts

_VERSION: Final = "2024-03-01"
_PREVIEW: Final = "2024-01-01-preview"
_INSIGHTS: Final = "providers/Microsoft.SecurityInsights"
_ENTITIES: Final = {  # the path's last part: the kinds, and what the answer calls them
    "ip": ("IP", "IPs"),
    "host": ("Host", "Hosts"),
    "account": ("Account", "Accounts"),
    "url": ("URL", "URLs"),
    "filehash": ("FileHash", "Filehashes"),
    "dnsresolution": ("DNS", "Dnsresolutions"),
}
_TRIES = 5


class _Call:
    """One action of the connector: whose rights it has, and what it asks for."""

    def __init__(self, parts: "Parts", principal: Principal, run: Document, record: Record) -> None:
        self.parts = parts
        self.principal = principal
        inputs = part(record.inputs)
        self.given = inputs.get("body")
        self.body = part(self.given)
        self.queries = part(inputs.get("queries"))
        self.name = derived_id("action of a run", run.id, record.name, repetition_name(record.path))
        self.method = text_of(inputs.get("method") or "get").lower()
        self.path = "/" + unquote(unquote(text_of(inputs.get("path")))).strip("/")

    def ask(self, method: str, address: str, body: Any = None) -> Done:
        """A request to the management plane."""
        mark = "&" if "?" in address else "?"
        return managed(self.parts.manage, self.principal, method, f"{address}{mark}api-version={_VERSION}", body)

    def field(self, *names: str) -> Any:
        """The first of these properties of the body that is there, in any letter case."""
        return next((value for there, value in (property_of(self.body, each) for each in names) if there), None)

    def incident(self) -> str:
        """The ARM id of the incident that the body names. Raises ExpressionError."""
        return self._id("incidentArmId", INCIDENT, "an incident")

    def task(self) -> str:
        """The ARM id of the incident's task that the body names. Raises ExpressionError."""
        return self._id("taskArmId", TASK, "an incident's task")

    def _id(self, name: str, type: str, told: str) -> str:
        """The rights of a playbook reach further than this action: nothing but an id of the type is one."""
        given = text_of(self.field(name))
        try:
            path = parse_id(given)
        except InvalidInput as error:
            raise ExpressionError(f"The '{name}' is the ARM id of {told}: {error.message}") from error
        if not path.is_item or path.type.lower() != type.lower():
            raise ExpressionError(f"The '{name}' is the ARM id of {told}, not '{given[:200]}'.")
        return path.id


def carry_out(parts: "Parts", principal: Principal, run: Document, record: Record) -> Done:
    """Do what an action asks for. Raises ExpressionError; an operation that is not known fails by its name."""
    call = _Call(parts, principal, run, record)
    for method, pattern, work in _OPERATIONS:
        match = pattern.fullmatch(call.path)
        if method == call.method and match is not None:
            return work(call, match)
    return failed(
        "OperationNotSupported",
        f"The operation {call.method.upper()} '{call.path[:200]}' of the connector 'azuresentinel' is not known here.",
    )


def _get_incident(call: _Call, _match: re.Match[str]) -> Done:
    return call.ask("GET", call.incident())


def _update_incident(call: _Call, _match: re.Match[str]) -> Done:
    return _changed(call, call.incident(), lambda properties: with_changes(call.field, properties))


def _changed(call: _Call, incident: str, change: Callable[[Json], Json]) -> Done:
    """The incident after a change that is made to it as it is, again where somebody else was quicker."""
    found = call.ask("GET", incident)
    for _ in range(_TRIES):
        if found.status != "Succeeded":
            return found
        now = part(found.outputs["body"])
        answer = call.ask("PUT", incident, {"etag": now["etag"], "properties": change(now["properties"])})
        if answer.code != "Conflict":
            return answer
        found = call.ask("GET", incident)
    return found


def _comment(call: _Call, _match: re.Match[str]) -> Done:
    return _put_comment(call, call.incident(), text_of(call.field("message", "value")))


def _put_comment(call: _Call, incident: str, message: str) -> Done:
    return call.ask("PUT", f"{incident}/comments/{call.name}", {"properties": {"message": message}})


def _comment_on(call: _Call, match: re.Match[str]) -> Done:
    """The older form, whose path names the subscription, the workspace, the group and the incident or alert."""
    incident = _incident_of(call, match[1], match[3], match[2], match[4], match[5])
    if isinstance(incident, Done):
        return incident
    return _put_comment(call, incident, text_of(call.field("value", "message")))


def _change_property(call: _Call, match: re.Match[str]) -> Done:
    """The older form of changing one property: `/Incident/{sub}/{group}/{workspace}/{kind}/{id}/{property}/{value}`."""
    incident = _incident_of(call, match[1], match[2], match[3], match[4], match[5])
    if isinstance(incident, Done):
        return incident
    name, value = match[6].lower(), match[7]
    return _changed(call, incident, lambda properties: {**properties, name: value})


def _label(call: _Call, match: re.Match[str]) -> Done:
    incident = _incident_of(call, match[1], match[2], match[3], match[4], match[5])
    if isinstance(incident, Done):
        return incident
    names = tag_names(call.field("labels", "tags") if isinstance(call.given, dict) else call.given, "labels")
    added, removed = (names, set[str]()) if call.method == "put" else ([], {each.lower() for each in names})
    return _changed(
        call, incident, lambda known: {**known, "labels": with_labels(known.get("labels") or [], added, removed)}
    )


def _incident_of_alert(call: _Call, match: re.Match[str]) -> Done:
    incident = _incident_of(call, match[1], match[2], match[3], "Alert", match[4])
    return incident if isinstance(incident, Done) else call.ask("GET", incident)


def _incident_of(call: _Call, subscription: str, group: str, workspace: str, kind: str, id: str) -> str | Done:
    """The ARM id of an incident: by its name or number, or as that which an alert is in."""
    place = _workspace(call, subscription, group, workspace)
    if place is None:
        return failed("NotFound", f"The workspace '{workspace[:100]}' was not found.")
    root = f"{place.resource_id}/{_INSIGHTS}"
    if kind.lower() == "alert":
        relations = call.ask("GET", f"{root}/entities/{quote(id, safe='')}/relations")
        if relations.status != "Succeeded":
            relations = managed(
                call.parts.manage, call.principal, "GET",
                f"{root}/entities/{quote(id, safe='')}/relations?api-version={_PREVIEW}",
            )  # fmt: skip
        if relations.status != "Succeeded":
            return relations
        ids = [each["properties"]["relatedResourceId"] for each in part(relations.outputs["body"]).get("value", [])]
        found = next((each for each in ids if "/incidents/" in each.lower()), None)
        return found or failed("NotFound", f"The alert '{id[:100]}' is in no incident.")
    if id.isdecimal():
        listed = call.ask("GET", f"{root}/incidents?$filter=properties/incidentNumber eq {id}")
        values = part(part(listed.outputs)["body"]).get("value") or [] if listed.status == "Succeeded" else []
        return values[0]["id"] if values else failed("NotFound", f"The incident {id[:20]} was not found.")
    return f"{root}/incidents/{quote(id.rpartition('/')[2], safe='')}"


def _workspace(call: _Call, subscription: str, group: str, workspace: str) -> Workspace | None:
    """The workspace of a name, or of the GUID that triggers give."""
    found = call.parts.workspaces.by_id(workspace)
    if found is not None:
        return found
    id = (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{workspace}"
    )
    return call.parts.workspaces.by_resource_id(id)


def _create_incident(call: _Call, match: re.Match[str]) -> Done:
    place = _workspace(call, match[1], match[2], match[3])
    if place is None:
        return failed("NotFound", f"The workspace '{match[3][:100]}' was not found.")
    owner = call.field("ownerObjectIdOrUPN", "owner")
    properties: Json = {
        "title": call.field("title"),
        "severity": call.field("severity"),
        "status": call.field("status") or "New",
        "labels": [{"labelName": each} for each in tag_names(call.field("tags", "tagsToAdd"), "TagsToAdd")],
    }
    if call.field("description"):
        properties["description"] = call.field("description")
    if owner:
        properties["owner"] = owner if isinstance(owner, dict) else owner_of(text_of(owner))
    address = f"{place.resource_id}/{_INSIGHTS}/incidents/{call.name}"
    return call.ask("PUT", address, {"properties": properties})


def _add_task(call: _Call, _match: re.Match[str]) -> Done:
    properties = {"title": call.field("taskTitle", "title"), "status": "New"}
    if call.field("taskDescription", "description"):
        properties["description"] = call.field("taskDescription", "description")
    return call.ask("PUT", f"{call.incident()}/tasks/{call.name}", {"properties": properties})


def _complete_task(call: _Call, _match: re.Match[str]) -> Done:
    task = call.task()
    found = call.ask("GET", task)
    if found.status != "Succeeded":
        return found
    known = part(found.outputs["body"])["properties"]
    return call.ask("PUT", task, {"properties": {**known, "status": "Completed"}})


def _relate(call: _Call, _match: re.Match[str]) -> Done:
    """Add an alert to an incident, or take it out of it."""
    related = text_of(call.field("relatedResourceId", "alertArmId", "systemAlertId"))
    incident = call.incident()
    if related and not related.startswith("/"):
        related = f"{incident.rpartition('/incidents/')[0]}/entities/{related}"
    name = derived_id("relation", incident.lower(), related.lower())
    if call.method == "delete":
        return call.ask("DELETE", f"{incident}/relations/{name}")
    body = {"properties": {"relatedResourceId": related}}
    return call.ask("PUT", f"{incident}/relations/{name}", body)


def _incident_parts(call: _Call, match: re.Match[str]) -> Done:
    return call.ask("POST", f"{call.incident()}/{match[1].lower()}")


def _entities(call: _Call, match: re.Match[str]) -> Done:
    """The entities of one kind among those that the body has, as an incident or as an alert gives them."""
    kind, name = _ENTITIES[match[1].lower()]
    given: Any = parse_json(call.given) if isinstance(call.given, str) else call.given
    if given is None:
        given = []
    if not isinstance(given, list):
        raise ExpressionError("The body is a list of entities.")
    found = [_as_alert_entity(part(each)) for each in cast("list[Any]", given)]
    wanted = ENTITY_TYPES[kind].type
    return _answered({name: [each for each in found if text_of(each.get("Type")).lower() == wanted]})


def _as_alert_entity(entity: Json) -> Json:
    return alert_entity(entity) if isinstance(entity.get("properties"), dict) and "kind" in entity else entity


def _alert(call: _Call, match: re.Match[str]) -> Done:
    place = _workspace(call, match[1], match[2], match[3])
    if place is None:
        return failed("NotFound", f"The workspace '{match[3][:100]}' was not found.")
    address = f"{place.resource_id}/{_INSIGHTS}/entities/{quote(match[4], safe='')}"
    return managed(call.parts.manage, call.principal, "GET", f"{address}?api-version={_PREVIEW}")


def _watchlist_item(call: _Call, match: re.Match[str]) -> Done:
    return _watchlist(call, match, f"/watchlistItems/{call.name}", "PUT", {"properties": {"itemsKeyValue": call.body}})


def _update_watchlist_item(call: _Call, match: re.Match[str]) -> Done:
    item = quote(match[5], safe="")
    return _watchlist(call, match, f"/watchlistItems/{item}", "PUT", {"properties": {"itemsKeyValue": call.body}})


def _one_watchlist_item(call: _Call, match: re.Match[str]) -> Done:
    method = "DELETE" if call.method == "delete" else "GET"
    return _watchlist(call, match, f"/watchlistItems/{quote(match[5], safe='')}", method)


def _watchlist_items(call: _Call, match: re.Match[str]) -> Done:
    return _watchlist(call, match, "/watchlistItems", "GET")


def _one_watchlist(call: _Call, match: re.Match[str]) -> Done:
    return _watchlist(call, match, "", "GET")


def _watchlist(call: _Call, match: re.Match[str], below: str, method: str, body: Any = None) -> Done:
    place = _workspace(call, match[1], match[2], match[3])
    if place is None:
        return failed("NotFound", f"The workspace '{match[3][:100]}' was not found.")
    alias = quote(match[4], safe="")
    return call.ask(method, f"{place.resource_id}/{_INSIGHTS}/watchlists/{alias}{below}", body)


def _bookmark(call: _Call, match: re.Match[str]) -> Done:
    place = _workspace(call, match[1], match[2], match[3])
    if place is None:
        return failed("NotFound", f"The workspace '{match[3][:100]}' was not found.")
    named = match[4]
    address = f"{place.resource_id}/{_INSIGHTS}/bookmarks"
    if call.method == "get":
        return call.ask("GET", f"{address}/{quote(named, safe='')}" if named else address)
    if call.method == "delete":
        return call.ask("DELETE", f"{address}/{quote(named or '', safe='')}")
    properties = part(call.field("properties")) or call.body
    return call.ask("PUT", f"{address}/{quote(named or call.name, safe='')}", {"properties": properties})


def _answered(body: Json) -> Done:
    return Done({"statusCode": 200, "headers": {"Content-Type": "application/json; charset=utf-8"}, "body": body})


_PLACE = r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/workspaces/([^/]+)"

_OPERATIONS: tuple[tuple[str, re.Pattern[str], Callable[[_Call, re.Match[str]], Done]], ...] = tuple(
    (method, re.compile(pattern, re.IGNORECASE), work)
    for method, pattern, work in (
        ("put", r"/Incidents", _update_incident),
        ("post", r"/Incidents", _get_incident),
        ("post", r"/Incidents/Comment", _comment),
        ("post", r"/Incidents/CreateTask", _add_task),
        ("post", r"/Incidents/CompleteTask", _complete_task),
        ("put", r"/Incidents/CompleteTask", _complete_task),
        ("post", r"/Incidents/(alerts|entities|bookmarks)", _incident_parts),
        ("put", r"/Incidents/alerts", _relate),
        ("delete", r"/Incidents/alerts", _relate),
        ("put", rf"/Incidents{_PLACE}", _create_incident),
        ("post", rf"/Incidents{_PLACE}", _create_incident),
        ("get", rf"/Incidents{_PLACE}/alerts/([^/]+)", _incident_of_alert),
        ("get", rf"/Alerts{_PLACE}/alerts/([^/]+)", _alert),
        ("put", r"/Comment/([^/]+)/([^/]+)/([^/]+)/(Incident|Alert)/([^/]+)", _comment_on),
        (
            "put",
            r"/(?:Incident|Case)/([^/]+)/([^/]+)/([^/]+)/(Incident|Alert|Case)/([^/]+)/(severity|status|title|description)/(.+)",
            _change_property,
        ),
        ("put", r"/(?:Incident|Case)/([^/]+)/([^/]+)/([^/]+)/(Incident|Alert|Case)/([^/]+)/labels", _label),
        ("delete", r"/(?:Incident|Case)/([^/]+)/([^/]+)/([^/]+)/(Incident|Alert|Case)/([^/]+)/labels", _label),
        ("post", r"/entities/(ip|host|account|url|filehash|dnsresolution)", _entities),
        ("put", rf"/Watchlists{_PLACE}/watchlists/([^/]+)/watchlistItem", _watchlist_item),
        ("post", rf"/Watchlists{_PLACE}/watchlists/([^/]+)/watchlistItem", _watchlist_item),
        ("put", rf"/Watchlists{_PLACE}/watchlists/([^/]+)/watchlistItems?/([^/]+)", _update_watchlist_item),
        ("get", rf"/Watchlists{_PLACE}/watchlists/([^/]+)/watchlistItems?/([^/]+)", _one_watchlist_item),
        ("delete", rf"/Watchlists{_PLACE}/watchlists/([^/]+)/watchlistItems?/([^/]+)", _one_watchlist_item),
        ("get", rf"/Watchlists{_PLACE}/watchlists/([^/]+)/watchlistItems", _watchlist_items),
        ("get", rf"/Watchlists{_PLACE}/watchlists/([^/]+)", _one_watchlist),
        *((method, rf"/Bookmarks{_PLACE}/bookmarks(?:/([^/]+))?", _bookmark) for method in ("get", "put", "delete")),
    )
)
"""What each path of the connector does; the first that fits is it."""
