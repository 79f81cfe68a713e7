"""Hashes of passwords and client secrets: argon2id for all that is made now, scrypt for what earlier releases made.

Parameters: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html (argon2id).
"""

import base64
import hashlib
import hmac
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LONGEST_SECRET: Final = 256
"""Characters; Entra's own bound for a password. A longer one is nobody's."""

_AT_A_TIME: Final = 2  # each takes 19 MB while it runs
_running = threading.BoundedSemaphore(_AT_A_TIME)


def hint_of(secret: str) -> str:
    """The beginning of a secret, which is kept and shown beside its hash: it tells one secret from another."""
    return secret[:3]


def hash_secret(secret: str) -> str:
    """A salted argon2id hash as text. Takes tens of milliseconds on purpose: call it in a thread."""
    with _running:
        return _hasher().hash(secret)


def matches_secret(hashed: str, secret: str) -> bool:
    """Whether `hashed` is a hash of `secret`; compared in constant time. Takes as long as `hash_secret`."""
    if len(secret) > LONGEST_SECRET:
        return False
    with _running:
        return _matches_scrypt(hashed, secret) if hashed.startswith("scrypt$") else _matches_argon2(hashed, secret)


def spend_time(secret: str) -> None:
    """Take as long as a comparison, so that an unknown name is answered no sooner than a wrong password."""
    matches_secret(_decoy(), secret)


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415 (with its native part, loaded when a secret is checked)

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher().hash("nobody's")


def _matches_argon2(hashed: str, secret: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    try:
        return _hasher().verify(hashed, secret)
    except (VerificationError, InvalidHashError):
        return False


def _matches_scrypt(hashed: str, secret: str) -> bool:
    _, n, r, p, salt, key = hashed.split("$")
    found = hashlib.scrypt(secret.encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p))
    return hmac.compare_digest(found, base64.b64decode(key))
