"""What callers of Graph change of alerts, read and carried out: the document, what Graph keeps of it, and a row."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.graph_security.alert_rows import changed_row
from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.names import (
    CLASSIFICATIONS,
    DETERMINATIONS,
    FEEDBACK,
    OLD_DETERMINATIONS,
)
from vedette.graph_security.triage import Triage, put_triage
from vedette.state.store import Transaction

MOST_TEXTS: Final = 100
LONGEST_TEXT: Final = 30_000
_STATES: Final = {"new": "New", "inProgress": "InProgress", "resolved": "Resolved"}
_LEGACY: Final = {"newAlert": "New", "inProgress": "InProgress", "resolved": "Resolved", "dismissed": "Dismissed"}
_CLOSED: Final = frozenset({"Resolved", "Dismissed"})
_IGNORED: Final = frozenset({"@odata.type", "@odata.context", "id"})


def read_change(body: Mapping[str, Any], alert: FoundAlert, now: datetime) -> tuple[str, Triage]:
    """The status and the triage that the body of a PATCH of `alerts_v2` asks for. Raises InvalidInput.

    https://learn.microsoft.com/graph/api/security-alert-update
    """
    status, triage = alert.status, alert.triage
    for name, value in body.items():
        match name:
            case "status":
                status = _STATES[one_of(name, value, _STATES)]
            case "classification":
                triage = replace(triage, classification=one_of(name, value, CLASSIFICATIONS.values()))
            case "determination":
                triage = replace(triage, determination=determination(value))
            case "assignedTo":
                triage = replace(triage, assigned_to=text_or_none(name, value))
            case _:
                refuse(name, "alert")
    return status, _resolved(triage, status, now)


def read_legacy_change(body: Mapping[str, Any], alert: FoundAlert, now: datetime) -> tuple[str, Triage]:
    """The same for the first alerts API; `vendorInformation` is checked by the caller. Raises InvalidInput.

    https://learn.microsoft.com/graph/api/alert-update
    """
    status, triage = alert.status, alert.triage
    closed: str | None = None
    for name, value in body.items():
        match name:
            case "status":
                status = _LEGACY[one_of(name, value, _LEGACY)]
            case "feedback":
                feedback = one_of(name, value, FEEDBACK.values())
                verdict = next(ours for ours, theirs in FEEDBACK.items() if theirs == feedback)
                triage = replace(triage, classification=verdict)
            case "assignedTo":
                triage = replace(triage, assigned_to=text_or_none(name, value))
            case "comments":
                triage = replace(triage, notes=texts(name, value))
            case "tags":
                triage = replace(triage, tags=texts(name, value))
            case "closedDateTime":
                closed = _instant(name, value)
            case "vendorInformation":
                pass
            case _:
                refuse(name, "alert")
    triage = _resolved(triage, status, now)
    return status, replace(triage, resolved=closed) if closed else triage


def change_alert(
    transaction: Transaction,
    alert: FoundAlert,
    status: str,
    triage: Triage,
    last: Mapping[str, Any] | None,
    now: datetime,
) -> FoundAlert:
    """Keep a change, and emit the row that tells of it; `last` is the last row. Gives the alert as it is now."""
    document = alert.document
    body = document.body | {"properties": document.body["properties"] | {"status": status}}
    put_triage(transaction, document, triage)
    changed = FoundAlert(alert.state, alert.workspace, transaction.change(document, body), triage)
    transaction.emit(alert.workspace.id, "SecurityAlert", changed_row(changed, last, triage, now))
    return changed


def add_comment(triage: Triage, text: str, author: str, now: datetime) -> Triage:
    """The triage with another comment. Raises InvalidInput where there are too many."""
    if len(triage.comments) >= MOST_TEXTS:
        raise InvalidInput("BadRequest", f"The alert has {MOST_TEXTS} comments already, which is the most.")
    comment = {
        "@odata.type": "#microsoft.graph.security.alertComment",
        "comment": text,
        "createdByDisplayName": author,
        "createdDateTime": arm_time(now),
    }
    return replace(triage, comments=[*triage.comments, comment])


def comment_of(body: Mapping[str, Any]) -> str:
    """The text of a comment that is posted. Raises InvalidInput.

    https://learn.microsoft.com/graph/api/security-alert-post-comments
    """
    text = body.get("comment")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput("BadRequest", f"'comment' must be a text of 1 to {LONGEST_TEXT} characters.")
    return text


def one_of(name: str, value: object, choices: Iterable[str]) -> str:
    """A choice as Graph spells it. Raises InvalidInput."""
    known = list(choices)
    found = next((each for each in known if each.lower() == str(value).lower()), None)
    if found is None:
        raise InvalidInput("BadRequest", f"'{name}' is '{str(value)[:60]}'; it is one of {', '.join(known)}.")
    return found


def determination(value: object) -> str:
    """A determination; names of older documentation are taken too. Raises InvalidInput."""
    old = next((new for name, new in OLD_DETERMINATIONS.items() if name.lower() == str(value).lower()), None)
    return old or one_of("determination", value, DETERMINATIONS)


def text_or_none(name: str, value: object) -> str | None:
    """A text; None for null and for an empty one. Raises InvalidInput."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise InvalidInput("BadRequest", f"'{name}' must be a text of at most {LONGEST_TEXT} characters.")
    return value


def texts(name: str, value: object) -> list[str]:
    """A list of texts. Raises InvalidInput."""
    listed = cast("list[Any]", value) if isinstance(value, list) else None
    if listed is None or len(listed) > MOST_TEXTS or not all(isinstance(each, str) for each in listed):
        raise InvalidInput("BadRequest", f"'{name}' must be a list of at most {MOST_TEXTS} texts.")
    return [str(each)[:LONGEST_TEXT] for each in listed]


def refuse(name: str, of: str) -> None:
    """Raises InvalidInput for a property that cannot be changed, by name."""
    if name.lower() not in _IGNORED:
        raise InvalidInput("BadRequest", f"The property '{name[:60]}' of an {of} cannot be changed.")


def _resolved(triage: Triage, status: str, now: datetime) -> Triage:
    if status not in _CLOSED:
        return replace(triage, resolved=None)
    return triage if triage.resolved else replace(triage, resolved=arm_time(now))


def _instant(name: str, value: object) -> str | None:
    try:
        return None if value is None else arm_time(instant_of(str(value)))
    except ValueError as error:
        raise InvalidInput("BadRequest", f"'{name}' is '{str(value)[:40]}', which is no time.") from error
