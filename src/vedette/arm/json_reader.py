"""Request bodies as real clients send them: JSON, and what Newtonsoft's reader takes for JSON.

Strict JSON is tried first. Otherwise single quotes, unquoted keys, comments, trailing commas, line breaks in strings,
UTF-16 and byte order marks, and Python's True, False and None are read too: az sends template files verbatim
(https://github.com/Azure/azure-cli, JsonCTemplatePolicy), other clients send the `str()` of a dict.
"""

import codecs
import re
from typing import Any, NoReturn, cast

import orjson

from vedette.core.errors import InvalidInput, TooLarge

DEEPEST = 100
"""Objects and arrays inside one another; what is stored must be written again."""

LARGEST = 8 * 1024 * 1024
"""Bytes."""

_BLANKS = re.compile(r"(?:[\s\ufeff]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$\-.]*")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "a": "\a", "v": "\v", "0": "\0"} | {
    each: each for each in "\"'\\/"
}
_HEX_LENGTH = {"x": 2, "u": 4, "U": 8}
_WORDS = {"true": True, "false": False, "null": None, "none": None}


def read_json(data: bytes, *, largest: int = LARGEST) -> Any:
    """The value that a body holds; the last of duplicate keys wins.

    Raises TooLarge (RequestContentTooLarge), and InvalidInput (InvalidRequestContent) with line and column.
    """
    if len(data) > largest:
        raise TooLarge("RequestContentTooLarge", f"The request content is larger than {largest:,} bytes.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return JsonReader(decoded(data)).document()
    if data.count(b"[") + data.count(b"{") > DEEPEST and _depth(value) > DEEPEST:
        raise _too_deep()
    return value


def read_object(data: bytes, *, largest: int = LARGEST) -> dict[str, Any]:
    """As `read_json`, for a body that must be an object."""
    value = read_json(data, largest=largest)
    if not isinstance(value, dict):
        raise InvalidInput("InvalidRequestContent", "The request content must be a JSON object.")
    return cast("dict[str, Any]", value)


def decoded(data: bytes) -> str:
    """The text of a body, whose encoding shows in its first bytes. Raises InvalidInput (InvalidRequestContent)."""
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "InvalidRequestContent", f"The request content is not {error.encoding} text: byte {error.start} is wrong."
        ) from error


def _depth(value: Any) -> int:
    deepest = 0
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(each, dict):
            waiting += [(child, depth + 1) for child in cast("dict[str, Any]", each).values()]
        elif isinstance(each, list):
            waiting += [(child, depth + 1) for child in cast("list[Any]", each)]
        if deepest > DEEPEST:
            break
    return deepest


def _too_deep() -> InvalidInput:
    return InvalidInput(
        "InvalidRequestContent", f"The request content is nested deeper than {DEEPEST} objects and arrays."
    )


class JsonReader:
    """A recursive descent over the text; `at` is the next character's offset. Methods raise InvalidInput."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def document(self) -> Any:
        value = self.value()
        self.skip()
        if self.at < len(self.text):
            self.fail("there is something after the end of the value")
        return value

    def value(self) -> Any:
        self.skip()
        match self.peek():
            case "{":
                return self.object()
            case "[":
                return self.array()
            case '"' | "'":
                return self.string()
            case "":
                return self.fail("the text ends where a value is needed")
            case _:
                return self.number() if _NUMBER.match(self.text, self.at) else self.word()

    def object(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        self.enter()
        while not self.closed("}"):
            key = self.key()
            self.skip()
            if self.peek() != ":":
                self.fail(f"a ':' is needed after the key '{key}'")
            self.at += 1
            result[key] = self.inside(key)
            self.separator("}")
        return result

    def array(self) -> list[Any]:
        result: list[Any] = []
        self.enter()
        while not self.closed("]"):
            result.append(self.inside(len(result)))
            self.separator("]")
        return result

    def inside(self, _key: str | int) -> Any:
        """The value of a key, or of a place in an array."""
        return self.value()

    def enter(self) -> None:
        self.at += 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise _too_deep()

    def closed(self, bracket: str) -> bool:
        self.skip()
        if self.peek() != bracket:
            return False
        self.at += 1
        self.depth -= 1
        return True

    def separator(self, bracket: str) -> None:
        self.skip()
        if self.peek() == ",":
            self.at += 1
        elif self.peek() != bracket:
            self.fail(f"a ',' or '{bracket}' is needed")

    def key(self) -> str:
        if self.peek() in ('"', "'"):
            return self.string()
        match = _WORD.match(self.text, self.at)
        if match is None:
            self.fail("a key is needed")
        self.at = match.end()
        return match.group()

    def string(self) -> str:
        start = self.at
        quote = self.text[start]
        self.at += 1
        parts: list[str] = []
        while True:
            plain = cast("re.Match[str]", _PLAIN[quote].match(self.text, self.at))
            parts.append(plain.group())
            self.at = plain.end()
            if self.at >= len(self.text):
                self.fail("the string that begins here has no end", start)
            self.at += 1
            if self.text[self.at - 1] == quote:
                return self.whole("".join(parts), start)
            parts.append(self.escape())

    def escape(self) -> str:
        letter = self.peek()
        self.at += 1
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        digits = self.text[self.at : self.at + _HEX_LENGTH.get(letter, 0)]
        if len(digits) != _HEX_LENGTH.get(letter) or not re.fullmatch("[0-9A-Fa-f]+", digits):
            self.fail(f"'\\{letter}' is not an escape", self.at - 2)
        code = int(digits, 16)
        if code > 0x10FFFF:
            self.fail("there is no such character", self.at - 2)
        self.at += len(digits)
        return chr(code)

    def whole(self, text: str, start: int) -> str:
        """Join surrogate pairs; a half of one is no character and cannot be stored."""
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            return self.fail("the string that begins here holds half of a surrogate pair", start)

    def number(self) -> int | float:
        match = cast("re.Match[str]", _NUMBER.match(self.text, self.at))
        text = match.group()
        if _WORD.match(self.text, match.end()):
            self.fail("this is neither a number nor a quoted string")
        self.at = match.end()
        number = float(text)
        if number in (float("inf"), float("-inf")):
            self.fail("the number is too large", match.start())
        is_whole = text.lstrip("+-").isdigit() and len(text) < 20
        return int(text) if is_whole and -(2**63) <= int(text) < 2**64 else number

    def word(self) -> bool | None:
        match = _WORD.match(self.text, self.at)
        if match is None:
            self.fail(f"'{self.peek()}' is not the beginning of a value")
        word = match.group().lower()
        if word not in _WORDS:
            self.fail(f"'{match.group()}' is not a value")
        self.at = match.end()
        return _WORDS[word]

    def skip(self) -> None:
        self.at = cast("re.Match[str]", _BLANKS.match(self.text, self.at)).end()

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        offset = self.at if at is None else at
        before = self.text[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        raise InvalidInput(
            "InvalidRequestContent",
            f"The request content could not be read: at line {line}, column {column}, {reason}.",
        )
