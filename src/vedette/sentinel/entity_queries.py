"""Queries about entities: activities, which users make, and the built-in expansions; and templates of activities.

https://learn.microsoft.com/rest/api/securityinsights/entity-queries
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import list_documents
from vedette.arm.resource import READ_METHODS, Body, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import as_object, one_of, text, wrong
from vedette.core.instants import arm_time
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.sentinel.built_in_entity_queries import ACTIVITY_TEMPLATES, EXPANSIONS
from vedette.sentinel.entity_facts import filled_in
from vedette.sentinel.extension import extension
from vedette.sentinel.rule_query import check_query
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

ENTITY_QUERY = "Microsoft.SecurityInsights/entityQueries"
ENTITY_QUERY_TEMPLATE = "Microsoft.SecurityInsights/entityQueryTemplates"
_ACTIVITY = "Activity"
_LONGEST_QUERY = 10_000


def activities(context: Context, scope: str, type: str) -> list[Document]:
    """The enabled activities of a workspace for entities of a type."""
    found = [each for each in context.state.list(ENTITY_QUERY, scope) if each.body.get("kind") == _ACTIVITY]
    return [
        each
        for each in found
        if each.body["properties"].get("enabled", True)
        and str(each.body["properties"].get("inputEntityType")).lower() == type.lower()
    ]


def _validate(context: Context, call: Call, body: Body) -> Body:
    properties: Body = body["properties"]
    place = "properties.queryDefinitions"
    query = as_object(place, properties.get("queryDefinitions")).get("query")
    if len(text(f"{place}.query", query)) > _LONGEST_QUERY:
        raise wrong(f"{place}.query", f"has at most {_LONGEST_QUERY} characters")
    check_query(context, workspace_of(context, call.path).id, filled_in(str(query), {}))
    kept: Body = {
        "inputEntityType": one_of(*ENTITY_TYPES)("properties.inputEntityType", properties.get("inputEntityType")),
        "enabled": properties.get("enabled", True),
    }
    return body | {"properties": properties | kept}


def _fill(context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = arm_time(context.clock.now())
    created = existing.body["properties"].get("createdTimeUtc", now) if existing else now
    return body | {"properties": body["properties"] | {"createdTimeUtc": created, "lastModifiedTimeUtc": now}}


def _find(context: Context, path: ResourcePath) -> Document | None:
    own = context.state.get(path.id)
    built_in = (each for each in _expansions(context, path.scope) if each.name == path.name.lower())
    return own or next(built_in, None)


def _list(context: Context, path: ResourcePath) -> Iterator[Document]:
    yield from _expansions(context, path.scope)
    yield from context.state.list(ENTITY_QUERY, path.scope)


def _expansions(context: Context, scope: str) -> Iterator[Document]:
    now = context.clock.now()
    for name, title in EXPANSIONS.items():
        body = {"kind": "Expansion", "properties": {"displayName": title, "dataSources": ["SecurityAlert"]}}
        yield Document(
            f"{scope}/providers/{ENTITY_QUERY}/{name}", ENTITY_QUERY, scope.lower(), name, "", body, now, now
        )


def _templates(context: Context, path: ResourcePath) -> Iterator[Document]:
    now = context.clock.now()
    yield from context.state.list(ENTITY_QUERY_TEMPLATE, path.scope)
    for each in ACTIVITY_TEMPLATES:
        id = f"{path.scope}/providers/{ENTITY_QUERY_TEMPLATE}/{each.id}"
        body: dict[str, Any] = {"kind": _ACTIVITY, "properties": each.properties()}
        yield Document(id, ENTITY_QUERY_TEMPLATE, path.scope.lower(), each.id, "", body, now, now)


def _find_template(context: Context, path: ResourcePath) -> Document | None:
    return next((each for each in _templates(context, path) if each.name.lower() == path.name.lower()), None)


def _list_of_kind(resource: Resource) -> Any:
    """Answers a list; `?kind=` leaves only those of one kind."""

    def answer(context: Context, call: Call) -> Answer:
        kind, source = call.query.get("kind"), resource.source
        assert source is not None

        def fitting(at: Context, path: ResourcePath) -> Iterator[Document]:
            return (each for each in source.list(at, path) if not kind or each.body["kind"].lower() == kind.lower())

        return list_documents(context, replace(resource, source=Source(source.find, fitting)), call)

    return answer


_QUERIES = extension(
    "entity query",
    ENTITY_QUERY,
    key="entityQueryId",
    page=1000,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc"}),
    source=Source(_find, _list),
    validate=_validate,
    fill=_fill,
)
ENTITY_QUERIES = replace(_QUERIES, handlers={"LIST": _list_of_kind(_QUERIES)})

_TEMPLATES = extension(
    "entity query template",
    ENTITY_QUERY_TEMPLATE,
    key="entityQueryTemplateId",
    page=1000,
    methods=READ_METHODS,
    source=Source(_find_template, _templates),
)
ENTITY_QUERY_TEMPLATES = replace(_TEMPLATES, handlers={"LIST": _list_of_kind(_TEMPLATES)})
