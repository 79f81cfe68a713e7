"""The hold of a server on a PostgreSQL state: two servers with one state would both run its rules."""

import threading
import time
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from vedette.core.errors import Conflict, Unavailable

_SERVER: Final = 0x5645_4402  # the advisory lock, one for each schema
_LOOK_SECONDS: Final = 5.0
_ENDING_SECONDS: Final = 2.0  # the database may take a moment to notice that a server has ended


class Claim:
    """A lock that a connection of its own holds, and that ends with it.

    Raises Conflict (StateInUse) when another server has it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looking = threading.Lock()
        self._connection = self._taken()
        self._looked = time.monotonic()

    def check(self) -> None:
        """Look now and then whether the connection is still there, and take the lock again when it was lost.

        Raises Unavailable (StateInUse) when another server has it by then.
        """
        with self._looking:
            if time.monotonic() - self._looked < _LOOK_SECONDS:
                return
            try:
                if not self._is_there():
                    self._connection = self._taken()
            except Conflict as error:
                raise Unavailable(error.code, error.message) from error
            self._looked = time.monotonic()

    def release(self) -> None:
        """Give the lock back."""
        if not self._connection.closed:
            self._connection.invalidate()
            self._connection.close()

    def _is_there(self) -> bool:
        if self._connection.closed:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            self.release()
            return False
        return True

    def _taken(self) -> Connection:
        connection = self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        query = text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
        deadline = time.monotonic() + _ENDING_SECONDS
        while not connection.execute(query, {"key": _SERVER}).scalar_one():
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return connection
        connection.close()
        raise Conflict("StateInUse", "Another server works with this state. It can be used by one at a time.")
