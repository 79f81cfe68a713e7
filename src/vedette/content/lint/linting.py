"""Looks at content with every rule, and takes away what is suppressed or was known before."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vedette.content.item import Item
from vedette.content.lint.attack import check_attack
from vedette.content.lint.binding import bind, check_columns
from vedette.content.lint.body import check_body
from vedette.content.lint.catalog import NO_SCHEMA, FilesCatalog, Schema
from vedette.content.lint.cost import check_cost
from vedette.content.lint.finding import Finding
from vedette.content.lint.linted import Linted
from vedette.content.lint.subject import Subject
from vedette.content.lint.suppression import suppressed
from vedette.content.lint.version import check_versions
from vedette.content.reading import ReadResult

_TOPICS = {"name": "VED004", "title": "VED005"}


def lint(
    read: ReadResult, schema: Schema = NO_SCHEMA, since: str | None = None, baseline: Mapping[str, int] | None = None
) -> Linted:
    """Look at everything that was read. Raises InvalidInput where `since` is no commit."""
    catalog = FilesCatalog(read.items, schema)
    by_path: dict[Path, list[Item]] = {}
    for item in read.items:
        assert item.source is not None
        by_path.setdefault(item.source.path, []).append(item)
    told = list(_as_findings(read))
    found = [each for each in told if each.path not in read.documents]
    suppressions = 0
    for path, document in read.documents.items():
        items = by_path.get(path, [])
        here = [finding for item in items for finding in check(Subject(item, document), catalog)]
        here += [each for each in told if each.path == path]
        if since is not None:
            here += check_versions(document, items, since)
        left, number = suppressed(document, _starts(items), here)
        suppressions += number
        found += left
    left, known = _without(sorted(found), baseline or {})
    return Linted(tuple(left), read.documents, len(read.items), suppressions, known)


def check(subject: Subject, catalog: FilesCatalog) -> Iterator[Finding]:
    """What the rules find in one item."""
    yield from check_body(subject)
    yield from check_attack(subject)
    query = subject.query
    if query is None:
        return
    bound = bind(subject, query, catalog)
    yield from bound.findings
    if bound.columns is not None:
        yield from check_columns(subject, bound.columns)
    yield from check_cost(subject, query, catalog)


def _as_findings(read: ReadResult) -> Iterator[Finding]:
    for each in read.problems:
        code = _TOPICS.get(each.topic) or ("VED002" if each.is_warning else "VED001")
        yield Finding(each.path, each.line, each.column, code, each.message)


def _starts(items: Iterable[Item]) -> list[int]:
    return [item.source.line for item in items if item.source is not None]


def _without(findings: list[Finding], baseline: Mapping[str, int]) -> tuple[list[Finding], int]:
    """The findings that the baseline does not have, each as often as it has it."""
    known = Counter(baseline)
    left: list[Finding] = []
    for each in findings:
        if known[each.fingerprint] > 0:
            known[each.fingerprint] -= 1
        else:
            left.append(each)
    return left, len(findings) - len(left)
