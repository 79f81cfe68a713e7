"""The name of a resource whose file gives it none: the same for the same kind and title, on every machine."""

from vedette.content.kinds import Kind
from vedette.core.ids import derived_id


def stable_name(kind: Kind, title: str) -> str:
    """A UUID of version 5 (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5) of kind and title.

    Letter case and blanks around the title make no difference.
    """
    return derived_id("content", kind.name, title.strip().casefold())
