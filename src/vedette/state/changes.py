"""What a transaction changed, for those who record it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from vedette.state.documents import Document

_INTERNAL = "vedette/"
_SIGN_INS = "vedette.directory/sessions"  # a token that is refreshed changes nothing
_RUNS = (
    "microsoft.logic/workflows/runs",
    "microsoft.logic/workflows/triggers/histories",
    "microsoft.resources/deployments/operations",
)
_AUTOMATION = ("vedette.logic/", "vedette.automation/")  # what is to be gone on with, and when


@dataclass(frozen=True, slots=True)
class Change:
    """A document before and after; None before it was made, and after it was deleted."""

    before: Document | None
    after: Document | None

    @property
    def type(self) -> str:
        """The type of the document."""
        return self.document.type

    @property
    def document(self) -> Document:
        """The document as it is, or was at its end."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class ManyChanges:
    """Documents that were made or deleted together: of a `type`, empty for any, under an id.

    `types` counts them by type; `states` is the SHA-256 of their ids and etags in the order of their ids.
    """

    type: str
    scope: str
    created: int = 0
    deleted: int = 0
    types: Mapping[str, int] = field(default_factory=dict[str, int])
    states: bytes = b""


def counted(states: Iterable[tuple[str, str, str]]) -> tuple[dict[str, int], bytes]:
    """`types` and `states` of documents, each given as its type, key and etag, in the order of their keys."""
    types: dict[str, int] = {}
    digest = hashlib.sha256()
    for type, key, etag in states:
        if is_recorded(type):
            types[type] = types.get(type, 0) + 1
            digest.update(orjson.dumps([key, etag]))
    return types, digest.digest()


def is_recorded(type: str) -> bool:
    """Whether changes of a type are anybody's doing, and not the server's own bookkeeping."""
    return not type.lower().startswith((_INTERNAL, _SIGN_INS, *_RUNS, *_AUTOMATION))
