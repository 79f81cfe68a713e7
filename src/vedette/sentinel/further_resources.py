"""Resources of Sentinel that are documents and no more, and those that only a connected service could fill."""

from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import not_found, shown
from vedette.arm.envelope import received_body
from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Body
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.sentinel.extension import extension, with_last_modified
from vedette.state.documents import Document

_STATES = {
    each.lower(): each
    for each in ("Active", "InProgress", "Dismissed", "CompletedByUser", "CompletedByAction", "CompletedBySystem")
}


def _validate_setting(_context: Context, _call: Call, body: Body) -> Body:
    if str(body.get("kind", "")).lower() != "anomaly":
        raise InvalidInput("BadRequest", "'kind' is Anomaly.", target="kind")
    return body | {"kind": "Anomaly"}


def _patch_recommendation(context: Context, call: Call) -> Answer:
    """PATCH: only its state can be changed, and whether it is shown."""
    sent = received_body(call.body, frozenset())["properties"]
    changes: dict[str, Any] = {name: sent[name] for name in ("state", "hideUntilTimeUtc") if name in sent}
    if "state" in changes:
        state = _STATES.get(str(changes["state"]).lower())
        if state is None:
            raise InvalidInput("BadRequest", f"'properties.state' is one of {', '.join(_STATES.values())}.")
        changes["state"] = state
    return _changed(context, call, changes | {"lastModifiedTimeUtc": arm_time(context.clock.now())})


def _evaluate(context: Context, call: Call, _document: Document) -> Answer:
    """POST `triggerEvaluation`: recommendations are made elsewhere; that it was looked at is noted."""
    return _changed(context, call, {"lastEvaluatedTimeUtc": arm_time(context.clock.now())})


def _changed(context: Context, call: Call, changes: dict[str, Any]) -> Answer:
    with context.state.transaction() as transaction:
        existing = transaction.get(call.path.id)
        if existing is None:
            raise not_found(RECOMMENDATIONS, call.path)
        body = existing.body | {"properties": existing.body["properties"] | changes}
        document, _ = transaction.put(
            id=existing.id, type=existing.type, scope=existing.scope, name=existing.name, body=body
        )
    return Answer(200, shown(context, RECOMMENDATIONS, call, document))


METADATA = extension("metadata", "metadata", key="metadataName", methods=PATCHED_METHODS)

SECURITY_ML_ANALYTICS_SETTINGS = extension(
    "setting",
    "securityMLAnalyticsSettings",
    key="settingsResourceName",
    read_only=frozenset({"lastModifiedUtc"}),
    validate=_validate_setting,
    fill=with_last_modified,
)

OFFICE_CONSENTS = extension("consent", "officeConsents", methods=frozenset({"GET", "LIST", "DELETE"}))
"""They are given in Microsoft 365; none are here, unless a backup brings them."""

RECOMMENDATIONS = extension(
    "recommendation",
    "recommendations",
    methods=READ_METHODS | {"PATCH"},
    handlers={"PATCH": _patch_recommendation},
    actions={"triggerEvaluation": _evaluate},
)
BILLING_STATISTICS = extension("billing statistic", "billingStatistics", methods=READ_METHODS)
"""Of solutions that are paid for by use, of which there are none here."""
