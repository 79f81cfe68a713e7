"""What Microsoft.PolicyInsights tells of the estate: states, their summary, events; and evaluations that are asked for.

https://learn.microsoft.com/rest/api/policyinsights
"""

from collections.abc import Iterable
from typing import Any, Final

from vedette.access.scopes import covers
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import RETRY_HEADERS
from vedette.arm.paging import next_link, requested_page
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import InvalidInput, NotFound
from vedette.policy.compliance import NON_COMPLIANT, explained
from vedette.policy.evaluation import expressions_of
from vedette.sentinel.policies.engine import PolicyEngine, engine_of
from vedette.sentinel.policies.row_queries import MOST, chosen, top_of
from vedette.sentinel.policies.rows import event_rows, state_rows
from vedette.sentinel.policies.targets import facts_of, find_target, related
from vedette.sentinel.policies.tasks import find_use
from vedette.sentinel.policies.types import EVALUATION

Json = dict[str, Any]
_LATEST: Final = "latest"


def _place(call: Call) -> ResourcePath:
    """What is asked about: what the provider hangs on."""
    return parse_id(call.path.scope) if call.path.scope else parse_id("/providers")


def _rows(context: Context, call: Call, engine: PolicyEngine) -> list[Json]:
    latest = call.path.name.lower() == _LATEST
    catalog, place = engine.catalogs.now(), _place(call)
    rows: list[Json] = list(state_rows(context, catalog, place))
    if not latest:  # all states of a time: those of now, and those that were found before
        now = {_key(each) for each in rows}
        rows += [each for each in event_rows(context, catalog, place) if _key(each) not in now]
    visible = (each for each in rows if _may_read(context, call, each))
    return chosen(visible, call.query, context.clock.now(), is_latest=latest)


def _key(row: Json) -> tuple[str, ...]:
    names = ("resourceId", "policyAssignmentId", "policyDefinitionReferenceId", "timestamp")
    return tuple(row[name] for name in names)


def _may_read(context: Context, call: Call, row: Json) -> bool:
    """Who may read the states of a place may read all below it; an assignment is also about what is elsewhere."""
    return covers(call.path.scope or "/", row["resourceId"]) or context.roles.allows(
        call.principal, "Microsoft.PolicyInsights/policyStates/read", row["resourceId"]
    )


def query_states(context: Context, call: Call) -> Answer:
    """POST `policyStates/{latest|default}/queryResults`."""
    if call.path.name.lower() not in (_LATEST, "default"):
        raise NotFound("NotFound", f"'{call.path.name}' are no states; there are latest and default.")
    engine = engine_of(context)
    return _page(context, call, _rows(context, call, engine), engine)


def query_events(context: Context, call: Call) -> Answer:
    """POST `policyEvents/default/queryResults`."""
    engine = engine_of(context)
    rows = event_rows(context, engine.catalogs.now(), _place(call))
    visible = (each for each in rows if _may_read(context, call, each))
    return _page(context, call, chosen(visible, call.query, context.clock.now(), is_latest=False), None)


def _page(context: Context, call: Call, rows: list[Json], engine: PolicyEngine | None) -> Answer:
    top = top_of(call.query)
    page = requested_page(
        {name: each for name, each in call.query.items() if name != "$top"}, default=MOST, largest=MOST
    )
    whole = rows if top is None else rows[:top]
    here = whole[page.offset : page.offset + page.size]
    if engine is not None and "policyevaluationdetails" in call.query.get("$expand", "").lower():
        here = [each | {"policyEvaluationDetails": _details(context, engine, each)} for each in here]
    kind = call.path.types[0]
    metadata = f"{call.base}{call.path.scope}/providers/Microsoft.PolicyInsights/{kind}/$metadata#{call.path.name}"
    entity = f"{metadata}/$entity"
    body: Json = {
        "@odata.context": metadata,
        "@odata.count": len(here),
        "@odata.nextLink": None,
        "value": [{"@odata.id": None, "@odata.context": entity, **each} for each in here],
    }
    if len(whole) > page.offset + page.size:
        noun = "queryResults"
        body["@odata.nextLink"] = next_link(call.base, f"{call.path.id}/{noun}", call.query, page, None)
    return Answer(200, body)


def _details(context: Context, engine: PolicyEngine, row: Json) -> Json:
    """Why a resource stands as it does, now: `evaluatedExpressions` and `ifNotExistsDetails`, and in words of ours
    `reason`."""
    use = find_use(engine, row["policyAssignmentId"], row["policyDefinitionReferenceId"])
    target = find_target(context, row["resourceId"])
    if use is None or target is None:
        return {"evaluatedExpressions": []}
    found = explained(use, target, facts_of(context, target.id), lambda of, wanted: related(context, of, wanted))
    details: Json = {"evaluatedExpressions": expressions_of(found.rule), "reason": found.reason}
    if found.wanted is not None:
        details["ifNotExistsDetails"] = {
            "resourceId": found.candidates[0].id if found.candidates else None,
            "totalResources": len(found.candidates),
        }
        for each in found.candidates[:1]:
            if each.told is not None:
                details["evaluatedExpressions"] += expressions_of(each.told)
    return details


def summarize(context: Context, call: Call) -> Answer:
    """POST `policyStates/latest/summarize`."""
    engine = engine_of(context)
    asked = {name: each for name, each in call.query.items() if name in ("$filter", "$from", "$to")}
    place = _place(call)
    rows = state_rows(context, engine.catalogs.now(), place)
    found = chosen(
        (each for each in rows if _may_read(context, call, each)), asked, context.clock.now(), is_latest=True
    )
    top = top_of(call.query)
    by_assignment: dict[str, list[Json]] = {}
    for each in found:
        by_assignment.setdefault(each["policyAssignmentId"], []).append(each)
    summaries = [_of_assignment(call, id, rows) for id, rows in by_assignment.items()]
    summaries.sort(key=lambda each: -each["results"]["nonCompliantResources"])
    metadata = f"{call.base}{call.path.scope}/providers/Microsoft.PolicyInsights/policyStates/$metadata"
    summary: Json = {
        "@odata.id": None,
        "@odata.context": f"{metadata}#summary/$entity",
        "results": _results(call, found, ""),
        "policyAssignments": summaries if top is None else summaries[:top],
    }
    return Answer(200, {"@odata.context": f"{metadata}#summary", "@odata.count": 1, "value": [summary]})


def _of_assignment(call: Call, id: str, rows: list[Json]) -> Json:
    by_definition: dict[tuple[str, str], list[Json]] = {}
    for each in rows:
        key = (each["policyDefinitionId"], each["policyDefinitionReferenceId"])
        by_definition.setdefault(key, []).append(each)
    condition = f"policyAssignmentId eq '{id}'"
    groups = {name for each in rows for name in each["policyDefinitionGroupNames"]}
    return {
        "policyAssignmentId": id,
        "policySetDefinitionId": rows[0]["policySetDefinitionId"],
        "results": _results(call, rows, condition),
        "policyDefinitions": [
            {
                "policyDefinitionId": definition_id,
                "policyDefinitionReferenceId": reference or None,
                "policyDefinitionGroupNames": members[0]["policyDefinitionGroupNames"],
                "effect": members[0]["policyDefinitionAction"],
                "results": _results(call, members, f"{condition} and policyDefinitionId eq '{definition_id}'"),
            }
            for (definition_id, reference), members in by_definition.items()
        ],
        "policyGroups": [
            {
                "policyGroupName": name,
                "results": _results(
                    call, [each for each in rows if name in each["policyDefinitionGroupNames"]], condition
                ),
            }
            for name in sorted(groups)
        ],
    }


def _results(call: Call, rows: list[Json], condition: str) -> Json:
    """Counts of resources and of definitions, by the worst of their states."""
    resources = _worst(rows, lambda each: each["resourceId"].lower())
    policies = _worst(rows, _of_definition)
    groups = _worst(
        [each | {"group": name} for each in rows for name in each["policyDefinitionGroupNames"]],
        lambda each: f"{each['policyAssignmentId']}/{each['group']}".lower(),
    )
    wanted = " and ".join(each for each in ("complianceState eq 'NonCompliant'", condition) if each)
    address = f"{call.base}{call.path.scope}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
    return {
        "queryResultsUri": f"{address}?api-version={call.query['api-version']}&$filter={wanted}",
        "nonCompliantResources": resources.get(NON_COMPLIANT.lower(), 0),
        "nonCompliantPolicies": policies.get(NON_COMPLIANT.lower(), 0),
        "resourceDetails": _counted(resources),
        "policyDetails": _counted(policies),
        "policyGroupDetails": _counted(groups),
    }


def _of_definition(row: Json) -> str:
    return f"{row['policyAssignmentId']}|{row['policyDefinitionId']}|{row['policyDefinitionReferenceId']}".lower()


_ORDER: Final = ("noncompliant", "error", "exempt", "compliant")


def _worst(rows: Iterable[Json], key: Any) -> dict[str, int]:
    """How many have each state, where one with several has the worst."""
    found: dict[str, str] = {}
    for each in rows:
        state, name = each["complianceState"].lower(), key(each)
        if name not in found or _ORDER.index(state) < _ORDER.index(found[name]):
            found[name] = state
    counts: dict[str, int] = {}
    for state in found.values():
        counts[state] = counts.get(state, 0) + 1
    return counts


def _counted(counts: dict[str, int]) -> list[Json]:
    return [{"complianceState": state, "count": count} for state, count in sorted(counts.items())]


def trigger_evaluation(context: Context, call: Call) -> Answer:
    """POST `policyStates/latest/triggerEvaluation`: of a subscription or a resource group; polled by `Location`."""
    scope = call.path.scope
    if call.path.name.lower() != _LATEST or not covers(context.estate.subscription_resource_id, scope or "/"):
        raise InvalidInput("InvalidScope", "An evaluation is of a subscription or of a resource group.")
    with context.state.transaction() as transaction:
        name = context.operations.record(transaction, EVALUATION, scope, {})
    context.operations.start(name)
    root = f"{scope}/providers/Microsoft.PolicyInsights/asyncOperationResults/{name}"
    return Answer(
        202, None, {"Location": f"{call.base}{root}?api-version={call.query['api-version']}", **RETRY_HEADERS}
    )


def evaluation_result(context: Context, call: Call) -> Answer:
    """The answer to who follows `Location`: 202 while it goes on, then 200."""
    operation = context.operations.find(call.path.name)
    if operation is None or operation.body["kind"] != EVALUATION:
        raise NotFound("NotFound", f"There is no evaluation '{call.path.name}', or it was over long ago.")
    if operation.body["status"] == "InProgress":
        address = f"{call.base}{call.path.id}?api-version={call.query['api-version']}"
        return Answer(202, None, {"Location": address, **RETRY_HEADERS})
    return Answer(200, {"status": operation.body["status"]})
