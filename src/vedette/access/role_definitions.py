"""What roles are made of, and the built-in ones, whose published ids and permissions are data in built_in_roles.json.

Facts: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson

from vedette.access.action_patterns import matches_any

ROLE_DEFINITION: Final = "Microsoft.Authorization/roleDefinitions"

OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER: Final = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
USER_ACCESS_ADMINISTRATOR: Final = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
SENTINEL_READER: Final = "8d289c81-5878-46d4-8554-54e1e3d8b5cb"
SENTINEL_RESPONDER: Final = "3e150937-b8fe-4cfb-8069-0eaf05ecd056"
SENTINEL_CONTRIBUTOR: Final = "ab8e14d6-4a74-4a29-9ba8-549422addade"
LOG_ANALYTICS_READER: Final = "73c42c96-874c-492b-b04d-ab87d138a893"
LOG_ANALYTICS_CONTRIBUTOR: Final = "92aaf0da-9dab-42b6-94a3-d43ce8d16293"
LOG_ANALYTICS_DATA_READER: Final = "3b03c2da-16b3-4a49-8834-0f8130efdd3b"
MONITORING_METRICS_PUBLISHER: Final = "3913510d-42f4-4e42-8a64-420c390055eb"


@dataclass(frozen=True, slots=True)
class Permission:
    """Patterns of the actions that are granted (or denied), less those excluded; `data_*` are for data actions."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def covers(self, action: str, *, data: bool = False) -> bool:
        """Whether `action` is among them; an exclusion reaches no further than its own permission."""
        named, excluded = (self.data_actions, self.not_data_actions) if data else (self.actions, self.not_actions)
        return matches_any(named, action) and not matches_any(excluded, action)


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role: its GUID, its display name, what it grants, and the ids at or below which it may be assigned."""

    id: str
    name: str
    permissions: tuple[Permission, ...]
    assignable_scopes: tuple[str, ...] = ("/",)

    def grants(self, action: str, *, data: bool = False) -> bool:
        """Whether one of its permissions covers `action`."""
        return any(permission.covers(action, data=data) for permission in self.permissions)


@cache
def built_in_roles() -> Mapping[str, RoleDefinition]:
    """The built-in roles by GUID; read from their file on first use."""
    published = orjson.loads((Path(__file__).parent / "built_in_roles.json").read_bytes())
    roles = (RoleDefinition(each["id"], each["name"], permissions_of(each["permissions"])) for each in published)
    return MappingProxyType({role.id: role for role in roles})


def permissions_of(listed: list[dict[str, Any]]) -> tuple[Permission, ...]:
    """The permissions of a document's `permissions`."""
    return tuple(
        Permission(
            actions=tuple(each.get("actions") or ()),
            not_actions=tuple(each.get("notActions") or ()),
            data_actions=tuple(each.get("dataActions") or ()),
            not_data_actions=tuple(each.get("notDataActions") or ()),
        )
        for each in listed
    )
