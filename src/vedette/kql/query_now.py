"""The instant that a query itself says now() means: `set query_now = datetime(…);`, with which alerts begin theirs.

https://learn.microsoft.com/kusto/api/rest/request-properties
"""

from datetime import datetime

from vedette.kql import syntax
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query
from vedette.kql.types import ScalarType

NOW = "query_now"


def query_now(text: str) -> datetime | None:
    """The instant that a query sets as its now, the last one if there are several; None where it sets none."""
    if NOW not in text:
        return None
    try:
        statements = parse_query(text).statements
    except KqlError:  # told where the query is bound
        return None
    found = [asked_now(each) for each in statements if isinstance(each, syntax.Set) and each.name == NOW]
    return found[-1] if found else None


def asked_now(statement: syntax.Set) -> datetime | None:
    """The instant of one statement; None where its value is none."""
    match statement.value:
        case syntax.Literal(type=ScalarType.datetime, value=datetime() as instant):
            return instant
        case _:
            return None
