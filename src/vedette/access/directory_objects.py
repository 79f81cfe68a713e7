"""What the directory keeps: users, groups, applications, service principals, each a state document.

The body has three parts. `object` is what Microsoft Graph shows, `secrets` what nothing ever shows, so that a reader of
the first cannot reach the second; `folded` is `object` in lower case, by which it is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from vedette.access.principals import Principal, PrincipalKind
from vedette.core.errors import Conflict
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.state.documents import Document
from vedette.state.store import Transaction

MEMBERSHIP: Final = "Vedette.Directory/memberships"
MANAGED: Final = "ManagedIdentity"


class Kind(StrEnum):
    """The kinds of objects, by the names of their collections in Microsoft Graph."""

    USER = "users"
    GROUP = "groups"
    APPLICATION = "applications"
    SERVICE_PRINCIPAL = "servicePrincipals"

    @property
    def document_type(self) -> str:
        """The type of the objects' documents."""
        return f"Vedette.Directory/{self.value}"

    @property
    def singular(self) -> str:
        """The name of one: `user`, `servicePrincipal`."""
        return self.value.removesuffix("s")


_KINDS: Final = {kind.document_type.lower(): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class DirectoryObject:
    """One object: its id, what Graph shows of it but the id, and its secrets by name or key id: the hashes of passwords
    and of programs' secrets, and certificates as base64 of DER. `etag` is that of the document it was read from, empty
    for a new one."""

    id: str
    kind: Kind
    shown: Mapping[str, Any]
    secrets: Mapping[str, str]
    etag: str = ""

    @property
    def name(self) -> str:
        """Its display name, or its id where it has none."""
        return str(self.shown.get("displayName") or self.id)

    @property
    def is_enabled(self) -> bool:
        """Whether it may sign in."""
        return self.shown.get("accountEnabled", True) is not False

    @property
    def application_id(self) -> str | None:
        """The `appId`, of applications and service principals."""
        return self.shown.get("appId")

    @property
    def sessions_valid_from(self) -> datetime | None:
        """Tokens from before this instant are revoked."""
        text = self.shown.get("signInSessionsValidFromDateTime")
        return datetime.fromisoformat(text) if isinstance(text, str) else None

    def is_revoked(self, signed_in: datetime) -> bool:
        """Whether what was given at a sign-in of this instant is good no more."""
        return self.sessions_valid_from is not None and signed_in < self.sessions_valid_from

    def with_shown(self, **changes: Any) -> "DirectoryObject":
        """The object with other values of what is shown."""
        return replace(self, shown={**self.shown, **changes})

    def with_secret(self, name: str, kept: str | None) -> "DirectoryObject":
        """The object with a secret's hash or a certificate put in under a name, or with None taken out."""
        others = {each: value for each, value in self.secrets.items() if each != name}
        return replace(self, secrets=others if kept is None else others | {name: kept})


def document_id(tenant_id: str, object_id: str) -> str:
    """The id of an object's document, of whichever kind it is."""
    return f"/tenants/{tenant_id}/directory/{object_id.lower()}"


def membership_id(tenant_id: str, group_id: str, member_id: str) -> str:
    """The id of the document that says that one object is in a group."""
    return f"{document_id(tenant_id, group_id)}/members/{member_id.lower()}"


def body_of(object: DirectoryObject) -> dict[str, Any]:
    """The body of an object's document."""
    shown = {**object.shown, "id": object.id}
    return {"object": shown, "folded": folded(shown), "secrets": dict(object.secrets)}


def put_object(transaction: Transaction, tenant_id: str, object: DirectoryObject) -> None:
    """Write an object's document. Raises Conflict where it was changed or removed since the object was read."""
    if object.etag and transaction.get(document_id(tenant_id, object.id)) is None:
        raise Conflict("Request_ResourceNotFound", f"The object '{object.id}' was removed meanwhile.")
    transaction.put(
        id=document_id(tenant_id, object.id),
        type=object.kind.document_type,
        scope=f"/tenants/{tenant_id}",
        name=object.id,
        body=body_of(object),
        etag=object.etag or None,
    )


def object_of(document: Document) -> DirectoryObject | None:
    """The object of a document; None where the document is something else."""
    kind = _KINDS.get(document.type.lower())
    if kind is None or "object" not in document.body:
        return None
    shown = {name: value for name, value in document.body["object"].items() if name != "id"}
    return DirectoryObject(document.body["object"]["id"], kind, shown, document.body["secrets"], document.etag)


def principal_of(object: DirectoryObject, tenant_id: str, groups: frozenset[str] = frozenset()) -> Principal:
    """The caller that an object is when it signs in."""
    if object.kind is Kind.USER:
        name = object.shown.get("userPrincipalName")
        return Principal(object.id, None, object.name, tenant_id, PrincipalKind.USER, groups, name)
    managed = object.shown.get("servicePrincipalType") == MANAGED
    kind = PrincipalKind.MANAGED_IDENTITY if managed else PrincipalKind.SERVICE_PRINCIPAL
    return Principal(object.id, object.application_id, object.name, tenant_id, kind, groups)


def folded(value: Any) -> Any:
    """The value with every text in it in lower case, for comparisons in which case does not matter."""
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, Mapping):
        return {name: folded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [folded(each) for each in value]
    return value


def time_text(instant: datetime) -> str:
    """An instant as Graph writes it, to the second."""
    return arm_time(instant, "seconds")


def application_facts() -> dict[str, Any]:
    """What Graph shows of every application beside its names."""
    return {
        "appRoles": [],
        "identifierUris": [],
        "isFallbackPublicClient": False,
        "keyCredentials": [],
        "passwordCredentials": [],
        "publicClient": {"redirectUris": []},
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": []},
        "tags": [],
        "web": {"redirectUris": []},
    }


def service_principal_facts(application_id: str) -> dict[str, Any]:
    """What Graph shows of every service principal beside its names."""
    return {
        "accountEnabled": True,
        "alternativeNames": [],
        "appRoles": [],
        "appRoleAssignmentRequired": False,
        "keyCredentials": [],
        "passwordCredentials": [],
        "servicePrincipalNames": [application_id],
        "servicePrincipalType": "Application",
        "tags": [],
    }


def registration(
    application_id: str, object_id: str, name: str, created: str, secrets: Mapping[str, str]
) -> tuple[DirectoryObject, DirectoryObject]:
    """An application that the server itself makes, and its service principal, whose id is `object_id`.

    `secrets` are the hashes of the application's, by key id; they do not run out.
    """
    shared = {"appId": application_id, "displayName": name, "createdDateTime": created}
    credentials = [
        {"keyId": key_id, "displayName": "first", "startDateTime": created, "endDateTime": None, "hint": None}
        for key_id in secrets
    ]
    application = shared | application_facts() | {"passwordCredentials": credentials}
    principal = shared | service_principal_facts(application_id)
    return (
        DirectoryObject(derived_id("application", application_id), Kind.APPLICATION, application, secrets),
        DirectoryObject(object_id, Kind.SERVICE_PRINCIPAL, principal, {}),
    )
