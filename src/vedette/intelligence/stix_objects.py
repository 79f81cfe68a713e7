"""STIX objects as they are sent: what is wrong with one, and an indicator's properties as the management API has them.

https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html and
https://learn.microsoft.com/azure/sentinel/stix-objects-api
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of
from vedette.intelligence.stix_indicator import comparisons, parsed_pattern

INDICATOR: Final = "indicator"
TYPES: Final = (INDICATOR, "attack-pattern", "threat-actor", "identity", "relationship")
"""The types that are kept: https://learn.microsoft.com/azure/sentinel/understand-threat-intelligence"""

_REQUIRED: Final[Mapping[str, Sequence[str]]] = {
    INDICATOR: ("pattern", "pattern_type", "valid_from"),
    "attack-pattern": ("name",),
    "threat-actor": ("name",),
    "identity": ("name",),
    "relationship": ("relationship_type", "source_ref", "target_ref"),
}
_TIMES: Final = (
    "created",
    "modified",
    "valid_from",
    "valid_until",
    "first_seen",
    "last_seen",
    "start_time",
    "stop_time",
)
_TEXTS: Final = (
    *("name", "description", "pattern", "pattern_type", "pattern_version", "lang", "created_by_ref"),
    *("relationship_type", "source_ref", "target_ref", "identity_class"),
)
_LISTS: Final = ("labels", "indicator_types", "object_marking_refs", "aliases", "roles", "sectors", "goals")
_OBJECT_LISTS: Final = ("external_references", "granular_markings", "kill_chain_phases")
_ID: Final = re.compile(r"[a-z0-9-]{1,60}--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOST_ITEMS: Final = 1000
_LONGEST_SHOWN: Final = 100
_SAME: Final = {
    "name": "displayName",
    "description": "description",
    "indicator_types": "indicatorTypes",
    "pattern": "pattern",
    "pattern_version": "patternVersion",
    "created_by_ref": "createdByRef",
    "labels": "labels",
    "confidence": "confidence",
    "lang": "language",
    "object_marking_refs": "objectMarkingRefs",
    "extensions": "extensions",
    "id": "externalId",
    "created": "created",
    "modified": "modified",
    "valid_from": "validFrom",
    "valid_until": "validUntil",
}


def errors_of(sent: Any, types: Sequence[str] = TYPES) -> list[str]:
    """What is wrong with an object, a sentence a property, in the upload API's words; empty for one that is right."""
    if not isinstance(sent, dict):
        return ["Error for Property=type: The STIX object must be a JSON object."]
    return [*_errors(cast("dict[str, Any]", sent), types)]


def _errors(sent: Mapping[str, Any], types: Sequence[str]) -> Iterator[str]:
    kind = sent.get("type")
    if kind is None:
        yield _missing("type")
        return
    if kind not in types:
        yield _invalid("type", kind)
        return
    for name in ("id", "created", "modified", *_REQUIRED[kind]):
        if sent.get(name) in (None, ""):
            yield _missing(name)
    id = sent.get("id")
    if id and not (isinstance(id, str) and _ID.fullmatch(id) and id.startswith(f"{kind}--")):
        yield _invalid("id", id)
    if sent.get("spec_version") not in (None, "", "2.0", "2.1"):
        yield _invalid("spec_version", sent["spec_version"])
    yield from _wrong_types(sent)
    start, end = _instant(sent.get("valid_from")), _instant(sent.get("valid_until"))
    if kind == INDICATOR and start is not None and end is not None and end <= start:
        yield f"{_invalid('valid_until', sent['valid_until'])} It must be later than valid_from."
    if kind == INDICATOR and isinstance(sent.get("pattern"), str) and sent["pattern"]:
        try:
            comparisons({"pattern": sent["pattern"], "patternType": sent.get("pattern_type")})
        except InvalidInput as error:
            yield f"{_invalid('pattern', sent['pattern'])} {error.message}"


def _wrong_types(sent: Mapping[str, Any]) -> Iterator[str]:
    for name in _TIMES:
        if sent.get(name) not in (None, "") and _instant(sent[name]) is None:
            yield _invalid(name, sent[name])
    for name in _TEXTS:
        if not isinstance(sent.get(name, ""), str | None):
            yield _invalid(name, sent[name])
    for name in _LISTS:
        if not _is_list(sent.get(name), str):
            yield _invalid(name, sent[name])
    for name in _OBJECT_LISTS:
        if not _is_list(sent.get(name), dict):
            yield _invalid(name, sent[name])
    if not isinstance(sent.get("revoked", False), bool | None):
        yield _invalid("revoked", sent["revoked"])
    confidence = sent.get("confidence")
    if confidence is not None and (
        isinstance(confidence, bool) or not isinstance(confidence, int) or not 0 <= confidence <= 100
    ):
        yield _invalid("confidence", confidence)
    if not isinstance(sent.get("extensions", {}), dict | None):
        yield _invalid("extensions", sent["extensions"])


def _is_list(value: Any, kind: type) -> bool:
    if value is None:
        return True
    if not isinstance(value, list) or len(cast("list[Any]", value)) > _MOST_ITEMS:
        return False
    return all(isinstance(each, kind) for each in cast("list[Any]", value))


def _missing(name: str) -> str:
    return f"Error for Property={name}: Required property is missing. Actual value: NULL."


def _invalid(name: str, value: Any) -> str:
    text = str(value)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return f"Error for Property={name}: Invalid value. Actual value: {shown}."


def properties_of(sent: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The management API's properties of an indicator without errors."""
    named = {own: sent[name] for name, own in _SAME.items() if sent.get(name) not in (None, "", [], {})}
    types = sent.get("indicator_types") or (sent.get("labels") if sent.get("spec_version") == "2.0" else None) or []
    nested = {
        own: [_camel(each) for each in sent[name]]
        for name, own in (
            ("external_references", "externalReferences"),
            ("granular_markings", "granularMarkings"),
            ("kill_chain_phases", "killChainPhases"),
        )
        if sent.get(name)
    }
    found = comparisons({"pattern": sent["pattern"], "patternType": sent.get("pattern_type")})
    return {
        **named,
        **nested,
        "source": source,
        "patternType": found[0].object if found else sent["pattern_type"],
        "parsedPattern": parsed_pattern(found),
        "threatTypes": list(types),
        "threatIntelligenceTags": list(sent.get("labels") or []),
        "externalLastUpdatedTimeUtc": sent["modified"],
        "revoked": bool(sent.get("revoked")),
    }


def version_of(sent: Mapping[str, Any]) -> datetime:
    """When this version of an object was made."""
    return instant_of(str(sent["modified"]))


def _camel(value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the management API's names: `phase_name` is `phaseName`."""
    return {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): each for name, each in value.items()}


def _instant(value: Any) -> datetime | None:
    """The instant of a timestamp, which has a place in UTC; None for what is none."""
    try:
        return instant_of(value).astimezone(UTC) if isinstance(value, str) and value else None
    except (ValueError, OverflowError):
        return None
