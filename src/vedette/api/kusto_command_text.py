"""The text of a management command: its words, and the query that is piped onto its result.

https://learn.microsoft.com/kusto/management/
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN = re.compile(
    r"""\s*(?://[^\n]*\n?\s*)*(?:
        \[\s*"(?P<double_name>[^"]*)"\s*\] | \[\s*'(?P<single_name>[^']*)'\s*\]
        | @?"(?P<double>[^"]*)" | @?'(?P<single>[^']*)'
        | (?P<word>[\w.*:/-]+) | (?P<sign>[^\s])
    )""",
    re.VERBOSE,
)
_NAME: Final = "{name}"
_NAMES: Final = "{names}"
_TITLE_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class CommandText:
    """The words of a command without its dot, in the case that they are written in, and what follows its first pipe."""

    words: tuple[str, ...]
    pipe: str

    @property
    def title(self) -> str:
        """The command as it is spoken of: its first words."""
        return "." + " ".join(self.words[:_TITLE_WORDS])

    def named(self, pattern: str) -> tuple[str, ...] | None:
        """The names in a command of this pattern: words, `{name}` for a name, `{names}` for names in brackets; None
        where it is another command. What stands in a final `with (…)` steers nothing here."""
        words = _without_with(self.words)
        names: list[str] = []
        at = 0
        for expected in pattern.split():
            if expected == _NAMES:
                listed = _listed(words, at)
                if listed is None:
                    return None
                names.extend(listed)
                at = words.index(")", at) + 1
                continue
            if at >= len(words) or (expected != _NAME and words[at].lower() != expected):
                return None
            if expected == _NAME:
                if words[at] in ("(", ")", ","):
                    return None
                names.append(words[at])
            at += 1
        return tuple(names) if at == len(words) else None


def read_command(text: str) -> CommandText:
    """The words of a command and the query after it."""
    words: list[str] = []
    bare = text.strip().removeprefix(".").rstrip("; \n\t\r")
    at = 0
    while at < len(bare):
        found = _TOKEN.match(bare, at)
        if found is None:
            break
        if found["sign"] == "|":
            return CommandText(tuple(words), bare[found.end() :].strip())
        words.append(next(value for value in found.groupdict().values() if value is not None))
        at = found.end()
    return CommandText(tuple(words), "")


def _listed(words: Sequence[str], at: int) -> list[str] | None:
    if at >= len(words) or words[at] != "(" or ")" not in words[at:]:
        return None
    return [word for word in words[at + 1 : words.index(")", at)] if word != ","]


def _without_with(words: tuple[str, ...]) -> tuple[str, ...]:
    folded = [word.lower() for word in words]
    if "with" not in folded or words[-1] != ")":
        return words
    return words[: folded.index("with")]
