"""Insights into an entity: which queries there are for it, and what they find within a window of time.

https://learn.microsoft.com/rest/api/securityinsights/entities/get-insights and …/entities/queries
"""

from datetime import datetime
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Resource
from vedette.arm.shapes import list_of, text, truth
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import arm_time
from vedette.detect.entity_documents import ENTITY
from vedette.sentinel.built_in_entity_queries import INSIGHTS, Insight
from vedette.sentinel.entity_facts import entity_type, entity_values, filled_in, is_satisfied
from vedette.sentinel.entity_query_runs import EntityQueries
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.time_windows import body_field, required_window
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document

_QUERY = f"{ENTITY}/queries"


def _fitting(document: Document) -> list[Insight]:
    type, values = entity_type(document), entity_values(document)
    return [each for each in INSIGHTS if each.type == type and is_satisfied(each.required, values)]


def get_insights(context: Context, call: Call, document: Document) -> Answer:
    """The tables of the insights that are asked for, or of all. Raises InvalidInput (BadRequest, InvalidParameter)."""
    start, end = required_window(call.body)
    if truth("addDefaultExtendedTimeRange", body_field(call.body, "addDefaultExtendedTimeRange") or False):
        start, end = start - Insight.AROUND, end + Insight.AROUND
    sent = body_field(call.body, "insightQueryIds")
    wanted: list[str] | None = list_of(text)("insightQueryIds", sent) if sent else None
    fitting = {each.id: each for each in _fitting(document)}
    queries = EntityQueries(context, call.principal, workspace_of(context, call.path)) if fitting else None
    found: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for id in wanted if wanted is not None else list(fitting):
        insight = fitting.get(id.lower())
        if insight is None or queries is None:
            errors.append(
                {"kind": "Insight", "queryId": id, "errorMessage": "There is no such insight of this entity."}
            )
            continue
        try:
            found.append(_result(queries, insight, document, start, end))
        except VedetteError as error:
            errors.append({"kind": "Insight", "queryId": id, "errorMessage": error.message})
    return Answer(200, {"value": found, "metaData": {"totalCount": len(found), "errors": errors}})


def _result(
    queries: EntityQueries, insight: Insight, document: Document, start: datetime, end: datetime
) -> dict[str, Any]:
    query = filled_in(insight.query, entity_values(document))
    answer = queries.run(f"{query} | {insight.summarize} | {insight.project}", start, end)
    return {
        "queryId": insight.id,
        "queryTimeInterval": {"startTime": arm_time(start), "endTime": arm_time(end)},
        "tableQueryResults": {
            "columns": [{"name": name, "type": type.value} for name, type in answer.columns],
            "rows": [list(row.values()) for row in answer.texts()],
        },
        "chartQueryResults": [],
    }


def _list(context: Context, call: Call) -> Answer:
    kind = call.query.get("kind", "Insight")
    if kind.lower() != "insight":
        raise InvalidInput("BadRequest", f"'kind' is Insight, not '{kind[:40]}'.")
    entity = context.state.get(call.path.parent_id)
    assert entity is not None
    values = entity_values(entity)
    shown = [
        {
            "id": f"{entity.id}/queries/{each.id}",
            "name": each.id,
            "type": _QUERY,
            "kind": "Insight",
            "properties": each.properties(filled_in(each.query, values)),
        }
        for each in _fitting(entity)
    ]
    return Answer(200, {"value": shown})


ENTITY_INSIGHT_QUERIES = Resource(
    _QUERY,
    key="queryId",
    parent=ENTITY,
    methods=frozenset({"LIST"}),
    require=require_onboarded,
    handlers={"LIST": _list},
)
