"""Where in a line an event begins that says its format in its first letters, as CEF and LEEF do."""

import re
from typing import Final

SEARCHED: Final = 2048
"""Characters in which the event must begin: what comes before is a syslog header."""


def find_event(text: str, mark: str, begin: re.Pattern[str]) -> int:
    """The first place of `mark` in the text at which `begin` matches; -1 where there is none."""
    at = text.find(mark, 0, SEARCHED)
    while at >= 0 and begin.match(text, at) is None:
        at = text.find(mark, at + 1, SEARCHED)
    return at
