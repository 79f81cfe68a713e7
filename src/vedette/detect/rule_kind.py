"""A kind of analytics rule, as the engine sees it: how its documents are read, and what a run of one finds.

Each kind implements `RuleKind` and is given to `Detections(kinds=…)` by the composition root. The engine does the rest,
the same for all kinds: it says which windows are due by `queryFrequency`, runs each exactly once across crashes, raises
the alerts in the transaction that records the run, makes incidents of them by the rule's incident configuration, writes
the SentinelHealth row, counts failures in a row and disables rules that cannot run, and measures the lag. A kind only
answers `evaluate`: the alerts of one window, or why it could not be evaluated. What is neither alert nor incident of an
alert (such as an incident made of alerts that are there) it does in `Evaluation.keep`, in the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from vedette.access.workspaces import Workspace
from vedette.detect.alert import Alert
from vedette.detect.incident_of_alert import Filed
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import RuleProperties
from vedette.state.documents import Document
from vedette.state.store import Transaction


@dataclass(frozen=True, slots=True)
class Failed:
    """A run did not come about: an error code and the reason in words. What is `transient` may pass of itself."""

    code: str
    reason: str
    transient: bool = False


Keep = Callable[[Transaction, datetime], Sequence[Filed | None]]
"""Writes what else a run brings, in its transaction and at its instant; gives the incidents that it made or changed."""


def _nothing(_transaction: Transaction, _now: datetime) -> Sequence[Filed | None]:
    return ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run found: how many results, the alerts to raise, what of it is not as it should be, in words.

    With a `failure` there is nothing else. `before` is what is too much for one transaction: each is written in one of
    its own before the rest, so that others may write between; repeated after a crash it changes nothing. `extended` are
    further ExtendedProperties of the SentinelHealth row, `stages` the seconds that each stage took, by its name.
    """

    results: int = 0
    alerts: Sequence[Alert] = ()
    issues: Sequence[str] = ()
    failure: Failed | None = None
    before: Sequence[Keep] = ()
    keep: Keep = _nothing
    extended: Mapping[str, Any] = field(default_factory=dict[str, Any])
    stages: Mapping[str, float] = field(default_factory=dict[str, float])


class RuleKind(Protocol):
    """A kind of rule; its methods may be called from any thread, several at a time."""

    @property
    def name(self) -> str:
        """The `kind` of its documents."""
        ...

    @property
    def operation(self) -> str:
        """OperationName of its SentinelHealth rows."""
        ...

    @property
    def trigger(self) -> str:
        """TriggerType of the rows of its scheduled runs."""
        ...

    @property
    def by_arrival(self) -> bool:
        """Whether its windows are of the time of arrival, see `StoredRule`; else each is `queryPeriod` long."""
        ...

    def read(self, document: Document) -> RuleProperties:
        """The properties of a document of this kind. Raises InvalidInput; the rule is then logged and not run."""
        ...

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """What the window holds; nothing may be stored. The same window of the same data gives alerts of the same ids:
        derive them from `window.identity`. What goes wrong is `failure`; what is raised is taken for one of ours."""
        ...
