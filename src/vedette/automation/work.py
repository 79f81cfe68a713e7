"""All that automation does of its own accord, as it falls due: automation rules, and playbooks that begin and go on."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog

from vedette.automation.rules import Rules
from vedette.automation.workflows.effects import Parts
from vedette.automation.workflows.recurring import Recurring
from vedette.automation.workflows.runs import Playbooks
from vedette.core.errors import Unavailable

_log = structlog.get_logger(__name__)
_Part = TypeVar("_Part")


class Automation:
    """Automation of all workspaces. Its methods may be called from any thread."""

    def __init__(self, parts: Parts) -> None:
        self.playbooks = Playbooks(parts)
        self.recurring = Recurring(parts)
        self.rules = Rules(parts)

    def next_due(self) -> datetime | None:
        """When there is something to do next, which may be in the past; None while nothing waits."""
        asked = (self.rules.next_due, self.playbooks.next_due, self.recurring.next_due)
        instants = (_guarded(each) for each in asked)
        return min((each for each in instants if each is not None), default=None)

    def run_due(self, *, wait: bool = True) -> int:
        """Do what is due now, and what follows from that; gives how much that was, 0 for nothing. Without `wait`
        playbooks are only set going."""
        work = (self.rules.run_due, self.recurring.run_due, lambda: self.playbooks.run_due(wait=wait))
        total = 0
        while done := sum(_guarded(each) or 0 for each in work):
            total += done
        return total

    def close(self) -> None:
        """Stop."""
        self.playbooks.close()


def _guarded(work: Callable[[], _Part]) -> _Part | None:
    """One part's fault stops no other part: it is told, and the part is tried again. Raises Unavailable."""
    try:
        return work()
    except Unavailable:
        raise
    except Exception:
        _log.exception("a part of automation failed; it is tried again")
        return None
