"""Playbooks at work: finds the runs that are due and takes each as far as it goes, one step kept after another."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import structlog

from vedette.automation.expressions.evaluate import evaluate
from vedette.automation.workflows.definition import Json, kind_of, part
from vedette.automation.workflows.effects import Parts, RunEffects
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.interpreter import Interpreter, Terminated
from vedette.automation.workflows.outcomes import Done, Stopped
from vedette.automation.workflows.records import (
    ACTION,
    FINAL,
    REPETITION,
    SCOPE_REPETITION,
    indexes,
    put_record,
    read_records,
    repetition_name,
)
from vedette.automation.workflows.run_facts import RunFacts
from vedette.automation.workflows.starting import DUE, forget_due, let_next_run, put_due
from vedette.core.errors import Unavailable
from vedette.core.instants import arm_time
from vedette.detect.automation_notes import Cause, caused_by
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import type_name
from vedette.state.documents import Document
from vedette.state.store import Transaction

_AT_ONCE: Final = 8  # runs that are carried out side by side
_LOOK: Final = 0.5  # seconds between looks whether the server stops
_GRACE: Final = 1.0  # seconds
_MOST_LOOKS = 1000  # at one run in one go, so that none keeps the others waiting for ever
_BATCH = 200  # changed records that are kept together
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=90)
_SECRETS = "Vedette.Secrets/workflowParameters"
_SELF_CONTAINED = frozenset({"apiconnection", "workflow", "response"})  # begun again they do what they did

_log = structlog.get_logger(__name__)


class Playbooks:
    """The runs of all workflows. Its methods may be called from any thread."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._changing = threading.Condition()
        self._active: set[str] = set()
        self._known: tuple[int, dict[str, datetime]] = (-1, {})

    def next_due(self) -> datetime | None:
        """When a run goes on next, which may be in the past; None while none waits for time, but those at work."""
        active = self._active
        return min((at for id, at in self._due().items() if at < _FAR and id not in active), default=None)

    def run_due(self, *, wait: bool = True) -> int:
        """Let every run that is due go as far as it goes now; gives how many were set going.

        With `wait` it comes back when none is at work, and what these started is done too; else at once: a run that
        waits for another server's answer keeps nobody waiting.
        """
        looks: Counter[str] = Counter()
        while not self.parts.stopping():
            begun = self._begin_due(looks)
            if not wait:
                break
            with self._changing:
                self._changing.wait_for(lambda: not self._active or self.parts.stopping(), timeout=_LOOK)
                if not begun and not self._active:
                    break
        return looks.total()

    def _begin_due(self, looks: Counter[str]) -> bool:
        begun = False
        now = self.parts.clock.now()
        for id in [id for id, at in self._due().items() if at <= now]:
            with self._changing:
                if id in self._active or looks[id] >= _MOST_LOOKS or len(self._active) >= _AT_ONCE:
                    continue
                self._active.add(id)
            looks[id] += 1
            begun = True
            threading.Thread(target=self._work, args=(id,), name="playbook", daemon=True).start()
        return begun

    def _work(self, run_id: str) -> None:
        try:
            self._advance(run_id)
        except Exception:
            if not self.parts.stopping():
                _log.exception("a run could not be gone on with; it is tried again", run=run_id)
        finally:
            with self._changing:
                self._active.discard(run_id)
                self._changing.notify_all()

    def close(self) -> None:
        """Wait a little for the runs that are at work to see that the server stops; what waits longer is left."""
        with self._changing:
            self._changing.wait_for(lambda: not self._active, timeout=_GRACE)

    def _due(self) -> dict[str, datetime]:
        version = self.parts.state.version(DUE)
        if self._known[0] != version:
            documents = self.parts.state.list(DUE)
            self._known = version, {each.body["run"]: datetime.fromisoformat(each.body["at"]) for each in documents}
        return self._known[1]

    def _advance(self, run_id: str) -> None:
        run = self.parts.state.get(run_id)
        if run is None or run.body["properties"]["status"] in FINAL:
            with self.parts.state.transaction() as transaction:
                forget_due(transaction, run_id)
            return
        if self.parts.state.get(run.scope) is None:  # its workflow is gone
            with self.parts.state.transaction() as transaction:
                forget_due(transaction, run_id)
            return
        try:
            with caused_by(Cause("Playbook", tuple(run.body["kept"].get("chain", ())))):
                RunAtWork(self.parts, run).advance()
        except Stopped:
            return
        except Unavailable:
            raise
        except Exception:
            _log.exception("a run failed in a way that is ours to mend", run=run_id)
            with self.parts.state.transaction() as transaction:
                found = transaction.get(run_id)
                if found is not None:
                    error = {"code": "InternalServerError", "message": "The server failed to carry out the run."}
                    end_run(transaction, found, self.parts.clock.now(), "Failed", error)


class RunAtWork:
    """One run while it is carried out."""

    def __init__(self, parts: Parts, run: Document) -> None:
        self.parts = parts
        self.run = run
        workflow_id = run.id.rpartition("/runs/")[0]
        workflow = parts.state.get(workflow_id)
        if workflow is None:
            raise Stopped
        version = run.body["properties"]["workflow"]["id"]
        self.workflow = workflow
        self.of_version = parts.state.get(version) or workflow
        self.effects = RunEffects(parts, run, workflow, self.of_version, self.keep)
        self.interpreter = Interpreter(self._facts(), self.effects)

    def advance(self) -> None:
        """Take the run as far as it goes. Raises Stopped."""
        try:
            status = self._checked()
            error = None
            if status == "Failed":
                error = {"code": "ActionFailed", "message": "An action failed. No dependent actions succeeded."}
        except Terminated as ended:
            status, error = ended.status, ended.error
            self._cancel_open()
        self._keep(status, error)

    def _checked(self) -> str | None:
        begun = datetime.fromisoformat(self.run.body["properties"]["startTime"].replace("Z", "+00:00"))
        if self.parts.clock.now() - begun > _LONGEST:
            raise Terminated("TimedOut", None)
        self._look_at_interrupted()
        return self.interpreter.advance()

    def _look_at_interrupted(self) -> None:
        """A step that was under way when the server stopped is told as such; what cannot do harm is done again."""
        for record in self.interpreter.facts.records.values():
            is_open = not record.is_final and record.is_begun and record.wake is None
            if is_open and record.kind not in _SELF_CONTAINED and record.kind == "http":
                record.state = {**record.state, "interrupted": True}
                self.interpreter.changed[record.key] = record

    def keep(self, *, now: bool) -> None:
        """Keep what has changed. Raises Stopped for a run that was cancelled or removed meanwhile."""
        if now or len(self.interpreter.changed) >= _BATCH:
            self._keep(None, None, goes_on=True)

    def _keep(self, status: str | None, error: Json | None, *, goes_on: bool = False) -> None:
        interpreter = self.interpreter
        with self.parts.state.transaction() as transaction:
            run = transaction.get(self.run.id)
            if run is None or run.body["properties"]["status"] in FINAL:
                raise Stopped
            tracking = interpreter.facts.client_tracking_id
            for record in interpreter.changed.values():
                put_record(transaction, run, record, tracking)
            for name in {record.name for record in interpreter.changed.values() if record.path}:
                _put_whole(transaction, run, interpreter.facts, name, tracking)
            for name, path, index, ended in interpreter.loops_done:
                _put_iteration(transaction, run, name, (*path, (name, index)), ended, self.parts.clock.now())
            run = self._responded(transaction, run)
            if status is not None:
                end_run(transaction, run, self.parts.clock.now(), status, error, self._outputs(status))
            elif not goes_on:
                called = self._has_answer(transaction)
                put_due(transaction, run, self.parts.clock.now() if called else interpreter.next_wake() or _FAR)
        interpreter.changed.clear()
        interpreter.loops_done.clear()

    def _has_answer(self, transaction: Transaction) -> bool:
        """Whether a workflow that this run called has answered or ended."""
        for record in self.interpreter.facts.records.values():
            if record.kind == "workflow" and not record.is_final and "child" in record.state:
                child = transaction.get(record.state["child"])
                if child is None or "response" in child.body["kept"] or child.body["properties"]["status"] in FINAL:
                    return True
        return False

    def _responded(self, transaction: Transaction, run: Document) -> Document:
        response = self.effects.response
        if response is None or run.body["kept"].get("response") is not None:
            return run
        now = arm_time(self.parts.clock.now(), "microseconds")
        shown = {"startTime": now, "endTime": now, "code": "OK", "status": "Succeeded", "correlation": {}}
        changed = transaction.change(
            run,
            run.body
            | {
                "properties": run.body["properties"] | {"response": shown},
                "kept": run.body["kept"] | {"response": response},
            },
        )
        self.run.body["kept"]["response"] = response
        _wake_parent(transaction, changed, self.parts.clock.now())
        return changed

    def _outputs(self, status: str) -> Json:
        """What the definition says that the run gives."""
        given = part(self._definition().get("outputs"))
        if status != "Succeeded" or not given:
            return {}
        outputs: Json = {}
        for name, each in given.items():
            place = Place(self.interpreter.facts, ())
            try:
                value = evaluate(part(each).get("value"), place)
            except ExpressionError as error:
                outputs[name] = {
                    "type": part(each).get("type"),
                    "error": {"code": "InvalidTemplate", "message": error.message},
                }
                continue
            kind = part(each).get("type") or type_name(value)
            secret = place.is_secret or str(kind).lower().startswith("secure")
            outputs[name] = {"type": kind} if secret else {"type": kind, "value": value}
        return outputs

    def _cancel_open(self) -> None:
        now = self.parts.clock.now()
        for record in self.interpreter.facts.records.values():
            if not record.is_final:
                done = Done(record.outputs, "Cancelled", "ActionCancelled")
                record.status, record.code, record.ended, record.wake = done.status, done.code, now, None
                self.interpreter.changed[record.key] = record

    def _definition(self) -> Json:
        return part(self.of_version.body["properties"].get("definition"))

    def _facts(self) -> RunFacts:
        properties, kept = self.of_version.body["properties"], self.run.body["kept"]
        given = {name.lower(): part(each).get("value") for name, each in part(properties.get("parameters")).items()}
        given = {name: value for name, value in given.items() if value is not None}
        held = self.parts.state.get(f"{self.workflow.id}/providers/{_SECRETS}/default")
        if held is not None:
            given |= cast("Json", held.body["values"])
        shown = self.run.body["properties"]
        tracking = shown["correlation"]["clientTrackingId"]
        trigger = {**shown["trigger"], "outputs": kept["trigger"], "inputs": None, "clientTrackingId": tracking}
        told = {
            "id": self.workflow.id,
            "name": self.workflow.name,
            "type": self.workflow.type,
            "location": self.workflow.body.get("location"),
            "tags": self.workflow.body.get("tags") or {},
            "run": {"id": self.run.id, "name": self.run.name, "type": self.run.type},
        }
        facts = RunFacts(
            self._definition(),
            given,
            trigger,
            bool(kept.get("triggerSecret")),
            told,
            tracking,
            self.parts.clock,
            self.parts.new_id,
        )
        for record in read_records(self.parts.state, self.run.id):
            facts.records[record.key] = record
            if record.status == "Succeeded":
                facts.learn(record)
        return facts


def _put_whole(transaction: Transaction, run: Document, facts: RunFacts, name: str, tracking: str) -> None:
    """What became of an action in a loop as a whole, which is what is shown beside its repetitions."""
    every = [each for each in facts.records.values() if each.name == name]
    open = any(not each.is_final for each in every)
    statuses = {each.status for each in every}
    status = next((each for each in ("Failed", "TimedOut", "Cancelled", "Succeeded") if each in statuses), "Skipped")
    shown: Json = {
        "startTime": arm_time(min(each.started for each in every), "microseconds"),
        "correlation": {"actionTrackingId": every[0].tracking_id, "clientTrackingId": tracking},
        "status": "Running" if open else status,
        "repetitionCount": len(every),
    }
    ends = [each.ended for each in every if each.ended is not None]
    if not open and ends:
        shown |= {"endTime": arm_time(max(ends), "microseconds"), "code": "OK" if status == "Succeeded" else status}
    body = {"properties": shown, "kept": {"kind": every[0].kind}}
    transaction.put(id=f"{run.id}/actions/{name}", type=ACTION, scope=run.id, name=name, body=body)


def _put_iteration(
    transaction: Transaction, run: Document, loop: str, path: tuple[tuple[str, int], ...], status: str, now: datetime
) -> None:
    """How an iteration of a loop ended."""
    scope, name = f"{run.id}/actions/{loop}", repetition_name(path)
    instant = arm_time(now, "microseconds")
    shown = {
        "startTime": instant,
        "endTime": instant,
        "status": status,
        "code": "OK" if status == "Succeeded" else "ActionFailed",
        "correlation": run.body["properties"]["correlation"],
        "repetitionIndexes": indexes(path),
    }
    id = f"{scope}/scopeRepetitions/{name}"
    transaction.put(id=id, type=SCOPE_REPETITION, scope=scope, name=name, body={"properties": shown, "kept": {}})


def end_run(
    transaction: Transaction,
    run: Document,
    now: datetime,
    status: str,
    error: Json | None = None,
    outputs: Json | None = None,
) -> Document:
    """Have a run ended, and let go on what waits for it."""
    shown: Json = run.body["properties"] | {"status": status, "endTime": arm_time(now, "microseconds")}
    if error:
        shown |= {"code": error.get("code", status), "error": error}
    if outputs:
        shown["outputs"] = outputs
    was_running = run.body["properties"]["status"] == "Running"
    ended = transaction.change(run, run.body | {"properties": shown})
    forget_due(transaction, run.id)
    _wake_parent(transaction, ended, now)
    if was_running:
        let_next_run(transaction, ended, now)
    return ended


def _wake_parent(transaction: Transaction, run: Document, now: datetime) -> None:
    parent = transaction.get(run.body["kept"].get("parent") or "/")
    if parent is not None and parent.body["properties"]["status"] not in FINAL:
        put_due(transaction, parent, now)


def cancel_run(transaction: Transaction, run: Document, now: datetime) -> None:
    """End a run where it stands: what is under way is not waited for."""
    if run.body["properties"]["status"] in FINAL:
        return
    for kind in (ACTION, REPETITION):
        for each in transaction.list(kind, run.id, below=True):
            if each.body["properties"]["status"] not in FINAL:
                shown = each.body["properties"] | {"status": "Cancelled", "endTime": arm_time(now, "microseconds")}
                transaction.change(each, each.body | {"properties": shown})
    end_run(transaction, run, now, "Cancelled")


def is_called(definition: Json, trigger: str) -> bool:
    """Whether something calls a trigger, rather than time."""
    given: Any = part(definition.get("triggers")).get(trigger)
    return kind_of(part(given)) in ("request", "apiconnectionwebhook", "httpwebhook", "manual")
