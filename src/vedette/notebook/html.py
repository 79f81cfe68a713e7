"""Tables as notebooks show them. Every value is text that somebody else wrote, and is escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

import orjson

_CELL = 300
_SEVERITIES = {"High": "#c0392b", "Medium": "#d68910", "Low": "#2e86c1", "Informational": "#7f8c8d"}


def table_html(names: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """A table with a line of names; the caption stands below it."""
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    below = f"<p><small>{escape(caption)}</small></p>" if caption else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def facts_html(title: str, facts: Iterable[tuple[str, Any]]) -> str:
    """A heading and a table of what is known."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>{_cell(value)}</tr>" for name, value in facts if value
    )
    return f"<b>{escape(title)}</b><table><tbody>{rows}</tbody></table>"


def shown(value: Any) -> str:
    """A value as text, cut where it is long."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ").replace("+00:00", "Z")
    elif isinstance(value, dict | list | tuple):
        text = orjson.dumps(value, default=str).decode()
    else:
        text = str(value)
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"


def _cell(value: Any) -> str:
    text = shown(value)
    color = _SEVERITIES.get(text)
    style = f" style='text-align:left;color:{color};font-weight:bold'" if color else " style='text-align:left'"
    return f"<td{style}>{escape(text)}</td>"
