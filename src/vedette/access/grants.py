"""Grants that live for minutes: authorization codes, and device codes that wait for a person. Kept in memory only.

A restart loses them, which a person mends by beginning again; nothing that was acknowledged hangs on them.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

CODE_LIFETIME: Final = timedelta(minutes=10)
DEVICE_LIFETIME: Final = timedelta(minutes=15)
POLL_SECONDS: Final = 5

_MOST: Final = 10_000
_MOST_OF_ONE: Final = 100  # devices that one address may have waiting
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ23456789"  # none that read as another, no vowels that make words
_USER_CODE_LENGTH: Final = 9


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a person let a program do, until the program redeems the code for it."""

    user_id: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    challenge: str
    signed_in: datetime
    expires: datetime
    session_id: str = ""  # of the refresh token that was given for it


class DeviceState(StrEnum):
    """How far a device's sign-in has come."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Device:
    """A program on a device that shows `user_code` and waits for a person to approve it elsewhere.

    `address` is where it asked from.
    """

    user_code: str
    client_id: str
    scope: str
    expires: datetime
    address: str = ""
    state: DeviceState = DeviceState.PENDING
    user_id: str = ""
    signed_in: datetime | None = None


class Grants:
    """The codes of one server, by their hashes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Authorization] = {}
        self._redeemed: dict[str, Authorization] = {}
        self._devices: dict[str, Device] = {}

    def authorize(self, authorization: Authorization, now: datetime) -> str:
        """The code by which an authorization is redeemed, once."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._open = _unexpired(self._open, now)
            self._redeemed = _unexpired(self._redeemed, now)
            self._open[_hash(code)] = authorization
        return code

    def redeem(self, code: str, now: datetime) -> tuple[Authorization | None, bool]:
        """The authorization of a code, if it is good, and whether the code was redeemed before."""
        key = _hash(code)
        with self._lock:
            found = self._open.pop(key, None)
            if found is None:
                return self._redeemed.get(key), key in self._redeemed
            self._redeemed[key] = found
        return (found if now < found.expires else None), False

    def remember(self, code: str, session_id: str) -> None:
        """Note which session a redeemed code began, for a second redemption ends it."""
        with self._lock:
            found = self._redeemed.get(_hash(code))
            if found is not None:
                self._redeemed[_hash(code)] = replace(found, session_id=session_id)

    def begin_device(self, client_id: str, scope: str, address: str, now: datetime) -> tuple[str, Device] | None:
        """A device code, and what it stands for; None where too many of this address wait already, for a stranger
        must not push out everybody else's."""
        code = secrets.token_urlsafe(32)
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(_USER_CODE_LENGTH))
        device = Device(user_code, client_id, scope, now + DEVICE_LIFETIME, address)
        with self._lock:
            self._devices = _unexpired(self._devices, now)
            if sum(each.address == address for each in self._devices.values()) >= _MOST_OF_ONE:
                return None
            self._devices[_hash(code)] = device
        return code, device

    def waiting(self, user_code: str, now: datetime) -> Device | None:
        """The device that shows this code and still waits."""
        with self._lock:
            found = self._by_user_code(user_code)
        device = None if found is None else found[1]
        return device if device is not None and device.state is DeviceState.PENDING and now < device.expires else None

    def settle(
        self, user_code: str, user_id: str, now: datetime, *, approved: bool, signed_in: datetime | None = None
    ) -> bool:
        """Let a device in as a user, who signed in now or when it says, or turn it away; False where none waits."""
        with self._lock:
            found = self._by_user_code(user_code)
            if found is None or found[1].state is not DeviceState.PENDING or now >= found[1].expires:
                return False
            state = DeviceState.APPROVED if approved else DeviceState.DECLINED
            self._devices[found[0]] = replace(found[1], state=state, user_id=user_id, signed_in=signed_in or now)
            return True

    def poll(self, code: str, now: datetime) -> Device | None:
        """How far a device has come; one that is through is forgotten. None for a code that was never given out."""
        key = _hash(code)
        with self._lock:
            device = self._devices.get(key)
            if device is None:
                return None
            if device.state is not DeviceState.PENDING:
                del self._devices[key]
            return replace(device, state=DeviceState.EXPIRED) if now >= device.expires else device

    def _by_user_code(self, user_code: str) -> tuple[str, Device] | None:
        wanted = "".join(character for character in user_code.upper() if character.isalnum())
        return next((pair for pair in self._devices.items() if pair[1].user_code == wanted), None)


_Grant = TypeVar("_Grant", Authorization, Device)


def _unexpired(grants: dict[str, _Grant], now: datetime) -> dict[str, _Grant]:
    """The grants that can still be used, newest last, and never more than there is room for."""
    kept = [(key, grant) for key, grant in grants.items() if now < grant.expires]
    return dict(kept[-_MOST + 1 :])


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
