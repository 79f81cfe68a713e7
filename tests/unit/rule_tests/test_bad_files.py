"""Whatever stands in a test file, what is wrong is told with its line; nothing else goes wrong."""

from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.rule_tests.conftest import RULE, Bench

from vedette.core.errors import VedetteError
from vedette.rule_tests.failure import CaseFailed
from vedette.rule_tests.session import Session
from vedette.rule_tests.test_file import read_test_file

WHOLE: dict[str, Any] = {
    "description": "Everything that a file may say.",
    "rule": "rule.yaml",
    "clock": "2024-01-03T12:00:00Z",
    "defaults": {"SigninLogs": {"ResultType": "50126"}},
    "tables": {"Own_CL": {"Value": "long"}},
    "watchlists": {"assets": [{"Host": "a"}], "more": {"key": "Host", "items": [{"Host": "b"}]}},
    "functions": {"Own": "Own_CL", "Other": {"query": "Own_CL | where Value > n", "parameters": "n:long"}},
    "tags": ["one"],
    "tests": [
        {
            "name": "a ${x}",
            "matrix": {"x": ["50126", "0"]},
            "until": "+5m",
            "change": {"triggerThreshold": 0, "queryPeriod": "2h"},
            "events": {
                "SigninLogs": [
                    {"TimeGenerated": "-5m", "IPAddress": "203.0.113.9", "$times": 3, "$every": "1s"},
                    {"TimeGenerated": "-5m", "$arrives": "+1m", "DeviceDetail": {"a": [1]}},
                ],
                "Own_CL": [{"Value": 1}],
            },
            "expect": {
                "alerts": [
                    {
                        "title": {"contains": "a"},
                        "severity": "High",
                        "tactics": {"including": ["CredentialAccess"]},
                        "entities": {"exactly": [{"IP": "203.0.113.9"}, {"Account": {"Name": "ana"}}]},
                        "customDetails": {"Failures": 3},
                        "at": "now",
                    }
                ],
                "incidents": 1,
                "results": {"ge": 1},
                "runs": 2,
            },
        },
        {"name": "b", "expect": {"error": {"code": "SEM0100", "message": {"matches": "x"}}}, "skip": "later"},
    ],
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "-", "none", "-5m", "+99999999999d", "9999-12-31T23:59:59Z", "${x}", "{n}", "../..", "a#b", "\u0000"]
    ),
    st.lists(st.sampled_from(["a", 1, None]), max_size=2),
    st.dictionaries(
        st.sampled_from(["a", "file", "$times", "exactly", "gt", "type"]), st.sampled_from([1, "x", None]), max_size=2
    ),
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    if isinstance(value, dict):
        found += [place for key, each in value.items() for place in _places(each, (*at, key))]
    if isinstance(value, list):
        found += [place for key, each in enumerate(value) for place in _places(each, (*at, key))]
    return found


PLACES = _places(WHOLE)
N = 80


def _with(place: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    whole = deepcopy(WHOLE)
    within: Any = whole
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = odd
    return whole


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "rule.yaml").write_text(RULE, encoding="utf-8")
    return folder


def test_the_whole_file_is_one(bench: Bench) -> None:
    assert len(bench.cases(yaml.safe_dump(WHOLE))) == 3


@settings(max_examples=N, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), ODD)
def test_an_odd_value_anywhere(folder: Path, session: Session, place: tuple[Any, ...], odd: Any) -> None:
    path = folder / "rule.test.yaml"
    path.write_text(yaml.safe_dump(_with(place, odd), sort_keys=False), encoding="utf-8")
    with suppress(VedetteError, CaseFailed):  # which are for people; anything else is a fault of ours
        for case in read_test_file(path)[:1]:
            session.check(case)
