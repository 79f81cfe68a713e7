"""The tenant's directory: who there is, whose groups are whose, and which secrets are right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vedette.access.app_roles import permissions_of
from vedette.access.directory_objects import (
    MEMBERSHIP,
    DirectoryObject,
    Kind,
    document_id,
    object_of,
    principal_of,
    put_object,
    registration,
    time_text,
)
from vedette.access.managed_identities import managed_object_id, put_managed_identity
from vedette.access.memberships import Memberships
from vedette.access.principals import Principal
from vedette.access.secret_hashes import hash_secret, hint_of, matches_secret, spend_time
from vedette.core.clock import Clock
from vedette.core.ids import derived_id
from vedette.state.conditions import Compare, Condition, Order
from vedette.state.store import StateStore, Transaction

_CACHED = 10_000
_PRINCIPAL_TYPES = {Kind.USER: "User", Kind.GROUP: "Group", Kind.SERVICE_PRINCIPAL: "ServicePrincipal"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Who an object is as a caller now; tokens from before `valid_from` are revoked."""

    principal: Principal
    is_enabled: bool
    valid_from: datetime | None


class Directory:
    """The objects of one tenant. Its methods may be called from any thread."""

    def __init__(self, state: StateStore, tenant_id: str, clock: Clock) -> None:
        """`clock` is the machine's own: secrets run out by real time, as tokens do."""
        self._state = state
        self._memberships = Memberships(state)
        self._standings: tuple[tuple[int, ...], dict[str, Standing | None]] = ((), {})
        self.clock = clock
        self.tenant_id = tenant_id

    def get(self, object_id: str) -> DirectoryObject | None:
        """The object of this id, of whichever kind."""
        document = self._state.get(document_id(self.tenant_id, object_id))
        return None if document is None else object_of(document)

    def find(
        self,
        kind: Kind,
        where: Condition | None = None,
        *,
        order: Sequence[Order] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[DirectoryObject]:
        """The objects of a kind. Paths of `where` and `order` are those of documents: below `folded` texts are in lower
        case; below `object` they are as they were written, as which instants are compared."""
        documents = self._state.list(kind.document_type, where=where, order=order, limit=limit, offset=offset)
        return [found for found in map(object_of, documents) if found is not None]

    def count(self, kind: Kind, where: Condition | None = None) -> int:
        """How many `find` would give without a limit."""
        return self._state.count(kind.document_type, where=where)

    def user(self, name: str) -> DirectoryObject | None:
        """The user of a user principal name, in any casing."""
        return self._first(Kind.USER, "userPrincipalName", name)

    def application(self, application_id: str) -> DirectoryObject | None:
        """The registration of an application, by its `appId`."""
        return self._first(Kind.APPLICATION, "appId", application_id)

    def service_principal_of(self, application_id: str) -> DirectoryObject | None:
        """The service principal of an application, by its `appId`."""
        return self._first(Kind.SERVICE_PRINCIPAL, "appId", application_id)

    def service_principal(self, application_id: str) -> Principal | None:
        """The service principal of an application, as a caller."""
        found = self.service_principal_of(application_id)
        return None if found is None else principal_of(found, self.tenant_id, self.groups_of(found.id))

    def groups_of(self, object_id: str) -> frozenset[str]:
        """The ids of the groups that an object is in, through other groups too."""
        return self._memberships.groups_of(object_id)

    def principal_type(self, object_id: str) -> str | None:
        """What a role may be given to as: `User`, `Group` or `ServicePrincipal`; None for what is none of them."""
        found = self.get(object_id)
        return None if found is None else _PRINCIPAL_TYPES.get(found.kind)

    def members_of(self, group_id: str, *, transitive: bool = False) -> list[str]:
        """The ids of a group's members, those of groups in it too where that is asked for."""
        return self._memberships.members_of(group_id, transitive=transitive)

    def direct_groups_of(self, object_id: str) -> list[str]:
        """The ids of the groups that name the object itself."""
        return self._memberships.direct_groups_of(object_id)

    def permissions_of(self, object_id: str) -> frozenset[str]:
        """The names of Microsoft Graph's application permissions that a service principal was given."""
        return permissions_of(self._state, self.tenant_id, object_id)

    def standing(self, object_id: str) -> Standing | None:
        """Who an object is as a caller; None if there is no such object. Quick: each request asks."""
        version = tuple(self._state.version(type) for type in _STANDING_TYPES)
        if self._standings[0] != version or len(self._standings[1]) >= _CACHED:
            self._standings = (version, {})
        known = self._standings[1]
        key = object_id.lower()
        if key not in known:
            known[key] = self._standing(key)
        return known[key]

    def caller(self, object_id: str) -> Principal | None:
        """An object as a caller; None for one that is gone or may not sign in."""
        standing = self.standing(object_id)
        return standing.principal if standing is not None and standing.is_enabled else None

    def secret_state(self, holders: Iterable[DirectoryObject], secret: str) -> str:
        """`valid`, `expired` or `unknown`: what a secret is to an application and its service principal.

        Takes tens of milliseconds on purpose, also where they hold no secret that begins like this one.
        """
        state, now = "unknown", time_text(self.clock.now())
        held = [
            (credential.get("endDateTime"), hashed)
            for holder in holders
            for credential in holder.shown.get("passwordCredentials", ())
            if (hashed := holder.secrets.get(credential["keyId"])) is not None
            and credential.get("hint") in (None, hint_of(secret))
            and (credential.get("startDateTime") or now) <= now
        ]
        if not held:
            spend_time(secret)
        for ends, hashed in held:
            if matches_secret(hashed, secret):
                if ends is None or now < ends:
                    return "valid"
                state = "expired"
        return state

    def ensure_service_principal(
        self, *, application_id: str, object_id: str, name: str, secret: str | None = None
    ) -> Principal:
        """The service principal of this application, made if it does not exist yet, with `secret` if there is one."""
        principal = self.service_principal(application_id)
        if principal is not None:
            return principal
        secrets = {derived_id("first secret", application_id): hash_secret(secret)} if secret else {}
        now = time_text(self.clock.now())
        application, made = registration(application_id, object_id, name, now, secrets)
        with self._state.transaction() as transaction:
            self.save(transaction, application)
            self.save(transaction, made)
        return principal_of(made, self.tenant_id)

    def managed_identity(self, resource_id: str) -> Principal:
        """The identity of an ARM resource, made with ids derived from the resource's id if it does not exist yet.

        Within a transaction of the state store `put_managed_identity` does the same.
        """
        found = self.get(managed_object_id(resource_id))
        if found is None:
            with self._state.transaction() as transaction:
                found = put_managed_identity(transaction, self.tenant_id, resource_id, self.clock.now())
        return principal_of(found, self.tenant_id, self.groups_of(found.id))

    def save(self, transaction: Transaction, object: DirectoryObject) -> None:
        """Write an object's document."""
        put_object(transaction, self.tenant_id, object)

    def _first(self, kind: Kind, property: str, value: str) -> DirectoryObject | None:
        found = self.find(kind, Compare(("folded", property), "eq", value.lower()), limit=1)
        return found[0] if found else None

    def _standing(self, object_id: str) -> Standing | None:
        found = self.get(object_id)
        if found is None or found.kind in (Kind.GROUP, Kind.APPLICATION):
            return None
        groups = self.groups_of(object_id)
        return Standing(principal_of(found, self.tenant_id, groups), found.is_enabled, found.sessions_valid_from)


_STANDING_TYPES = (Kind.USER.document_type, Kind.SERVICE_PRINCIPAL.document_type, MEMBERSHIP, Kind.GROUP.document_type)
