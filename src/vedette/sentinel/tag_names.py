"""The names of a subscription's tags, with their values and how often each is used; some are written down beforehand.

https://learn.microsoft.com/rest/api/resources/tags/list
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from vedette.access.principals import Principal
from vedette.access.workspaces import RESOURCE_GROUP as GROUP_TYPE
from vedette.arm.call import Answer, Call
from vedette.arm.changes import check_tags
from vedette.arm.context import Context
from vedette.arm.paging import next_link, requested_page
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION, Resource
from vedette.core.errors import Conflict
from vedette.sentinel.chosen_pages import documents_behind
from vedette.sentinel.resource_lists import document_types
from vedette.sentinel.tags import tags_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

TAG_NAME = f"{SUBSCRIPTION}/tagNames"
TAG_VALUE = f"{TAG_NAME}/tagValues"
_PAGE = 1000


def tag_name_resources(served: Iterable[Resource]) -> tuple[Resource, ...]:
    """The types of names and of values; `served` are all resource types, whose tags are counted."""
    types = tuple(document_types(served))

    def listed(context: Context, call: Call) -> Answer:
        page = requested_page(call.query, default=_PAGE, largest=_PAGE)
        names: dict[str, tuple[str, Counter[str]]] = {}
        for tags in _tags(context, types, call.principal):
            for name, value in tags.items():
                names.setdefault(name.lower(), (name, Counter()))[1][value] += 1
        for name in context.state.list(TAG_NAME, call.path.parent_id):
            names.setdefault(name.name.lower(), (name.name, Counter()))
        for value in context.state.list(TAG_VALUE, call.path.parent_id, below=True):
            _, values = names.get(value.scope.rpartition("/")[2], ("", Counter[str]()))
            values.setdefault(value.name, 0)
        behind = "" if page.after is None else str(page.after[0] if page.after else "")
        found = sorted(each for each in names.items() if each[0] > behind)
        part = found[page.offset : page.offset + page.size]
        body: dict[str, Any] = {"value": [_shown(f"{call.path.id}/{name}", name, values) for _, (name, values) in part]}
        if len(found) > page.offset + page.size:
            body["nextLink"] = next_link(call.base, call.path.id, call.query, page, (part[-1][0],))
        return Answer(200, body)

    def remove(context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
        """Raises Conflict while anything has the tag, whether or not the caller may read it."""
        if any(document.name.lower() == name.lower() for tags in _tags(context, types) for name in tags):
            raise Conflict("TagNameInUse", f"The tag name '{document.name}' is in use, and cannot be deleted.")
        transaction.delete(document.id)
        transaction.delete_below(document.id)

    def remove_value(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
        tag = (call.path.names[-2].lower(), document.name)
        if any(tag == (name.lower(), value) for tags in _tags(context, types) for name, value in tags.items()):
            raise Conflict("TagValueInUse", f"The tag value '{document.name}' is in use, and cannot be deleted.")
        transaction.delete(document.id)

    names = Resource(
        TAG_NAME,
        key="tagName",
        parent=SUBSCRIPTION,
        methods=frozenset({"LIST", "PUT", "DELETE"}),
        remove=remove,
        handlers={"LIST": listed, "PUT": _put_name},
    )
    values = Resource(
        TAG_VALUE,
        key="tagValue",
        parent=TAG_NAME,
        methods=frozenset({"PUT", "DELETE"}),
        remove=remove_value,
        handlers={"PUT": _put_value},
    )
    return names, values


def _tags(context: Context, types: Iterable[str], reader: Principal | None = None) -> Iterator[dict[str, str]]:
    """The tags of the subscription and of each resource, of those only that a reader may read where one is given."""
    subscription = context.estate.subscription_resource_id
    yield tags_of(context, subscription)
    for type, named in ((GROUP_TYPE, RESOURCE_GROUP), *((each, each) for each in types)):
        for document in documents_behind(context.state, type, subscription, None):
            tags = document.body.get("tags")
            if tags and (reader is None or context.roles.allows(reader, f"{named}/read", document.id)):
                yield tags


def _put_name(context: Context, call: Call) -> Answer:
    check_tags({call.path.name: ""})
    created = _put(context, call, TAG_NAME)
    return Answer(201 if created else 200, _shown(call.path.id, call.path.name, Counter()))


def _put_value(context: Context, call: Call) -> Answer:
    check_tags({call.path.names[-2]: call.path.name})
    created = _put(context, call, TAG_VALUE)
    return Answer(201 if created else 200, _value(call.path.parent_id, call.path.name, 0))


def _put(context: Context, call: Call, type: str) -> bool:
    with context.state.transaction() as transaction:
        _, created = transaction.put(
            id=call.path.id, type=type, scope=call.path.parent_id, name=call.path.name, body={}
        )
    return created


def _shown(id: str, name: str, values: Counter[str]) -> dict[str, Any]:
    return {
        "id": id,
        "tagName": name,
        "count": {"type": "Total", "value": sum(values.values())},
        "values": [_value(id, value, count) for value, count in sorted(values.items())],
    }


def _value(id: str, value: str, count: int) -> dict[str, Any]:
    return {
        "id": f"{id}/tagValues/{value}",
        "tagValue": value,
        "count": {"type": "Total", "value": count},
    }
