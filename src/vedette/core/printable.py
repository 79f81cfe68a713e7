"""Text of others on a terminal: a log record or a rule's title must not be able to steer it."""

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {9: "\\t", 10: "\\n", 13: "\\r"}

_WITHIN_LINES = {code: told for code, told in _CONTROLS.items() if code not in (9, 10)}


def printable(text: str) -> str:
    """The text on one line, with control characters spelled out."""
    return text.translate(_CONTROLS)


def printable_lines(text: str) -> str:
    """A text of several lines, with what is set in by tabs, and other control characters spelled out."""
    return text.translate(_WITHIN_LINES)
