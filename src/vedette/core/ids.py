"""Ids as an argument: random ones for new things, derived ones where a retry must find the same thing again."""

import re
import uuid
from collections.abc import Callable
from typing import Final

NewId = Callable[[], str]

_NAMESPACE = uuid.UUID("6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11")


GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A GUID with its dashes and nothing around it, in any casing."""


def new_id() -> str:
    """A random GUID in lower-case text."""
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The GUID that these parts always give, so that doing a thing twice names it once."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))
