"""The `api-version` that each management request must carry.

Any well-formed version is served with the newest shape: clients in use send versions from 2015 to next year's.
"""

import re
from datetime import date

from vedette.core.errors import InvalidInput

_VERSION = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:-[a-z]+(?:\.\d+)?)?", re.IGNORECASE)


def require_version(version: str | None) -> str:
    """The version, lower-cased. Raises InvalidInput: MissingApiVersionParameter, or InvalidApiVersionParameter."""
    if not version:
        raise InvalidInput(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    match = _VERSION.fullmatch(version)
    if match is None or not _is_date(*(int(part) for part in match.groups())):
        raise InvalidInput(
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. It is a date such as 2024-03-01 or 2024-01-01-preview.",
        )
    return version.lower()


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
