"""The table of api-versions: its rows hold together, and what an answer says of a version."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from vedette.arm.published_shapes import folder_of_shapes, shapes_of, versions_of
from vedette.arm.versions import known_versions, version_headers
from vedette.core.errors import InvalidInput
from vedette.sentinel.resources import RESOURCE_TYPES

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RULES, HUNTS = "Microsoft.SecurityInsights/alertRules", "Microsoft.SecurityInsights/hunts"
TABLE = json.loads((folder_of_shapes() / "versions.json").read_text(encoding="utf-8"))
ROWS = [
    (namespace, name, [(date.fromisoformat(begins), state) for begins, state in steps])
    for namespace, fact in TABLE.items()
    for name, steps in fact["versions"].items()
]
NOTICE = {"preview": timedelta(days=90), "stable": timedelta(days=3 * 365)}


@pytest.mark.parametrize(("namespace", "name", "steps"), ROWS)
def test_a_row_holds_together(namespace: str, name: str, steps: list[tuple[date, str]]) -> None:
    states = [state for _, state in steps]
    assert states[0] == ("preview" if name.endswith("-preview") else "stable")
    assert states[1:] in ([], ["deprecated"], ["deprecated", "retired"])
    assert all(one[0] < other[0] for one, other in pairwise(steps))
    if len(steps) == 3:
        assert steps[2][0] - steps[1][0] >= NOTICE[states[0]]


def test_what_has_a_shape_has_a_row() -> None:
    for namespace in TABLE:
        assert set(versions_of(namespace)) <= set(TABLE[namespace]["versions"])


def test_types_of_previews_only_are_those_that_no_stable_shape_has() -> None:
    provider = "Microsoft.SecurityInsights"
    types: dict[str, set[str]] = {}
    for version in versions_of(provider):
        for operation in shapes_of(provider, version).operations:
            if operation.method != "POST":
                types.setdefault(operation.type.partition("/")[2], set()).add(version)
    only = {type for type, versions in types.items() if type and all(each.endswith("preview") for each in versions)}
    later = {"dataConnectorDefinitions"}  # stable since 2024-09-01
    old = {"enrichment"}  # the parent of two
    assert only - later - {"casesAggregations"} <= {*TABLE[provider]["previews"], *old, "aggregations"}


def test_every_type_that_is_served_has_versions() -> None:
    assert [each.type for each in RESOURCE_TYPES.all() if not known_versions(each.type)] == []


def test_a_known_version_is_served_without_a_word() -> None:
    assert version_headers(RULES, "2024-03-01", NOW, strict=True) == {}
    assert version_headers("Contoso.Things/things", "2024-03-01", NOW, strict=True) == {}


def test_an_unknown_version_is_served_as_the_nearest() -> None:
    assert version_headers(RULES, "2030-01-01", NOW, strict=False) == {
        "Warning": f'299 - "The api-version 2030-01-01 of {RULES} is not known here; it is served as 2024-03-01."'
    }
    told = version_headers(HUNTS, "2024-03-01", NOW, strict=False)["Warning"]
    assert told.endswith('served as 2024-01-01-preview."')


def test_an_unknown_version_is_refused_when_strict() -> None:
    with pytest.raises(InvalidInput, match=r"'2030-01-01' for type 'alertRules' .* supported .*2024-03-01") as refused:
        version_headers(RULES, "2030-01-01", NOW, strict=True)
    assert refused.value.code == "NoRegisteredProviderFound"
    with pytest.raises(InvalidInput):
        version_headers(HUNTS, "2024-03-01", NOW, strict=True)
    assert version_headers(HUNTS, "2024-01-01-preview", NOW, strict=True) == {}


def test_a_deprecated_version_says_until_when() -> None:
    assert version_headers(RULES, "2019-01-01-preview", datetime(2024, 1, 1, tzinfo=UTC), strict=True) == {}
    headers = version_headers(RULES, "2019-01-01-preview", NOW, strict=True)
    assert headers["Deprecation"] == f"@{int(datetime(2026, 11, 26, tzinfo=UTC).timestamp())}"
    assert headers["Sunset"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert headers["azure-deprecating"].startswith(
        f"{RULES} api-version 2019-01-01-preview will retire on 2030-01-01 ("
    )


def test_a_retired_version_is_refused_in_any_case() -> None:
    with pytest.raises(InvalidInput) as refused:
        version_headers(RULES, "2019-01-01-preview", datetime(2030, 1, 1, tzinfo=UTC), strict=False)
    assert refused.value.code == "NoRegisteredProviderFound"
    assert "2019-01-01-preview" not in refused.value.message.partition("supported")[2]
