"""Automation rules at work: each event's note is gone through rule by rule in their order, and each rule once.

A rule's changes, its health row and how far the note has come are one commit; so a rule that was carried out is not
carried out again after a crash. After a playbook was started, the next action waits for it, at most two minutes.

https://learn.microsoft.com/azure/sentinel/automate-incident-handling-with-automation-rules#automation-rules-execution
"""

import threading
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from vedette.access.workspaces import Workspace
from vedette.automation.rule_actions import Acting, ActionFailed, add_task, modify, start_playbook, startable_id
from vedette.automation.rule_conditions import Subject, conditions_hold
from vedette.automation.rule_health import rule_row
from vedette.automation.workflows.effects import Parts
from vedette.automation.workflows.records import FINAL
from vedette.core.errors import Unavailable
from vedette.core.instants import instant_of
from vedette.detect.automation_notes import AUTOMATION_RULE, NOTE, RULE_ACTION, Cause, caused_by
from vedette.detect.entity_documents import alert_entities, incident_entities
from vedette.detect.incidents import incident_alerts
from vedette.expressions.values import Json
from vedette.state.documents import Document
from vedette.state.store import Transaction

WAIT: Final = timedelta(minutes=2)
"""How long the next action waits for a playbook, at most."""
_MOST_CHAINED = 20

_log = structlog.get_logger(__name__)


class Rules:
    """The automation rules of all workspaces. Its methods may be called from any thread."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._working = threading.Lock()
        self._known: tuple[int, list[Document]] = (-1, [])
        self._read: tuple[int, dict[str, list[Document]]] = (-1, {})

    def next_due(self) -> datetime | None:
        """When a note is to be gone on with, which may be in the past; None while there is none."""
        now = self.parts.clock.now()
        return min((self._due_at(each, now) for each in self._first_notes()), default=None)

    def run_due(self) -> int:
        """Go on with the notes that are due, the oldest first, as far as it goes; gives how many there were."""
        done = 0
        with self._working:
            progress = True
            while progress and not self.parts.stopping():
                progress = False
                for note in self._first_notes():
                    now = self.parts.clock.now()
                    if self._due_at(note, now) <= now:
                        progress = True
                        done += 1
                        self._go_on(note)
        return done

    def _first_notes(self) -> list[Document]:
        """The oldest note of each incident and alert: what happens to one is gone through in its order."""
        first: dict[str, Document] = {}
        for note in self._notes():
            first.setdefault(note.body["id"].lower(), note)
        return list(first.values())

    def _notes(self) -> list[Document]:
        version = self.parts.state.version(NOTE)
        if self._known[0] != version:
            self._known = version, sorted(self.parts.state.list(NOTE), key=lambda each: each.name)
        return self._known[1]

    def _due_at(self, note: Document, now: datetime) -> datetime:
        """Now, unless the note waits for a playbook that still runs."""
        waiting = note.body.get("waiting")
        if waiting is None:
            return now
        run = self.parts.state.get(waiting["run"])
        if run is None or run.body["properties"]["status"] in FINAL:
            return now
        return instant_of(waiting["until"])

    def _go_on(self, note: Document) -> None:
        workspace = self.parts.workspaces.by_resource_id(note.body["workspace"])
        subject = self._subject(note)
        if workspace is None or subject is None:
            self._forget(note)
            return
        try:
            rule = self._next_rule(note, subject)
            if rule is None:
                self._end(note, workspace, subject)
            else:
                self._carry_out(workspace, rule, note, subject)
        except Unavailable:
            raise
        except Exception:
            _log.exception("an automation rule failed in a way that is ours to mend", note=note.name)
            self._forget(note)

    def _subject(self, note: Document) -> Subject | None:
        state = self.parts.state
        document = state.get(note.body["id"])
        if document is None:
            return None
        if note.body["about"] == "Alert":
            return Subject(document, note.body, lambda: (document,), partial(alert_entities, state, document.id))
        id = document.id
        return Subject(document, note.body, partial(incident_alerts, state, id), partial(incident_entities, state, id))

    def _rules(self, note: Document) -> list[Document]:
        """The rules that the event triggers, in their order, but for those that led to it."""
        body, now = note.body, self.parts.clock.now()
        if len(body["chain"]) >= _MOST_CHAINED:
            return []
        found = [
            each
            for each in self._rules_of(body["workspace"])
            if each.id.lower() not in body["chain"] and _is_triggered(each, body, now)
        ]
        return sorted(found, key=_order)

    def _rules_of(self, workspace_id: str) -> list[Document]:
        """The rules of a workspace, read anew when any rule has changed."""
        version = self.parts.state.version(AUTOMATION_RULE)
        if self._read[0] != version:
            self._read = version, {}
        rules = self._read[1]
        if workspace_id not in rules:
            rules[workspace_id] = self.parts.state.list(AUTOMATION_RULE, workspace_id)
        return rules[workspace_id]

    def _next_rule(self, note: Document, subject: Subject) -> Document | None:
        begun = note.body.get("rule_at")
        if begun is not None and note.body.get("action", 0):
            rule = self.parts.state.get(begun[2])
            if rule is not None:
                return rule
        for rule in self._rules(note):
            if begun is not None and _order(rule) <= (begun[0], begun[1], begun[2].lower()):
                continue
            if conditions_hold(rule.body["properties"]["triggeringLogic"].get("conditions") or (), subject):
                return rule
        return None

    def _carry_out(self, workspace: Workspace, rule: Document, note: Document, subject: Subject) -> None:
        """The rule's actions from where the note stands, up to one that is waited for."""
        actions: list[Json] = rule.body["properties"]["actions"]
        acting = Acting(self.parts, workspace, rule, note, self.parts.clock.now())
        progress: Json = {
            "done": note.body.get("done", 0),
            "failures": list(note.body.get("failures", ())),
            "playbooks": list(note.body.get("playbooks", ())),
        }
        with (
            caused_by(Cause("AutomationRule", acting.chain)),
            self.parts.state.transaction() as transaction,
        ):
            if transaction.get(note.id) is None:
                return
            document: Document | None = transaction.get(subject.document.id)
            waiting: Json | None = None
            at = note.body.get("action", 0)
            while at < len(actions) and document is not None and waiting is None:
                document, waiting = self._act(transaction, acting, document, actions[at], progress)
                at += 1
            standing: Json = {
                name: each for name, each in note.body.items() if name not in ("waiting", *progress, "action")
            }
            order, created, _ = _order(rule)
            standing["rule_at"] = [order, created, rule.id]
            if waiting is not None:
                transaction.change(note, {**standing, **progress, "action": at, "waiting": waiting})
                return
            row = rule_row(
                workspace,
                rule,
                note,
                document,
                progress["done"],
                progress["failures"],
                progress["playbooks"],
                acting.now,
            )
            transaction.emit(workspace.id, "SentinelHealth", row)
            transaction.change(note, standing)

    def _act(
        self, transaction: Transaction, acting: Acting, document: Document, action: Json, progress: Json
    ) -> tuple[Document, Json | None]:
        """One action; gives the incident after it, and what is waited for."""
        given: Json = action.get("actionConfiguration") or {}
        waiting: Json | None = None
        try:
            match action["actionType"]:
                case "ModifyProperties":
                    document = modify(transaction, acting, document, given)
                case "AddIncidentTask":
                    document = add_task(transaction, acting, document, given, int(action["order"]))
                case _:
                    waiting = self._play(transaction, acting, document, str(given.get("logicAppResourceId")), progress)
            progress["done"] += 1
        except ActionFailed as error:
            progress["failures"].append(error.message)
        return document, waiting

    def _play(
        self, transaction: Transaction, acting: Acting, document: Document, id: str, progress: Json
    ) -> Json | None:
        run = start_playbook(transaction, acting, document, id)
        if run is None:
            return None
        progress["playbooks"].append({"RunId": run.name, "WorkflowId": id})
        return {"run": run.id, "until": (acting.now + WAIT).isoformat()}

    def _end(self, note: Document, workspace: Workspace, subject: Subject) -> None:
        """Start what the alert's rule has of actions of its own, and forget the note."""
        with self.parts.state.transaction() as transaction:
            if transaction.get(note.id) is None:
                return
            if note.body["about"] == "Alert":
                for action in transaction.list(RULE_ACTION, note.body["rule"]):
                    self._start_classic(transaction, workspace, note, subject.document, action)
            transaction.delete(note.id)

    def _start_classic(
        self, transaction: Transaction, workspace: Workspace, note: Document, alert: Document, action: Document
    ) -> None:
        """The playbook that an analytics rule names itself: https://learn.microsoft.com/rest/api/securityinsights/actions"""
        id = str(action.body["properties"].get("logicAppResourceId"))
        startable = transaction.get(startable_id(action.id))
        if startable is None or startable.body["playbook"] != id.lower():
            _log.warning("who made the action of a rule may not start its playbook", action=action.id)
            return
        rule = transaction.get(note.body["rule"]) or action
        named = {"displayName": (rule.body["properties"] or {}).get("displayName", rule.name)}
        signed = Document(
            rule.id, rule.type, rule.scope, rule.name, rule.etag, {"properties": named}, rule.created, rule.modified
        )
        acting = Acting(self.parts, workspace, signed, note, self.parts.clock.now())
        try:
            start_playbook(transaction, acting, alert, id)
        except ActionFailed as error:
            _log.warning("the playbook of a rule was not started", rule=rule.id, reason=error.message)

    def _forget(self, note: Document) -> None:
        with self.parts.state.transaction() as transaction:
            transaction.delete(note.id)


def _is_triggered(rule: Document, note: Json, now: datetime) -> bool:
    logic = rule.body["properties"]["triggeringLogic"]
    expires = logic.get("expirationTimeUtc")
    return (
        logic["isEnabled"]
        and logic["triggersOn"] == f"{note['about']}s"
        and logic["triggersWhen"] == note["event"]
        and (expires is None or instant_of(str(expires)) > now)
    )


def _order(rule: Document) -> tuple[int, str, str]:
    """By their order, those of one order by their age."""
    return int(rule.body["properties"]["order"]), rule.created.isoformat(), rule.id.lower()
