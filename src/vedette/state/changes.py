"""What a transaction changed, for those who record it."""

from dataclasses import dataclass

from vedette.state.documents import Document

_INTERNAL = "vedette/"
_SIGN_INS = "vedette.directory/sessions"  # a token that is refreshed changes nothing


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
    """Documents that were made or deleted together: of a `type`, empty for any, under an id."""

    type: str
    scope: str
    created: int = 0
    deleted: int = 0


def is_recorded(type: str) -> bool:
    """Whether changes of a type are anybody's doing, and not the server's own bookkeeping."""
    return not type.lower().startswith((_INTERNAL, _SIGN_INS))
