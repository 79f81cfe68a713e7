"""All that automation does of its own accord, as it falls due: playbooks that go on."""

from datetime import datetime

from vedette.automation.workflows.effects import Parts
from vedette.automation.workflows.runs import Playbooks


class Automation:
    """Automation of all workspaces. Its methods may be called from any thread; work is done by one at a time."""

    def __init__(self, parts: Parts) -> None:
        self.playbooks = Playbooks(parts)

    def next_due(self) -> datetime | None:
        """When there is something to do next, which may be in the past; None while nothing waits."""
        return self.playbooks.next_due()

    def run_due(self) -> None:
        """Do what is due now, and what follows from that."""
        self.playbooks.run_due()

    def close(self) -> None:
        """Stop."""
        self.playbooks.close()
