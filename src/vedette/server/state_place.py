"""Which state the logs of a data directory belong to: they are kept apart, and must not be mixed up."""

import json
from pathlib import Path
from typing import Final

import structlog

from vedette.core.clock import Clock
from vedette.core.errors import Conflict, VedetteError
from vedette.core.ids import NewId
from vedette.core.settings import Settings
from vedette.core.whole_files import write_whole
from vedette.state.store import StateStore

STATE_FILE: Final = "state.db"
NOTE: Final = "state.json"
"""Says which state it is: its kind and its id, which is a fact in it."""

_MOVED: Final = "state.db.moved"
_ID: Final = "state.id"

_log = structlog.get_logger("vedette.server")


def open_state(settings: Settings, clock: Clock, new_id: NewId) -> StateStore:
    """The state that the settings name, else the file in the data directory.

    A state in a file is moved into an empty PostgreSQL database. Raises Conflict (StateMismatch) when the directory
    belongs to another state, StateInUse when another server works with it; Unavailable when it cannot be reached.
    """
    file = settings.data / STATE_FILE
    noted = _note(settings.data / NOTE)
    if not settings.state and noted.get("kind") == "postgresql":
        raise Conflict("StateMismatch", f"{_belongs(settings.data, 'PostgreSQL')} Name it with --state.")
    state = StateStore(settings.state or f"sqlite:///{file.absolute()}", clock, new_id)
    try:
        state.claim()
        if settings.state and file.exists():
            _move(file, state, clock, new_id)
        _agree(settings, state, noted, new_id)
    except BaseException:
        state.close()
        raise
    return state


def _move(file: Path, state: StateStore, clock: Clock, new_id: NewId) -> None:
    """Move what the file holds into the state if that is empty; a move that was cut off is brought to its end."""
    kept = StateStore(f"sqlite:///{file.absolute()}", clock, new_id)
    moved = _ensured_id(kept, new_id)
    kept.close()
    found = _id_of(state)
    if found is None:
        state.take_from(file)
        _log.info("state moved", to=state.place)
    if found in (None, moved):
        file.replace(file.with_name(_MOVED))
        for left in ("-wal", "-shm"):
            file.with_name(file.name + left).unlink(missing_ok=True)


def _agree(settings: Settings, state: StateStore, noted: dict[str, str], new_id: NewId) -> None:
    """Note which state it is, or find the same one noted."""
    own = _id_of(state) if noted else _ensured_id(state, new_id)
    if own is None or noted.get("id", own) != own:
        raise Conflict("StateMismatch", f"{_belongs(settings.data, 'another state')} This one is {state.place}.")
    note = {"kind": "postgresql" if settings.state else "sqlite", "id": own}
    if note != noted:
        write_whole(settings.data / NOTE, json.dumps(note).encode())


def _id_of(state: StateStore) -> str | None:
    with state.transaction() as transaction:
        return transaction.get_value(_ID)


def _ensured_id(state: StateStore, new_id: NewId) -> str:
    with state.transaction() as transaction:
        own = transaction.get_value(_ID)
        if own is None:
            own = new_id()
            transaction.set_value(_ID, own)
        return own


def _belongs(data: Path, whose: str) -> str:
    return f"The logs in '{data}' belong to {whose}."


def _note(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise VedetteError("StateNoteDamaged", f"'{path}' cannot be read: {error}.") from error
