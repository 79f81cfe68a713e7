"""The strings of a template: an expression in square brackets, or plain text.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from vedette.arm.templates.errors import LanguageError
from vedette.expressions.errors import ExpressionError
from vedette.expressions.syntax import Expression, Reader

MOST_CHARACTERS = 24_576
"""https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits"""
_LONGEST_KEPT = 500
_TOKENS = {"": "Identifier", "(": "LeftParenthesis", ")": "RightParenthesis", "]": "RightSquareBracket"}
_FOUND = _TOKENS | {"[": "LeftSquareBracket", ",": "Comma", ".": "Dot", "'": "LiteralString"}


def is_expression(text: str) -> bool:
    """Whether a string is evaluated; two brackets at its start make it plain text."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def plain(text: str) -> str:
    """What a string that is no expression means: the bracket that keeps it from being one is not part of it."""
    return text[1:] if text.startswith("[[") and text.endswith("]") else text


def escaped(text: str) -> str:
    """The string that means this text."""
    return f"[{text}" if text.startswith("[") and text.endswith("]") else text


def read(text: str) -> Expression:
    """The tree of a string that is an expression. Raises LanguageError."""
    return _kept(text) if len(text) <= _LONGEST_KEPT else _read(text)


@lru_cache(maxsize=1000)
def _kept(text: str) -> Expression:
    return _read(text)


def _read(text: str) -> Expression:
    if len(text) > MOST_CHARACTERS:
        raise LanguageError(
            f"The language expression '{text[:100]}…' has a length of '{len(text)}', which exceeds the limit of "
            f"'{MOST_CHARACTERS}' characters."
        )
    reader = _Reader(text[1:-1], 0)
    found = reader.expression(0)
    reader.end()
    return found


class _Reader(Reader):
    most_characters: ClassVar[int] = MOST_CHARACTERS
    words: ClassVar[Mapping[str, Any]] = {}
    namespaces: ClassVar[bool] = True
    safe_selections: ClassVar[bool] = False

    def missing(self, wanted: str, name: str = "") -> ExpressionError:
        found = self.text[self.at : self.at + 1]
        if found and found not in _FOUND and not (found.isalnum() or found in "-_"):
            return self.wrong(f"the string character '{found}' at position '{self.at}' is not expected")
        actual = _FOUND[found] if found in _FOUND and found else "Identifier" if found else "EndOfData"
        return LanguageError(
            f"Unable to parse language expression '{self.text}': expected token '{_TOKENS[wanted]}' and actual "
            f"'{'Integer' if found.isdigit() else actual}'."
        )

    def wrong(self, what: str) -> ExpressionError:
        return LanguageError(f"The language expression '{self.text}' is not valid: {what}.")
