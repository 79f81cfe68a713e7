"""The keys that sign tokens: the newest one signs, older ones verify until all that they signed has expired."""

import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from vedette.core.clock import Clock
from vedette.core.errors import VedetteError
from vedette.core.whole_files import write_whole

ALGORITHM: Final = "RS256"
LIFETIME: Final = timedelta(seconds=3599)
"""How long a token may be used."""

LEEWAY: Final = timedelta(seconds=30)
"""How far apart two clocks may be."""

_BITS: Final = 2048
_BLOCK = re.compile(r"(?:Verifies until: (\d+)\n)?(-----BEGIN [A-Z ]+-----\n.*?-----END [A-Z ]+-----)\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Retired:
    """A key that signs no more, and the second since 1970 up to which it verifies."""

    key: RSAKey
    until: int


class SigningKeys:
    """The keys kept in one file (PEM, mode 0600), newest first; before an older one stands until when it verifies."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """A key is made on first start. Raises VedetteError (code SigningKeyUnreadable) for a damaged file."""
        self._path = path
        self._clock = clock
        self._changing = threading.Lock()
        if not path.exists():
            _write(path, _new_key(), [])
        self._current, self._retired = _read(path)

    @property
    def current(self) -> RSAKey:
        """The key that signs."""
        return self._current

    def get(self, id: object) -> RSAKey | None:
        """The key of this `kid` that still verifies."""
        return next((key for key in self._verifying() if key.kid == id), None)

    def public(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517), the one that signs first."""
        keys = [{**key.as_dict(private=False), "kid": key.kid} for key in self._verifying()]
        return {"keys": [{**key, "use": "sig", "alg": ALGORITHM} for key in keys]}

    def rotate(self) -> RSAKey:
        """Have a new key sign from now on; it is on the disk on return."""
        with self._changing:
            now = int(self._clock.now().timestamp())
            until = now + int((LIFETIME + LEEWAY).total_seconds()) + 1
            kept = [_Retired(self._current, until), *(each for each in self._retired if each.until > now)]
            made = _new_key()
            _write(self._path, made, kept)
            self._current, self._retired = made, kept
        return made

    def _verifying(self) -> list[RSAKey]:
        now = self._clock.now().timestamp()
        return [self._current, *(each.key for each in self._retired if each.until > now)]


def _new_key() -> RSAKey:
    key = RSAKey.generate_key(_BITS, private=True, auto_kid=False)
    key.ensure_kid()  # its RFC 7638 thumbprint
    return key


def _write(path: Path, current: RSAKey, retired: list[_Retired]) -> None:
    older = [f"Verifies until: {each.until}\n".encode() + each.key.as_pem(private=True) for each in retired]
    write_whole(path, b"".join([current.as_pem(private=True), *older]))


def _read(path: Path) -> tuple[RSAKey, list[_Retired]]:
    blocks = _BLOCK.findall(path.read_text(encoding="utf-8", errors="replace"))
    if not blocks or blocks[0][0]:
        raise _unreadable(path, "it does not begin with a private RSA key")
    current, *older = [(_key(path, pem), until) for until, pem in blocks]
    return current[0], [_Retired(key, int(until or 0)) for key, until in older]


def _key(path: Path, pem: str) -> RSAKey:
    try:
        key = RSAKey.import_key(pem)
    except (ValueError, JoseError) as error:
        raise _unreadable(path, f"it is not a private RSA key: {error}") from error
    if not key.is_private:
        raise _unreadable(path, "it holds only a public key")
    key.ensure_kid()
    return key


def _unreadable(path: Path, reason: str) -> VedetteError:
    return VedetteError(
        "SigningKeyUnreadable",
        f"The keys in '{path}' cannot be used: {reason}. Restore the file from a backup, or remove it to have a new "
        "key made.",
    )
