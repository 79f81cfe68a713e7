"""The second lock on what the engine is given as a query: it must be one SELECT."""

import re

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_WRITES = re.compile(
    r"\b(?:ALTER|ATTACH|CALL|CHECKPOINT|COPY|CREATE|DELETE|DETACH|DROP|EXPORT|IMPORT|INSERT|INSTALL|LOAD|MERGE|PRAGMA|SET|"
    r"TRUNCATE|UPDATE|VACUUM)\b",
    re.IGNORECASE,
)


def only_select(sql: str) -> str:
    """The text, if it is one SELECT and nothing else. The lowering writes no other, so this is a second lock; asking
    the engine's own parser would take longer than compiling the query did."""
    bare = _QUOTED.sub("", sql)
    if not bare.startswith(("SELECT", "WITH")) or ";" in bare or _WRITES.search(bare):
        raise ValueError("the engine runs one SELECT at a time")
    return sql
