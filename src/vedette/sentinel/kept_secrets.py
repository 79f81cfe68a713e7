"""Passwords, keys and tokens that resources are sent: kept in a document that no API shows, and never shown again."""

from collections.abc import Mapping
from typing import Any, Final, cast

from vedette.core.redaction import is_secret
from vedette.state.store import StateStore, Transaction

_TYPE: Final = "Vedette.Secrets/resources"
_ALSO: Final = frozenset({"code"})
_SETTINGS: Final = frozenset({"auth", "credential", "credentials", "key", "keys", "signature"})
"""What says how a connector is to sign in: what is secret in it has a name of its own, or stands beside it."""


def without_secrets(
    properties: Mapping[str, Any], also: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties without what is secret in them, and that by its place, such as `auth/password`.

    `also` names further properties, in lower case. Empty values are no secrets.
    """
    found: dict[str, Any] = {}
    return _without(properties, "", _ALSO | also, found), found


def _without(value: Mapping[str, Any], place: str, names: frozenset[str], found: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, each in value.items():
        here = f"{place}{name}"
        is_setting = name.lower() in _SETTINGS or each in (None, "", {}, []) or isinstance(each, bool)
        if not is_setting and is_secret(name, names):
            found[here] = each
        else:
            kept[name] = _inside(each, here, names, found)
    return kept


def _inside(value: Any, place: str, names: frozenset[str], found: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return _without(cast("dict[str, Any]", value), f"{place}/", names, found)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_inside(each, f"{place}/{at}", names, found) for at, each in enumerate(items)]
    return value


def keep_secrets(transaction: Transaction, resource_id: str, secrets: Mapping[str, Any], *, anew: bool = False) -> None:
    """Keep the secrets of a resource; with `anew` those that it had are gone, else only those in the same places."""
    id = _id(resource_id)
    existing = transaction.get(id)
    before: dict[str, Any] = existing.body if existing and not anew else {}
    kept = before | dict(secrets)
    if kept:
        transaction.put(id=id, type=_TYPE, scope=resource_id, name="default", body=kept)
    elif existing is not None:
        transaction.delete(id)


def forget_secrets(transaction: Transaction, resource_id: str) -> None:
    """Remove what is kept for a resource."""
    transaction.delete(_id(resource_id))


def secrets_of(state: StateStore, resource_id: str) -> dict[str, Any]:
    """The secrets of a resource by their places, for the server's own use."""
    document = state.get(_id(resource_id))
    return dict(document.body) if document else {}


def _id(resource_id: str) -> str:
    return f"{resource_id}/providers/{_TYPE}/default"
