"""Names, types and acceptance of every published query against Microsoft's analyser: equal, or different for a reason
that `analyser_differences.toml` has."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.analyser import analyse, difference, missing
from tests.corpus.answers import SETS, cases
from tests.corpus.published import PUBLISHED, published
from tests.corpus.workspace import PublishedWorkspace, published_table, saved_functions, schemas
from tests.spec.kql.running import TablesInMemory

REASONS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "analyser_differences.toml").read_text())[
    "difference"
]
WHY_NOT = missing()

pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")


def differences(name: str) -> dict[str, tuple[str, str]]:
    """The queries of a set over which we and the analyser differ: how, and the query."""
    is_published = name in PUBLISHED
    asked = dict(published(name) if is_published else cases(name))
    catalog = PublishedWorkspace() if is_published else TablesInMemory()
    tables = {table: _columns(table) for table in schemas()} if is_published else {}
    functions = {
        function: (f"({saved.parameters})", f"{{ {saved.body}\n}}") for function, saved in saved_functions().items()
    }
    answers = analyse((case["query"] for case in asked.values()), tables, functions if is_published else {})
    return {
        id: (how, case["query"])
        for (id, case), theirs in zip(asked.items(), answers, strict=True)
        if (how := difference(case["query"], catalog, theirs)) is not None
    }


def _columns(name: str) -> dict[str, str]:
    table = published_table(name)
    assert table is not None
    return {column.name: column.type.value for column in table.columns}


def listed(how: str, query: str) -> bool:
    """Whether a listed reason covers the difference."""
    return any(
        re.search(reason["how"], how) and re.search(reason.get("query", ""), query, re.DOTALL) for reason in REASONS
    )


_SLOW = [pytest.param(each, marks=pytest.mark.slow) for each in PUBLISHED if each != "parsers"]


@pytest.mark.parametrize("name", [*SETS, *_SLOW])
def test_every_difference_has_a_reason(name: str) -> None:
    unlisted = {id: how for id, (how, query) in differences(name).items() if not listed(how, query)}
    assert unlisted == {}
