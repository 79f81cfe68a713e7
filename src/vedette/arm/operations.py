"""Long-running operations: work that outlives its request, is polled as a document, and survives a restart.

What an answer of 202 and its polling look like:
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import Any

import structlog

from vedette.core.acting import SYSTEM, Act, Who, acting, current_act
from vedette.core.clock import Clock
from vedette.core.errors import Unavailable, VedetteError
from vedette.core.ids import NewId
from vedette.state.conditions import And, Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

OPERATION = "Vedette/operations"
"""The type of their documents, which resource types such as `{provider}/locations/operationStatuses` show."""

OPERATIONS = "/vedette/operations"
"""What their documents' ids begin with, which is no address in the management plane."""

KEPT = timedelta(days=30)
"""How long an operation can be asked about after its end."""

_WORKERS = 8
_FIRST_PAUSE = 0.5  # seconds between attempts to write how an operation stands
_LONGEST_PAUSE = 15.0
_RETRY_AFTER = "1"  # seconds; the least that pollers do not take for their own default of thirty

_log = structlog.get_logger(__name__)


class _Stopped(BaseException):
    """The server is stopping: the operation is left as it is, and taken up again by the next one."""


class Canceled(VedetteError):
    """Somebody has canceled the operation."""


class Running:
    """An operation at work. `subject` is the id that it is about, `parameters` what it was begun with."""

    def __init__(self, operations: "Operations", document: Document) -> None:
        self.id = document.name
        self.subject: str = document.body["subject"]
        self.parameters: Mapping[str, Any] = document.body["parameters"]
        self.started = datetime.fromisoformat(document.body["startTime"])
        self.progress: dict[str, Any] = dict(document.body["progress"])
        self._operations = operations

    def check(self) -> None:
        """Go on only if that is still wanted: call it between steps. Raises Canceled, and what ends the thread."""
        self._operations.check(self.id)

    @property
    def unkept(self) -> Mapping[str, Any]:
        """What it was begun with that is written nowhere; nothing after a restart."""
        return self._operations.unkept(self.id)

    @property
    def is_stopping(self) -> bool:
        """Whether the server is: what fails now has not failed, it is done again by the next one."""
        return self._operations.is_stopping

    def report(self, **progress: Any) -> None:
        """Remember how far it is; a later run of the operation finds it in `progress`."""
        self.progress.update(progress)
        self._operations.write(self.id, {"progress": self.progress})


Work = Callable[[Running], Mapping[str, Any] | None]
"""Does the work of a kind of operation; what it gives becomes `properties`. It may be run again, from the start or from
what it reported, after a server was killed. A VedetteError is the operation's failure."""


@dataclass(slots=True)
class _Lane:
    """Threads, at most so many, and the names of the operations that wait for one of them."""

    most: int = _WORKERS
    waiting: "SimpleQueue[str | None]" = field(default_factory=SimpleQueue[str | None])
    threads: list[threading.Thread] = field(default_factory=list[threading.Thread])
    idle: int = 0


class Operations:
    """All operations of a server. Its methods may be called from any thread; the work is done in threads of its own."""

    def __init__(self, state: StateStore, clock: Clock, new_id: NewId) -> None:
        self._state = state
        self._clock = clock
        self._new_id = new_id
        self._works: Mapping[str, Work] = {}
        self._usual = _Lane()
        self._apart: Mapping[str, _Lane] = {}
        self._lock = threading.Lock()
        self._ended = threading.Condition()
        self._canceled: set[str] = set()
        self._unkept: dict[str, Mapping[str, Any]] = {}
        self._stopping = threading.Event()

    def serve(self, works: Mapping[str, Work], apart: Mapping[str, int] | None = None) -> None:
        """Begin to work, with what an earlier server left in progress. Operations of a kind in `apart`, which wait for
        others, have so many threads of their own."""
        self._works = works
        self._apart = {kind: _Lane(most) for kind, most in (apart or {}).items()}
        for document in self._state.list(OPERATION, where=Compare(("status",), "eq", "InProgress")):
            self.start(document.name)

    def record(
        self,
        transaction: Transaction,
        kind: str,
        subject: str,
        parameters: Mapping[str, Any],
        unkept: Mapping[str, Any] | None = None,
    ) -> str:
        """Put a new operation beside what else the transaction writes; give its name to `start` after the commit.

        What is in `unkept` this process remembers until the operation is over, and writes nowhere.
        """
        name = self._new_id()
        if unkept:
            self._unkept[name] = unkept
        body: dict[str, Any] = {
            "kind": kind,
            "subject": subject,
            "parameters": dict(parameters),
            "progress": {},
            "status": "InProgress",
            "startTime": self._clock.now().isoformat(),
        }
        act = current_act()
        if act is not None:
            body["who"] = asdict(act.who)
        transaction.put(id=document_id(name), type=OPERATION, scope=subject, name=name, body=body)
        return name

    def start(self, name: str) -> None:
        """Do a recorded operation's work as soon as a thread is free."""
        document = self.find(name)
        lane = self._apart.get(document.body["kind"], self._usual) if document is not None else self._usual
        with self._lock:
            lane.waiting.put(name)
            enough = lane.idle >= lane.waiting.qsize() or len(lane.threads) == lane.most
            if enough or self._stopping.is_set():
                return
            number = sum(len(each.threads) for each in self._lanes())
            thread = threading.Thread(target=self._run, args=(lane,), name=f"operation-{number}", daemon=True)
            lane.threads.append(thread)
            thread.start()

    def find(self, name: str) -> Document | None:
        """The operation's document: its body has `kind`, `subject`, `parameters`, `progress`, `status`, `startTime` and
        once it is over `endTime`, and `error` or `properties`."""
        return self._state.get(document_id(name))

    def in_progress(self, kind: str, below: str) -> list[Document]:
        """Those of a kind that are not over, about resources under an id."""
        where = And((Compare(("status",), "eq", "InProgress"), Compare(("kind",), "eq", kind)))
        return self._state.list(OPERATION, below, where=where, below=True)

    def begun(self, kind: str, below: str, since: datetime) -> list[datetime]:
        """When those of a kind about resources under an id began, oldest first, that did after an instant."""
        where = And((Compare(("kind",), "eq", kind), Compare(("startTime",), "gt", since)))
        found = self._state.list(OPERATION, below, where=where, below=True)
        return sorted(datetime.fromisoformat(each.body["startTime"]) for each in found)

    def wait(self, name: str, seconds: float) -> bool:
        """Whether the operation is over, after waiting for that at most so long in real time."""
        with self._ended:
            return self._ended.wait_for(lambda: self._is_over(name), seconds)

    def cancel(self, name: str) -> None:
        """End an operation at its next step; one that is over stays as it is."""
        with self._lock:
            self._canceled.add(name)
        if not self.update(name, {"canceled": True}):
            with self._lock:
                self._canceled.discard(name)

    def check(self, name: str) -> None:
        """`Running.check`."""
        if self._stopping.is_set():
            raise _Stopped
        if name in self._canceled:
            raise Canceled("OperationCanceled", "The operation was canceled.")

    def unkept(self, name: str) -> Mapping[str, Any]:
        """What `record` was told to write nowhere; nothing after a restart."""
        return self._unkept.get(name, {})

    def write(self, name: str, changes: Mapping[str, Any]) -> None:
        """`update` that waits for a state that cannot be written at the time; ends the thread when the server stops."""
        pause = _FIRST_PAUSE
        while True:
            try:
                self.update(name, changes)
                return
            except Unavailable as error:
                _log.warning("an operation waits for the state", operation=name, reason=error.message)
            if self._stopping.wait(pause):
                raise _Stopped
            pause = min(2 * pause, _LONGEST_PAUSE)

    def update(self, name: str, changes: Mapping[str, Any]) -> bool:
        """Write into an operation's document, if it is still there and not over; else False."""
        with self._state.transaction() as transaction:
            document = transaction.get(document_id(name))
            if document is None or document.body["status"] != "InProgress":
                return False
            transaction.change(document, {**document.body, **changes})
        return True

    def forget(self, now: datetime) -> None:
        """Remove operations that were over `KEPT` ago."""
        over = Compare(("endTime",), "lt", now - KEPT)
        with self._state.transaction() as transaction:
            for document in transaction.list(OPERATION, where=over):
                transaction.delete(document.id)

    @property
    def is_stopping(self) -> bool:
        """Whether `halt` was called."""
        return self._stopping.is_set()

    def halt(self) -> None:
        """End the work at its next step, to be taken up again when a server is started."""
        self._stopping.set()

    def stop(self) -> None:
        """`halt`, and wait for that."""
        self.halt()
        with self._lock:
            threads = [(lane, thread) for lane in self._lanes() for thread in lane.threads]
        for lane, _ in threads:
            lane.waiting.put(None)
        for _, thread in threads:
            thread.join()

    def _lanes(self) -> list[_Lane]:
        return [self._usual, *self._apart.values()]

    def _run(self, lane: _Lane) -> None:
        while True:
            with self._lock:
                lane.idle += 1
            name = lane.waiting.get()
            with self._lock:
                lane.idle -= 1
            if name is None or self._stopping.is_set():
                return
            try:
                self._do(name)
            except _Stopped:
                return
            except Exception:  # the document could not be written: it stays in progress, for the next server
                _log.exception("an operation could not be recorded", operation=name)

    def _do(self, name: str) -> None:
        document = self.find(name)
        if document is None or document.body["status"] != "InProgress":
            return
        if document.body.get("canceled"):
            self._canceled.add(name)
        who = Who(**document.body["who"]) if "who" in document.body else SYSTEM
        try:
            with acting(Act(who, self._clock.now())):
                properties = self._works[document.body["kind"]](Running(self, document))
            outcome: dict[str, Any] = {"status": "Succeeded"} | ({"properties": dict(properties)} if properties else {})
        except Canceled as error:
            outcome = {"status": "Canceled", "error": error_body(error)}
        except VedetteError as error:
            if self._stopping.is_set():
                raise _Stopped from error
            outcome = {"status": "Failed", "error": error_body(error)}
        except Exception:
            _log.exception("an operation failed", operation=name, kind=document.body["kind"])
            message = f"The server met an error of its own. Its log has the details under the operation '{name}'."
            outcome = {"status": "Failed", "error": {"code": "InternalServerError", "message": message}}
        self.write(name, outcome | {"endTime": self._clock.now().isoformat()})
        self._unkept.pop(name, None)
        with self._ended:
            self._canceled.discard(name)
            self._ended.notify_all()

    def _is_over(self, name: str) -> bool:
        document = self.find(name)
        return document is None or document.body["status"] != "InProgress"


def document_id(name: str) -> str:
    """The id of an operation's document, which is no address in the management plane."""
    return f"{OPERATIONS}/{name}"


def polling_headers(base: str, root: str, name: str, api_version: str) -> dict[str, str]:
    """The headers of a 202; `root` is the id that `operationStatuses` and `operationResults` are under."""
    address = f"{base}{root}/{{}}/{name}?api-version={api_version}"
    return {
        "Azure-AsyncOperation": address.format("operationStatuses"),
        "Location": address.format("operationResults"),
        **RETRY_HEADERS,
    }


RETRY_HEADERS = {"Retry-After": _RETRY_AFTER}
"""When to ask again for what is in progress."""


def error_body(error: VedetteError) -> dict[str, Any]:
    """`{code, message}` with `target`, `details` and `additionalInfo` where the error has them, as an answer has it."""
    told = {name: error.details[name] for name in ("target", "details", "additionalInfo") if name in error.details}
    return {"code": error.code, "message": error.message, **told}
