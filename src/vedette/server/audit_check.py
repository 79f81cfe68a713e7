"""The audit's chain of a data directory, looked through without a server."""

from dataclasses import dataclass
from pathlib import Path

from vedette.core.errors import NotFound
from vedette.log_management.checkpoints import CHECKPOINT_FILE, head_of_text, noted_heads
from vedette.server.state_place import STATE_FILE
from vedette.state.audit_chain import AuditChain
from vedette.state.audit_key import KEY_FILE, read_audit_key
from vedette.state.audit_reading import all_records
from vedette.state.databases import database_of


@dataclass(frozen=True, slots=True)
class Checked:
    """As the server tells it: how many records, the head, and the first that is wrong."""

    records: int
    head: str
    broken: int | None
    problem: str


def verify_offline(data: Path, state_url: str, head: str | None) -> Checked:
    """Look through the chain; `state_url` is empty for the file in the directory.

    Raises NotFound when there is no state, Unavailable when it or the key cannot be read, InvalidInput.
    """
    file = data / STATE_FILE
    if not state_url and not file.exists():
        raise NotFound("NoState", f"'{data}' holds no state. If it is in PostgreSQL, name it with --state.")
    key = read_audit_key(data / KEY_FILE)
    heads = noted_heads(data / CHECKPOINT_FILE) + ([] if head is None else [head_of_text(head)])
    database = database_of(state_url or f"sqlite:///{file.absolute()}")
    try:
        verdict = AuditChain(key).verify(all_records(database), heads)
    finally:
        database.close()
    return Checked(verdict.records, str(verdict.head), verdict.broken, verdict.problem)
