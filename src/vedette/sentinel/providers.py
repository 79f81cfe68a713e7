"""Resource providers: which types and api-versions are served, whether a provider is registered, what can be permitted.

Command lines and deployments ask before they use a provider, and wait until it is registered; here all that are served
always are. https://learn.microsoft.com/rest/api/resources/providers
"""

from collections.abc import Iterable, Sequence
from typing import Any

from vedette.access.workspaces import LOCATION
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import SUBSCRIPTION, Handler, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.versions import known_versions
from vedette.core.errors import Conflict, NotFound
from vedette.sentinel.management_groups import MANAGEMENT_GROUP
from vedette.state.documents import Document

_VERBS = {"GET": "read", "LIST": "read", "PUT": "write", "PATCH": "write", "CREATE": "write", "DELETE": "delete"}


def provider_resources(served: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resource types by which providers are asked about: of subscriptions, of the tenant, and their operations."""
    by_namespace: dict[str, list[Resource]] = {}
    for resource in served:
        by_namespace.setdefault(resource.type.partition("/")[0], []).append(resource)
    return (
        _providers(f"{SUBSCRIPTION}/providers", by_namespace),
        _providers("Microsoft.Resources/providers", by_namespace),
        *(each for pair in sorted(by_namespace.items()) for each in _below(*pair)),
    )


def _providers(type: str, served: dict[str, list[Resource]]) -> Resource:
    names = {namespace.lower(): namespace for namespace in served}

    def told(above: str, namespace: str) -> dict[str, Any]:
        return {
            "id": f"{above}/providers/{namespace}",
            "namespace": namespace,
            "registrationPolicy": "RegistrationRequired",
            "registrationState": "Registered",
            "resourceTypes": _types(served[namespace]),
        }

    def get(_context: Context, call: Call) -> Answer:
        namespace = names.get(call.path.name.lower())
        if namespace is None:
            raise _unknown(call.path)
        return Answer(200, told(call.path.parent_id, namespace))

    def all_of(_context: Context, call: Call) -> Answer:
        return Answer(200, {"value": [told(call.path.parent_id, namespace) for namespace in sorted(served)]})

    def find(context: Context, path: ResourcePath) -> Document | None:
        namespace = names.get(path.name.lower())
        now = context.clock.now()
        return Document(path.id, type, path.parent_id.lower(), namespace, "", {}, now, now) if namespace else None

    def register(_context: Context, call: Call, document: Document) -> Answer:
        return Answer(200, told(call.path.parent_id, document.name))

    return Resource(
        type,
        key="resourceProviderNamespace",
        methods=frozenset({"GET", "LIST"}),
        missing=_unknown,
        read_by_all=True,
        source=Source(find=find, list=lambda _context, _path: []),
        handlers={"GET": get, "LIST": all_of},
        actions={"register": register, "unregister": _unregister},
    )


def _unregister(_context: Context, _call: Call, document: Document) -> Answer:
    raise Conflict("Conflict", f"'{document.name}' cannot be unregistered: what this server serves, it always serves.")


def _unknown(path: ResourcePath) -> NotFound:
    return NotFound("InvalidResourceNamespace", f"The resource namespace '{path.name}' is invalid: it is not served.")


def _types(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    return [_type(resource, [each.name for each in known_versions(resource.type)]) for resource in resources]


def _type(resource: Resource, versions: Sequence[str]) -> dict[str, Any]:
    return {
        "resourceType": resource.type.partition("/")[2],
        "locations": [LOCATION],
        "apiVersions": versions,
        "defaultApiVersion": _default(versions),
        "capabilities": "SupportsTags, SupportsLocation" if resource.tracked else "None",
    }


def _default(versions: Sequence[str]) -> str | None:
    """The newest stable version, else the newest."""
    return next((each for each in versions if not each.endswith("-preview")), versions[0] if versions else None)


def _below(namespace: str, resources: list[Resource]) -> Iterable[Resource]:
    """What is asked about one provider: its operations and types, whose permission it needs, and its registration for
    a management group."""
    yield _operations(namespace, resources)
    told: Handler = lambda _context, _call: Answer(200, {"value": _types(resources)})  # noqa: E731
    none: Handler = lambda _context, _call: Answer(200, {"value": []})  # noqa: E731
    registered: Handler = lambda _context, _call: Answer(200)  # noqa: E731
    list_only, ask = frozenset({"LIST"}), frozenset({"ASK"})
    for noun, handler in (("resourceTypes", told), ("providerPermissions", none)):
        yield Resource(
            f"{namespace}/{noun}", parent=SUBSCRIPTION, methods=list_only, read_by_all=True, handlers={"LIST": handler}
        )
    yield Resource(f"{namespace}/register", parent=MANAGEMENT_GROUP, methods=ask, handlers={"ASK": registered})


def _operations(namespace: str, resources: list[Resource]) -> Resource:
    listed: Handler = lambda _context, _call: Answer(200, {"value": [*permissions(namespace, resources)]})  # noqa: E731
    return Resource(f"{namespace}/operations", methods=frozenset({"LIST"}), read_by_all=True, handlers={"LIST": listed})


def permissions(namespace: str, resources: Iterable[Resource]) -> Iterable[dict[str, Any]]:
    """What a role may permit or deny, as `Microsoft.X/type/verb`."""
    for resource in resources:
        noun = resource.type.partition("/")[2]
        verbs = {_VERBS[method] for method in resource.methods if method in _VERBS}
        actions = {
            f"{name}/action"
            for name in (*resource.actions, *resource.early_actions, *resource.collection_actions)
            if name not in resource.reading
        }
        for verb in sorted(verbs | actions):
            yield {
                "name": f"{resource.type}/{verb}",
                "isDataAction": False,
                "origin": "user",
                "display": {
                    "provider": namespace,
                    "resource": noun,
                    "operation": f"{verb.removesuffix('/action').capitalize()} {noun}",
                    "description": f"{verb} of {noun}",
                },
            }
