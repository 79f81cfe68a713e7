"""Changes to the directory: objects made, changed and removed, with all that hangs on them, each in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.access.app_roles import assignments_of, graph_object_id
from vedette.access.credentials import Certificate, with_certificates, with_new_secret, without_secret
from vedette.access.directory import Directory
from vedette.access.directory_objects import (
    MANAGED,
    MEMBERSHIP,
    DirectoryObject,
    Kind,
    application_facts,
    document_id,
    membership_id,
    put_object,
    service_principal_facts,
    time_text,
)
from vedette.access.directory_schema import checked, password_of, require
from vedette.access.estate import Estate
from vedette.access.secret_hashes import hash_secret, matches_secret
from vedette.access.sessions import Sessions
from vedette.access.sign_ins import PASSWORD
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.core.ids import NewId
from vedette.state.store import StateStore, Transaction


@dataclass(frozen=True, slots=True)
class DirectoryChanges:
    """Writes to one tenant's directory. Secrets are hashed before a transaction begins, for that takes time."""

    state: StateStore
    directory: Directory
    sessions: Sessions
    estate: Estate = field(repr=False)
    new_id: NewId

    def create(self, kind: Kind, sent: Mapping[str, Any]) -> DirectoryObject:
        """A new object. Raises InvalidInput, also for a user's name that is taken, Conflict for an application that has
        a service principal, and Unsupported."""
        match kind:
            case Kind.USER:
                made = self._new_user(sent)
            case Kind.GROUP:
                made = self._new_group(sent)
            case Kind.APPLICATION:
                made = self._new_application(sent)
            case Kind.SERVICE_PRINCIPAL:
                made = self._new_service_principal(sent)
        with self.state.transaction() as transaction:
            self._check_names(made)
            put_object(transaction, self.directory.tenant_id, made)
        return made

    def update(self, object: DirectoryObject, sent: Mapping[str, Any]) -> DirectoryObject:
        """Some properties of an object put to other values. Raises InvalidInput, also for what would disable the
        server's own client, Unsupported, and Conflict where the object was changed meanwhile."""
        _refuse_managed(object)
        taken = checked(object.kind, sent)
        changed = object
        if "passwordCredentials" in taken and taken.pop("passwordCredentials") != object.shown["passwordCredentials"]:
            raise InvalidInput("Request_BadRequest", "Secrets are changed with addPassword and removePassword.")
        certificates = taken.pop("keyCredentials", None)
        if certificates is not None:
            changed = with_certificates(changed, certificates, self.new_id)
        profile = taken.pop("passwordProfile", None)
        if profile is not None:
            changed = changed.with_secret(PASSWORD, hash_secret(password_of(profile)))
            taken["signInSessionsValidFromDateTime"] = self.directory.clock.now().isoformat()
        if "appId" in taken and taken["appId"] != object.application_id:
            raise InvalidInput("Request_BadRequest", "The property 'appId' cannot be changed.")
        changed = changed.with_shown(**taken)
        if not changed.is_enabled:
            self._refuse_own(object, "disabled")
        with self.state.transaction() as transaction:
            self._check_names(changed)
            put_object(transaction, self.directory.tenant_id, changed)
            if profile is not None:
                self.sessions.end_all(transaction, object.id)
        return changed

    def delete(self, object: DirectoryObject) -> None:
        """Remove an object, its memberships and sessions; with an application its service principal. Raises
        InvalidInput for what the server itself cannot do without."""
        _refuse_managed(object)
        self._refuse_own(object, "removed")
        if object.id == graph_object_id(self.directory.tenant_id):
            raise InvalidInput("Request_BadRequest", "Microsoft Graph's service principal cannot be deleted.")
        with self.state.transaction() as transaction:
            self._remove(transaction, object)
            if object.kind is Kind.APPLICATION and object.application_id:
                principal = self.directory.service_principal_of(object.application_id)
                if principal is not None:
                    self._remove(transaction, principal)

    def revoke_sessions(self, user: DirectoryObject) -> None:
        """End a user's sessions: every token from before this instant is refused."""
        now = self.directory.clock.now().isoformat()
        with self.state.transaction() as transaction:
            put_object(transaction, self.directory.tenant_id, user.with_shown(signInSessionsValidFromDateTime=now))
            self.sessions.end_all(transaction, user.id)

    def add_secret(self, object: DirectoryObject, sent: Mapping[str, Any]) -> dict[str, Any]:
        """What Graph shows of a new secret of an application or service principal; its text is told now and never
        again. Raises InvalidInput."""
        _refuse_managed(object)
        changed, made = with_new_secret(object, sent, self.new_id(), self.directory.clock.now())
        self._put(changed)
        return made

    def remove_secret(self, object: DirectoryObject, key_id: str) -> None:
        """Remove a secret. Raises InvalidInput where there is none of this id, and for that of the server's own client
        which the data directory holds."""
        hashed = object.secrets.get(key_id.lower())
        if hashed is not None and self._is_own(object) and matches_secret(hashed, self.estate.client_secret):
            self._refuse_own(object, "left without the secret that the data directory holds")
        self._put(without_secret(object, key_id))

    def add_member(self, group: DirectoryObject, member: DirectoryObject) -> None:
        """Put an object into a group. Raises InvalidInput for the group itself, an application, and what is in it."""
        tenant_id = self.directory.tenant_id
        if member.kind is Kind.APPLICATION or member.id == group.id:
            raise InvalidInput("Request_BadRequest", f"The object '{member.id}' cannot be a member of this group.")
        id = membership_id(tenant_id, group.id, member.id)
        with self.state.transaction() as transaction:
            if transaction.get(id) is not None:
                raise InvalidInput(
                    "Request_BadRequest",
                    "One or more added object references already exist for the following "
                    "modified properties: 'members'.",
                )
            transaction.put(
                id=id,
                type=MEMBERSHIP,
                scope=document_id(tenant_id, group.id),
                name=member.id,
                body={"groupId": group.id.lower(), "memberId": member.id.lower()},
            )

    def remove_member(self, group: DirectoryObject, member_id: str) -> None:
        """Take an object out of a group. Raises NotFound."""
        with self.state.transaction() as transaction:
            if not transaction.delete(membership_id(self.directory.tenant_id, group.id, member_id)):
                raise not_found(member_id)

    def _is_own(self, object: DirectoryObject) -> bool:
        """Whether it is the client that the command line signs in with, or its service principal."""
        return str(object.application_id).lower() == self.estate.client_id.lower()

    def _refuse_own(self, object: DirectoryObject, done: str) -> None:
        """Without it no command works any more, this one's undoing neither. Raises InvalidInput."""
        if self._is_own(object):
            raise InvalidInput(
                "Request_BadRequest",
                f"{object.name} is the client that vedette's commands sign in with; it cannot be {done}. What it may "
                "do is taken from it by removing its role assignments.",
            )

    def _put(self, object: DirectoryObject) -> None:
        with self.state.transaction() as transaction:
            put_object(transaction, self.directory.tenant_id, object)

    def _remove(self, transaction: Transaction, object: DirectoryObject) -> None:
        tenant_id = self.directory.tenant_id
        for group in self.directory.direct_groups_of(object.id):
            transaction.delete(membership_id(tenant_id, group, object.id))
        for document in assignments_of(self.state, object.id):
            transaction.delete(document.id)
        self.sessions.end_all(transaction, object.id)
        transaction.delete_below(document_id(tenant_id, object.id))
        transaction.delete(document_id(tenant_id, object.id))

    def _new_user(self, sent: Mapping[str, Any]) -> DirectoryObject:
        taken = checked(Kind.USER, sent)
        require(Kind.USER, taken, "displayName", "userPrincipalName", "passwordProfile")
        hashed = hash_secret(password_of(taken.pop("passwordProfile")))
        usual = {"accountEnabled": True, "businessPhones": [], "userType": "Member"}
        return self._made(Kind.USER, usual | taken, {PASSWORD: hashed})

    def _new_group(self, sent: Mapping[str, Any]) -> DirectoryObject:
        taken = checked(Kind.GROUP, sent)
        require(Kind.GROUP, taken, "displayName")
        return self._made(Kind.GROUP, {"groupTypes": [], "mailEnabled": False, "securityEnabled": True} | taken)

    def _new_application(self, sent: Mapping[str, Any]) -> DirectoryObject:
        taken = checked(Kind.APPLICATION, sent)
        require(Kind.APPLICATION, taken, "displayName")
        certificates = _certificates_of(taken)
        facts = application_facts() | {"appId": self.new_id()}
        return with_certificates(self._made(Kind.APPLICATION, facts | taken), certificates, self.new_id)

    def _new_service_principal(self, sent: Mapping[str, Any]) -> DirectoryObject:
        taken = checked(Kind.SERVICE_PRINCIPAL, sent)
        require(Kind.SERVICE_PRINCIPAL, taken, "appId")
        application = self.directory.application(taken["appId"])
        if application is None:
            raise InvalidInput(
                "Request_BadRequest",
                f"The appId '{taken['appId']}' of the service principal does not reference a valid application object.",
            )
        certificates = _certificates_of(taken)
        application_id = str(application.application_id)
        facts = service_principal_facts(application_id) | {
            "appId": application_id,
            "displayName": application.name,
            "appOwnerOrganizationId": self.directory.tenant_id,
            "servicePrincipalNames": [application_id, *application.shown["identifierUris"]],
        }
        given = {name: value for name, value in taken.items() if value is not None and name != "appId"}
        return with_certificates(self._made(Kind.SERVICE_PRINCIPAL, facts | given), certificates, self.new_id)

    def _made(self, kind: Kind, shown: dict[str, Any], secrets: Mapping[str, str] | None = None) -> DirectoryObject:
        created = {"createdDateTime": time_text(self.directory.clock.now())}
        return DirectoryObject(self.new_id(), kind, shown | created, secrets or {})

    def _check_names(self, object: DirectoryObject) -> None:
        """Raises Conflict or InvalidInput where another object has a name that only one may have."""
        if object.kind is Kind.USER:
            name = str(object.shown.get("userPrincipalName") or "")
            if not 3 <= len(name) <= 113 or name.count("@") != 1 or not name.isprintable() or " " in name:
                raise InvalidInput("Request_BadRequest", "Property 'userPrincipalName' is invalid: it is name@domain.")
            other = self.directory.user(name)
            if other is not None and other.id != object.id:
                raise InvalidInput(
                    "Request_BadRequest",
                    "Another object with the same value for property userPrincipalName already exists.",
                )
        if object.kind is Kind.SERVICE_PRINCIPAL:
            other = self.directory.service_principal_of(str(object.application_id))
            if other is not None and other.id != object.id:
                raise Conflict(
                    "Request_MultipleObjectsWithSameKeyValue",
                    "The service principal cannot be created, updated, or restored because the service principal name "
                    f"{object.application_id} is already in use.",
                )


def not_found(object_id: str) -> NotFound:
    """What is said of an object that does not exist."""
    return NotFound(
        "Request_ResourceNotFound",
        f"Resource '{object_id[:100]}' does not exist or one of its queried reference-property objects are "
        "not present.",
    )


def _certificates_of(taken: dict[str, Any]) -> list[Certificate]:
    """The certificates that were sent with a new object, taken out of it. Raises InvalidInput for secrets."""
    if taken.pop("passwordCredentials", None):
        raise InvalidInput("Request_BadRequest", "Secrets are made with addPassword.")
    return taken.pop("keyCredentials", None) or []


def _refuse_managed(object: DirectoryObject) -> None:
    """A managed identity lives and dies with its resource. Raises InvalidInput."""
    if object.shown.get("servicePrincipalType") == MANAGED:
        raise InvalidInput(
            "Request_BadRequest", "A managed identity is changed by way of the resource that it belongs to."
        )
