"""Assessments, their metadata and sub-assessments: what was found of a resource, by whoever assesses it.

Anybody may assess here, as partners and custom assessments do in Azure; the built-in ones, which Azure makes itself,
are fed in the same way. https://learn.microsoft.com/rest/api/defenderforcloud/assessments
"""

from typing import Any, Final

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.arm.resource_ids import parse_id
from vedette.core.instants import arm_time
from vedette.sentinel.defender.checks import inner, one_of, require_instants, require_texts
from vedette.sentinel.defender.types import ASSESSMENT_METADATA
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

Json = dict[str, Any]

SEVERITIES: Final = ("Low", "Medium", "High", "Critical")
STATES: Final = ("Healthy", "Unhealthy", "NotApplicable")
_TYPES: Final = (
    "BuiltIn",
    "CustomPolicy",
    "CustomerManaged",
    "VerifiedPartner",
    "ManualBuiltIn",
    "BuiltInPolicy",
    "ManualBuiltInPolicy",
    "ManualCustomPolicy",
    "DynamicBuiltIn",
    "Custom",
    "Unknown",
)
_PORTAL: Final = "portal.azure.com/#blade/Microsoft_Azure_Security/RecommendationsBlade/assessmentKey"


def validate_metadata(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`."""
    properties: Json = body["properties"]
    require_texts(
        properties, ("displayName", "description", "remediationDescription", "policyDefinitionId"), ("displayName",)
    )
    properties["severity"] = one_of(properties.get("severity"), SEVERITIES, "properties.severity")
    properties["assessmentType"] = one_of(properties.get("assessmentType"), _TYPES, "properties.assessmentType")
    return body | {"properties": properties}


def validate_assessment(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`: an assessment has a status, and is of a resource."""
    properties: Json = body["properties"]
    status = inner(properties, "status", needed=True)
    status = status | {"code": one_of(status.get("code"), STATES, "properties.status.code")}
    require_instants(status, ("firstEvaluationDate", "statusChangeDate"), "properties.status")
    metadata = inner(properties, "metadata")
    if "severity" in metadata:
        metadata["severity"] = one_of(metadata["severity"], SEVERITIES, "properties.metadata.severity")
    inner(properties, "resourceDetails")
    inner(properties, "additionalData")
    require_texts(properties, ("displayName",))
    return body | {"properties": properties | {"status": status}}


def fill_assessment(
    context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None
) -> Body:
    """What Azure says of an assessment besides what was found: since when it is so, what it is called, and of what."""
    properties: Json = body["properties"]
    now = arm_time(context.clock.now())
    before: Json = existing.body["properties"]["status"] if existing else {}
    same = before.get("code") == properties["status"]["code"]
    status = {
        "firstEvaluationDate": before.get("firstEvaluationDate", now),
        "statusChangeDate": before["statusChangeDate"] if same else now,
        **properties["status"],
    }
    details = {
        "source": "Azure",
        "id": call.path.scope,
        **_named(call.path.scope),
        **(properties.get("resourceDetails") or {}),
    }
    metadata = metadata_of(context.state, context.estate.subscription_resource_id, call.path.name, properties)
    kept = properties | {"status": status, "resourceDetails": details}
    name = properties.get("displayName") or metadata.get("displayName")
    return body | {"properties": kept | ({"displayName": name} if name else {})}


def show_assessment(context: Context, call: Call, document: Document) -> Body:
    """See `Resource`: metadata and links are shown to who asks for them with `$expand`."""
    properties: Json = document.body["properties"]
    asked = {each.strip().lower() for each in call.query.get("$expand", "").split(",")}
    shown = {name: each for name, each in properties.items() if name != "metadata"}
    if "metadata" in asked:
        shown["metadata"] = metadata_of(
            context.state, context.estate.subscription_resource_id, document.name, properties
        )
    if "links" in asked:
        shown["links"] = links_of(document)
    return document.body | {"properties": shown}


def metadata_of(state: StateStore | Transaction, subscription: str, name: str, properties: Json) -> Json:
    """What is said of all assessments of a name: by the assessment itself, else by its metadata in the subscription."""
    known = state.get(f"{subscription}/providers/{ASSESSMENT_METADATA}/{name}")
    return {**(known.body["properties"] if known else {}), **(properties.get("metadata") or {})}


def links_of(document: Document) -> Json:
    """Where an assessment is looked at in Azure's portal."""
    resource = document.id.lower().rpartition("/providers/microsoft.security/")[0]
    return {"azurePortal": f"{_PORTAL}/{document.name}/resourceId/{resource.replace('/', '%2f')}"}


def validate_sub_assessment(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`: it has a status."""
    properties: Json = body["properties"]
    status = inner(properties, "status", needed=True)
    status = status | {"code": one_of(status.get("code"), STATES, "properties.status.code")}
    if "severity" in status:
        status["severity"] = one_of(status["severity"], SEVERITIES, "properties.status.severity")
    require_texts(properties, ("displayName", "category", "description", "impact", "remediation", "id"))
    require_instants(properties, ("timeGenerated",))
    inner(properties, "resourceDetails")
    inner(properties, "additionalData")
    return body | {"properties": properties | {"status": status}}


def fill_sub_assessment(
    context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None
) -> Body:
    """See `Resource`."""
    properties: Json = body["properties"]
    before: Json = existing.body["properties"] if existing else {}
    filled = {
        "id": call.path.name,
        "timeGenerated": before.get("timeGenerated", arm_time(context.clock.now())),
        **properties,
        "resourceDetails": {"source": "Azure", "id": call.path.scope, **(properties.get("resourceDetails") or {})},
    }
    return body | {"properties": filled}


def _named(resource: str) -> Json:
    """What the id of a resource tells of it."""
    path = parse_id(resource)
    return {"resourceName": path.name, "resourceType": "/".join(path.types), "resourceProvider": path.namespace}
