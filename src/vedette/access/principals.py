"""Who a request is from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A known caller: the directory object's id, its application's id if it is an application, and its display name."""

    object_id: str
    application_id: str | None
    name: str
    tenant_id: str
