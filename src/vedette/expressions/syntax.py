"""The text of an expression in, its tree out.

The grammar is the one of Logic Apps and of ARM's templates alike: calls, literals and selections.
https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from vedette.expressions.errors import ExpressionError

_DEEPEST = 100
_SHOWN = 100

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_NAME = re.compile(r"[^\W\d]\w*")
_SPACE = re.compile(r"\s*")


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


class Reader:
    """Reads one expression from a place in a text. A language says how long it may be, and what words mean a value."""

    most_characters: ClassVar[int] = 8192
    """https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#workflow-definition-limits"""
    words: ClassVar[Mapping[str, Any]] = {"true": True, "false": False, "null": None}
    namespaces: ClassVar[bool] = False
    """Whether functions may have a namespace, as in `mine.greet()`."""
    safe_selections: ClassVar[bool] = True
    """Whether a question mark makes a selection safe."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.began = at

    def end(self) -> None:
        self._space()
        if self.at < len(self.text):
            raise self.wrong(f"the string character '{self.text[self.at]}' at position '{self.at}' is not expected")

    def expect(self, character: str) -> None:
        self._space()
        if not self.text.startswith(character, self.at):
            raise self.missing(character)
        self.at += len(character)

    def expression(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise self.wrong(f"it is nested deeper than {_DEEPEST} levels")
        self._space()
        began = self.at
        found = self._primary(depth)
        selections = 0
        while True:
            self._space()
            safe = self.safe_selections and self.text.startswith(("?.", "?["), self.at)
            if safe:
                self.at += 1
            if self.at - self.began > self.most_characters or selections > _DEEPEST:
                raise self.wrong(f"it has more than {self.most_characters} characters or too many selections")
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
        if self.namespaces and self.text.startswith(".", self.at):
            self.at += 1
            name = f"{name}.{self._name()}"
            self._space()
        if not self.text.startswith("(", self.at):
            if name.lower() in self.words:
                return Literal(self.words[name.lower()])
            raise self.missing("(", name)
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
        value = int(text) if len(text) <= 20 else 2**63
        if not -(2**63) <= value < 2**63:
            raise self.wrong(f"the number '{text[:_SHOWN]}' is too large")
        return value

    def _string(self) -> str:
        pieces: list[str] = []
        at = self.at + 1
        while True:
            close = self.text.find("'", at)
            if close < 0:
                raise self.wrong(f"the string that begins at position '{self.at}' does not end")
            pieces.append(self.text[at:close])
            if not self.text.startswith("''", close):
                self.at = close + 1
                return "'".join(pieces)
            at = close + 2

    def _name(self) -> str:
        self._space()
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.missing("")
        self.at = match.end()
        return match[0]

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def missing(self, wanted: str, name: str = "") -> ExpressionError:
        """The error where a character is wanted, behind a name perhaps, or a name itself where that is empty."""
        found = self.text[self.at : self.at + 1]
        if wanted == "(":
            return self.wrong(f"'{name[:_SHOWN]}' is no function call, string, number, true, false or null")
        if wanted:
            what = f"'{found}' is there" if found else "the text ends"
            return self.wrong(f"'{wanted}' is expected at position '{self.at}', where {what}")
        return self.wrong(
            f"the character '{found}' at position '{self.at}' is not expected" if found else "it ends too early"
        )

    def wrong(self, what: str) -> ExpressionError:
        """The error of what the text cannot mean."""
        shown = self.text[self.began : self.began + _SHOWN]
        return ExpressionError(f"The template language expression '{shown}' is not valid: {what}.")
