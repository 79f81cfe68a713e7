"""The `$filter` of roles and assignments, a language of its own: `atScope()` and `principalId eq 'x'`, joined by `and`.

https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
"""

import re
from collections.abc import Collection, Mapping

from vedette.core.errors import InvalidInput

_TERM = re.compile(
    r"\s*(?:(?P<function>\w+)\s*\(\s*(?:'(?P<argument>(?:[^']|'')*)')?\s*\)"
    r"|(?P<name>\w+)\s+eq\s+(?:'(?P<text>(?:[^']|'')*)'|(?P<bare>[\w-]+)))\s*(?P<and>and\b|$)",
    re.IGNORECASE,
)
_LONGEST = 2000


def parse_role_filter(text: str | None, known: Collection[str]) -> Mapping[str, str]:
    """What a filter asks for: the terms' names, as in `known`, with their values, "" for a function without one.

    Raises InvalidInput (InvalidFilter) for what it cannot read and for a term that is not in `known`.
    """
    asked: dict[str, str] = {}
    rest = (text or "").strip()
    if len(rest) > _LONGEST:
        raise _refused(rest, known)
    named = {each.lower(): each for each in known}
    while rest:
        term = _TERM.match(rest)
        name = named.get((term["function"] or term["name"]).lower()) if term else None
        if term is None or name is None or name in asked:
            raise _refused(rest, known)
        value = term["argument"] or term["text"] or term["bare"] or ""
        asked[name] = value.replace("''", "'")
        following = rest[term.end() :].strip()
        if bool(term["and"]) is not bool(following):
            raise _refused(rest, known)
        rest = following
    return asked


def _refused(rest: str, known: Collection[str]) -> InvalidInput:
    return InvalidInput(
        "InvalidFilter", f"'$filter' cannot be read at '{rest[:60]}'. Here it takes {', '.join(sorted(known))}."
    )
