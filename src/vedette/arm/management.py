"""The server's own management plane as its parts may ask it: on somebody's behalf, with their rights and no others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vedette.access.principals import Principal
from vedette.arm.call import Answer
from vedette.arm.resource import ResourceTypes


@dataclass(frozen=True, slots=True)
class Scripts:
    """What scripts of templates are given: the server's https address, its authority's certificate, and tokens of an
    identity, by its object id and what they are for; asking for one raises VedetteError where there is none. Folders in
    `hidden` are not shown to them."""

    server: str
    authority: Path
    hidden: tuple[Path, ...]
    token: Callable[[str, str], Mapping[str, Any]]


class Management(Protocol):
    """Requests to the management plane inside the process."""

    @property
    def types(self) -> ResourceTypes:
        """The resource types that are served."""
        ...

    @property
    def scripts(self) -> Scripts | None:
        """What scripts of templates are given; None where none is run."""
        ...

    def caller(self, object_id: str) -> Principal | None:
        """An object of the directory as a caller now; None for one that is gone or may not sign in."""
        ...

    def call(self, principal: Principal, method: str, address: str, body: Any = None, *, base: str = "") -> Answer:
        """The answer to a request, which is checked and recorded as the principal's. `address` is a path with its
        query, `base` what links in the answer begin with. Raises VedetteError."""
        ...

    def check(self, principal: Principal, method: str, address: str, body: Any = None) -> None:
        """Return if nothing speaks against a request that would write, as far as it can be told without doing it.
        Raises VedetteError."""
        ...

    def rehearse(self, principal: Principal, address: str, body: Any) -> dict[str, Any] | None:
        """What a PUT on an existing resource would leave of it; nothing is changed. None where it cannot be told.
        Raises VedetteError."""
        ...

    def environment(self, base: str) -> dict[str, Any]:
        """The cloud as it describes itself to who reaches it at `base`, an address without a final slash, or ""."""
        ...
