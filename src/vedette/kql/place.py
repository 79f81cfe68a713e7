"""What stands at an offset of a query that is being written: the word, the step around it, what is in scope."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vedette.kql import syntax
from vedette.kql.catalog import Catalog
from vedette.kql.compile import columns_of
from vedette.kql.diagnostics import KqlError, Span
from vedette.kql.lexer import Token, tokenize
from vedette.kql.parser import parse_query
from vedette.kql.types import ScalarType

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_COMBINING = frozenset({"join", "lookup", "union"})
_TAKES_TABLES = frozenset({*_COMBINING, "in", "materialize", "toscalar"})

Position = Literal["source", "operator", "expression"]
"""A table is expected; the name of an operator is, after a `|`; anything within an operator is."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A let variable: its name, and whether it is a function."""

    name: str
    is_function: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a query's text. `word` is what is written there up to the offset, at `span`; `step` the operator that
    it belongs to, `previous` the token before it ('' at the start); `columns` are those of the table that the step
    works on."""

    word: str
    span: Span
    position: Position
    step: str
    previous: str
    columns: tuple[tuple[str, ScalarType], ...]
    variables: tuple[Variable, ...]


@dataclass(slots=True)
class _Frame:
    """Brackets that are open: where the pipe within starts, its bars, and the token before the bracket."""

    start: int
    before: str
    bars: list[int] = field(default_factory=list[int])


def place_at(text: str, offset: int, catalog: Catalog, *, now: datetime) -> Place:
    """The place at a character offset. What comes after it does not matter."""
    tokens = [token for token in tokenize(text[:offset])[0] if token.kind != "end"]
    last = tokens[-1] if tokens and tokens[-1].end == offset and tokens[-1].kind == "name" else None
    before = tokens[:-1] if last is not None else tokens
    frames = _frames(before)
    pipe = next((frame for frame in reversed(frames) if frame.bars), None)
    lets = text[: _offset(tokens, frames[0].start, offset)]
    step = _step(text, before, pipe.bars[-1]) if pipe is not None else ""
    columns: tuple[tuple[str, ScalarType], ...] = ()
    if pipe is not None:
        start = _offset(tokens, _after_let(before, pipe.start), offset)
        columns = _columns(lets, text[start : before[pipe.bars[-1]].start], catalog, now)
    elif before and before[-1].text != ";":
        step = _source_operator(before, frames[-1])
    return Place(
        word=last.text if last is not None else "",
        span=last.span if last is not None else Span(offset, offset),
        position=_position(before, frames, pipe),
        step=step,
        previous=before[-1].text if before else "",
        columns=columns,
        variables=_variables(lets),
    )


def _frames(tokens: Sequence[Token]) -> list[_Frame]:
    """The brackets open after the tokens, the outermost frame first: the statement itself."""
    frames = [_Frame(0, "")]
    for index, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text in _OPENING:
            frames.append(_Frame(index + 1, tokens[index - 1].text if index else ""))
        elif token.text in _CLOSING and len(frames) > 1:
            frames.pop()
        elif token.text == "|":
            frames[-1].bars.append(index)
        elif token.text == ";":
            frames[-1] = _Frame(index + 1, frames[-1].before)
    return frames


def _offset(tokens: Sequence[Token], index: int, end: int) -> int:
    return tokens[index].start if index < len(tokens) else end


def _after_let(tokens: Sequence[Token], start: int) -> int:
    """Where the value of `let name = value` starts; the statement's own start for any other."""
    return start + 3 if start + 2 < len(tokens) and tokens[start].text == "let" else start


def _step(text: str, tokens: Sequence[Token], bar: int) -> str:
    """The name of the operator after a bar, which may have dashes in it."""
    words: list[str] = []
    end = -1
    for token in tokens[bar + 1 :]:
        if words and token.start != end:
            break
        words.append(token.text)
        end = token.end
    return "".join(words)


def _source_operator(tokens: Sequence[Token], frame: _Frame) -> str:
    """The operator that the pipe starts with, as `print` and `union` can."""
    start = _after_let(tokens, frame.start)
    return tokens[start].text if start < len(tokens) else ""


def _position(tokens: Sequence[Token], frames: Sequence[_Frame], pipe: _Frame | None) -> Position:
    if not tokens or tokens[-1].text == ";" or (tokens[-1].text == "=" and len(frames) == 1 and _is_let(tokens)):
        return "source"
    if tokens[-1].text == "|":
        return "operator"
    if tokens[-1].text in ("(", ",") and frames[-1] is not pipe and frames[-1].before in _TAKES_TABLES:
        return "source"
    if tokens[-1].text == "(" and pipe is not None and len(frames) > 1 and frames[-2] is pipe:
        words = [token.text for token in tokens[pipe.bars[-1] + 1 :]]
        return "source" if words[0] in _COMBINING and "on" not in words else "expression"
    return "source" if tokens[-1].text in _COMBINING else "expression"


def _is_let(tokens: Sequence[Token]) -> bool:
    return len(tokens) >= 3 and tokens[-3].text == "let"


def _columns(lets: str, pipe: str, catalog: Catalog, now: datetime) -> tuple[tuple[str, ScalarType], ...]:
    return columns_of(f"{lets}\n{pipe}", catalog, now=now) or columns_of(pipe, catalog, now=now)


def _variables(lets: str) -> tuple[Variable, ...]:
    """The variables of the let statements before the place, the last first."""
    try:
        query = parse_query(lets)
    except KqlError:  # nothing before it, or something in it is being written too: then none of it is offered
        return ()
    named = [statement for statement in query.statements if isinstance(statement, syntax.Let)]
    return tuple(Variable(each.name, isinstance(each.value, syntax.Lambda)) for each in reversed(named))
