"""A request to Microsoft Graph, read, and what every handler of one asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette.access.directory_changes import DirectoryChanges, not_found
from vedette.access.directory_objects import DirectoryObject, Kind
from vedette.access.principals import Principal
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, Unsupported


@dataclass(frozen=True, slots=True)
class GraphCall:
    """The path's segments after the version, the query, the body of what is posted, whose it is, its address, and its
    headers by lower-case names."""

    services: Services
    changes: DirectoryChanges
    method: str
    version: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    body: Any
    principal: Principal
    address: str
    headers: Mapping[str, str]

    def object(self, kind: Kind, id: str) -> DirectoryObject:
        """The object of an id, or for a user of a name. Raises NotFound."""
        found = self.services.directory.get(id)
        if found is None and kind is Kind.USER and "@" in id:
            found = self.services.directory.user(id)
        if found is None or found.kind is not kind:
            raise not_found(id)
        return found

    def sent(self) -> dict[str, Any]:
        """The body. Raises InvalidInput for one that is no object."""
        if not isinstance(self.body, dict):
            raise InvalidInput("BadRequest", "The body must be a JSON object.")
        return self.body

    def not_served(self) -> Unsupported:
        """What is said of a call that Graph knows and this server does not."""
        path = "/".join(self.segments)[:200]
        return Unsupported("NotImplemented", f"{self.method} /{path} of Microsoft Graph is not served here.")
