"""Continuous export: what changed of Defender for Cloud's data is exported in the transaction that changes it.

Rows go through the outbox and playbooks begin as documents, so that each change is exported once, whatever becomes of
the process; docs/decisions/0097-exports-are-part-of-the-change.md. Where nothing of it changes it costs a comparison of
names, and what does the work is not even loaded.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final

from vedette.arm.context import Context
from vedette.sentinel.defender.types import AUTOMATION, CALL, EXPORTED
from vedette.state.changes import Change
from vedette.state.store import StateStore, Transaction

EVERY: Final = timedelta(hours=1)
"""Between looks at whether a snapshot is due."""

CALLS_EVERY: Final = timedelta(minutes=1)
"""Between calls of a playbook that had too many to do."""


class Exports:
    """The export of a server; `context` gives its parts, once they are made."""

    def __init__(self, state: StateStore, context: Callable[[], Context]) -> None:
        self._state = state
        self._context = context

    def committing(self, transaction: Transaction) -> None:
        """Export what a transaction changed; called before its last steps, which record its changes."""
        changed = [each for each in transaction.changes if isinstance(each, Change) and each.type.lower() in EXPORTED]
        if changed:
            _part("exporting").export_changes(self._context(), transaction, changed)

    def snapshot(self, now: datetime) -> None:
        """Export all of the sources whose snapshot is due."""
        if self._state.count(AUTOMATION):
            _part("snapshots").take_due(self._context(), now)

    def call_again(self, _now: datetime) -> None:
        """Call the playbooks again that had too many to do."""
        if self._state.count(CALL):
            _part("calls").call_again(self._context())


def _part(name: str) -> Any:
    return import_module(f"vedette.sentinel.defender.{name}")
