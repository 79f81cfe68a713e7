"""ARM paths and ids, loosely formed as clients write them, read into their parts.

What an id is made of: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from dataclasses import dataclass

from vedette.core.errors import InvalidInput

RESOURCES = "Microsoft.Resources"
"""The provider of what has no provider in its id: tenants, subscriptions and resource groups."""

_LONGEST_PATH = 4096
_LONGEST_SEGMENT = 512
_FORBIDDEN = frozenset("/\\?#%")


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """A place in the management plane, in the caller's casing.

    `scope` is the id that the provider hangs on ("" for the tenant) and `root` that id with the provider.
    `types` and `names` alternate after it; a collection, or a POST action, has one more type than names.
    """

    scope: str
    namespace: str
    root: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        """The full type, such as `Microsoft.SecurityInsights/alertRules/actions`."""
        return "/".join((self.namespace, *self.types))

    @property
    def is_item(self) -> bool:
        """Whether the path names one resource."""
        return len(self.types) == len(self.names)

    @property
    def name(self) -> str:
        """The last name; of a collection, its parent's."""
        return self.names[-1] if self.names else ""

    @property
    def id(self) -> str:
        """The id, with single slashes and nothing after it."""
        parts = [part for pair in zip(self.types, self.names, strict=False) for part in pair]
        if not self.is_item:
            parts.append(self.types[-1])
        return "/".join((self.root, *parts))

    @property
    def parent(self) -> "ResourcePath | None":
        """What this is under: the resource before the last type, else the scope; None for the tenant."""
        types, names = self.types[:-1], self.names[: len(self.types) - 1]
        if types:
            return ResourcePath(self.scope, self.namespace, self.root, types, names)
        return parse_id(self.scope) if self.scope else None

    @property
    def parent_id(self) -> str:
        """The parent's id; "" for the tenant."""
        parent = self.parent
        return parent.id if parent else ""

    @property
    def lineage(self) -> "tuple[ResourcePath, ...]":
        """Everything above this, the outermost first."""
        parent = self.parent
        return (*parent.lineage, parent) if parent else ()

    @property
    def resource_group(self) -> str | None:
        """The name of the resource group that this is in, or is."""
        parts = self.id.split("/")
        return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else None

    def item(self, name: str) -> "ResourcePath":
        """The resource of this name in the collection."""
        return ResourcePath(self.scope, self.namespace, self.root, self.types, (*self.names, name))


def parse_id(id: str) -> ResourcePath:
    """The parts of an id, or of a request's path with nothing left to decode.

    Empty segments (doubled and trailing slashes) are skipped. Raises InvalidInput (InvalidResourceId) for a segment
    that an id cannot hold: a slash that was hidden by an encoding, a percent sign, dots only, a control character.
    """
    if len(id) > _LONGEST_PATH:
        raise _invalid("it is too long")
    return _parse([_checked(segment) for segment in id.split("/") if segment])


def _parse(segments: list[str]) -> ResourcePath:
    if not segments:
        raise _invalid("it is empty")
    start = _last_provider(segments)
    if start is None and (place := _deployments(segments)) is not None:
        return _parse([*segments[:place], "providers", RESOURCES, *segments[place:]])
    if start is None or _is_registration(segments, start):
        return _path("", RESOURCES, "", segments)
    scope = "".join(f"/{segment}" for segment in segments[:start])
    namespace = segments[start + 1]
    root = f"{scope}/{segments[start]}/{namespace}"
    if scope:
        parse_id(scope)
    return _path(scope, namespace, root, segments[start + 2 :])


def _last_provider(segments: list[str]) -> int | None:
    """Where the last `providers/<namespace>/<type>` begins; `providers` alone, or a bare namespace, is a type.

    Only every second segment can be one: a resource group may be named `providers`.
    """
    places = [i for i in range(0, len(segments) - 2, 2) if segments[i].lower() == "providers"]
    return places[-1] if places else None


def _deployments(segments: list[str]) -> int | None:
    """Where `deployments` stands in a path that names them without their provider, as ARM's own ids do not:
    https://learn.microsoft.com/rest/api/resources/deployment-operations/list"""
    place = 4 if len(segments) > 4 and segments[2].lower() == "resourcegroups" else 2
    named = len(segments) > place and segments[0].lower() == "subscriptions" and segments[place].lower()
    return place if named == "deployments" else None


def _is_registration(segments: list[str], start: int) -> bool:
    """Whether this is what is done with a provider, such as `/subscriptions/S/providers/P/register`."""
    return start == 2 and len(segments) == 5 and segments[4].lower() in ("register", "unregister")


def _path(scope: str, namespace: str, root: str, segments: list[str]) -> ResourcePath:
    return ResourcePath(scope, namespace, root, tuple(segments[::2]), tuple(segments[1::2]))


def _checked(segment: str) -> str:
    if len(segment) > _LONGEST_SEGMENT:
        raise _invalid(f"the part that begins with '{segment[:40]}' is too long")
    forbidden = next((c for c in segment if c in _FORBIDDEN or not c.isprintable()), None)
    if forbidden is not None:
        raise _invalid(f"a part of it contains {forbidden!r}")
    if not segment.strip(" ."):
        raise _invalid(f"'{segment}' is not a name")
    return segment


def _invalid(reason: str) -> InvalidInput:
    return InvalidInput("InvalidResourceId", f"The path is not the id of a resource: {reason}.")
