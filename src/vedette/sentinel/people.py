"""Who did something, as documents of Sentinel name people and applications.

https://learn.microsoft.com/rest/api/securityinsights/incident-comments/get#clientinfo
"""

from typing import Any

from vedette.access.principals import Principal


def person(principal: Principal) -> dict[str, Any]:
    """`{objectId, name}`, and for a user that is named as one signs in `email` and `userPrincipalName`."""
    who = {"objectId": principal.object_id, "name": principal.name}
    if principal.application_id is None and "@" in principal.name:
        who |= {"email": principal.name, "userPrincipalName": principal.name}
    return who
