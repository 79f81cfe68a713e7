"""A whole server without HTTP, for resources whose changes queries must see: calls, and queries of its workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedette.access.addresses import make_addresses
from vedette.access.principals import Principal
from vedette.access.role_definitions import READER
from vedette.access.roles import ROLE_ASSIGNMENT
from vedette.api.arm_context import arm_context
from vedette.api.services import Services
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.settings import Settings
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.server.composition import compose

BASE = "https://localhost:8443"


@dataclass(frozen=True)
class Whole:
    services: Services
    principal: Principal

    @property
    def context(self) -> Context:
        return arm_context(self.services)

    @property
    def sentinel(self) -> str:
        """The id that Sentinel's resources of the first workspace begin with."""
        return f"{self.services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"

    def send(self, method: str, place: str, body: Any = None, version: str = "2024-03-01", **query: str) -> Answer:
        """The answer to a call; `place` continues `sentinel`, unless it is a whole id; `query` names without `$`."""
        id = place if place.startswith("/") else f"{self.sentinel}/{place}"
        parameters = {"api-version": version, **{f"${name.lower()}": value for name, value in query.items()}}
        call = Call(method, parse_id(id), self.principal, parameters, BASE, body)
        return answer(self.context, RESOURCE_TYPES, call)

    def make_reader(self, id: str) -> None:
        """Let the principal read what has this id, by an assignment of its own."""
        self.services.roles.assign(self.principal, READER, id)

    def assignments(self, id: str) -> int:
        """How many role assignments are made at this id."""
        return self.services.state.count(ROLE_ASSIGNMENT, id)

    def rows(self, text: str) -> list[list[Any]]:
        """The rows that a query gives."""
        return self.services.logs.query(self.services.estate.workspace_id, text).rows()


@contextmanager
def whole_server(data: Path, **settings: Any) -> Iterator[Whole]:
    """A server over a new data directory, whose clock stands still."""
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    with compose(Settings(data, virtual_clock=True, **settings), addresses) as services:
        owner = services.directory.service_principal(services.estate.client_id)
        assert owner is not None
        yield Whole(services, owner)
