"""A request to the management plane and its answer, free of HTTP's wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.access.principals import Principal
from vedette.arm.resource_ids import ResourcePath


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks what of which place.

    `query` holds the decoded query parameters, their names in lower case; `base` is the scheme, host and port that
    the caller used; `body` is the value that was read, None when there was none, and `text` what came over HTTP, from
    which it was read. `above` is the id of the nearest document that the place is under, once it was found there.
    """

    method: str
    path: ResourcePath
    principal: Principal
    query: Mapping[str, str]
    base: str = ""
    body: Any = None
    if_match: str | None = None
    if_none_match: str | None = None
    above: str = ""
    text: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON value to send, None for no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
