"""Templates of function entries: SQL text with named holes that take fragments only."""

import re
from collections.abc import Mapping
from functools import lru_cache

from vedette.sql.fragment import Fragment

_HOLE = re.compile(r"\{(\*?)(\w+)\}")
_NESTING = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[()]")
_CALL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\(")


class Template:
    """A compiled template. A hole between parentheses or commas takes any fragment as it is; elsewhere the fragment
    is made an atom."""

    __slots__ = ("_parts", "copies", "is_atom")

    def __init__(self, text: str) -> None:
        self._parts: list[str | tuple[str, bool, bool]] = []
        self.is_atom = is_atom(_HOLE.sub("x", text))
        holes = _HOLE.findall(text)
        self.copies = calls_macro(text) or len(holes) > len(set(holes))
        end = 0
        for match in _HOLE.finditer(text):
            before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
            is_delimited = before.endswith(("(", ",", "[")) and after.startswith((")", ",", "]"))
            self._parts.append(text[end : match.start()])
            self._parts.append((match.group(2), bool(match.group(1)), is_delimited))
            end = match.end()
        self._parts.append(text[end:])

    def fill(self, arguments: Mapping[str, Fragment], rest: tuple[str, tuple[Fragment, ...]] | None = None) -> str:
        """The text with every hole filled; `rest` is the name and the fragments of a `{*name}` hole."""
        pieces: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            name, is_rest, is_delimited = part
            if is_rest:
                pieces.append(", ".join(fragment.text for fragment in rest[1]) if rest else "")
            else:
                fragment = arguments[name]
                pieces.append(fragment.text if is_delimited else fragment.atom())
        return "".join(pieces)


def calls_macro(text: str) -> bool:
    """Whether an SQL text calls a macro of ours, which may write its arguments more than once."""
    return "kql_" in text


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """The compiled template of a text."""
    return Template(text)


def is_atom(text: str) -> bool:
    """Whether an SQL text is one call, one parenthesised text, one name or one number, from end to end."""
    if re.fullmatch(r"[\w.]+", text):
        return True
    match = _CALL.match(text)
    start = match.end() - 1 if match else (0 if text.startswith("(") else -1)
    return start >= 0 and _closing(text, start) == len(text) - 1


def _closing(text: str, start: int) -> int:
    """Where the parenthesis opened at `start` closes; quoted texts are passed over."""
    depth = 0
    for match in _NESTING.finditer(text, start):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.start()
    return -1
