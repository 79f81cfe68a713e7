"""What tokens say of their bearer.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from typing import Any, Final

from vedette.access.directory import Directory
from vedette.access.principals import Principal, PrincipalKind
from vedette.core.ids import derived_id

_MOST_GROUPS: Final = 200  # more are not listed, as in Entra: a token must fit into a header


def access_claims(directory: Directory, principal: Principal, version: str) -> dict[str, Any]:
    """The claims of an access token that say whose it is and what the bearer may do."""
    shared = {
        "tid": principal.tenant_id,
        "oid": principal.object_id,
        "sub": principal.object_id,
        "appid": principal.application_id,
        "azp": principal.application_id,
    }
    if principal.kind is PrincipalKind.USER:
        return shared | _user_claims(principal, version)
    claims = shared | {
        "app_displayname": principal.name,
        "idtyp": "app",
        "roles": sorted(directory.permissions_of(principal.object_id)),
    }
    if principal.kind is PrincipalKind.MANAGED_IDENTITY:
        claims["xms_mirid"] = _resource_of(directory, principal)
    return claims


def identity_claims(principal: Principal, client_id: str) -> dict[str, Any]:
    """The claims of an id_token."""
    return {
        "tid": principal.tenant_id,
        "oid": principal.object_id,
        "sub": pairwise_subject(principal, client_id),
        "name": principal.name,
        "preferred_username": principal.user_name,
        "upn": principal.user_name,
        "unique_name": principal.user_name,
    }


def pairwise_subject(principal: Principal, client_id: str) -> str:
    """The `sub` by which one program knows the caller: another for each program, so that they cannot compare notes."""
    return derived_id("pairwise subject", principal.object_id, client_id)


def _user_claims(principal: Principal, version: str) -> dict[str, Any]:
    groups: dict[str, Any] = (
        {"groups": sorted(principal.groups)} if len(principal.groups) <= _MOST_GROUPS else {"hasgroups": True}
    )
    names = {"name": principal.name, "upn": principal.user_name, "unique_name": principal.user_name}
    more = {"preferred_username": principal.user_name} if version == "2.0" else {}
    return {
        "acr": "1",
        "amr": ["pwd"],
        "idtyp": "user",
        "scp": " ".join(sorted(principal.scopes)) or "user_impersonation",
        **names,
        **more,
        **groups,
    }


def _resource_of(directory: Directory, principal: Principal) -> str:
    """The ARM id of the resource whose identity this is."""
    found = directory.get(principal.object_id)
    return "" if found is None else str(found.shown["alternativeNames"][1])
