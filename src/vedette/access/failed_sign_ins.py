"""How often somebody may be wrong: after some failed sign-ins the next ones are refused unread for a minute."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

PER_NAME_AND_ADDRESS: Final = 10
PER_ADDRESS: Final = 50
LOCKED_FOR: Final = timedelta(minutes=1)

_FORGOTTEN_AFTER: Final = timedelta(minutes=10)
_MOST_KEYS: Final = 20_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime


class FailedSignIns:
    """Failures by name and address, and by address. A name alone locks nobody out: others could see to that."""

    def __init__(self, *, of_address: bool = True) -> None:
        """Without `of_address` an address is not locked for all names: one machine may run many programs."""
        self._of_address = of_address
        self._lock = threading.Lock()
        self._failures: dict[str, _Failures] = {}

    def is_locked(self, name: str, address: str, now: datetime) -> bool:
        """Whether a sign-in under this name from this address is refused without a look at the password."""
        with self._lock:
            return any(
                found is not None and found.count >= most and now < found.last + LOCKED_FOR
                for key, most in self._keys(name, address)
                for found in (self._failures.get(key),)
            )

    def failed(self, name: str, address: str, now: datetime) -> None:
        """Note a wrong password."""
        with self._lock:
            if len(self._failures) >= _MOST_KEYS:
                self._forget(now)
            for key, _ in self._keys(name, address):
                found = self._failures.get(key)
                fresh = found is None or now >= found.last + _FORGOTTEN_AFTER
                self._failures[key] = _Failures(1 if fresh or found is None else found.count + 1, now)

    def succeeded(self, name: str, address: str) -> None:
        """Forget what was wrong before under this name from this address."""
        with self._lock:
            self._failures.pop(self._keys(name, address)[0][0], None)

    def _forget(self, now: datetime) -> None:
        kept = {key: each for key, each in self._failures.items() if now < each.last + LOCKED_FOR}
        self._failures = kept if len(kept) < _MOST_KEYS else {}

    def _keys(self, name: str, address: str) -> tuple[tuple[str, int], ...]:
        by_name = (f"{address} {name.strip().lower()[:256]}", PER_NAME_AND_ADDRESS)
        return (by_name, (address, PER_ADDRESS)) if self._of_address else (by_name,)
