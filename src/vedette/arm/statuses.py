"""The HTTP status of each class of errors, as Azure Resource Manager has them."""

from collections.abc import Mapping
from typing import Final

from vedette.core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Throttled,
    TimedOut,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
    VedetteError,
)

STATUS: Final[Mapping[type[VedetteError], int]] = {
    InvalidInput: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    PreconditionFailed: 412,
    TooLarge: 413,
    Throttled: 429,
    Unsupported: 501,
    Unavailable: 503,
    TimedOut: 504,
}


def usual_status(error: VedetteError) -> int:
    """The status of an error where an API has no other for it; 500 for one of no class that is known."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
