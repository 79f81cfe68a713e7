"""What a resource type says about itself; all that it does not say, the controller does the same way for every type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vedette.access.principals import Principal
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import NotFound
from vedette.state.documents import Document
from vedette.state.store import Transaction

Body = dict[str, Any]
"""A document's body: `properties`, and what stands beside them, without id, name, type and etag."""

DOCUMENT_METHODS = frozenset({"GET", "LIST", "PUT", "DELETE"})
PATCHED_METHODS = DOCUMENT_METHODS | {"PATCH"}
READ_METHODS = frozenset({"GET", "LIST"})

SUBSCRIPTION = "Microsoft.Resources/subscriptions"
RESOURCE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups"


class Validate(Protocol):
    """Checks a body before anything is locked and gives back what to keep of it. Raises InvalidInput."""

    def __call__(self, context: Context, call: Call, body: Body, /) -> Body: ...


class Fill(Protocol):
    """Completes a body with what only the server knows, inside the transaction. `existing` is None for a new one."""

    def __call__(
        self, context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None, /
    ) -> Body: ...


class Write(Protocol):
    """Stores a body, for a resource whose changes mean more than a document. `existing` is None for a new one."""

    def __call__(
        self, context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None, /
    ) -> Document: ...


class After(Protocol):
    """What follows a change, in the same transaction."""

    def __call__(self, context: Context, call: Call, transaction: Transaction, document: Document, /) -> None: ...


class Handler(Protocol):
    """The whole answer to a method, for a resource that is no document of the state store."""

    def __call__(self, context: Context, call: Call, /) -> Answer: ...


class Action(Protocol):
    """A POST on an existing resource."""

    def __call__(self, context: Context, call: Call, document: Document, /) -> Answer: ...


class Show(Protocol):
    """What a caller is shown of a document's body: what depends on the caller, or is true only now."""

    def __call__(self, context: Context, call: Call, document: Document, /) -> Body: ...


Visible = Callable[[Context, Principal, Document], bool]
"""Whether a caller sees a document in a list."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where resources come from that are not documents of the state store."""

    find: Callable[[Context, ResourcePath], Document | None]
    list: Callable[[Context, ResourcePath], Iterable[Document]]


def made_document(context: Context, path: ResourcePath, type: str, body: Body, *, name: str | None = None) -> Document:
    """A document that is not stored: what a path names, made now; `name` where its casing is not the path's."""
    now = context.clock.now()
    return Document(path.id, type, path.parent_id.lower(), path.name if name is None else name, "", body, now, now)


def named_source(type: str, names: Iterable[str] | None = None) -> Source:
    """Empty resources that exist under these names, in any letter case, or without `names` under every name; a list has
    none of them."""
    by_folded = None if names is None else {each.lower(): each for each in names}

    def find(context: Context, path: ResourcePath) -> Document | None:
        name = path.name if by_folded is None else by_folded.get(path.name.lower())
        return None if name is None else made_document(context, path, type, {}, name=name)

    return Source(find=find, list=lambda _context, _path: ())


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource type.

    `actions` are POSTs on a resource, `early_actions` those on one that need not be there yet, `collection_actions` on
    all of a collection; those in `reading` only read, and take the permission for that.
    `key` is what the API's documentation calls the last part of its path. `parent` is the only type that it may be
    under, None for any. `read_only` names the properties that a caller cannot set. `page` is the number of items in
    a list's page that asks for none, `largest_page` the most that it may ask for. With `visible` a list is never
    refused; it shows what that lets the caller see. `write` and `remove` take the place of storing and deleting, and
    `handlers` answer whole methods, after the checks. `authorized_at` gives the scope at which a permission is asked
    for, where that is not the resource's own id. One that `extends_any` may hang on resources of types that are not
    served. `created_status` answers a PUT that made a resource; with `deleted_once` to delete nothing is an error, with
    `etag_to_replace` to replace something without its etag, or `*`. One that is `read_by_all` needs no permission to be
    read, only a token; one that is `read_in_tenant` needs none where it is of the tenant itself, under no other id.
    Bodies are held against the type's published shape first, unless `published_shape` is false. `refused` gives the
    reason why a method or an action is not served here, by its name; `*` stands for all of them.

    A `tracked` resource has a location and tags, and says who made it and who changed it last; without a `parent` it is
    in a resource group, and listed by its subscription too. `kept_as` is the type that documents are kept and shown
    under, where that is another one.
    """

    type: str
    key: str = "name"
    parent: str | None = None
    methods: frozenset[str] = DOCUMENT_METHODS
    actions: Mapping[str, Action] = field(default_factory=dict[str, Action])
    early_actions: Mapping[str, Handler] = field(default_factory=dict[str, Handler])
    reading: frozenset[str] = frozenset()
    collection_actions: Mapping[str, Handler] = field(default_factory=dict[str, Handler])
    read_only: frozenset[str] = frozenset()
    source: Source | None = None
    require: Callable[[Context, ResourcePath], None] | None = None
    missing: Callable[[ResourcePath], NotFound] | None = None
    newer_exists: Callable[[Context, ResourcePath], str] | None = None
    validate: Validate | None = None
    fill: Fill | None = None
    write: Write | None = None
    remove: After | None = None
    after_put: After | None = None
    after_delete: After | None = None
    handlers: Mapping[str, Handler] = field(default_factory=dict[str, Handler])
    authorized_at: Callable[[Context, ResourcePath], str] | None = None
    tracked: bool = False
    kept_as: str = ""
    deleted_once: bool = False
    etag_to_replace: bool = False
    read_by_all: bool = False
    read_in_tenant: bool = False
    page: int = 1000
    largest_page: int = 1000
    visible: Visible | None = None
    show: Show | None = None
    extends_any: bool = False
    created_status: int = 201
    published_shape: bool = True
    refused: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def document_type(self) -> str:
        """The type that its documents are kept and shown under."""
        return self.kept_as or self.type

    def places(self, path: ResourcePath) -> tuple[str, ...]:
        """The types of what a path of this type may be under; none for any."""
        if not self.tracked or self.parent:
            return (self.parent,) if self.parent else ()
        return (RESOURCE_GROUP,) if path.is_item else (RESOURCE_GROUP, SUBSCRIPTION)

    def refusal(self, name: str) -> str | None:
        """Why a method (`GET`, `LIST`, `PUT` …) or an action of this name is not served here; None if it is."""
        return next((why for key, why in self.refused.items() if key == "*" or key.lower() == name.lower()), None)

    def action_permission(self, name: str) -> str:
        """The permission that an action needs."""
        return self.permission("read" if name in self.reading else f"{name}/action")

    def permission(self, verb: str) -> str:
        """The permission that a verb needs: `read`, `write`, `delete` or `{action}/action`, after the type."""
        return f"{self.type}/{verb}"


def not_served(type: str, why: str, *, parent: str | None = None) -> Resource:
    """A type that the API has and this server has not: everything that is asked of it is refused, with the reason."""
    return Resource(type, parent=parent, methods=frozenset(), refused={"*": why})


def readable(type: str) -> Visible:
    """Documents of a type are visible to those who may read them."""
    return lambda context, principal, document: context.roles.allows(principal, f"{type}/read", document.id)


class ResourceTypes:
    """The resource types that are served, found in any letter case; `others` gives what else a path may be of."""

    def __init__(
        self,
        resources: Iterable[Resource],
        others: Callable[[ResourcePath], Resource | None] = lambda _path: None,
    ) -> None:
        self._others = others
        self._by_type = {resource.type.lower(): resource for resource in resources}
        self._namespaces = {type.partition("/")[0] for type in self._by_type}

    def all(self) -> tuple[Resource, ...]:
        """Every resource type."""
        return tuple(self._by_type.values())

    def get(self, type: str) -> Resource | None:
        """The resource type of this name."""
        return self._by_type.get(type.lower())

    def require(self, path: ResourcePath) -> Resource:
        """The resource type of a path, one that is served or another. Raises NotFound (InvalidResourceNamespace,
        InvalidResourceType)."""
        resource = self.get(path.type) or self._others(path)
        if resource is None:
            raise self._unknown(path)
        return resource

    def _unknown(self, path: ResourcePath) -> NotFound:
        if path.namespace.lower() not in self._namespaces:
            return NotFound(
                "InvalidResourceNamespace",
                f"The resource namespace '{path.namespace}' is not served: no type of it is.",
            )
        type = "/".join(path.types)
        return NotFound(
            "InvalidResourceType",
            f"The resource type '{type}' could not be found in the namespace '{path.namespace}': it is not served.",
        )
