"""Who a request is from."""

from dataclasses import dataclass, field
from enum import StrEnum


class PrincipalKind(StrEnum):
    """What a caller is, as ARM's `createdByType` tells apart (an application there is a service principal here)."""

    USER = "User"
    SERVICE_PRINCIPAL = "ServicePrincipal"
    MANAGED_IDENTITY = "ManagedIdentity"


@dataclass(frozen=True, slots=True)
class Principal:
    """A known caller: the directory object's id, its application's id if it is an application, and its display name.

    For a user `application_id` is that of the program the user signed in to, if any, and `user_name` the user
    principal name. `groups` are the object ids of all groups that the caller is in, through other groups too. `scopes`
    are what the user let the program do (`scp`), empty for a program that acts for itself. `tenant_id` is another than
    this server's for a caller whose token a trusted issuer gave; `audience` is what the token is for.
    """

    object_id: str
    application_id: str | None
    name: str
    tenant_id: str
    kind: PrincipalKind = PrincipalKind.SERVICE_PRINCIPAL
    groups: frozenset[str] = frozenset()
    user_name: str | None = None
    scopes: frozenset[str] = frozenset()
    audience: str = field(default="", compare=False)
