"""The names of a subscription's tags, with their values and how often each is used; some are written down beforehand.

https://learn.microsoft.com/rest/api/resources/tags/list
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from vedette.access.workspaces import RESOURCE_GROUP as GROUP_TYPE
from vedette.arm.call import Answer, Call
from vedette.arm.changes import check_tags
from vedette.arm.context import Context
from vedette.arm.paging import next_link, requested_page
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION, Resource
from vedette.core.errors import Conflict
from vedette.sentinel.resource_lists import document_types
from vedette.sentinel.tags import tags_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

TAG_NAME = f"{SUBSCRIPTION}/tagNames"
TAG_VALUE = f"{TAG_NAME}/tagValues"
_PAGE = 1000

_Used = dict[str, Counter[str]]


def tag_name_resources(served: Iterable[Resource]) -> tuple[Resource, ...]:
    """The types of names and of values; `served` are all resource types, whose tags are counted."""
    types = tuple(document_types(served))

    def listed(context: Context, call: Call) -> Answer:
        page = requested_page(call.query, default=_PAGE, largest=_PAGE)
        names = _used(context, call, types)
        for name in context.state.list(TAG_NAME, call.path.parent_id):
            values = names.setdefault(name.name, Counter())
            values.update({value.name: 0 for value in context.state.list(TAG_VALUE, name.id)})
        found = sorted(names.items())
        part = found[page.offset : page.offset + page.size]
        body: dict[str, Any] = {"value": [_shown(f"{call.path.id}/{name}", name, values) for name, values in part]}
        if len(found) > page.offset + page.size:
            body["nextLink"] = next_link(call.base, call.path.id, call.query, page)
        return Answer(200, body)

    def remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
        if sum(_used(context, call, types).get(document.name, Counter()).values()):
            raise Conflict("TagNameInUse", f"The tag name '{document.name}' is in use, and cannot be deleted.")
        transaction.delete(document.id)
        transaction.delete_below(document.id)

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
        handlers={"PUT": _put_value},
    )
    return names, values


def _used(context: Context, call: Call, types: Iterable[str]) -> _Used:
    """The tags of what the caller may read."""
    used: _Used = {}
    subscription = context.estate.subscription_resource_id
    for tags in (tags_of(context, subscription), *_tags(context, call, types)):
        for name, value in tags.items():
            used.setdefault(name, Counter())[value] += 1
    return used


def _tags(context: Context, call: Call, types: Iterable[str]) -> Iterator[dict[str, str]]:
    subscription = context.estate.subscription_resource_id
    for type, named in ((GROUP_TYPE, RESOURCE_GROUP), *((each, each) for each in types)):
        for document in context.state.list(type, subscription, below=True):
            if document.body.get("tags") and context.roles.allows(call.principal, f"{named}/read", document.id):
                yield document.body["tags"]


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
