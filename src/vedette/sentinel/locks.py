"""Management locks at any scope; `arm.locks` makes them hold.

https://learn.microsoft.com/rest/api/resources/management-locks
"""

import re

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.locks import CAN_NOT_DELETE, LOCK, READ_ONLY, is_at_or_below
from vedette.arm.paging import requested_page
from vedette.arm.resource import Body, Resource, readable
from vedette.arm.shapes import any_text, fields, list_of, one_of, text
from vedette.core.errors import InvalidInput
from vedette.sentinel.chosen_pages import chosen_page
from vedette.state.documents import Document

_NAME = re.compile(r"[^<>%&:\\?/]{1,260}")
_AT_SCOPE = re.compile(r"\s*atscope\s*\(\s*\)\s*", re.IGNORECASE)
_LARGEST_PAGE = 1000

_lock = fields(
    {
        "level": one_of(CAN_NOT_DELETE, READ_ONLY),
        "notes": any_text,
        "owners": list_of(fields({"applicationId": text}, required=("applicationId",))),
    },
    required=("level",),
)
_readable = readable(LOCK)


def _validate(_context: Context, call: Call, body: Body) -> Body:
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput("InvalidLockName", "The name of a lock has 1 to 260 characters, and none of <>%&:\\?/.")
    return body | {"properties": _lock("properties", body["properties"])}


def _list(context: Context, call: Call) -> Answer:
    """The locks at the scope, above it and below it; with `$filter=atScope()` none from below."""
    condition = call.query.get("$filter")
    if condition and _AT_SCOPE.fullmatch(condition) is None:
        raise InvalidInput("InvalidFilter", "Locks are filtered by 'atScope()' or not at all.")
    scope = call.path.parent_id.lower()
    page = requested_page(call.query, default=_LARGEST_PAGE, largest=_LARGEST_PAGE)

    def is_chosen(each: Document) -> bool:
        is_above = not condition and is_at_or_below(each.scope, scope)
        return (is_above or is_at_or_below(scope, each.scope)) and _readable(context, call.principal, each)

    found, link = chosen_page(context.state, call, page, LOCK, is_chosen)
    value = [shown(context, LOCKS, call, each) for each in found]
    return Answer(200, {"value": value} if link is None else {"value": value, "nextLink": link})


LOCKS = Resource(
    LOCK,
    key="lockName",
    extends_any=True,
    visible=_readable,
    validate=_validate,
    handlers={"LIST": _list},
)
