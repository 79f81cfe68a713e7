"""The caller as resources name who made them: `{objectId, email, name}`."""

from vedette.access.principals import Principal


def user_info(principal: Principal) -> dict[str, str]:
    """https://learn.microsoft.com/rest/api/securityinsights/watchlists/get#userinfo; an application has no address."""
    is_address = principal.application_id is None and "@" in principal.name
    return {
        "objectId": principal.object_id,
        "email": principal.name if is_address else "",
        "name": principal.name,
    }
