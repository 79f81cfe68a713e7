"""An indicator of threat intelligence as the STIX object that it is, and what its pattern says.

https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_muftrcpnf89v
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from vedette.formats.stix_pattern import Comparison, parse_pattern

_NAMES = {
    "displayName": "name",
    "description": "description",
    "indicatorTypes": "indicator_types",
    "pattern": "pattern",
    "patternVersion": "pattern_version",
    "validFrom": "valid_from",
    "validUntil": "valid_until",
    "createdByRef": "created_by_ref",
    "revoked": "revoked",
    "labels": "labels",
    "confidence": "confidence",
    "language": "lang",
    "objectMarkingRefs": "object_marking_refs",
    "extensions": "extensions",
}
_HASHED = "hashes"
_SHORT = 500  # characters of a pattern that is kept parsed


def is_stix(properties: Mapping[str, Any]) -> bool:
    """Whether an indicator's pattern is one of STIX, and not of another language such as YARA."""
    kind = str(properties.get("patternType") or "stix").lower()
    return kind == "stix" or str(properties.get("pattern", "")).lstrip().startswith(("[", "("))


def comparisons(properties: Mapping[str, Any]) -> Sequence[Comparison]:
    """The comparisons of an indicator's pattern; none for one in another language. Raises InvalidInput."""
    if not is_stix(properties):
        return ()
    pattern: str = properties["pattern"]
    return _parsed(pattern) if len(pattern) <= _SHORT else parse_pattern(pattern)


@lru_cache(maxsize=1024)
def _parsed(pattern: str) -> tuple[Comparison, ...]:
    """What is checked, shown and written of an indicator is read from its pattern each time."""
    return tuple(parse_pattern(pattern))


def parsed_pattern(found: Sequence[Comparison]) -> list[dict[str, Any]]:
    """`[{patternTypeKey, patternTypeValues: [{valueType, value}]}]`, an entry for each kind of object."""
    by_object: dict[str, list[dict[str, str]]] = {}
    for each in found:
        hashed = len(each.path) == 2 and each.path[0] == _HASHED
        kind = each.path[1] if hashed else each.object if each.path == ("value",) else ".".join(each.path)
        by_object.setdefault(each.object, []).extend({"valueType": kind, "value": value} for value in each.values)
    return [{"patternTypeKey": key, "patternTypeValues": values} for key, values in by_object.items()]


def stix_indicator(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The STIX object of an indicator's properties."""
    named = {name: properties[own] for own, name in _NAMES.items() if properties.get(own) not in (None, "", [], {})}
    references = [_snake(each) for each in properties.get("externalReferences") or []]
    phases = [_snake(each) for each in properties.get("killChainPhases") or []]
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": properties["externalId"],
        "created": properties["created"],
        "modified": properties.get("modified") or properties["lastUpdatedTimeUtc"],
        "pattern_type": "stix" if is_stix(properties) else properties.get("patternType"),
        **named,
        **({"external_references": references} if references else {}),
        **({"kill_chain_phases": phases} if phases else {}),
    }


def _snake(value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with STIX's names: `phaseName` is `phase_name`."""
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): each for name, each in value.items()}
