import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from vedette.access.principals import Principal
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import MethodNotAllowed, answer
from vedette.arm.locks import LOCK, READ_ONLY
from vedette.arm.resource import READ_METHODS, Body, Resource, ResourceTypes, Source, not_served, readable
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed, Unsupported
from vedette.state.documents import Document
from vedette.state.store import Transaction

VERSION = {"api-version": "2024-03-01"}
Send = Callable[..., Answer]


def subscription(context: Context) -> Document:
    now = context.clock.now()
    id = context.estate.subscription_resource_id
    return Document(id, "Microsoft.Resources/subscriptions", "", id.rpartition("/")[2], "", {"state": "on"}, now, now)


def find_subscription(context: Context, path: ResourcePath) -> Document | None:
    document = subscription(context)
    return document if document.id.lower() == path.id.lower() else None


def check(_context: Context, _call: Call, body: Body) -> Body:
    if "wrong" in body["properties"]:
        raise InvalidInput("BadRequest", "'properties.wrong' is wrong.")
    return body


def number(_context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    numbered = existing.body["properties"]["number"] if existing else transaction.next_number(call.path.scope, "thing")
    return body | {"properties": body["properties"] | {"number": numbered}}


def tell(_context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    transaction.emit("w", "Told", {"Id": document.id, "Method": call.method})


def ring(_context: Context, call: Call, document: Document) -> Answer:
    return Answer(200, {"rung": document.name, "how": call.body})


TYPES = ResourceTypes(
    (
        Resource(
            "Microsoft.Resources/subscriptions",
            methods=READ_METHODS,
            visible=readable("Microsoft.Resources/subscriptions"),
            missing=lambda path: NotFound("SubscriptionNotFound", f"No subscription '{path.name}'."),
            source=Source(find_subscription, lambda context, path: [subscription(context)]),
        ),
        Resource(
            "Microsoft.Test/things",
            parent="Microsoft.Resources/subscriptions",
            actions={"ring": ring},
            read_only=frozenset({"number"}),
            validate=check,
            fill=number,
            after_put=tell,
            after_delete=tell,
            page=2,
            largest_page=3,
        ),
        Resource(
            "Microsoft.Test/things/parts",
            parent="Microsoft.Test/things",
            refused={"PATCH": "parts are made whole", "polish": "there is no polish"},
        ),
        not_served("Microsoft.Test/things/shadows", "there is no light", parent="Microsoft.Test/things"),
    )
)


@pytest.fixture
def things(context: Context) -> str:
    return f"{context.estate.subscription_resource_id}/providers/Microsoft.Test/things"


@pytest.fixture
def send(context: Context, owner: Principal) -> Send:
    def send(
        method: str, id: str, body: Any = None, principal: Principal = owner, query: Any = None, **more: Any
    ) -> Answer:
        call = Call(
            method, parse_id(id), principal, VERSION if query is None else query, "https://host:1", body, **more
        )
        return answer(context, TYPES, call)

    return send


def test_put_get_list_delete(send: Send, things: str) -> None:
    sent = {"kind": "K", "etag": "", "id": "ignored", "properties": {"a": 1, "number": 99, "unknown": {"x": None}}}
    created = send("PUT", f"{things}/T", sent)
    assert created.status == 201
    etag = created.body["etag"]
    assert created.body == {
        "id": f"{things}/T",
        "name": "T",
        "type": "Microsoft.Test/things",
        "etag": etag,
        "kind": "K",
        "properties": {"a": 1, "unknown": {"x": None}, "number": 1},
    }
    assert (etag[0], etag[-1]) == ('"', '"')
    assert send("GET", f"{things.upper()}/t").body == created.body
    assert send("GET", things).body == {"value": [created.body]}
    updated = send("PUT", f"{things.lower()}/t", {"properties": {"a": 2}})
    assert updated.status == 200
    assert updated.body["id"] == f"{things}/T"
    assert updated.body["properties"] == {"a": 2, "number": 1}
    assert updated.body["etag"] != etag
    assert send("HEAD", f"{things}/T") == Answer(204)
    assert send("DELETE", f"{things}/T") == Answer(200)
    assert send("DELETE", f"{things}/T") == Answer(204)
    with pytest.raises(NotFound, match=r"Microsoft\.Test/things/T") as missing:
        send("GET", f"{things}/T")
    assert missing.value.code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("method", "place", "named"),
    [
        ("PATCH", "parts/p", "'PATCH' of 'Microsoft.Test/things/parts' is not served here: parts are made whole."),
        ("POST", "parts/p/polish", "'polish' of .* there is no polish."),
        ("POST", "parts/polish", "'polish' of .* there is no polish."),
        ("GET", "shadows", "'LIST' of .* there is no light."),
        ("DELETE", "shadows/s", "'DELETE' of .* there is no light."),
        ("POST", "shadows/s/cast", "'cast' of .* there is no light."),
    ],
)
def test_what_is_not_served_is_refused_by_name(
    send: Send, things: str, reader: Principal, method: str, place: str, named: str
) -> None:
    send("PUT", f"{things}/T", {})
    with pytest.raises(Unsupported, match=named) as refused:
        send(method, f"{things}/T/{place}")
    assert refused.value.code == "OperationNotSupported"
    if method not in ("GET",):
        with pytest.raises(Forbidden):
            send(method, f"{things}/T/{place}", principal=reader)
    assert send("GET", f"{things}/T/parts").body == {"value": []}


def test_hooks_are_in_the_same_transaction(send: Send, things: str, context: Context) -> None:
    send("PUT", f"{things}/T", {})
    send("DELETE", f"{things}/T")
    send("DELETE", f"{things}/T")
    with pytest.raises(InvalidInput):
        send("PUT", f"{things}/T", {"properties": {"wrong": 1}})
    assert [each.row["Method"] for each in context.state.pending()] == ["PUT", "DELETE"]


def test_the_etag_in_the_body(send: Send, things: str) -> None:
    first = send("PUT", f"{things}/T", {"etag": '"something from elsewhere"'}).body["etag"]
    second = send("PUT", f"{things}/T", {"etag": first}).body["etag"]
    with pytest.raises(Conflict, match="Newer instance") as refused:
        send("PUT", f"{things}/T", {"etag": first})
    assert refused.value.code == "Conflict"
    assert send("GET", f"{things}/T").body["etag"] == second
    assert send("PUT", f"{things}/T", {"etag": "*"}).status == 200
    bare = send("GET", f"{things}/T").body["etag"].strip('"')
    assert send("PUT", f"{things}/T", {"etag": bare}).status == 200
    with pytest.raises(InvalidInput, match="'etag' must be a string"):
        send("PUT", f"{things}/T", {"etag": 5})


def test_the_etag_in_headers(send: Send, things: str) -> None:
    with pytest.raises(PreconditionFailed):
        send("PUT", f"{things}/T", {}, if_match="*")
    etag = send("PUT", f"{things}/T", {}, if_none_match="*").body["etag"]
    with pytest.raises(PreconditionFailed):
        send("PUT", f"{things}/T", {}, if_none_match="*")
    with pytest.raises(PreconditionFailed):
        send("DELETE", f"{things}/T", if_match='"other"')
    assert send("PUT", f"{things}/T", {}, if_match=f'"other", W/{etag}').status == 200
    with pytest.raises(PreconditionFailed):
        send("PUT", f"{things}/T", {}, if_match=etag)
    assert send("DELETE", f"{things}/T", if_match="*").status == 200


@pytest.mark.parametrize(("locked", "code"), [(False, "ParentResourceNotFound"), (True, "ScopeLocked")])
def test_what_was_found_above_is_looked_at_again(
    send: Send, things: str, context: Context, monkeypatch: pytest.MonkeyPatch, locked: bool, code: str
) -> None:
    send("PUT", f"{things}/T", {})

    def meanwhile(*_: Any) -> Body:
        with context.state.transaction() as transaction:
            if locked:
                place = f"{things}/T/providers/{LOCK}/l"
                body = {"properties": {"level": READ_ONLY}}
                transaction.put(id=place, type=LOCK, scope=f"{things}/T", name="l", body=body)
            else:
                transaction.delete(f"{things}/T")
        return {}

    monkeypatch.setattr("vedette.arm.controller._checked", meanwhile)
    with pytest.raises(NotFound if not locked else Conflict) as refused:
        send("PUT", f"{things}/T/parts/p", {})
    assert refused.value.code == code
    assert context.state.get(f"{things}/T/parts/p") is None


def test_one_of_many_writers_with_the_same_etag_wins(send: Send, things: str) -> None:
    etag = send("PUT", f"{things}/T", {}).body["etag"]
    outcomes: list[str] = []

    def write() -> None:
        try:
            outcomes.append(str(send("PUT", f"{things}/T", {"etag": etag}).status))
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["200", *["Conflict"] * 7]


def query_of(order: str) -> dict[str, str]:
    return {**VERSION, "$orderby": order}


def test_counting_and_searching(send: Send, things: str) -> None:
    for index in range(5):
        send("PUT", f"{things}/T{index}", {"properties": {"index": index, "texts": [{"deep": f"Wörd {index % 2}"}]}})
    assert send("GET", things, query={**VERSION, "$count": "true"}).body == {"@odata.count": 5, "value": []}
    some = {**VERSION, "$count": "True", "$filter": "properties/index ge 3"}
    assert send("GET", things, query=some).body["@odata.count"] == 2
    found = send("GET", things, query={**VERSION, "$search": "wÖRD 1"}).body
    assert [each["name"] for each in found["value"]] == ["T1", "T3"]
    one = send("GET", things, query={**VERSION, "$search": "WÖRD 0", "$top": "2"}).body
    assert [each["name"] for each in one["value"]] == ["T0", "T2"]
    following = {name.lower(): value for name, value in parse_qsl(urlsplit(one["nextLink"]).query)}
    assert [each["name"] for each in send("GET", things, query=following).body["value"]] == ["T4"]
    assert send("GET", things, query={**VERSION, "$count": "true", "$search": "wörd 0"}).body["@odata.count"] == 3
    with pytest.raises(InvalidInput, match="true or false"):
        send("GET", things, query={**VERSION, "$count": "2"})


def test_pages(send: Send, things: str) -> None:
    for index in range(5):
        send("PUT", f"{things}/T{index}", {"properties": {"index": index}})
    seen: list[str] = []
    query = {**VERSION, "$orderby": "properties/index desc"}
    sizes: list[int] = []
    while True:
        body = send("GET", things, query=query).body
        seen += [each["name"] for each in body["value"]]
        sizes.append(len(body["value"]))
        if "nextLink" not in body:
            break
        address = urlsplit(body["nextLink"])
        assert (address.scheme, address.netloc, address.path) == ("https", "host:1", things)
        query = {name.lower(): value for name, value in parse_qsl(address.query)}
    assert seen == ["T4", "T3", "T2", "T1", "T0"]
    assert sizes == [2, 2, 1]
    assert len(send("GET", things, query={**VERSION, "$top": "50"}).body["value"]) == 3
    filtered = send("GET", things, query={**VERSION, "$filter": "properties/index ge 4"}).body
    assert [each["name"] for each in filtered["value"]] == ["T4"]
    skipped = send("GET", things, query={**query_of("properties/index desc"), "$skip": "3"}).body
    assert [each["name"] for each in skipped["value"]] == ["T1", "T0"]
    with pytest.raises(InvalidInput, match=r"\$filter"):
        send("GET", things, query={**VERSION, "$filter": "nonsense"})


def test_the_version_is_needed(send: Send, things: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        send("GET", things, query={})
    assert refused.value.code == "MissingApiVersionParameter"


def test_permissions(send: Send, things: str, reader: Principal, context: Context) -> None:
    stranger = Principal("33333333-3333-3333-3333-333333333333", None, "stranger", context.estate.tenant_id)
    send("PUT", f"{things}/T", {})
    assert send("GET", f"{things}/T", principal=reader).status == 200
    assert send("GET", things, principal=reader).status == 200
    for method, place in (("PUT", "/T"), ("DELETE", "/T"), ("POST", "/T/ring")):
        with pytest.raises(Forbidden, match=r"Microsoft\.Test/things"):
            send(method, things + place, {}, principal=reader)
    for method, place in (("GET", ""), ("GET", "/T"), ("GET", "/not-there"), ("PUT", "/T"), ("DELETE", "/T")):
        with pytest.raises(Forbidden):
            send(method, things + place, {}, principal=stranger)
    assert send("GET", "/subscriptions", principal=stranger).body == {"value": []}
    assert len(send("GET", "/subscriptions", principal=reader).body["value"]) == 1


def test_actions(send: Send, things: str) -> None:
    send("PUT", f"{things}/T", {})
    assert send("POST", f"{things}/t/RING", {"loud": True}).body == {"rung": "T", "how": {"loud": True}}
    with pytest.raises(NotFound):
        send("POST", f"{things}/missing/ring")
    with pytest.raises(NotFound) as unknown:
        send("POST", f"{things}/T/sing")
    assert unknown.value.code == "InvalidResourceType"


def test_what_is_not_there(send: Send, things: str, context: Context, owner: Principal) -> None:
    with pytest.raises(NotFound, match="'others'") as unknown:
        send("GET", things.replace("things", "others"))
    assert unknown.value.code == "InvalidResourceType"
    with pytest.raises(NotFound, match=r"Microsoft\.Other") as namespace:
        send("GET", things.replace("Microsoft.Test", "Microsoft.Other"))
    assert namespace.value.code == "InvalidResourceNamespace"
    with pytest.raises(NotFound, match=r"'Microsoft\.Test/things/T'"):
        send("PUT", f"{things}/T/parts/P", {})
    with pytest.raises(NotFound, match="only served under"):
        send("GET", f"{things}/T/providers/Microsoft.Test/things")


def test_what_is_below_goes_with_it(send: Send, things: str, context: Context) -> None:
    send("PUT", f"{things}/T", {})
    send("PUT", f"{things}/T/parts/P", {})
    send("PUT", f"{things}/T2", {})
    send("PUT", f"{things}/T2/parts/P", {})
    send("DELETE", f"{things}/T")
    assert [each.id for each in context.state.list("Microsoft.Test/things/parts")] == [f"{things}/T2/parts/P"]


@pytest.mark.parametrize(("method", "place"), [("POST", ""), ("DELETE", ""), ("PATCH", "/T"), ("PUT", "")])
def test_methods_that_are_not_taken(send: Send, things: str, method: str, place: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        send(method, things + place, {})
    assert refused.value.allowed == (("DELETE", "GET", "PUT") if place else ("GET",))


@pytest.mark.parametrize("body", [None, [], "x", {"properties": []}, {"properties": "x"}])
def test_bodies_that_are_no_resource(send: Send, things: str, body: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        send("PUT", f"{things}/T", body)
    assert refused.value.code == "InvalidRequestContent"
