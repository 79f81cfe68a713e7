"""On whose behalf the server does something, known wherever a change is recorded."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Who:
    """A caller, or the server itself. `kind` is User, ServicePrincipal, ManagedIdentity or System."""

    name: str
    kind: str = "System"
    object_id: str = ""
    application_id: str = ""
    tenant_id: str = ""
    user_name: str = ""
    ip_address: str = ""


SYSTEM = Who("Vedette")


@dataclass(slots=True)
class Act:
    """What is being done: a request, or work that one began.

    `operation` is the action of Azure that a write of the management plane is, such as
    `Microsoft.SecurityInsights/alertRules/write`, and `resource_id` what it names; both are empty for all else.
    `is_told` once a record says that it was done.
    """

    who: Who
    began: datetime
    method: str = ""
    uri: str = ""
    request_id: str = ""
    correlation_id: str = ""
    client_request_id: str = ""
    operation: str = ""
    resource_id: str = ""
    is_told: bool = False


_ACT: ContextVar[Act | None] = ContextVar("act", default=None)


def current_act() -> Act | None:
    """What is being done in this context; None for what the server does of its own account."""
    return _ACT.get()


@contextmanager
def acting(act: Act) -> Generator[Act]:
    """Do what the block does as part of `act`; threads that are lent to it know it too."""
    token = _ACT.set(act)
    try:
        yield act
    finally:
        _ACT.reset(token)
