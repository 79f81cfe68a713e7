"""The policies of a server: held against requests, and against what commits leave behind them.

Where nothing is assigned it does nothing, and the language is not even loaded. What a commit gives to look at is noted
in the same commit, so that a crash loses nothing of it; a thread looks at it at once.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import structlog

from vedette.access.directory import Directory
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.operations import Running, Work
from vedette.arm.resource import Resource
from vedette.sentinel.policies.types import ASSIGNMENT, EVALUATION, REMEDIATING, TASK
from vedette.state.store import StateStore, Transaction

if TYPE_CHECKING:
    from vedette.sentinel.policies.catalog import Catalogs

DEPLOYING: Final = "policyDeployment"
"""The kind of the server's operation that a deployment of a policy is."""

LANES: Final = {DEPLOYING: 4, REMEDIATING: 2}
"""Operations that wait for others, and so many threads for them."""

DEPLOY_IF_NOT_EXISTS: Final = "deployIfNotExists"

EVERY: Final = timedelta(hours=24)
"""Between two looks at everything: https://learn.microsoft.com/azure/governance/policy/how-to/get-compliance-data"""

_SOON: Final = 0.02  # seconds between looks of who waits for what policies deploy
_PATIENCE: Final = 5.0  # seconds before a look that failed is tried again
_TOGETHER: Final = 100
_log = structlog.get_logger(__name__)


def _part(name: str) -> Any:
    return import_module(f"vedette.sentinel.policies.{name}")


class PolicyEngine:
    """`arm.policies.Policies` over the state; `context` gives the parts, once they are made."""

    def __init__(self, state: StateStore, directory: Directory, context: Callable[[], Context]) -> None:
        self.directory = directory
        self._state = state
        self._context = context
        self._known: tuple[int, bool] = (-1, False)
        self._catalogs: Catalogs | None = None
        self._lock = threading.Lock()
        self._noted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def context(self) -> Context:
        """The parts of the server."""
        return self._context()

    @property
    def catalogs(self) -> "Catalogs":
        """All assignments with what they use."""
        with self._lock:
            made = self._catalogs or _part("catalog").Catalogs(self.context)
            self._catalogs = made
            return made

    @property
    def is_assigned(self) -> bool:
        """Whether there is any assignment."""
        version = self._state.version(ASSIGNMENT)
        known, assigned = self._known
        if known != version:
            assigned = self._state.count(ASSIGNMENT) > 0
            self._known = (version, assigned)
        return assigned

    def requested(self, context: Context, resource: Resource, call: Call) -> Call:
        """See `Policies`."""
        if not self.is_assigned:
            return call
        return _part("requests").requested(context, self.catalogs.now(), resource, call)

    def is_changing(self, id: str) -> bool:
        """See `Policies`."""
        if not self.is_assigned:
            return False
        return self._state.get(task_id(id)) is not None or bool(self.context.operations.in_progress(DEPLOYING, id))

    def deploys_for(self, type: str) -> bool:
        """Whether a policy may deploy something for a resource of a type that is put."""
        if not self.is_assigned:
            return False
        uses = self.catalogs.now().of_type(type.lower())
        return any(each.effect == DEPLOY_IF_NOT_EXISTS for each in uses)

    def settle(self, id: str, seconds: float) -> None:
        """Wait until what policies deploy for a change of a resource is there, at most so long in real time."""
        until = time.monotonic() + seconds
        while self.is_changing(id) and time.monotonic() < until and not self._stopping.wait(_SOON):
            pass

    def committing(self, transaction: Transaction) -> None:
        """Note in a transaction what is to be looked at once it is committed; it is its last step but the audit's."""
        if not transaction.changes:
            return
        assigned = ASSIGNMENT.lower() in transaction.touched or self.is_assigned
        if assigned and _part("tasks").note(self, transaction):
            self._wake()

    def start(self) -> None:
        """Go on with what an earlier server left to be looked at."""
        if self._state.count(TASK):
            self._wake()

    def stop(self) -> None:
        """End the thread; what is left is looked at by the next server."""
        self._stopping.set()
        self._noted.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def sweep(self, _now: datetime) -> None:
        """Look at the whole estate."""
        if self.is_assigned:
            _part("sweeping").sweep(self, self.context.estate.subscription_resource_id)

    def works(self) -> dict[str, Work]:
        """What `Operations.serve` does, by kind."""

        def work(module: str, name: str) -> Work:
            def do(running: Running) -> Any:
                return getattr(_part(module), name)(self, running)

            return do

        return {
            DEPLOYING: work("tasks", "deploy"),
            EVALUATION: work("sweeping", "evaluate"),
            REMEDIATING: work("remediating", "remediate"),
        }

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._look, name="policies", daemon=True)
                self._thread.start()
        self._noted.set()

    def _look(self) -> None:
        while not self._stopping.is_set():
            self._noted.wait()
            self._noted.clear()
            try:
                self._await_commit()
                while not self._stopping.is_set() and self._do_some():
                    pass
            except Exception:
                _log.exception("policies could not look at a change; it is tried again")
                self._stopping.wait(_PATIENCE)
                self._noted.set()

    def _await_commit(self) -> None:
        """A note is made by a transaction that goes on: one that begins now waits for its end."""
        with self._state.transaction():
            pass

    def _do_some(self) -> bool:
        """Look at what is noted. Whether there was anything."""
        tasks = self._state.list(TASK, limit=_TOGETHER)
        for task in tasks:
            if self._stopping.is_set():
                break
            _part("tasks").do(self, task)
        return bool(tasks)


def task_id(id: str) -> str:
    """The id of the note that a resource is to be looked at, which is no address."""
    return f"/vedette/policyTasks{id.lower() or '/'}"


def engine_of(context: Context) -> PolicyEngine:
    """The policies of a server."""
    assert isinstance(context.policies, PolicyEngine), "policies need the whole server"
    return context.policies
