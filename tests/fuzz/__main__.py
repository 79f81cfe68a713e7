"""Fuzzes the compiler and the engine for a while: `python -m tests.fuzz --minutes 60 [--seed 1]`.

Two inputs in turn: published queries with words changed, which must compile or be refused with places; and queries made
up with the right types, which must run to the same answer whether their steps are folded or not. What fails is printed
with its seed and kept in the folder named by --keep.
"""

import argparse
import json
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

from tests.corpus.answers import CORPUS
from tests.corpus.workspace import PublishedWorkspace
from tests.fuzz.checks import check_conjunction, check_query, check_text
from tests.fuzz.generation import Generator
from tests.fuzz.mutation import mutated
from vedette.engine.duckdb import DuckDBEngine

_SETS = ("recorded_docs", "recorded_fuzz", "sentinel_queries", "community_queries")


def main() -> None:
    """Run for the time given, then tell counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder for inputs that fail")
    chosen = parser.parse_args()
    texts = [json.loads(line)["query"] for name in _SETS for line in (CORPUS / "kql" / f"{name}.jsonl").open()]
    counts: Counter[str] = Counter()
    until = time.monotonic() + chosen.minutes * 60
    seed = chosen.seed
    tables = PublishedWorkspace()
    with closing(DuckDBEngine(None)) as engine:
        while time.monotonic() < until:
            seed += 1
            random = Random(seed)
            generator = Generator(random)
            text = mutated(random.choice(texts), random)
            query = generator.query()
            table, left, right = generator.table(), generator.predicate(), generator.predicate()
            checks: tuple[tuple[str, Callable[[], str | None]], ...] = (
                (text, partial(check_text, text, tables)),
                (query, partial(check_query, engine, query)),
                (f"{left}\n{right}", partial(check_conjunction, engine, table, left, right)),
            )
            for written, check in checks:
                _try(counts, chosen.keep, seed, written, check)
    print(f"seeds {chosen.seed + 1} to {seed}: {dict(counts)}")


def _try(counts: Counter[str], keep: Path | None, seed: int, text: str, check: Callable[[], str | None]) -> None:
    started = time.monotonic()
    try:
        counts[check() or "held"] += 1
    except Exception as error:
        counts["failed"] += 1
        print(f"--- seed {seed}: {type(error).__name__}: {str(error)[:3000]}")
        if not isinstance(error, AssertionError):
            print(text[:1500])
            traceback.print_exc(limit=-3)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{seed}-{type(error).__name__}.kql").write_text(text, encoding="utf-8")
    if time.monotonic() - started > 10:
        print(f"--- seed {seed}: took {time.monotonic() - started:.0f} s\n{text[:1500]}")


if __name__ == "__main__":
    main()
