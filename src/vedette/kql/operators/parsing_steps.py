"""`parse` without a regular expression: texts of the pattern that are looked for one after the other.

Where nothing but texts ends the columns, the first place of each text after the one before is where a lazy regular
expression finds it, at a third of its cost. A number must also be one; in a row where the text in its place is none, a
later place may do, and the regular expression decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.functions.parse_steps import AFTER, AT_START, BEFORE, FOUND, FROM_START, IS_SOME, IS_WHOLE, PART
from vedette.kql.types import ScalarType

_MOST_TEXTS = 12
_IN_NUMBERS = frozenset("0123456789.eE+-")
_STRING = ScalarType.string
_BOOL = ScalarType.bool


@dataclass(frozen=True, slots=True)
class Star:
    """A `*`: anything, as little as will do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's place. `capture` is the expression that its text must match, '' where any text will do."""

    capture: str


Piece = str | Star | Column
"""A part of a pattern: a text, a star, a column."""


@dataclass(slots=True)
class _Walk:
    """Texts are found one after the other, each in a projection of its own: what remains after one is read twice."""

    binder: Binder
    rows: plan.Plan
    kept: tuple[plan.Field, ...]
    rest: plan.Field
    parts: list[plan.Field] = field(default_factory=list[plan.Field])
    checks: list[plan.Expression] = field(default_factory=list[plan.Expression])

    def add(self, name: str, value: plan.Expression) -> plan.Field:
        added = self.binder.new_field(name, value.type)
        kept = tuple(dict.fromkeys((*self.kept, self.rest, *self.parts)))
        self.rows = plan.Project(self.rows, (*self.binder.keep(kept), (added, value)))
        return added

    def skip(self, text: str, *, at_start: bool = False) -> None:
        entry = AT_START if at_start else AFTER
        self.rest = self.add("rest", plan.Apply(entry, (plan.Reference(self.rest), _constant(text)), _STRING))

    def take(self, value: plan.Expression) -> None:
        self.parts.append(self.add("part", value))


def in_steps(pieces: Sequence[Piece]) -> tuple[Piece, ...] | None:
    """The pieces, with texts that follow each other as one and without a last star, if they can be found in steps."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    ends_open = bool(joined) and isinstance(joined[-1], Star)
    if ends_open:
        joined.pop()
    texts = [piece for piece in joined if isinstance(piece, str)]
    if not 0 < len(texts) <= _MOST_TEXTS or any("\0" in text for text in texts):
        return None
    for piece, following in zip(joined, [*joined[1:], None], strict=True):
        if isinstance(piece, str):
            continue
        if isinstance(following, str):
            if isinstance(piece, Column) and piece.capture and following[0] in _IN_NUMBERS:
                return None
        elif following is not None or isinstance(piece, Star) or (ends_open and not piece.capture):
            return None
    return tuple(joined)


def parse_in_steps(
    binder: Binder, rows: plan.Plan, text: plan.Expression, pattern: str, pieces: Sequence[Piece], *, is_where: bool
) -> tuple[plan.Plan, list[plan.Expression]]:
    """The rows with what the steps give beside them (only those that fit, where `is_where`), and for each column its
    text: '' where the row does not fit. `pattern` means the same as the pieces."""
    whole = binder.new_field("text", _STRING)
    fields = (*rows.fields, whole)
    walk = _Walk(binder, plan.Project(rows, (*binder.keep(rows.fields), (whole, text))), fields, whole)
    _follow(walk, pieces)
    pattern_constant = _constant(pattern)
    found = [plan.Reference(walk.rest)]
    if walk.checks:
        is_sure = walk.checks[0] if len(walk.checks) == 1 else plan.Logical("and", tuple(walk.checks))
        sure = walk.add("sure", is_sure)
        found += [plan.Reference(sure), plan.Reference(whole), pattern_constant]
    result = plan.Filter(walk.rows, plan.Apply(FOUND, tuple(found), _BOOL)) if is_where else walk.rows
    count = plan.Constant(len(walk.parts), ScalarType.long)
    texts: list[plan.Expression] = []
    for position, part in enumerate(walk.parts):
        place = plan.Constant(position, ScalarType.long)
        texts.append(plan.Apply(PART, (plan.Reference(part), place, count, *found), _STRING))
    return result, texts


def _follow(walk: _Walk, pieces: Sequence[Piece]) -> None:
    before: Piece | None = None
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        match piece:
            case str():
                walk.skip(piece, at_start=not isinstance(before, Star | Column))
            case Column():
                _take(walk, piece, following)
            case Star():
                pass
        before = piece


def _take(walk: _Walk, column: Column, following: Piece | None) -> None:
    rest = plan.Reference(walk.rest)
    if isinstance(following, str):
        walk.take(plan.Apply(BEFORE, (rest, _constant(following)), _STRING))
        check = plan.Apply(IS_WHOLE, (plan.Reference(walk.parts[-1]), _constant(column.capture)), _BOOL)
    elif column.capture:
        walk.take(plan.Apply(FROM_START, (rest, _constant(column.capture)), _STRING))
        check = plan.Apply(IS_SOME, (plan.Reference(walk.parts[-1]),), _BOOL)
    else:
        walk.take(rest)
        return
    if column.capture:
        walk.checks.append(check)


def _constant(text: str) -> plan.Constant:
    return plan.Constant(text, _STRING)
