"""Writes docs/reference from the compiler's own tables; with --check, says which pages are stale and fails."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import management_operations
import template_functions

from vedette.engine.clickhouse_functions import functions_of, topics
from vedette.kql.functions.library import aggregate_functions, scalar_functions, window_functions
from vedette.kql.reference import Page, pages
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.sql.dialects.clickhouse import ClickHouse

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_HEAD = "<!-- Written by `make docs` from the compiler's own tables: change those. -->\n\n"
_MANAGEMENT_HEAD = "<!-- Written by `make docs` from the resource types and shapes/: change those. -->\n\n"
_TEMPLATES_HEAD = "<!-- Written by `make docs` from the language's tables and its tests: change those. -->\n\n"
_FILES = {
    "operator": ("operators.md", "Operators"),
    "scalar function": ("scalar-functions.md", "Scalar functions"),
    "aggregate function": ("aggregate-functions.md", "Aggregate functions"),
    "window function": ("window-functions.md", "Window functions"),
    "plugin": ("plugins.md", "Plugins of evaluate"),
}
_MOST_EXAMPLES = 4
_ENGINES_HEAD = """# Functions by engine

DuckDB runs every function. ClickHouse refuses by name what it does not run yet; the forms of calls that it refuses
although the function runs are listed in `tests/spec/kql/clickhouse_gaps.toml`.

| functions | DuckDB | ClickHouse | there by Python beside the server | not there yet |
|---|---|---|---|---|
"""


def main() -> None:
    """Write or check every page."""
    texts = {FOLDER / file: _page(kind, title) for kind, (file, title) in _FILES.items()}
    texts[FOLDER / "coverage.md"] = _coverage()
    texts[FOLDER / "engines.md"] = _engines()
    texts[FOLDER / "management-operations.md"] = _MANAGEMENT_HEAD + management_operations.page(RESOURCE_TYPES)
    texts[FOLDER / "template-functions.md"] = _TEMPLATES_HEAD + template_functions.page()
    if "--check" not in sys.argv[1:]:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        return
    stale = [path.name for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text]
    if stale:
        sys.exit(f"docs/reference is stale ({', '.join(stale)}): run make docs")


def _of(kind: str) -> Sequence[Page]:
    return [page for page in pages() if page.kind == kind]


def _page(kind: str, title: str) -> str:
    return _HEAD + f"# {title}\n\n" + "\n".join(line for page in _of(kind) for line in _entry(page))


def _entry(page: Page) -> Iterator[str]:
    yield f"## {page.name}\n"
    yield f"{page.doc}\n"
    yield "```kusto\n" + "\n".join(page.signatures) + "\n```\n"
    if page.aliases or page.deprecated_aliases:
        old = [f"{alias} (old)" for alias in page.deprecated_aliases]
        yield f"Also: {', '.join([*page.aliases, *old])}\n"
    if page.examples:
        lines = [f"{text}  // {value}" if value else text for text, value in page.examples[:_MOST_EXAMPLES]]
        yield "```kusto\n" + "\n".join(lines) + "\n```\n"


def _coverage() -> str:
    rows = [f"| {title.lower()} | {len(_of(kind))} | [{file}]({file}) |" for kind, (file, title) in _FILES.items()]
    refused = [f"| `{page.name}` | {page.doc} |" for page in _of("refused")]
    return (
        _HEAD
        + "# What runs and what does not\n\n"
        + "| | run | |\n|---|---|---|\n"
        + "\n".join(rows)
        + f"\n\nRefused by name, {len(refused)}:\n\n| name | why |\n|---|---|\n"
        + "\n".join(refused)
        + "\n"
    )


def _engines() -> str:
    """Which functions ClickHouse runs; DuckDB, whose SQL the entries are written in, runs all."""
    python = frozenset(name for topic in topics() for name in functions_of(topic))
    alone, beside = ClickHouse(), ClickHouse(python)
    rows: list[str] = []
    lists: list[str] = []
    libraries = {"scalar": scalar_functions(), "aggregate": aggregate_functions(), "window": window_functions()}
    for kind, library in libraries.items():
        entries = {name: each for name, each in library.items() if each[0].name == name and name.isidentifier()}
        runs = [name for name, each in entries.items() if any(map(alone.runs, each))]
        helped = [name for name, each in entries.items() if name not in runs and any(map(beside.runs, each))]
        missing = sorted(set(entries) - set(runs) - set(helped))
        rows.append(f"| {kind} | {len(entries)} | {len(runs)} | {len(helped)} | {len(missing)} |")
        for title, names in (("in Python", sorted(helped)), ("not yet", missing)):
            if names:
                lists.append(
                    f"## {kind.capitalize()} functions {title}\n\n{', '.join(f'`{name}`' for name in names)}\n"
                )
    return _HEAD + _ENGINES_HEAD + "\n".join(rows) + "\n\n" + "\n".join(lists)


if __name__ == "__main__":
    main()
