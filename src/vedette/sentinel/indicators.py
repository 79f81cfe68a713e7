"""Indicators of threat intelligence: documents, and the rows that each change of one writes.

https://learn.microsoft.com/rest/api/securityinsights/threat-intelligence-indicator
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.envelope import received_body
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of
from vedette.intelligence.indicator_documents import (
    DOCUMENT,
    INTELLIGENCE,
    SOURCE,
    Origin,
    Place,
    Sent,
    emit_deleted,
    name_of,
    put_indicator,
)
from vedette.intelligence.stix_indicator import comparisons, parsed_pattern
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.user_info import user_info
from vedette.sentinel.workspaces import newer_exists, workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

INDICATOR: Final = f"{INTELLIGENCE}/indicators"

_METHOD = "Management API"
_FROM_ELSEWHERE = frozenset({"stix", "graph"})
_HIDDEN = frozenset({"search", "createdBy", "lastModifiedBy", "method"}) | _FROM_ELSEWHERE
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
    sent = Sent(existing.name if existing else path.name, body["properties"])
    more = {name: value for name, value in body.items() if name not in _FROM_ELSEWHERE}
    origin, now = Origin(_METHOD, user_info(call.principal)), context.clock.now()
    return put_indicator(transaction, _place(context, path), path.id, sent, origin, now, existing, more)


def _place(context: Context, path: ResourcePath) -> Place:
    return Place(workspace_of(context, path), context.estate.tenant_id)


def _after_delete(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    emit_deleted(transaction, _place(context, call.path), [document], context.clock.now())


def create_indicator(context: Context, call: Call, document: Document) -> Answer:
    """POST `createIndicator`: the server names it, the same one for the same source and external id."""
    body = _validate(context, call, received_body(call.body, _READ_ONLY))
    properties = body["properties"]
    external = properties.get("externalId")
    name = name_of(document.id, properties.get("source", SOURCE), external) if external else context.new_id()
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
