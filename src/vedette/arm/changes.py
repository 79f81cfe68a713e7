"""What a change leaves of a document: the merge of a PATCH, the checks of a tracked resource, and who did it when.

https://datatracker.ietf.org/doc/html/rfc7396 (merge patch), https://learn.microsoft.com/rest/api/resources/resources/update-by-id
"""

from datetime import datetime
from typing import Any, cast

from vedette.access.principals import Principal, PrincipalKind
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.state.documents import Document

_MOST_TAGS = 50
_LONGEST_TAG = 512
_LONGEST_TAG_VALUE = 256


def merged(existing: Body, patch: Body) -> Body:
    """The body after a merge patch: objects are merged, null removes, all else is replaced, and so are `tags`.

    Names meet in any letter case and keep the casing that is stored.
    """
    result = _merged(existing, {name: each for name, each in patch.items() if name.lower() != "tags"})
    tags = next((each for name, each in patch.items() if name.lower() == "tags"), None)
    return result if tags is None else result | {"tags": tags}


def _merged(existing: Body, patch: Body) -> Body:
    result = dict(existing)
    stored = {name.lower(): name for name in existing}
    for name, value in patch.items():
        place = stored.get(name.lower(), name)
        if value is None:
            result.pop(place, None)
        elif isinstance(value, dict):
            inside = result.get(place)
            below = cast("Body", inside) if isinstance(inside, dict) else {}
            result[place] = _merged(below, cast("Body", value))
        else:
            result[place] = value
    return result


def check_tracked(body: Body, existing: Document | None) -> Body:
    """The body of a tracked resource, its location and tags checked; an existing one may leave out its location.

    Raises InvalidInput (LocationRequired, InvalidResourceLocation, InvalidTagNameCharacters …).
    """
    location = body.get("location") or (existing.body.get("location") if existing else None)
    if not isinstance(location, str) or not location.strip():
        raise InvalidInput("LocationRequired", "The location property is required for this definition.")
    if existing is not None and not is_same_location(location, str(existing.body.get("location"))):
        raise InvalidInput(
            "InvalidResourceLocation",
            f"The resource '{existing.name}' already exists in location '{existing.body.get('location')}'. A resource "
            f"with the same name cannot be created in location '{location}'.",
        )
    return body | {"location": location, "tags": check_tags(body.get("tags"))}


def is_same_location(one: str, other: str) -> bool:
    """Whether two names mean one location, as `East US` is `eastus`."""
    return one.replace(" ", "").lower() == other.replace(" ", "").lower()


def check_tags(value: Any) -> dict[str, str]:
    """The tags that were sent. Raises InvalidInput for what is none.

    https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("InvalidRequestContent", "'tags' must be an object of strings.")
    tags = cast("dict[str, Any]", value)
    if len(tags) > _MOST_TAGS:
        raise InvalidInput("InvalidTags", f"A resource has at most {_MOST_TAGS} tags; here are {len(tags)}.")
    for name, text in tags.items():
        if not name or len(name) > _LONGEST_TAG or any(character in "<>%&\\?/" for character in name):
            raise InvalidInput(
                "InvalidTagNameCharacters",
                f"The tag name '{name[:40]}' has 1 to {_LONGEST_TAG} characters and none of <, >, %, &, \\, ?, /.",
            )
        if not isinstance(text, str) or len(text) > _LONGEST_TAG_VALUE:
            raise InvalidInput(
                "InvalidTagValue",
                f"The value of tag '{name[:40]}' is a string of at most {_LONGEST_TAG_VALUE} characters.",
            )
    return tags


_CREATED_BY = {PrincipalKind.SERVICE_PRINCIPAL: "Application", PrincipalKind.MANAGED_IDENTITY: "ManagedIdentity"}


def system_data(principal: Principal, now: datetime, existing: Document | None) -> dict[str, str]:
    """Who made a resource and who changed it last: https://learn.microsoft.com/azure/templates (systemData)."""
    instant = arm_time(now, "microseconds")
    if principal.kind is PrincipalKind.USER or principal.application_id is None:
        who, kind = principal.user_name or principal.name, "User"
    else:
        who, kind = principal.application_id, _CREATED_BY[principal.kind]
    kept = existing.body.get("systemData") if existing else None
    made = cast("dict[str, str]", kept) if isinstance(kept, dict) else {}
    return {
        "createdBy": made.get("createdBy", who),
        "createdByType": made.get("createdByType", kind),
        "createdAt": made.get("createdAt", instant),
        "lastModifiedBy": who,
        "lastModifiedByType": kind,
        "lastModifiedAt": instant,
    }
