"""The queries whose answers are known, recorded on the real engine or printed by the documentation: each is equal, or
stands in gaps.toml with its reason; a gap that closes must be taken out."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.answers import CORPUS, SETS, answer, cases
from vedette.engine.duckdb import DuckDBEngine

HERE = Path(__file__).parent
FLOORS: dict[str, int] = tomllib.loads((HERE / "ratchet.toml").read_text(encoding="utf-8"))["recorded"]
GAPS: dict[str, dict[str, str]] = tomllib.loads((HERE / "gaps.toml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", SETS)
def test_known_answers(engine: DuckDBEngine, name: str) -> None:
    answers = {id: answer(engine, name, case) for id, case in cases(name)}
    others = {id: what for id, what in answers.items() if what != "equal"}
    gaps = GAPS[name]
    assert {id: what for id, what in others.items() if id not in gaps} == {}, "not equal, and no gap of gaps.toml"
    assert gaps.keys() - answers.keys() == set(), "gaps.toml names cases that are not there"
    assert gaps.keys() - others.keys() == set(), "these gaps are closed: take them out of gaps.toml"
    equal = len(answers) - len(others)
    assert equal >= FLOORS[name], f"{equal} answers are equal; the floor is {FLOORS[name]}"


@pytest.mark.parametrize("name", SETS)
def test_gaps_have_reasons(name: str) -> None:
    assert [id for id, reason in GAPS[name].items() if not reason.strip()] == []
