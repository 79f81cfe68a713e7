"""Published requests sent through the whole application, what they presuppose made first, and the replies judged."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

from tests.corpus.api_comparison import differences, shape_differences
from tests.corpus.api_examples import Example, filled, lineage, plain, read_area
from tests.corpus.api_schemas import schema_problems
from vedette.access.addresses import make_addresses
from vedette.access.directory_objects import DirectoryObject, Kind, principal_of
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.arm.resource_ids import parse_id
from vedette.core.settings import Settings
from vedette.server.composition import compose
from vedette.state.store import StateStore

PLANS = Path(__file__).parent / "api"
BASE = "https://127.0.0.1:8443"
_POLLS = 50
_ENVELOPE = frozenset({"id", "name", "type", "etag", "eTag", "systemData"})


@dataclass(frozen=True)
class Plan:
    """What `api/AREA.toml` says of an area.

    `exceptions` are patterns of example ids that do not hold, `shape` patterns of operations whose values are the
    server's own, each with its reason; `computed` names fields of which that is so, beside the read-only ones of the
    specification. `places` are path parameters that every example is given (`estate.FIELD` is one of the server's own
    names), `places_of` those of operations by pattern, with `{subscriptionId}`, `seed` requests (`method`, `path`,
    `body`, paths with `{subscriptionId}`) that are sent first, `standing` ones that are sent before every example, and
    `clearing` the query parameters of the DELETE that makes way for an example. `stored` are patterns of GETs of what
    only the server makes: what they show is put into its state. `completed` are patterns of operations that do not show
    all that a PUT must have; its example has it.
    `documents` are put into the state before examples of the pattern `before`: an `id`, and its `body`, or with `of`
    and `at` the part of an example's reply that is one; `standing` ones may have a `before` too. `optional` are
    patterns of operations, each with a field that their replies need not have. `caller` is a user of the directory who
    sends all; without one it is an application. `lasting` are patterns of DELETEs that leave something to be read, each
    with its reason.
    """

    exceptions: Mapping[str, str] = field(default_factory=dict)
    shape: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    places_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seed: Sequence[Mapping[str, Any]] = ()
    standing: Sequence[Mapping[str, Any]] = ()
    stored: Sequence[str] = ()
    completed: Sequence[str] = ()
    documents: Sequence[Mapping[str, Any]] = ()
    optional: Mapping[str, str] = field(default_factory=dict)
    caller: Mapping[str, str] | None = None
    clearing: Mapping[str, str] = field(default_factory=dict)
    schema: bool = False
    lasting: Mapping[str, str] = field(default_factory=dict)

    def excepted(self, id: str) -> str | None:
        """The pattern under which an example stands in the list of exceptions."""
        return next((pattern for pattern in self.exceptions if fnmatchcase(id, pattern)), None)


def areas() -> list[str]:
    """The areas that are replayed."""
    return sorted(file.stem for file in PLANS.glob("*.toml"))


def plan_of(area: str) -> Plan:
    """The plan of an area."""
    return Plan(**tomllib.loads((PLANS / f"{area}.toml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Replay:
    """An area's examples over one server; each makes what it needs in the place of what is there."""

    area: str
    client: TestClient
    plan: Plan
    examples: Mapping[str, Example]
    state: StateStore
    places: Mapping[str, str]

    def problems(self, example: Example) -> list[str]:
        """In what the replies are not as published; empty when all is well."""
        self.prepare([each for each in self.plan.standing if fnmatchcase(example.id, each.get("before", "*"))])
        made = self._make(example.lineage, example.places, example.version)
        if made:
            return made
        for document in self.plan.documents:
            if fnmatchcase(example.id, document["before"]):
                self._store(document["id"].format_map(self.places), self._told(document))
        match example.method:
            case "PUT" if example.is_item:
                return self._put(example)
            case "PATCH" | "DELETE":
                return self._seeded(example)
            case "GET" if example.is_item:
                return self._get(example)
            case "GET":
                return self._list(example, example.template.rstrip("/"))
            case _:
                return self._list(example, example.template.rpartition("/")[0])

    def prepare(self, requests: Sequence[Mapping[str, Any]]) -> None:
        """Send requests of the plan."""
        for request in requests:
            path = request["path"].format_map(self.places)
            reply = self.client.request(request["method"], path, json=_in_place(request.get("body"), self.places))
            assert reply.is_success, f"seed {path}: {reply.status_code} {reply.text}"

    def send(self, example: Example) -> Response:
        """The reply to an example's request, long-running operations followed to their end."""
        reply = self._request(example.method, example.path, example.body, example.version, example.query)
        if reply.status_code in (201, 202):
            self._wait(reply)
        return reply

    def _put(self, example: Example) -> list[str]:
        self._clear(example)
        created = self.send(example)
        problems = self._judge(example, created)
        if problems:
            return problems
        stored = self._request("GET", example.path, None, example.version)
        if stored.status_code not in (200, 405):
            problems.append(f"what was PUT is not there: {stored.status_code} {stored.text[:200]}")
        etag = created.json().get("etag") if created.content else None
        again = replace(example, body=example.body | {"etag": etag}) if etag else example
        return problems + [f"again: {each}" for each in self._judge(example, self.send(again))]

    def _seeded(self, example: Example) -> list[str]:
        seeded = self._seed(example, None)
        if seeded:
            return seeded
        problems = self._judge(example, self.send(example))
        lasting = any(fnmatchcase(example.id, pattern) for pattern in self.plan.lasting)
        if example.method == "DELETE" and not problems and not lasting:
            gone = self._request("GET", example.path, None, example.version)
            if gone.status_code not in (404, 405):
                problems.append(f"what was deleted is still there: {gone.status_code}")
        return problems

    def _get(self, example: Example) -> list[str]:
        return self._seed(example, example.published(200)) or self._judge(example, self.send(example))

    def _seed(self, example: Example, published: Any) -> list[str]:
        """Put what an example is about in its place: the published body, or that of the PUT example."""
        if self._is_stored(example):
            self._store(example.path, published or self._shown(example.template))
            return []
        maker = self._maker(example.template, example.version)
        if maker is None:
            return []
        self._clear(example)
        shown = published if isinstance(published, dict) or maker.body else example.published(200)
        body = self._sendable(example, shown, maker) if isinstance(shown, dict) else maker.body
        seeded = self._request("PUT", example.path, body, maker.version)
        self._wait(seeded)
        return [] if seeded.is_success else [f"seed: {seeded.status_code} {seeded.text[:300]}"]

    def _clear(self, example: Example) -> None:
        self._request("DELETE", example.path, None, example.version, self.plan.clearing)

    def _list(self, example: Example, collection: str) -> list[str]:
        """Make every published item below a collection's template, and find it in the reply."""
        published = example.published(200)
        items = published.get("value") if isinstance(published, dict) else published
        if self._is_stored(example) and isinstance(items, list):
            paths = [f"{filled(collection, example.places)}/{_last_name(each)}" for each in items]
            for path, item in zip(paths, items, strict=True):
                self._store(path, item)
            return self._find(example, paths, items)
        maker = self._item_maker(collection, example.version)
        if maker is None or not isinstance(items, list):
            return self._judge(example, self.send(example))
        places = {**maker.places, **example.places}
        made = self._make(lineage(maker.template), places, example.version)
        if made:
            return made
        by_path = {_item_path(maker, places, item): item for item in items}  # of several with one id the last is there
        paths, items = list(by_path), list(by_path.values())
        for path, item in by_path.items():
            seeded = self._request("PUT", path, self._sendable(example, item, maker) | {"etag": "*"}, example.version)
            self._wait(seeded)
            if seeded.status_code >= 400:
                return [f"seed {path}: {seeded.status_code} {seeded.text[:300]}"]
        return self._find(example, paths, items)

    def _sendable(self, example: Example, published: Mapping[str, Any], maker: Example) -> dict[str, Any]:
        body = sendable(published)
        if any(fnmatchcase(example.operation, pattern) for pattern in self.plan.completed):
            body["properties"] = maker.body["properties"] | body.get("properties", {})
        return body

    def _is_stored(self, example: Example) -> bool:
        return any(fnmatchcase(example.operation, pattern) for pattern in self.plan.stored)

    def _store(self, path: str, published: Any) -> None:
        """Put a document into the server's state, as its own parts do that make such documents."""
        place = parse_id(path)
        with self.state.transaction() as transaction:
            transaction.put(id=path, type=place.type, scope=place.parent_id, name=place.name, body=sendable(published))

    def _told(self, document: Mapping[str, Any]) -> Any:
        if "body" in document:
            return _in_place(document["body"], self.places)
        part = self.examples[document["of"]].published(200)
        for step in document["at"]:
            part = part[step]
        return part

    def _find(self, example: Example, paths: Sequence[str], items: Sequence[Any]) -> list[str]:
        """Hold the list that is answered against the published items, which are there at these paths."""
        reply = self.send(example)
        if str(reply.status_code) not in example.responses:
            return [_unexpected(example, reply)]
        listed = {each["id"].lower().strip("/"): each for each in reply.json()["value"]}
        problems: list[str] = []
        for path, item in zip(paths, items, strict=True):
            ours = listed.get(path.lower().strip("/"))
            problems += [f"{path} is not listed"] if ours is None else self._compare(example, ours, item)
        return problems + self._against_schema(example, reply)

    def _judge(self, example: Example, reply: Response) -> list[str]:
        if str(reply.status_code) not in example.responses:
            return [_unexpected(example, reply)]
        published = example.published(reply.status_code)
        if published is None:
            return []
        if not reply.content:
            return ["no body"]
        ours = reply.json()
        problems = self._compare(example, ours, published)
        if isinstance(published, dict) and example.method in ("PUT", "GET", "PATCH") and example.is_item:
            problems += _identity(example, ours, published)
        return problems + self._against_schema(example, reply)

    def _against_schema(self, example: Example, reply: Response) -> list[str]:
        if not self.plan.schema or not reply.content:
            return []
        place = (self.area, example.version, example.method, example.template, reply.status_code)
        known = schema_problems(*place, example.published(reply.status_code))
        return sorted(schema_problems(*place, reply.json()) - known)

    def _compare(self, example: Example, ours: Any, published: Any) -> list[str]:
        named = (key.split(" ") for key in self.plan.optional)
        published = _without(published, {field for pattern, field in named if fnmatchcase(example.operation, pattern)})
        if any(fnmatchcase(example.operation, pattern) for pattern in self.plan.shape):
            return shape_differences(ours, published)
        return differences(ours, published, example.read_only | set(self.plan.computed))

    def _make(self, templates: Sequence[str], places: Mapping[str, str], version: str) -> list[str]:
        """Make the resources of these templates that are not there, and say what stood in the way."""
        found = (self._ensure(template, filled(template, places), version) for template in templates)
        return [each for each in found if each is not None]

    def _ensure(self, template: str, path: str, version: str) -> str | None:
        maker = self._maker(template, version)
        stored = self._shown(template)
        if stored is not None and maker is None:
            self._store(path, stored)
        if maker is None or self._request("GET", path, None, maker.version).status_code == 200:
            return None
        reply = self._request("PUT", path, maker.body, maker.version)
        self._wait(reply)
        return None if reply.status_code < 400 else f"parent {path}: {reply.status_code} {reply.text[:300]}"

    def _shown(self, template: str) -> Any:
        """What the GET of a place shows that is put into the server's state; None for a place that is not."""
        shown = [each for each in self.examples.values() if self._is_stored(each) and each.method == "GET"]
        return next((each.published(200) for each in shown if plain(each.template) == plain(template)), None)

    def _maker(self, template: str, version: str) -> Example | None:
        """The PUT example of a place, of the same version where there is one."""
        found = [each for each in self.examples.values() if each.method == "PUT" and each.is_item]
        fitting = [each for each in found if plain(each.template) == plain(template)]
        return next((each for each in fitting if each.version == version), fitting[0] if fitting else None)

    def _item_maker(self, collection: str, version: str) -> Example | None:
        """The PUT example of what a list holds; a subscription's list is made of items in resource groups."""
        direct = self._maker(f"{collection}/{{name}}", version)
        if direct is not None or "/resourcegroups/" in collection.lower():
            return direct
        in_group = collection.replace("/providers/", "/resourceGroups/{resourceGroupName}/providers/", 1)
        return self._maker(f"{in_group}/{{name}}", version)

    def _wait(self, reply: Response) -> None:
        address = reply.headers.get("azure-asyncoperation") or reply.headers.get("location")
        for _ in range(_POLLS if address else 0):
            polled = self.client.get(address)
            if polled.status_code == 202:
                continue
            if (
                polled.status_code != 200
                or not polled.content
                or polled.json().get("status") in ("Succeeded", "Failed", "Canceled")
            ):
                return

    def _request(
        self, method: str, path: str, body: Any, version: str, query: Mapping[str, str] | None = None
    ) -> Response:
        return self.client.request(method, path, params={"api-version": version, **(query or {})}, json=body)


@contextmanager
def replay_of(area: str, data: Path) -> Iterator[Replay]:
    """A server over a new data directory, with what the area's plan seeds."""
    plan = plan_of(area)
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    with compose(Settings(data), addresses) as services:
        places = _places(services, plan)
        examples = {example.id: _in_places_of(plan, example, places) for example in read_area(area, places)}
        replay = Replay(area, _owner(services, plan), plan, examples, services.state, places)
        replay.prepare(plan.seed)
        yield replay


def _in_place(value: Any, places: Mapping[str, str]) -> Any:
    """A body of a plan with the server's own names in its texts."""
    if isinstance(value, dict):
        return {name: _in_place(each, places) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_place(each, places) for each in value]
    return value.format_map(places) if isinstance(value, str) else value


def sendable(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as a client sends back what it read: without the envelope, which an etag of elsewhere would spoil."""
    return {name: value for name, value in body.items() if name not in _ENVELOPE}


def _without(value: Any, names: Set[str]) -> Any:
    """A value without the fields of these names, at any depth."""
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _item_path(maker: Example, places: Mapping[str, str], item: Mapping[str, Any]) -> str:
    return f"{filled(maker.template.rpartition('/')[0], places)}/{_last_name(item)}"


def _last_name(item: Mapping[str, Any]) -> str:
    return str(item.get("id") or item.get("name")).rstrip("/").rpartition("/")[2]


def _in_places_of(plan: Plan, example: Example, places: Mapping[str, str]) -> Example:
    """An example at the places that the plan has for its operation."""
    own = [named for pattern, named in plan.places_of.items() if fnmatchcase(example.operation, pattern)]
    found = {name: place.format_map(places) for named in own for name, place in named.items()}
    return replace(example, places={**example.places, **found})


def _places(services: Services, plan: Plan) -> dict[str, str]:
    estate = services.estate
    named = {"subscriptionId": "estate.subscription_id", "resourceGroupName": "estate.resource_group", **plan.places}
    return {
        name: str(getattr(estate, place.removeprefix("estate."))) if place.startswith("estate.") else place
        for name, place in named.items()
    }


def _owner(services: Services, plan: Plan) -> TestClient:
    principal = _caller(services, plan.caller) if plan.caller else None
    principal = principal or services.directory.service_principal(services.estate.client_id)
    assert principal is not None
    services.roles.assign(principal, OWNER, "/")  # some examples are of management groups, above every subscription
    token = services.tokens.issue(principal, "https://management.azure.com/", base=BASE).text
    return TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})


def _unexpected(example: Example, reply: Response) -> str:
    return f"{reply.status_code} in place of {'/'.join(example.responses)}: {reply.text[:300]}"


def _identity(example: Example, ours: Mapping[str, Any], published: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    if "id" in published and str(ours.get("id")).strip("/").lower() != example.path.strip("/").lower():
        problems.append(f"id: {ours.get('id')!r} in place of {example.path!r}")
    name = example.path.rpartition("/")[2]
    if "name" in published and str(ours.get("name")).lower() != name.lower():
        problems.append(f"name: {ours.get('name')!r} in place of {name!r}")
    problems += [f"{each}: missing" for each in ("etag", "eTag") if each in published and each not in ours]
    return problems


def _caller(services: Services, facts: Mapping[str, str]) -> Principal:
    shown = {name: value for name, value in facts.items() if name != "id"}
    user = DirectoryObject(facts["id"], Kind.USER, shown, {})
    with services.state.transaction() as transaction:
        services.directory.save(transaction, user)
    return principal_of(user, services.estate.tenant_id)
