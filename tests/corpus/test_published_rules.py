"""Published rules, all enabled at once over events of the demo and of samples: each runs or names what it lacks."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from vedette.access.addresses import make_addresses
from vedette.api.arm_context import arm_context
from vedette.api.services import Services
from vedette.content.one_rule import rule_of
from vedette.core.settings import Settings
from vedette.demo.load import load as load_demo
from vedette.detect.agenda import ALERT_RULE
from vedette.detect.engine import RunOutcome
from vedette.kql.types import ScalarType
from vedette.server.composition import compose

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
QUERIES = CORPUS / "kql" / "sentinel_queries.jsonl"
SAMPLES = CORPUS / "samples" / "Custom"
KINDS = {"analytics_rule": "Scheduled", "analytics_rule_nrt": "NRT"}
LACKING = re.compile(r"(table or column expression|scalar expression|column|function|operator) named '[^']+'")
UNREACHABLE = "ExternalDataNotAllowed"
SHARE = 16
"""Of so many rules one is among those that run each time."""

pytestmark = pytest.mark.skipif(not QUERIES.is_file(), reason=f"the corpus is not at {CORPUS}; set VEDETTE_CORPUS")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    with compose(Settings(tmp_path, virtual_clock=True), addresses) as composed:
        principal = composed.directory.service_principal(composed.estate.client_id)
        assert principal is not None
        load_demo(arm_context(composed), composed.logs, principal)
        composed.detections.run_due(composed.clock.now())
        for path in sorted(SAMPLES.glob("*_CL.json")):
            _store(composed, path)
        yield composed


def _store(services: Services, path: Path) -> None:
    """The texts of a sample's events, as of now."""
    events: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8-sig"))
    rows = [{name: str(value) for name, value in event.items() if name.endswith("_s")} for event in events]
    names = {name for row in rows for name in row}
    columns = dict.fromkeys(sorted(names), ScalarType.string)
    services.logs.append(services.estate.workspace_id, path.stem, rows, columns=columns).result()


def published() -> list[dict[str, Any]]:
    """The published rules, each with the `kind` that the API calls it by."""
    rules = [json.loads(line) for line in QUERIES.read_text(encoding="utf-8").splitlines()]
    return [rule | {"kind": KINDS[rule["kind"]]} for rule in rules if rule["kind"] in KINDS]


def run(services: Services, rules: Sequence[dict[str, Any]]) -> list[RunOutcome]:
    """Enable rules all at once and run their first windows; what a release of the API would refuse is stored too."""
    scope = services.estate.workspace_resource_id
    with services.state.transaction() as transaction:
        for number, rule in enumerate(rules):
            told = {name: value for name, value in rule.items() if name != "path" and value is not None}
            id = f"{scope}/providers/{ALERT_RULE}/published-{number}"
            body = rule_of(Path(str(rule["path"])), told)
            transaction.put(id=id, type=ALERT_RULE, scope=scope, name=f"published-{number}", body=body)
    outcomes = services.detections.run_due(services.clock.now())
    return [outcome for outcome in outcomes if "published-" in outcome.rule_id]


def unexplained(outcomes: Sequence[RunOutcome]) -> list[str]:
    """What does not run and does not say what it lacks."""
    failures = [(outcome.rule_id, outcome.failure) for outcome in outcomes if outcome.failure is not None]
    return [
        f"{id}: {failure.code} {failure.reason}"
        for id, failure in failures
        if failure.code != UNREACHABLE and not LACKING.search(failure.reason)
    ]


def test_a_share_of_the_published_rules_runs(services: Services) -> None:
    rules = published()[::SHARE]
    outcomes = run(services, rules)
    assert len(outcomes) == len(rules)
    assert unexplained(outcomes) == []


@pytest.mark.slow
def test_all_published_rules_run(services: Services) -> None:
    rules = published()
    outcomes = run(services, rules)
    assert len(outcomes) == len(rules) >= 500
    codes = Counter("ran" if outcome.failure is None else outcome.failure.code for outcome in outcomes)
    assert codes["ran"] >= 450, codes
    assert len(unexplained(outcomes)) <= 2, unexplained(outcomes)
