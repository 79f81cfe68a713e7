"""States and events as rows of the API: each with what was assigned, by which definition, and to which resource.

https://learn.microsoft.com/rest/api/policyinsights/policy-states
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import orjson

from vedette.access.scopes import covers, folded, root_group
from vedette.arm.context import Context
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.instants import instant_of
from vedette.policy.compliance import COMPLIANT
from vedette.policy.use import Use
from vedette.sentinel.policies.catalog import Catalog, find_document
from vedette.sentinel.policies.sweeping import LAST
from vedette.sentinel.policies.types import ASSIGNMENT, DEFINITION, EVENT, SET_DEFINITION, STATE
from vedette.state.documents import Document

Json = dict[str, Any]
_OF: Final = {
    ASSIGNMENT.lower(): "policyAssignmentId",
    DEFINITION.lower(): "policyDefinitionId",
    SET_DEFINITION.lower(): "policySetDefinitionId",
}


def state_rows(context: Context, catalog: Catalog, place: ResourcePath) -> Iterator[Json]:
    """The states of what is at a place or below it, or of an assignment or a definition."""
    looked = last_look(context)
    known = _Known(context, catalog)
    for document in _documents(context, STATE, place):
        path = parse_id(document.body["resource"]["id"])
        for record in document.body["states"]:
            row = known.row(document.body["resource"], path, record, max(record["since"], looked))
            if row is not None and _is_of(row, place):
                yield row


def event_rows(context: Context, catalog: Catalog, place: ResourcePath) -> Iterator[Json]:
    """The events of what is at a place or below it, the newest first."""
    known = _Known(context, catalog)
    for document in reversed(_documents(context, EVENT, place)):
        path = parse_id(document.body["resource"]["id"])
        row = known.row(document.body["resource"], path, document.body, document.body["at"], gone=True)
        if row is not None and _is_of(row, place):
            yield row


def last_look(context: Context) -> str:
    """When everything was looked at last, as rows write instants; "" where that was never."""
    with context.state.transaction() as transaction:
        return str(transaction.get_value(LAST) or "")


def _documents(context: Context, type: str, place: ResourcePath) -> list[Document]:
    subscription = context.estate.subscription_resource_id
    if place.type.lower() in _OF or not covers(subscription, place.id):
        return context.state.list(type, subscription, below=True)
    return context.state.list(type, place.id, below=True)


def _is_of(row: Json, place: ResourcePath) -> bool:
    named = _OF.get(place.type.lower())
    if named is None:
        return True
    wanted = place.id
    return folded(str(row[named])) == folded(wanted) or (
        named != "policyAssignmentId" and folded(str(row[named])) == folded(f"/providers/{place.type}/{place.name}")
    )


class _Known:
    """What rows tell of assignments and definitions, found once each."""

    def __init__(self, context: Context, catalog: Catalog) -> None:
        self._context = context
        self._uses = {(each.assignment.id.lower(), each.reference_id.lower()): each for each in catalog.uses}
        self._documents = catalog.documents
        self._told: dict[tuple[str, str], Json] = {}
        self._group = root_group(context.estate.tenant_id).rpartition("/")[2]

    def row(self, resource: Json, path: ResourcePath, record: Json, at: str, *, gone: bool = False) -> Json | None:
        """The row of a record; None for an assignment that is gone, unless such are told."""
        key = (record["assignment"].lower(), record["reference"].lower())
        use = self._uses.get(key)
        if use is None and not gone:
            return None
        if key not in self._told:
            self._told[key] = self._of_use(record, use)
        tags = resource.get("tags")
        row: Json = {
            "timestamp": at,
            "resourceId": resource["id"],
            **self._told[key],
            "isCompliant": record["state"] == COMPLIANT,
            "complianceState": record["state"],
            "subscriptionId": self._context.estate.subscription_id,
            "resourceType": resource["type"],
            "resourceLocation": resource["location"],
            "resourceGroup": path.resource_group or "",
            "resourceTags": _tags(tags),
            "policyDefinitionAction": record["effect"].lower(),
            "managementGroupIds": self._group,
        }
        if "deployment" in record:
            row["deployment"] = record["deployment"]
        return row

    def _of_use(self, record: Json, use: Use | None) -> Json:
        assignment = self._documents.get(record["assignment"].lower())
        definition = find_document(self._context, record["definition"], DEFINITION)
        properties: Json = definition.body["properties"] if definition is not None else {}
        initiative = use.initiative if use is not None else None
        name = parse_id(record["assignment"]).name
        return {
            "policyAssignmentId": record["assignment"],
            "policyAssignmentName": name,
            "policyAssignmentOwner": "",
            "policyAssignmentParameters": _text(assignment.body["properties"].get("parameters")) if assignment else "",
            "policyAssignmentScope": record["assignment"].rpartition("/providers/")[0],
            "policyAssignmentVersion": "",
            "effectiveParameters": _effective(use) if use is not None else "",
            "policyDefinitionId": record["definition"],
            "policyDefinitionName": parse_id(record["definition"]).name,
            "policyDefinitionCategory": str((properties.get("metadata") or {}).get("category") or ""),
            "policyDefinitionVersion": str(properties.get("version") or ""),
            "policyDefinitionReferenceId": record["reference"],
            "policyDefinitionGroupNames": list(use.groups) if use is not None else [],
            "policySetDefinitionId": initiative.id if initiative else "",
            "policySetDefinitionName": initiative.name if initiative else "",
            "policySetDefinitionOwner": "",
            "policySetDefinitionCategory": initiative.category if initiative else "",
            "policySetDefinitionParameters": "",
            "policySetDefinitionVersion": initiative.version if initiative else "",
        }


def _effective(use: Use) -> str:
    defined = use.definition.parameters
    return _text({defined[name].name: {"value": each} for name, each in use.values.items()})


def _tags(tags: Any) -> str:
    return _text(tags)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode() if value else ""


def within(row: Json, begins: datetime, ends: datetime) -> bool:
    """Whether a row is of a time."""
    return begins <= instant_of(row["timestamp"]) <= ends
