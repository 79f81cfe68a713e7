"""`threatIntelligence/main`: what is asked of all indicators of a workspace, and how many there are of each kind.

A list that a POST asks for goes on with a GET of its `nextLink`, so a link holds what was asked.
"""

import base64
import binascii
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.resource import Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.formats.stix_pattern import Comparison
from vedette.intelligence.indicator_documents import DOCUMENT, INTELLIGENCE, NOBODY
from vedette.intelligence.indicator_rows import observables
from vedette.intelligence.object_documents import OBJECT
from vedette.intelligence.stix_indicator import comparisons, stix_indicator
from vedette.intelligence.stix_objects import INDICATOR
from vedette.sentinel.chosen_pages import documents_behind
from vedette.sentinel.indicator_query import (
    criteria_condition,
    criteria_order,
    object_condition,
    object_order,
    stix_type,
)
from vedette.sentinel.indicators import INDICATORS, create_indicator
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.workspaces import WORKSPACE
from vedette.state.conditions import Condition, Order
from vedette.state.documents import Document

_MAIN = "main"
_PAGE = 100
_LARGEST_PAGE = 1000
_LONGEST = 6_000  # characters of a token, which an address has room for
_UNPACKED = 1_000_000
_NO_RULES = "00000000-0000-0000-0000-000000000000"

Shown = Callable[[Context, Call, Document], dict[str, Any]]


def _find(context: Context, path: ResourcePath) -> Document | None:
    if path.name.lower() != _MAIN:
        return None
    now = context.clock.now()
    return Document(path.id, INTELLIGENCE, path.parent_id.lower(), path.name, "", {}, now, now)


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("InvalidRequestContent", "The request content must be a JSON object.")
    sent = cast("dict[str, Any]", value)
    inner = sent.get("properties")
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) and "condition" not in sent else sent


def _query_indicators(context: Context, call: Call, _document: Document) -> Answer:
    criteria = _object(call.body)
    token = criteria.pop("skipToken", None)
    return _indicators(context, call, criteria, _asked(token)[1] if token else 0)


def _more_indicators(context: Context, call: Call) -> Answer:
    criteria, offset = _asked(_token(call))
    return _indicators(context, replace(call, path=_above(call.path)), criteria, offset)


def _indicators(context: Context, call: Call, criteria: Mapping[str, Any], offset: int) -> Answer:
    size = _size(criteria.get("pageSize"), "pageSize")
    where, order = criteria_condition(criteria), criteria_order(criteria)
    return _page(context, call, "queryIndicators", criteria, where, order, size, offset, _as_resource)


def _as_resource(context: Context, call: Call, document: Document) -> dict[str, Any]:
    return shown(context, INDICATORS, call, document)


def _query(context: Context, call: Call, _document: Document) -> Answer:
    return _objects(context, call, _object(call.body), 0)


def _more_objects(context: Context, call: Call) -> Answer:
    query, offset = _asked(_token(call))
    return _objects(context, replace(call, path=_above(call.path)), query, offset)


def _objects(context: Context, call: Call, query: Mapping[str, Any], offset: int) -> Answer:
    size = _size(query.get("maxPageSize"), "maxPageSize")
    kind = stix_type(query)
    where, order = object_condition(query, kind, context.clock.now()), object_order(query, kind)
    if kind == INDICATOR:
        return _page(context, call, "query", query, where, order, size, offset, _as_object)
    return _page(context, call, "query", query, where, order, size, offset, _as_other_object, OBJECT)


def _as_object(_context: Context, _call: Call, document: Document) -> dict[str, Any]:
    """An indicator as the newer API shows threat intelligence of any kind."""
    properties = document.body["properties"]
    found: Sequence[Comparison] = comparisons(properties)
    changed = arm_time(instant_of(properties["lastUpdatedTimeUtc"]))
    return {
        "id": document.id,
        "name": document.name,
        "type": document.type,
        "kind": "Indicator",
        "properties": {
            "data": document.body.get("stix") or stix_indicator(properties),
            "observables": [{"key": key, "value": value} for key, value in observables(found)],
            "createdBy": document.body.get("createdBy", NOBODY),
            "source": properties["source"],
            "firstIngestedTimeUtc": properties["created"],
            "lastIngestedTimeUtc": changed,
            "ingestionRulesVersion": _NO_RULES,
            "lastUpdateMethod": document.body.get("method") or "Management API",
            "lastModifiedBy": document.body.get("lastModifiedBy", NOBODY),
            "lastUpdatedDateTimeUtc": changed,
            "relationshipHints": [],
        },
    }


def _as_other_object(_context: Context, _call: Call, document: Document) -> dict[str, Any]:
    """A STIX object that is no indicator."""
    body = document.body
    return {
        "id": document.id,
        "name": document.name,
        "type": DOCUMENT,
        "kind": "".join(part.capitalize() for part in str(body["kind"]).split("-")),
        "properties": {
            "data": body["stix"],
            "createdBy": body["createdBy"],
            "source": body["source"],
            "firstIngestedTimeUtc": body["first"],
            "lastIngestedTimeUtc": body["changed"],
            "ingestionRulesVersion": _NO_RULES,
            "lastUpdateMethod": body["method"],
            "lastModifiedBy": body["lastModifiedBy"],
            "lastUpdatedDateTimeUtc": body["changed"],
            "relationshipHints": [],
        },
    }


def _count(context: Context, call: Call, document: Document) -> Answer:
    query = _object(call.body)
    kind = stix_type(query)
    where = object_condition(query, kind, context.clock.now())
    kept_as = DOCUMENT if kind == INDICATOR else OBJECT
    return Answer(200, {"count": context.state.count(kept_as, document.id, where=where)})


def _page(
    context: Context,
    call: Call,
    name: str,
    asked: Mapping[str, Any],
    where: Condition | None,
    order: Sequence[Order],
    size: int,
    offset: int,
    show: Shown,
    kept_as: str = DOCUMENT,
) -> Answer:
    found = context.state.list(kept_as, call.path.id, where=where, order=order, limit=size + 1, offset=offset)
    body: dict[str, Any] = {"value": [show(context, call, each) for each in found[:size]]}
    if len(found) > size:
        version = call.query["api-version"]
        token = _packed(asked, offset + size)
        body["nextLink"] = f"{call.base}{call.path.id}/{name}?api-version={version}&$skipToken={token}"
    return Answer(200, body)


def _size(value: Any, place: str) -> int:
    if value is None:
        return _PAGE
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput("BadRequest", f"'{place}' is a whole number from 1 on.", target=place)
    return min(value, _LARGEST_PAGE)


def _packed(asked: Mapping[str, Any], offset: int) -> str:
    packed = zlib.compress(orjson.dumps({"asked": dict(asked), "from": offset}))
    token = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(token) > _LONGEST:
        raise InvalidInput("BadRequest", "So many criteria have no pages: ask for fewer, or for a larger page.")
    return token


def _token(call: Call) -> str:
    token = call.query.get("$skiptoken")
    if not token:
        raise InvalidInput("InvalidSkipToken", "A GET of this goes on with a list: it needs its '$skipToken'.")
    return token


def _asked(token: Any) -> tuple[dict[str, Any], int]:
    """What a token asks for, and from where on. Raises InvalidInput (InvalidSkipToken)."""
    try:
        packed = base64.urlsafe_b64decode(str(token) + "=" * (-len(str(token)) % 4))
        value = orjson.loads(zlib.decompressobj().decompress(packed, _UNPACKED))
        asked, offset = cast("dict[str, Any]", value["asked"]), int(value["from"])
    except (binascii.Error, ValueError, zlib.error, KeyError, TypeError) as error:
        message = "'$skipToken' is none that a nextLink of this list has."
        raise InvalidInput("InvalidSkipToken", message) from error
    if not 0 <= offset < 2**31 or not isinstance(value["asked"], dict):
        raise InvalidInput("InvalidSkipToken", "'$skipToken' is none that a nextLink of this list has.")
    return asked, offset


def _above(path: ResourcePath) -> ResourcePath:
    above = path.parent
    assert above is not None
    return above


def _metrics(context: Context, call: Call) -> Answer:
    """How many indicators there are of each threat type, pattern type and source, and when one was last changed."""
    threats, patterns, sources = Counter[str](), Counter[str](), Counter[str]()
    last = ""
    for each in documents_behind(context.state, DOCUMENT, call.path.parent_id, None):
        properties = each.body["properties"]
        threats.update(properties.get("threatTypes") or [])
        patterns.update([properties["patternType"]])
        sources.update([properties["source"]])
        last = max(last, properties["lastUpdatedTimeUtc"])
    properties = {
        **({"lastUpdatedTimeUtc": last} if last else {}),
        "threatTypeMetrics": _counted(threats),
        "patternTypeMetrics": _counted(patterns),
        "sourceMetrics": _counted(sources),
    }
    return Answer(200, {"value": [{"properties": properties}]})


def _counted(counter: Counter[str]) -> list[dict[str, Any]]:
    return [{"metricName": name, "metricValue": number} for name, number in counter.most_common()]


THREAT_INTELLIGENCE = Resource(
    INTELLIGENCE,
    parent=WORKSPACE,
    methods=frozenset(),
    require=require_onboarded,
    source=Source(find=_find, list=lambda _context, _path: []),
    actions={
        "createIndicator": create_indicator,
        "queryIndicators": _query_indicators,
        "query": _query,
        "count": _count,
    },
    reading=frozenset({"query", "count"}),
)


def _asked_below(name: str, handler: Callable[[Context, Call], Answer]) -> Resource:
    return Resource(
        f"{INTELLIGENCE}/{name}",
        parent=INTELLIGENCE,
        methods=frozenset({"LIST"}),
        require=require_onboarded,
        handlers={"LIST": handler},
    )


THREAT_INTELLIGENCE_LISTS = (
    _asked_below("metrics", _metrics),
    _asked_below("queryIndicators", _more_indicators),
    _asked_below("query", _more_objects),
)
