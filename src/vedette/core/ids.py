"""Ids as an argument: random ones for new things, derived ones where a retry must find the same thing again."""

import uuid
from collections.abc import Callable

NewId = Callable[[], str]

_NAMESPACE = uuid.UUID("6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11")


def new_id() -> str:
    """A random GUID in lower-case text."""
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The GUID that these parts always give, so that doing a thing twice names it once."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))
