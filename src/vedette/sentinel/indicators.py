"""Indicators of threat intelligence: documents, and the rows that each change of one writes.

https://learn.microsoft.com/rest/api/securityinsights/threat-intelligence-indicator
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid5

from vedette.access.workspaces import Workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.envelope import received_body
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.sentinel.indicator_rows import LEGACY_TABLE, TABLE, legacy_row, observable_rows
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.stix_indicator import comparisons, parsed_pattern
from vedette.sentinel.user_info import user_info
from vedette.sentinel.workspaces import newer_exists, workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

INTELLIGENCE: Final = "Microsoft.SecurityInsights/threatIntelligence"
INDICATOR: Final = f"{INTELLIGENCE}/indicators"
DOCUMENT: Final = "Microsoft.SecurityInsights/ThreatIntelligence"
"""What an indicator says its type is, and is kept under."""

_SOURCE = "Microsoft Sentinel"
_METHOD = "Management API"
_HIDDEN = frozenset({"search", "createdBy", "lastModifiedBy"})
_NAMES = UUID("5b4f8c1e-3f5f-4c1e-9a39-0d6f2a1f5a11")  # of indicators, made of whose and which they are
_TIMES = ("validFrom", "validUntil", "created", "modified", "externalLastUpdatedTimeUtc")
_MOST_TAGS = 100


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    return body | {"kind": "indicator", "properties": _checked(body["properties"])}


def _checked(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The properties without texts that are empty. Raises InvalidInput."""
    properties = {name: value for name, value in sent.items() if value is not None and value != ""}
    if not isinstance(properties.get("pattern"), str):
        raise InvalidInput("BadRequest", "'properties.pattern' is missing.", target="properties.pattern")
    for name in _TIMES:
        if name in properties:
            _instant(name, properties[name])
    start, end = properties.get("validFrom"), properties.get("validUntil")
    if start and end and _instant("validUntil", end) <= _instant("validFrom", start):
        raise InvalidInput("BadRequest", "'properties.validUntil' must be later than 'properties.validFrom'.")
    confidence = properties.get("confidence")
    if confidence is not None and (not isinstance(confidence, int) or not 0 <= confidence <= 100):
        raise InvalidInput("BadRequest", "'properties.confidence' is a whole number from 0 to 100.")
    _check_tags(properties.get("threatIntelligenceTags") or [])
    found = comparisons(properties)
    kind = properties.get("patternType") or (found[0].object if found else "stix")
    return properties | {"patternType": kind, "parsedPattern": parsed_pattern(found)}


def _instant(name: str, value: Any) -> datetime:
    try:
        return instant_of(value)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            "BadRequest", f"'properties.{name}' is no date and time such as 2024-01-01T00:00:00Z."
        ) from (error)


def _check_tags(tags: Any) -> list[str]:
    texts = cast("list[Any]", tags) if isinstance(tags, list) else None
    if texts is None or len(texts) > _MOST_TAGS or not all(isinstance(each, str) for each in texts):
        raise InvalidInput("BadRequest", f"'threatIntelligenceTags' is a list of at most {_MOST_TAGS} strings.")
    return texts


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    return save(context, call, transaction, call.path, body, existing)


def save(
    context: Context, call: Call, transaction: Transaction, path: ResourcePath, body: Body, existing: Document | None
) -> Document:
    """Store an indicator of checked properties, with its rows."""
    workspace, by = workspace_of(context, path), user_info(call.principal)
    before: Mapping[str, Any] = existing.body["properties"] if existing else {}
    now = context.clock.now()
    if existing is not None:  # the newest row counts, also where a clock stands still
        now = max(now, instant_of(before["lastUpdatedTimeUtc"]) + timedelta(microseconds=1))
    sent: dict[str, Any] = body["properties"]
    name = existing.name if existing else path.name
    properties = {"source": _SOURCE, "revoked": False, "threatIntelligenceTags": []} | sent
    properties |= {
        "externalId": sent.get("externalId") or before.get("externalId") or f"indicator--{name}",
        "created": before.get("created") or arm_time(now),
        "lastUpdatedTimeUtc": arm_time(now),
    }
    kept = {
        **body,
        "properties": properties,
        "search": _search_text(properties),
        "createdBy": existing.body["createdBy"] if existing else by,
        "lastModifiedBy": by,
    }
    document, _ = transaction.put(id=path.id, type=DOCUMENT, scope=path.parent_id, name=name, body=kept)
    emit(context, transaction, workspace, name, properties, now, is_deleted=False)
    return document


def emit(
    context: Context,
    transaction: Transaction,
    workspace: Workspace,
    name: str,
    properties: Mapping[str, Any],
    now: datetime,
    *,
    is_deleted: bool,
) -> None:
    """Write the rows of an indicator as it is now."""
    transaction.emit(workspace.id, LEGACY_TABLE, legacy_row(name, properties, now, is_deleted=is_deleted))
    rows = observable_rows(workspace, context.estate.tenant_id, name, properties, _METHOD, now, is_deleted=is_deleted)
    transaction.emit_all(workspace.id, TABLE, rows)


def _search_text(properties: Mapping[str, Any]) -> str:
    """What keywords are looked for in."""
    texts = [properties.get(name) or "" for name in ("displayName", "description", "pattern", "externalId")]
    return "\n".join([*texts, *properties["threatIntelligenceTags"]]).lower()


def _after_delete(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    properties: Mapping[str, Any] = document.body["properties"]
    last = instant_of(properties["lastUpdatedTimeUtc"]) + timedelta(microseconds=1)
    now = max(context.clock.now(), last)
    workspace = workspace_of(context, call.path)
    emit(context, transaction, workspace, document.name, properties, now, is_deleted=True)


def create_indicator(context: Context, call: Call, document: Document) -> Answer:
    """POST `createIndicator`: the server names it, the same one for the same source and external id."""
    body = _validate(context, call, received_body(call.body, _READ_ONLY))
    properties = body["properties"]
    external = properties.get("externalId")
    whose = f"{document.id.lower()}\n{properties.get('source', _SOURCE)}\n{external}"
    name = str(uuid5(_NAMES, whose)) if external else context.new_id()
    path = parse_id(f"{document.id}/indicators/{name}")
    with context.state.transaction() as transaction:
        existing = transaction.get(path.id)
        made = save(context, call, transaction, path, body, existing)
    return Answer(201 if existing is None else 200, shown(context, INDICATORS, call, made))


def _append_tags(context: Context, call: Call, document: Document) -> Answer:
    """POST `appendTags`: `{threatIntelligenceTags}`, of which those that are there already change nothing."""
    body = received_body(call.body, frozenset())
    sent = body.get("threatIntelligenceTags", body["properties"].get("threatIntelligenceTags"))
    added = _check_tags(sent)
    with context.state.transaction() as transaction:
        existing = transaction.get(document.id) or document
        properties = dict(existing.body["properties"])
        tags = list(dict.fromkeys([*properties["threatIntelligenceTags"], *added]))
        changed = existing.body | {"properties": properties | {"threatIntelligenceTags": _check_tags(tags)}}
        saved = save(context, call, transaction, call.path, changed, existing)
    return Answer(200, shown(context, INDICATORS, call, saved))


def _replace_tags(context: Context, call: Call, document: Document) -> Answer:
    """POST `replaceTags`: an indicator whose tags, and no other properties, take the place of what is there, whatever
    its etag."""
    body = received_body(call.body, frozenset())
    tags = _check_tags(body["properties"].get("threatIntelligenceTags"))
    with context.state.transaction() as transaction:
        existing = transaction.get(document.id) or document
        properties = existing.body["properties"] | {"threatIntelligenceTags": tags}
        saved = save(context, call, transaction, call.path, existing.body | {"properties": properties}, existing)
    return Answer(200, shown(context, INDICATORS, call, saved))


def _show(_context: Context, _call: Call, document: Document) -> Body:
    return {name: value for name, value in document.body.items() if name not in _HIDDEN}


_READ_ONLY = frozenset({"lastUpdatedTimeUtc", "parsedPattern", "additionalData", "friendlyName"})

INDICATORS = Resource(
    INDICATOR,
    kept_as=DOCUMENT,
    parent=INTELLIGENCE,
    require=require_onboarded,
    read_only=_READ_ONLY,
    validate=_validate,
    write=_write,
    after_delete=_after_delete,
    actions={"appendTags": _append_tags, "replaceTags": _replace_tags},
    show=_show,
    newer_exists=newer_exists("indicator"),
    page=100,
)
