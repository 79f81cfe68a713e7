"""What resources that hang on a workspace with Sentinel have in common."""

from collections.abc import Callable, Mapping
from typing import TypedDict, Unpack

from vedette.arm.call import Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.resource import Action, After, Body, Fill, Handler, Resource, Show, Source, Validate, Write
from vedette.arm.resource_ids import ResourcePath
from vedette.core.instants import arm_time
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.workspaces import WORKSPACE, newer_exists
from vedette.state.documents import Document
from vedette.state.store import Transaction

PROVIDER = "Microsoft.SecurityInsights"


class Said(TypedDict, total=False):
    """What these types say of themselves: fields of `Resource`."""

    key: str
    parent: str
    methods: frozenset[str]
    actions: Mapping[str, Action]
    reading: frozenset[str]
    collection_actions: Mapping[str, Handler]
    read_only: frozenset[str]
    source: Source
    require: Callable[[Context, ResourcePath], None]
    validate: Validate
    fill: Fill
    write: Write
    remove: After
    after_put: After
    after_delete: After
    handlers: Mapping[str, Handler]
    created_status: int
    etag_to_replace: bool
    page: int
    show: Show
    published_shape: bool
    refused: Mapping[str, str]


def extension(noun: str, name: str, **said: Unpack[Said]) -> Resource:
    """The resource type `Microsoft.SecurityInsights/{name}` of workspaces, called `noun` in messages; `said` is what it
    says of itself beside that. The name may have the provider before it."""
    common: Said = {"parent": WORKSPACE, "require": require_onboarded, "page": 100}
    return Resource(
        f"{PROVIDER}/{name.removeprefix(f'{PROVIDER}/')}",
        newer_exists=newer_exists(noun),
        **{**common, **said},
    )


def as_first_made(existing: Document | None, made: Body) -> Body:
    """Who made something and when: as it stands in what exists, else as it is `made` now."""
    return made if existing is None else {name: existing.body["properties"][name] for name in made}


def with_system_data(
    context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None
) -> Body:
    """The body with who made it and who changed it last."""
    return body | {"systemData": system_data(call.principal, context.clock.now(), existing)}


def with_last_modified(
    context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None
) -> Body:
    """The body with `lastModifiedUtc`."""
    now = arm_time(context.clock.now())
    return body | {"properties": body["properties"] | {"lastModifiedUtc": now}}
