"""The text of an expression in, its tree out; and of a template, its literal and its evaluated parts.

https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-schema#expressions
"""

import re
from dataclasses import dataclass
from typing import Any

from vedette.automation.expressions.errors import ExpressionError

MOST_CHARACTERS = 8192
"""https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#workflow-definition-limits"""
_DEEPEST = 100
_SHOWN = 100

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_NAME = re.compile(r"[^\W\d]\w*")
_SPACE = re.compile(r"\s*")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, true, false or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Calling:
    """A function and what it is given."""

    name: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Selection:
    """`of.key` or `of[key]`; a `safe` one, with a question mark, gives null for what is not there."""

    of: "Expression"
    key: "Expression"
    safe: bool
    text: str


Expression = Literal | Calling | Selection


@dataclass(frozen=True, slots=True)
class Joined:
    """A text with expressions in it: literal parts and expressions in turn."""

    parts: tuple[str | Expression, ...]


Template = str | Expression | Joined
"""A text without expressions, one that is an expression as a whole, or one with expressions in it."""


def read_template(text: str) -> Template:
    """What a string of a definition means. Raises ExpressionError.

    `@…` is an expression, `@{…}` one inside a text; `@@` stands for an at sign where it would begin one.
    """
    if text.startswith("@@") and "@{" not in text:
        return text[1:]
    if text.startswith("@") and not text.startswith(("@{", "@@")) and len(text) > 1:
        reader = _Reader(text, 1)
        found = reader.expression(0)
        reader.end()
        return found
    return _joined(text) if "@{" in text else text


def _joined(text: str) -> Template:
    parts: list[str | Expression] = []
    literal, at = "", 0
    while True:
        place = text.find("@{", at)
        if place < 0:
            literal += text[at:]
            break
        if place and text[place - 1] == "@":
            literal += text[at : place - 1] + "@{"
            at = place + 2
            continue
        literal += text[at:place]
        if literal:
            parts.append(literal)
            literal = ""
        reader = _Reader(text, place + 2)
        parts.append(reader.expression(0))
        reader.expect("}")
        at = reader.at
    if literal:
        parts.append(literal)
    return Joined(tuple(parts)) if any(not isinstance(part, str) for part in parts) else literal


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.began = at

    def end(self) -> None:
        self._space()
        if self.at < len(self.text):
            raise self._wrong(f"the string character '{self.text[self.at]}' at position '{self.at}' is not expected")

    def expect(self, character: str) -> None:
        self._space()
        if not self.text.startswith(character, self.at):
            found = self.text[self.at : self.at + 1]
            what = f"'{found}' is there" if found else "the text ends"
            raise self._wrong(f"'{character}' is expected at position '{self.at}', where {what}")
        self.at += len(character)

    def expression(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise self._wrong(f"it is nested deeper than {_DEEPEST} levels")
        self._space()
        began = self.at
        found = self._primary(depth)
        selections = 0
        while True:
            self._space()
            safe = self.text.startswith(("?.", "?["), self.at)
            if safe:
                self.at += 1
            if self.at - self.began > MOST_CHARACTERS or selections > _DEEPEST:
                raise self._wrong(f"it has more than {MOST_CHARACTERS} characters or too many selections")
            if self.text.startswith(".", self.at):
                self.at += 1
                key: Expression = Literal(self._name())
            elif self.text.startswith("[", self.at):
                self.at += 1
                key = self.expression(depth + 1)
                self.expect("]")
            else:
                return found
            selections += 1
            found = Selection(found, key, safe, self.text[began : self.at])

    def _primary(self, depth: int) -> Expression:
        if self.text.startswith("'", self.at):
            return Literal(self._string())
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            whole = number[1] is None and number[2] is None
            return Literal(self._whole(number[0]) if whole else float(number[0]))
        name = self._name()
        self._space()
        if not self.text.startswith("(", self.at):
            if name.lower() in _WORDS:
                return Literal(_WORDS[name.lower()])
            raise self._wrong(f"'{name[:_SHOWN]}' is no function call, string, number, true, false or null")
        self.at += 1
        return Calling(name, self._arguments(depth))

    def _arguments(self, depth: int) -> tuple[Expression, ...]:
        found: list[Expression] = []
        self._space()
        if self.text.startswith(")", self.at):
            self.at += 1
            return ()
        while True:
            found.append(self.expression(depth + 1))
            self._space()
            if self.text.startswith(",", self.at):
                self.at += 1
                continue
            self.expect(")")
            return tuple(found)

    def _whole(self, text: str) -> int:
        value = int(text) if len(text) < 20 else 2**63
        if not -(2**63) <= value < 2**63:
            raise self._wrong(f"the number '{text[:_SHOWN]}' is too large")
        return value

    def _string(self) -> str:
        pieces: list[str] = []
        at = self.at + 1
        while True:
            close = self.text.find("'", at)
            if close < 0:
                raise self._wrong(f"the string that begins at position '{self.at}' does not end")
            pieces.append(self.text[at:close])
            if not self.text.startswith("''", close):
                self.at = close + 1
                return "'".join(pieces)
            at = close + 2

    def _name(self) -> str:
        self._space()
        match = _NAME.match(self.text, self.at)
        if match is None:
            found = self.text[self.at : self.at + 1]
            what = f"the character '{found}' at position '{self.at}' is not expected" if found else "it ends too early"
            raise self._wrong(what)
        self.at = match.end()
        return match[0]

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _wrong(self, what: str) -> ExpressionError:
        shown = self.text[self.began : self.began + _SHOWN]
        return ExpressionError(f"The template language expression '{shown}' is not valid: {what}.")
