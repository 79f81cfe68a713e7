"""Whatever is done to incidents by the management API, each change is a row of the log that says what the API says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.spec.detect.management_api import in_agreement

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.detect.entity_documents import ENTITY
from vedette.detect.incidents import INCIDENT

Send = Callable[..., Answer]

_INCIDENTS = st.sampled_from(["i1", "i2", "i3"])
_NAMES = st.sampled_from(["x", "y"])
_STATES = st.sampled_from(
    [
        {"status": "New"},
        {"status": "Active", "labels": [{"labelName": "red"}], "owner": {"email": "x@else.example"}},
        {"status": "Closed", "classification": "BenignPositive", "classificationComment": "expected"},
    ]
)
_STEPS = st.one_of(
    st.tuples(st.just("PUT"), st.just("incidents"), _INCIDENTS, _STATES),
    st.tuples(st.just("DELETE"), st.just("incidents"), _INCIDENTS, st.none()),
    st.tuples(st.just("PUT"), st.sampled_from(["comments", "tasks", "alerts", "bookmarks"]), _INCIDENTS, _NAMES),
    st.tuples(st.just("DELETE"), st.sampled_from(["comments", "tasks", "alerts", "bookmarks"]), _INCIDENTS, _NAMES),
    st.tuples(st.just("DELETE"), st.just("bookmark"), _NAMES, st.none()),
    st.tuples(st.just("POST"), st.just("merge"), _INCIDENTS, _INCIDENTS),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(steps=st.lists(_STEPS, min_size=6, max_size=20))
def test_the_log_and_the_api_agree(
    context: Context,
    send: Send,
    sentinel: str,
    estate: Estate,
    clock: VirtualClock,
    steps: list[tuple[str, str, str, Any]],
) -> None:
    for pending in context.state.pending(100_000)[-1:]:
        context.state.discard(pending.sequence)
    for name in ("i1", "i2", "i3"):
        send("DELETE", f"{sentinel}/incidents/{name}")
        send("PUT", f"{sentinel}/incidents/{name}", {"properties": _properties({"status": "New"})})
    for name in ("x", "y"):
        send("PUT", f"{sentinel}/bookmarks/{name}", {"properties": {"displayName": name, "query": "T"}})
        _alert(context, sentinel, name)
    for method, what, here, there in steps:
        clock.advance(timedelta(seconds=7))
        before, rows = _etags(context), _rows(context)
        try:
            _do(send, sentinel, method, what, here, there)
        except (NotFound, InvalidInput, Conflict):
            assert (_etags(context), _rows(context)) == (before, rows)  # what is refused changes nothing
            continue
        changed = {id for id, etag in _etags(context).items() if before.get(id) != etag} | (
            before.keys() - _etags(context).keys()
        )
        told = [row["IncidentName"] for row in _rows(context)[len(rows) :]]
        assert set(told) == {id.rpartition("/")[2] for id in changed}
        for incident in context.state.list(INCIDENT, estate.workspace_resource_id):
            last = next(row for row in reversed(_rows(context)) if row["IncidentName"] == incident.name)
            in_agreement(context.state, incident, last)


def _do(send: Send, sentinel: str, method: str, what: str, here: str, there: Any) -> None:
    if what == "bookmark":
        send(method, f"{sentinel}/bookmarks/{here}")
        return
    incident = f"{sentinel}/incidents/{here}"
    match what:
        case "incidents":
            send(method, incident, {"properties": _properties(there)} if there else None)
        case "merge":
            send(method, f"{incident}/merge", {"incidentIds": [there]})
        case "comments" | "tasks":
            body = {"message": "Seen"} if what == "comments" else {"title": "Call", "status": "New"}
            send(method, f"{incident}/{what}/{there}", {"properties": body} if method == "PUT" else None)
        case _:
            other = f"{sentinel}/{'entities' if what == 'alerts' else 'bookmarks'}/{there}"
            body = {"properties": {"relatedResourceId": other}} if method == "PUT" else None
            send(method, f"{incident}/relations/{what}-{there}", body)


def _properties(state: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Odd", "severity": "Low", **state}


def _alert(context: Context, sentinel: str, name: str) -> None:
    properties = {
        "productName": f"Product {name}",
        "tactics": ["Impact"],
        "startTimeUtc": "2023-12-31T00:00:00Z",
        "endTimeUtc": "2023-12-31T01:00:00Z",
        "additionalData": {"Techniques": '["T1"]', "Analytic Rule Ids": f'["{name}"]'},
    }
    id = f"{sentinel}/entities/{name}"
    with context.state.transaction() as transaction:
        body = {"kind": "SecurityAlert", "properties": properties}
        transaction.put(id=id, type=ENTITY, scope=sentinel.partition("/providers/Microsoft.S")[0], name=name, body=body)


def _etags(context: Context) -> dict[str, str]:
    return {each.id: each.etag for each in context.state.list(INCIDENT)}


def _rows(context: Context) -> list[dict[str, Any]]:
    return [each.row for each in context.state.pending(100_000) if each.table == "SecurityIncident"]
