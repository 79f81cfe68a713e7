"""People and programs signing in: what is checked before anybody is given a token."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from vedette.access.client_assertions import Assertions
from vedette.access.directory import Directory
from vedette.access.directory_objects import DirectoryObject, Kind
from vedette.access.failed_sign_ins import FailedSignIns
from vedette.access.grants import Grants
from vedette.access.secret_hashes import matches_secret, spend_time
from vedette.access.sessions import Sessions

PASSWORD = "password"


class BadSignIn(StrEnum):
    """Why somebody is not let in."""

    WRONG = "wrong"
    LOCKED = "locked"
    DISABLED = "disabled"


class SignInRefused(Exception):
    """Somebody is not let in; `reason` says why."""

    def __init__(self, reason: BadSignIn, name: str) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.name = name


@dataclass(frozen=True, slots=True)
class SignIns:
    """What signing in needs. `anybody` is the user or service principal that any credential at all is taken for, empty
    where credentials are checked, as they are unless the server was told otherwise."""

    directory: Directory
    sessions: Sessions
    anybody: str = ""
    grants: Grants = field(default_factory=Grants)
    failures: FailedSignIns = field(default_factory=FailedSignIns)
    client_failures: FailedSignIns = field(default_factory=partial(FailedSignIns, of_address=False))
    assertions: Assertions = field(default_factory=Assertions)

    def user(self, name: str, password: str, address: str) -> DirectoryObject:
        """The user of a name and password, asked for from an address. Takes tens of milliseconds: call it in a thread.

        Raises SignInRefused; an unknown name looks like a wrong password.
        """
        now = self.directory.clock.now()
        if self.failures.is_locked(name, address, now):
            raise SignInRefused(BadSignIn.LOCKED, name)
        user = self.directory.user(name)
        hashed = None if user is None else user.secrets.get(PASSWORD)
        if hashed is None or user is None:
            spend_time(password)
        if user is None or hashed is None or not matches_secret(hashed, password):
            self.failures.failed(name, address, now)
            raise SignInRefused(BadSignIn.WRONG, name)
        if not user.is_enabled:
            raise SignInRefused(BadSignIn.DISABLED, name)
        self.failures.succeeded(name, address)
        return user

    def user_of(self, user_id: str) -> DirectoryObject | None:
        """The user of a session, if it may still sign in."""
        found = self.directory.get(user_id)
        return found if found is not None and found.kind is Kind.USER and found.is_enabled else None
