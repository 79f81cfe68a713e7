"""Functions in Python on ClickHouse: the reference templates that are a call of one, in its words."""

import re
from functools import lru_cache

from vedette.kql.functions.entry import SqlTemplate

_CALL = re.compile(r"\bpy_[a-z0-9]+_\w+(?=\()")
_WRITTEN_OTHERWISE = (
    (re.compile(r"CAST\(CAST\((\{\w+\}) AS JSON\) AS VARCHAR\)"), r"\1"),
    (re.compile(r"CAST\(to_json\((\{\w+\})\) AS VARCHAR\)"), r"toJSONString(\1)"),
    (re.compile(r"^CAST\(CAST\((.*) AS JSON\) AS VARIANT\)$"), r"\1"),
    (re.compile(r"^CAST\((.*) AS VARIANT\)$"), r"\1"),
)
_KNOWN = re.compile(
    r"(?:py_[a-z0-9]+_\w+\(|coalesce\(|toJSONString\(|kql_dynamic_to_string\(|kql_geo_shape\(|\{\w+\}|'[^'\\]*'|\d+|NULL"
    r"|[(), ]| = )+"
)


@lru_cache(maxsize=1024)
def python_call(sql: SqlTemplate) -> tuple[str, frozenset[str]] | None:
    """The template and the functions that it calls; None for one that is more than calls of functions in Python, their
    arguments and conversions of what they give. A dynamic is JSON text here, as these functions take and give it."""
    if not isinstance(sql, str) or "py_" not in sql:
        return None
    for pattern, replacement in _WRITTEN_OTHERWISE:
        sql = pattern.sub(replacement, sql)
    return (sql, frozenset(_CALL.findall(sql))) if _KNOWN.fullmatch(sql) else None
