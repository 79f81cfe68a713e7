"""How much of the public queries parses: a floor for each file, raised when more does."""

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
FLOORS: dict[str, int] = tomllib.loads((Path(__file__).parent / "ratchet.toml").read_text())["parse"]

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set VEDETTE_CORPUS")


def queries(name: str) -> Iterator[str]:
    with (CORPUS / "kql" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["query"]


def parses(text: str) -> bool:
    try:
        parse_query(text)
    except KqlError:
        return False
    return True


@pytest.mark.parametrize("name", FLOORS)
def test_parsed_queries_do_not_become_fewer(name: str) -> None:
    parsed = sum(parses(query) for query in queries(name))
    assert parsed >= FLOORS[name], f"{parsed} queries of {name} parse; the floor is {FLOORS[name]}"


def test_what_the_engine_answers_parses() -> None:
    """Every recorded query that ran on the real engine can be read."""
    with (CORPUS / "kql" / "recorded_fuzz.jsonl").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    assert [case["id"] for case in cases if not case["error"] and not parses(case["query"])] == []
