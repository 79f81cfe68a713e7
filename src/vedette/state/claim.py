"""The hold of a server on a PostgreSQL state: two servers with one state would both run its rules."""

import threading
import time
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, text
from sqlalchemy.exc import DBAPIError

from vedette.core.errors import Conflict, Unavailable
from vedette.state.tables import EPOCH, facts

_SERVER: Final = 0x5645_4402  # the advisory lock, one for each schema
_WRITER: Final = 0x5645_4401  # the advisory lock that the one write transaction of a schema holds
WAIT_FOR_WRITERS: Final = text(f"SELECT pg_advisory_xact_lock({_WRITER}, hashtext(current_schema()))")
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

    def fence(self, connection: Connection) -> None:
        """Inside a write transaction that holds the writer's lock: nobody else has had the state since it was claimed.

        Raises Unavailable (StateInUse).
        """
        epoch = connection.execute(select(facts.c.value).where(facts.c.key == EPOCH)).scalar_one_or_none()
        if epoch != self._epoch:
            raise Unavailable("StateInUse", "Another server has taken this state over.")

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
            try:
                self._epoch = self._begun()
            except DBAPIError as error:
                connection.invalidate()
                raise Unavailable("StateUnavailable", f"The state cannot be claimed: {error.orig}.") from error
            return connection
        connection.close()
        raise Conflict("StateInUse", "Another server works with this state. It can be used by one at a time.")

    def _begun(self) -> str:
        """A new epoch, which ends what an earlier server still wants to write."""
        with self._engine.begin() as connection:
            connection.execute(WAIT_FOR_WRITERS)
            last = connection.execute(select(facts.c.value).where(facts.c.key == EPOCH)).scalar_one_or_none()
            epoch = str(int(last or 0) + 1)
            connection.execute(delete(facts).where(facts.c.key == EPOCH))
            connection.execute(insert(facts).values(key=EPOCH, value=epoch))
        return epoch
