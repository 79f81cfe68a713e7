"""Cases: what incidents were called in api-version 2019-01-01-preview. The same incidents, in the words of then.

https://github.com/Azure/azure-rest-api-specs (securityinsights 2019-01-01-preview, Cases.json)
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, list_documents, not_found, put
from vedette.arm.envelope import envelope, received_etag
from vedette.arm.resource import Source
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, list_of, one_of
from vedette.core.errors import InvalidInput
from vedette.detect.alert import ALERT_KIND
from vedette.detect.incidents import COMMENT, INCIDENT, RELATION
from vedette.detect.relations import related_names
from vedette.sentinel.extension import extension
from vedette.sentinel.incidents import INCIDENTS
from vedette.sentinel.time_windows import body_field
from vedette.state.documents import Document
from vedette.state.store import Transaction

CASE = "Microsoft.SecurityInsights/cases"

Json = dict[str, Any]

_STATUSES = {"Draft": "New", "New": "New", "InProgress": "Active", "Closed": "Closed"}
_SEVERITIES = {"Critical": "High", **{each: each for each in ("High", "Medium", "Low", "Informational")}}
_REASONS = {
    "Resolved": "Undetermined",
    "Dismissed": "BenignPositive",
    "TruePositive": "TruePositive",
    "FalsePositive": "FalsePositive",
    "Other": "Undetermined",
}
_IN_CASES = {
    "status": {"New": "New", "Active": "InProgress", "Closed": "Closed"},
    "severity": {each: each for each in _SEVERITIES},
    "closeReason": {"BenignPositive": "Dismissed", "Undetermined": "Resolved"},
}
_NAMES = {
    "lastupdatedtimeutc": "lastModifiedTimeUtc",
    "starttimeutc": "firstActivityTimeUtc",
    "endtimeutc": "lastActivityTimeUtc",
    "casenumber": "incidentNumber",
    "closereason": "classification",
    "closedreasontext": "classificationComment",
}
_LABELS = list_of(any_text)
_PATH_OR_TEXT = re.compile(r"'(?:[^']|'')*'|properties/(\w+)")


def incident_path(path: ResourcePath) -> ResourcePath:
    """The incident's place that a case's, or that of something below one, stands for."""
    return ResourcePath(path.scope, path.namespace, path.root, ("incidents", *path.types[1:]), path.names)


def incident_of(context: Context, path: ResourcePath) -> Document | None:
    """The incident of a case's place."""
    return context.state.get(incident_path(path).id)


def _sent(body: Any) -> Json:
    """A case's properties by their folded names. Raises InvalidInput (InvalidRequestContent)."""
    given = body_field(body, "properties")
    if not isinstance(given, dict):
        raise InvalidInput("InvalidRequestContent", "The request content must be a JSON object with 'properties'.")
    return {name.lower(): each for name, each in cast("Json", given).items()}


def _properties_of_incident(case: Json) -> Json:
    """What was sent of a case in the words of incidents. Raises InvalidInput (InvalidParameter)."""
    status = one_of(*_STATUSES)("properties.status", case.get("status"))
    properties: Json = {
        "title": case.get("title"),
        "description": case.get("description"),
        "status": _STATUSES[status],
        "severity": _SEVERITIES[one_of(*_SEVERITIES)("properties.severity", case.get("severity"))],
        "firstActivityTimeUtc": case.get("starttimeutc"),
        "lastActivityTimeUtc": case.get("endtimeutc"),
        "labels": [{"labelName": label} for label in _LABELS("properties.labels", case.get("labels") or [])],
        "owner": _owner(case.get("owner")),
    }
    if status == "Closed":
        reason = one_of(*_REASONS)("properties.closeReason", case.get("closereason") or "Other")
        properties |= {"classification": _REASONS[reason], "classificationComment": case.get("closedreasontext")}
    return properties


def _owner(value: Any) -> Json:
    sent = cast("Json", value) if isinstance(value, dict) else {}
    return {"objectId": sent.get("objectId"), "email": sent.get("email"), "assignedTo": sent.get("name")}


def _case(context: Context, incident: Document, said: Mapping[str, str]) -> Json:
    """An incident as a case. `said` is what its caller said in words that incidents have not."""
    properties = incident.body["properties"]
    owner, additional = properties["owner"], properties["additionalData"]
    alerts = related_names(context.state, incident.id, RELATION).get(ALERT_KIND, [])
    number = context.state.count(COMMENT, incident.id)
    last = context.state.list(COMMENT, incident.id, offset=number - 1, limit=1) if number else []
    case: Json = {
        "title": properties["title"],
        "description": properties.get("description"),
        "status": _worded(said, "status", properties["status"], _STATUSES),
        "severity": _worded(said, "severity", properties["severity"], _SEVERITIES),
        "labels": [label["labelName"] for label in properties["labels"]],
        "owner": {"objectId": owner.get("objectId"), "email": owner.get("email"), "name": owner.get("assignedTo")},
        "startTimeUtc": properties.get("firstActivityTimeUtc"),
        "endTimeUtc": properties.get("lastActivityTimeUtc"),
        "createdTimeUtc": properties["createdTimeUtc"],
        "lastUpdatedTimeUtc": properties["lastModifiedTimeUtc"],
        "caseNumber": properties["incidentNumber"],
        "relatedAlertIds": alerts,
        "relatedAlertProductNames": additional.get("alertProductNames", []),
        "tactics": additional.get("tactics", []),
        "totalComments": number,
        "metrics": {ALERT_KIND: len(alerts)},
        "lastComment": last[0].body["properties"]["message"] if last else None,
    }
    if properties["status"] == "Closed":
        case["closeReason"] = _worded(said, "closeReason", properties.get("classification", "Undetermined"), _REASONS)
        case["closedReasonText"] = properties.get("classificationComment")
    shown = {name: each for name, each in case.items() if each is not None}
    shown["owner"] = {name: each for name, each in case["owner"].items() if each is not None}
    return envelope(incident) | {
        "id": incident.id.replace(f"/{INCIDENT}/", f"/{CASE}/"),
        "type": CASE,
        "properties": shown,
    }


def _worded(said: Mapping[str, str], name: str, value: str, meaning: Mapping[str, str]) -> str:
    """What the caller said, as long as the incident still has what was meant by it; else the plainest word."""
    word = said.get(name)
    return word if word is not None and meaning.get(word) == value else _IN_CASES[name].get(value, value)


_WORDS = "Vedette.Words/cases"


def _said_id(incident_id: str) -> str:
    return f"{incident_id}/providers/{_WORDS}/default"


def _said(context: Context, incident: Document) -> Mapping[str, str]:
    document = context.state.get(_said_id(incident.id))
    return {} if document is None else cast("Mapping[str, str]", document.body)


def _get(context: Context, call: Call) -> Answer:
    incident = incident_of(context, call.path)
    if incident is None:
        raise not_found(CASES, call.path)
    return Answer(200, _case(context, incident, _said(context, incident)))


def _put(context: Context, call: Call) -> Answer:
    sent = _sent(call.body)
    words = _words(sent)
    body = {"properties": _properties_of_incident(sent), "etag": received_etag(call.body)}

    def keep_words(_context: Context, _call: Call, transaction: Transaction, incident: Document) -> None:
        transaction.put(id=_said_id(incident.id), type=_WORDS, scope=incident.id, name="default", body=words)

    resource = replace(INCIDENTS, after_put=keep_words)
    reply = put(context, resource, replace(call, path=incident_path(call.path), body=body))
    incident = incident_of(context, call.path)
    if incident is None:
        raise not_found(CASES, call.path)
    return Answer(reply.status, _case(context, incident, words))


def _words(case: Json) -> Json:
    """What a case says that an incident has no word for."""
    words = {
        "status": one_of(*_STATUSES)("properties.status", case.get("status")),
        "severity": one_of(*_SEVERITIES)("properties.severity", case.get("severity")),
    }
    reason = case.get("closereason")
    return words if reason is None else words | {"closeReason": one_of(*_REASONS)("properties.closeReason", reason)}


def _delete(context: Context, call: Call) -> Answer:
    return delete(context, INCIDENTS, replace(call, path=incident_path(call.path)))


def _list(context: Context, call: Call) -> Answer:
    """The incidents of the page, which may be filtered and ordered by the names of cases."""
    query = dict(call.query)
    for option in ("$filter", "$orderby"):
        if query.get(option):
            query[option] = _PATH_OR_TEXT.sub(_translated, query[option])

    def show(at: Context, _call: Call, document: Document) -> Json:
        shown = _case(at, document, _said(at, document))
        return {"id": shown["id"], "type": shown["type"], "properties": shown["properties"]}

    return list_documents(context, replace(INCIDENTS, show=show), replace(call, query=query))


def _translated(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name is None else f"properties/{_NAMES.get(name.lower(), name)}"


def _no_list(_context: Context, _path: ResourcePath) -> list[Document]:
    return []


CASES = extension(
    "case",
    CASE,
    key="caseId",
    page=1000,
    source=Source(find=incident_of, list=_no_list),
    handlers={"GET": _get, "PUT": _put, "DELETE": _delete, "LIST": _list},
)
