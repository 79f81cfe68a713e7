"""Texts that are alike, as a pattern each: the terms that a group of them shares, and `*` for those that differ."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vedette.engine.python.function import RowsRefused
from vedette.engine.python.table_function import PythonTableFunction, Rows

MOST_TEXTS: Final = 200_000
"""Different texts that are reduced at most."""

OTHERS: Final = "others"
"""The pattern of texts that are like no other."""

_LEAST_ALIKE = 0.3  # of the terms: what has less in common gives a pattern that says nothing
_DEFAULT_TERM = re.compile(r"[0-9A-Za-z]+")


@dataclass(slots=True)
class _Group:
    """Texts with as many terms each; `terms` has None where they differ. `example` is the commonest of them."""

    example: str
    terms: list[str | None]
    texts: int = 0
    rows: int = 0


def groups(rows: Rows, threshold: float, characters: str) -> Sequence[Any]:
    """Pattern, count and representative of each group, the largest first. Given are the different texts and how many
    rows have each; no `characters` are the default separators (https://learn.microsoft.com/kusto/query/reduce-operator)."""
    counts: dict[str, int] = dict(zip(rows.values(0), rows.values(1), strict=True))
    reduced = _reduced(counts, threshold, characters)
    told: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for group in {id(each): each for each in reduced.values()}.values():
        pattern = _pattern(group, characters)
        told[pattern] += group.rows
        examples.setdefault(pattern, "" if pattern == OTHERS else group.example)
    ordered = sorted(told, key=lambda pattern: (pattern == OTHERS, -told[pattern], pattern))
    return ordered, [told[each] for each in ordered], [examples[each] for each in ordered]


def patterns(rows: Rows, threshold: float, characters: str) -> Sequence[Any]:
    """The rows as they are, and for each the pattern of its text, which is the last column given."""
    texts: list[str] = rows.values(len(rows.columns) - 1)
    reduced = _reduced(Counter(texts), threshold, characters)
    shown = {id(group): _pattern(group, characters) for group in reduced.values()}
    return *rows.columns[:-1], [shown[id(reduced[text])] for text in texts]


def _reduced(counts: Mapping[str, int], threshold: float, characters: str) -> Mapping[str, _Group]:
    """The group of each text. A text joins the group that it has most terms in common with, if those are enough; the
    commonest texts begin, so that the order of rows means nothing."""
    if len(counts) > MOST_TEXTS:
        raise RowsRefused(f"'reduce' takes at most {MOST_TEXTS:,} different texts; there are {len(counts):,}.")
    alike = max(threshold, _LEAST_ALIKE)
    term = _term(characters)
    found: dict[str, _Group] = {}
    made: list[_Group] = []
    places: dict[tuple[int, int, str], dict[int, None]] = {}  # number of terms, position, term: the groups that have it
    for text in sorted(counts, key=lambda each: (-counts[each], each)):
        terms = term.findall(text)
        near = _nearest(terms, places)
        if near is None or near[1] < alike * len(terms):
            for position, each in enumerate(terms):
                places.setdefault((len(terms), position, each), {})[len(made)] = None
            made.append(_Group(text, list(terms)))
            group = made[-1]
        else:
            group = made[near[0]]
            for position, each in enumerate(terms):
                kept = group.terms[position]
                if kept is not None and kept != each:
                    group.terms[position] = None
                    del places[len(terms), position, kept][near[0]]
        group.texts += 1
        group.rows += counts[text]
        found[text] = group
    return found


def _nearest(terms: Sequence[str], places: Mapping[tuple[int, int, str], Mapping[int, None]]) -> tuple[int, int] | None:
    """The group that shares most terms, the oldest of equals, and how many; None where none shares any."""
    shared: Counter[int] = Counter()
    for position, term in enumerate(terms):
        shared.update(list(places.get((len(terms), position, term), ())))
    return min(shared.items(), key=lambda each: (-each[1], each[0])) if shared else None


def _pattern(group: _Group, characters: str) -> str:
    if group.rows == 1:
        return OTHERS
    if group.texts == 1:
        return group.example
    return "".join(_pieces(group, _term(characters), absorbs=bool(characters)))


def _pieces(group: _Group, term: re.Pattern[str], *, absorbs: bool) -> Iterator[str]:
    """The example with `*` in place of what differs, which `absorbs` the separators beside it where they were given."""
    end, after_wildcard = 0, False
    for kept, match in zip(group.terms, term.finditer(group.example), strict=True):
        beside = kept is None or after_wildcard
        if not (absorbs and beside):
            yield group.example[end : match.start()]
        if kept is not None:
            yield kept
        elif not (absorbs and after_wildcard):
            yield "*"
        end, after_wildcard = match.end(), kept is None
    if not (absorbs and after_wildcard):
        yield group.example[end:]


def _term(characters: str) -> re.Pattern[str]:
    """What a term is: letters and digits, or whatever the separators leave."""
    return re.compile(f"[^{re.escape(characters)}]+") if characters else _DEFAULT_TERM


TABLE_FUNCTIONS: Mapping[str, PythonTableFunction] = {
    "py_reduction_groups": PythonTableFunction(groups),
    "py_reduction_patterns": PythonTableFunction(patterns),
}
"""By the names that SQL calls them by."""
