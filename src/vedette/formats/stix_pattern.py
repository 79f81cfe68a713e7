"""STIX patterns read as far as indicators need them: the comparisons of an observation, and whether the whole is one.

The language: https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from vedette.core.errors import InvalidInput

_LONGEST = 10_000
_DEEPEST = 50
_TOKEN = re.compile(
    r"\s*(?:(?P<text>[bht]?'(?:[^'\\]|\\.)*')"
    r"|(?P<mark><=|>=|!=|<>|[=<>\[\](),:.*])"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?(?![\w-]))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*))",
    re.DOTALL,
)
_MARKS = frozenset({"=", "!=", "<>", "<", ">", "<=", ">="})
_WORDS = frozenset({"IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`object:path operator value`, such as `file:hashes.'SHA-256' = '…'`.

    `object` is in lower case, `path` its steps without quotes, list positions as `[0]` or `[*]`; `operator` is in
    upper case, `EXISTS` where there are no values; `values` are as texts.
    """

    object: str
    path: tuple[str, ...]
    operator: str
    values: tuple[str, ...]
    is_negated: bool = False


def parse_pattern(text: str) -> list[Comparison]:
    """The comparisons of a pattern in their order. Raises InvalidInput (InvalidPattern) with a position."""
    if len(text) > _LONGEST:
        raise InvalidInput("InvalidPattern", f"The pattern is longer than {_LONGEST} characters.")
    return _Parser(text).pattern()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.next = 0
        self.depth = 0
        self.found: list[Comparison] = []
        self.tokens = self.split()

    def split(self) -> list[_Token]:
        tokens: list[_Token] = []
        at, end = 0, len(self.text.rstrip())
        while at < end:
            match = _TOKEN.match(self.text, at)
            if match is None or match.lastgroup is None:
                self.fail(at + len(self.text[at:]) - len(self.text[at:].lstrip()))
            tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            at = match.end()
        return [*tokens, _Token("end", "", end)]

    def pattern(self) -> list[Comparison]:
        self.observations()
        if self.token.kind != "end":
            self.fail()
        return self.found

    def observations(self) -> None:
        self.observation()
        while self.word("AND", "OR", "FOLLOWEDBY"):
            self.observation()

    def observation(self) -> None:
        if self.mark("("):
            self.deeper()
            self.observations()
            self.need(")")
            self.depth -= 1
        else:
            self.need("[")
            self.comparisons()
            self.need("]")
        self.qualifiers()

    def qualifiers(self) -> None:
        while True:
            if self.word("WITHIN"):
                self.kind("number")
                if not self.word("SECONDS"):
                    self.fail()
            elif self.word("REPEATS"):
                self.kind("number")
                if not self.word("TIMES"):
                    self.fail()
            elif self.word("START"):
                self.kind("text")
                if not self.word("STOP"):
                    self.fail()
                self.kind("text")
            else:
                return

    def comparisons(self) -> None:
        self.comparison()
        while self.word("AND", "OR"):
            self.comparison()

    def comparison(self) -> None:
        if self.mark("("):
            self.deeper()
            self.comparisons()
            self.need(")")
            self.depth -= 1
            return
        negated = self.word("NOT")
        if self.word("EXISTS"):
            self.found.append(Comparison(*self.path(), "EXISTS", (), negated))
            return
        object, path = self.path()
        negated = self.word("NOT") or negated
        token = self.advance()
        operator = token.text.upper()
        if operator not in (_MARKS if token.kind == "mark" else _WORDS):
            self.fail(token.at)
        values = self.set() if operator == "IN" else (self.literal(),)
        self.found.append(Comparison(object, path, operator, values, negated))

    def path(self) -> tuple[str, tuple[str, ...]]:
        object = self.kind("word").text.lower()
        self.need(":")
        steps = [self.step()]
        while True:
            if self.mark("."):
                steps.append(self.step())
            elif self.mark("["):
                token = self.advance()
                if token.text != "*" and token.kind != "number":
                    self.fail(token.at)
                steps.append(f"[{token.text}]")
                self.need("]")
            else:
                return object, tuple(steps)

    def step(self) -> str:
        token = self.advance()
        if token.kind == "text" and token.text.startswith("'"):
            return _plain(token.text)
        if token.kind != "word":
            self.fail(token.at)
        return token.text

    def set(self) -> tuple[str, ...]:
        self.need("(")
        values = [self.literal()]
        while self.mark(","):
            values.append(self.literal())
        self.need(")")
        return tuple(values)

    def literal(self) -> str:
        token = self.advance()
        if token.kind == "text":
            return _plain(token.text)
        if token.kind == "number" or (token.kind == "word" and token.text.lower() in ("true", "false")):
            return token.text
        self.fail(token.at)

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def advance(self) -> _Token:
        token = self.token
        if token.kind == "end":
            self.fail()
        self.next += 1
        return token

    def kind(self, kind: str) -> _Token:
        token = self.advance()
        if token.kind != kind:
            self.fail(token.at)
        return token

    def mark(self, text: str) -> bool:
        return self.take("mark", text)

    def word(self, *texts: str) -> bool:
        return any(self.take("word", text) for text in texts)

    def take(self, kind: str, text: str) -> bool:
        if self.token.kind != kind or self.token.text.upper() != text:
            return False
        self.next += 1
        return True

    def need(self, text: str) -> None:
        if not self.mark(text):
            self.fail()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise InvalidInput("InvalidPattern", f"The pattern is nested more than {_DEEPEST} deep.")

    def fail(self, at: int | None = None) -> NoReturn:
        place = self.token.at if at is None else at
        rest = self.text[place:].strip()[:20]
        found = f"'{rest}'" if rest else "its end"
        raise InvalidInput(
            "InvalidPattern", f"The pattern is no STIX pattern, such as [url:value = 'x']: see {found} at {place + 1}."
        )


def _plain(text: str) -> str:
    """A literal without its quotes, prefix and escapes."""
    return _ESCAPED.sub(r"\1", text[text.index("'") + 1 : -1])
