"""Cuts a query text into tokens with their offsets; knows nothing of grammar."""

import re
from typing import Literal, NamedTuple, get_args

from vedette.kql.diagnostics import Diagnostic, Span

TokenKind = Literal["name", "string", "long", "real", "timespan", "typed", "symbol", "end"]
KINDS: tuple[TokenKind, ...] = get_args(TokenKind)

SUFFIXES = re.findall(
    r"\w+",
    """
    microseconds microsecond microsec micros micro milliseconds millisecond millisec millis milli
    nanoseconds nanosecond nanosec nanos nano minutes minute min seconds second sec
    hours hour hrs hr days day ticks tick ms d h m s
    """,
)
"""The endings that make a number a timespan, longer ones first."""

TYPE_WORDS = re.findall(
    r"\w+",
    """
    boolean bool datetime date decimal double real float guid uuid uniqueid int64 int32 int long timespan time
    """,
)
"""The names that, before a bracket, start a typed constant such as `datetime(2024-01-01)`."""


class Token(NamedTuple):
    """A word, constant or symbol. `text` is the source between the offsets."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.start, self.end)


_TOKEN = re.compile(
    rf"""
    (?P<space> (?: [\s\ufeff\u200b]++ | //[^\r\n]*+ )++ )
  | (?P<plain> [^\W\d]\w*+ (?! \s*+\( | ["'`~@] ) )
  | (?P<symbol> ==|=~|=>|!=|!~|![A-Za-z_]++~?|<>|<=|>=|\.\.|[-+*/%()\[\]{{}},;:.|=<>] )
  | (?P<string>
        [hH]?"(?:[^"\\\r\n]++|\\[^\r\n])*+" | [hH]?'(?:[^'\\\r\n]++|\\[^\r\n])*+'
      | [hH]?@"(?:[^"\r\n]++|"")*+"         | [hH]?@'(?:[^'\r\n]++|'')*+'
      | [hH]?```(?s:.*?)```                 | [hH]?~~~(?s:.*?)~~~ )
  | (?P<unterminated> [hH]?@?["'][^\r\n]* | [hH]?(?:```|~~~)(?s:.*) )
  | (?P<typed>
        (?:{"|".join(TYPE_WORDS)})\s*+\(\s*+
        (?: h?"[^"\r\n]*"\s* | h?'[^'\r\n]*'\s* | [^()"']* ) \) )
  | (?P<timespan> [0-9]++ (?:\.[0-9]++)? (?:{"|".join(SUFFIXES)}) (?!\w) )
  | (?P<real> [0-9]++ (?: \.(?!\.)[0-9]*+ (?:[eE][+-]?[0-9]++)? | [eE][+-]?[0-9]++ ) (?!\w) )
  | (?P<long> (?: 0[xX][0-9a-fA-F]++ | [0-9]++ ) (?!\w) )
  | (?P<in> in~ )
  | (?P<name> \$?\w++ )
  | (?P<unexpected> [^\s\w\ufeff\u200b"'+*/%()\[\]{{}},;:.|=<>-]++ | (?s:.) )
    """,
    re.VERBOSE,
)

_KINDS: dict[str | None, TokenKind] = {
    **{kind: kind for kind in KINDS},
    "plain": "name",
    "in": "symbol",
    "unterminated": "string",
}

_MOST_FINDINGS = 20
PADDING = 4
"""How many `end` tokens follow the last one, the first not counted."""


def tokenize(text: str) -> tuple[list[Token], list[Diagnostic]]:
    """The tokens of `text`, and what could not be read.

    Several `end` tokens stand at the end, so that looking ahead needs no bounds. Unreadable characters are skipped; a
    text constant that never ends is taken to end with its line.
    """
    tokens: list[Token] = []
    findings: list[Diagnostic] = []
    add = tokens.append
    for match in _TOKEN.finditer(text):
        group = match.lastgroup
        if group == "space":
            continue
        start, end = match.span()
        kind = _KINDS.get(group)
        if kind is None:
            findings.append(_unexpected(match.group(), start, end))
            continue
        add(Token(kind, match.group(), start, end))
        if group == "unterminated":
            findings.append(_unterminated(match.group(), start, end))
    size = len(text)
    tokens.extend([Token("end", "", size, size)] * (1 + PADDING))
    return tokens, findings[:_MOST_FINDINGS]


def _unterminated(found: str, start: int, end: int) -> Diagnostic:
    prefix = found.lstrip("hH@")
    quote = prefix[:3] if prefix[:3] in ("```", "~~~") else prefix[:1]
    hint = None
    if "\\" in found and "@" not in found[:2] and len(quote) == 1:
        hint = (
            f"A backslash escapes the character after it; write {quote}\\\\{quote}, or @{quote}…{quote} for plain text."
        )
    return Diagnostic("SYN0004", f"This text is never closed: a {quote} is missing.", Span(start, end), hint)


def _unexpected(found: str, start: int, end: int) -> Diagnostic:
    hint = None
    if found[0] in "“”„«»":
        hint = 'Use straight quotes (").'
    elif found[0] in "‘’‚":
        hint = "Use straight quotes (')."
    elif found.startswith("&"):
        hint = "Use 'and'."
    elif found.startswith("!"):
        hint = "Use 'not(…)'."
    shown = "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in found[:8])
    return Diagnostic("SYN0001", f"Unexpected character '{shown}'.", Span(start, end), hint)
