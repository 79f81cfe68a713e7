from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.access.principals import Principal
from vedette.arm.changes import check_tracked, merged, system_data
from vedette.core.errors import InvalidInput
from vedette.state.documents import Document

NOW = datetime(2024, 1, 1, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


def stored(body: dict[str, object]) -> Document:
    return Document("/x", "T", "", "x", "e", body, NOW, NOW)


def test_merging() -> None:
    before = {"kind": "K", "tags": {"a": "1"}, "properties": {"One": 1, "two": {"x": 1, "y": [1]}, "three": 3}}
    patch = {"tags": {"b": "2"}, "properties": {"one": 2, "two": {"y": [2]}, "three": None, "four": {"z": None}}}
    assert merged(before, patch) == {
        "kind": "K",
        "tags": {"b": "2"},
        "properties": {"One": 2, "two": {"x": 1, "y": [2]}, "four": {}},
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES, BODIES)
def test_a_patch_twice_is_a_patch_once(before: dict[str, object], patch: dict[str, object]) -> None:
    once = merged(before, patch)
    assert merged(once, patch) == once
    assert merged(before, {}) == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "LocationRequired"),
        ({"location": 5}, "LocationRequired"),
        ({"location": "x", "tags": []}, "InvalidRequestContent"),
        ({"location": "x", "tags": {"a/b": "1"}}, "InvalidTagNameCharacters"),
        ({"location": "x", "tags": {"a": 1}}, "InvalidTagValue"),
        ({"location": "x", "tags": {"a": "v" * 257}}, "InvalidTagValue"),
        ({"location": "x", "tags": {str(number): "" for number in range(51)}}, "InvalidTags"),
    ],
)
def test_a_tracked_resource_is_refused(body: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_tracked(body, None)
    assert refused.value.code == code


def test_the_location_stays() -> None:
    before = stored({"location": "East US"})
    assert check_tracked({}, before)["location"] == "East US"
    assert check_tracked({"location": "eastus"}, before)["tags"] == {}
    with pytest.raises(InvalidInput, match="already exists in location 'East US'"):
        check_tracked({"location": "westus"}, before)


def test_who_did_it() -> None:
    made = system_data(Principal("o", "app", "n", "t"), NOW, None)
    assert (made["createdBy"], made["createdByType"]) == ("app", "Application")
    changed = system_data(Principal("o", None, "anna", "t"), NOW.replace(hour=1), stored({"systemData": made}))
    assert (changed["createdBy"], changed["createdAt"]) == ("app", "2024-01-01T00:00:00.000000Z")
    assert (changed["lastModifiedBy"], changed["lastModifiedByType"]) == ("anna", "User")
    assert changed["lastModifiedAt"] == "2024-01-01T01:00:00.000000Z"
