"""Whatever is sent as a STIX object, a file or a tiIndicator: it is taken or said to be wrong, and no error of ours."""

import contextlib
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.core.errors import InvalidInput
from vedette.intelligence.flat_files import csv_objects, json_objects
from vedette.intelligence.graph_indicators import NAMES, checked, indicator_properties, typed
from vedette.intelligence.stix_objects import errors_of, properties_of

TEXTS = st.text(max_size=30) | st.sampled_from(
    ["2024-01-01T00:00:00Z", "[url:value = 'x']", "2.1", "indicator", "stix", "198.51.100.7", "sha256", "alert"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
SOUND: dict[str, Any] = {
    "type": "indicator",
    "id": "indicator--10000003-71a2-445c-ab86-927290000001",
    "created": "2024-01-01T00:00:00Z",
    "modified": "2024-01-01T00:00:00Z",
    "pattern": "[url:value = 'http://x/']",
    "pattern_type": "stix",
    "valid_from": "2024-01-01T00:00:00Z",
}
NAMES_OF_STIX = st.sampled_from(
    [
        *SOUND,
        *("valid_until", "confidence", "labels", "revoked", "lang", "kill_chain_phases", "external_references"),
        *("granular_markings", "extensions", "spec_version", "indicator_types", "object_marking_refs", "name", "x_own"),
    ]
)


@given(VALUES, st.dictionaries(NAMES_OF_STIX, VALUES, max_size=4))
@settings(max_examples=200, deadline=None)
def test_objects(anything: Any, changed: dict[str, Any]) -> None:
    errors_of(anything)
    sent = SOUND | changed
    if not errors_of(sent) and sent["type"] == "indicator":
        orjson.dumps(properties_of(sent, "A feed"), option=orjson.OPT_NON_STR_KEYS)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
@settings(max_examples=200, deadline=None)
def test_ti_indicators(changed: dict[str, Any]) -> None:
    sound = {
        "action": "alert",
        "description": "x",
        "expirationDateTime": "2199-01-01T00:00:00Z",
        "targetProduct": "Azure Sentinel",
        "threatType": "C2",
        "tlpLevel": "red",
        "url": "http://x/",
    }
    with contextlib.suppress(InvalidInput):
        indicator_properties(checked(typed(sound | changed)), "An application")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_files(content: bytes) -> None:
    for read, start in ((csv_objects, b"validFrom,observableType,observableValue\n"), (json_objects, b"")):
        with contextlib.suppress(InvalidInput):
            for each in read(start + content):
                errors_of(each)
