"""What a server owns from its first start: a tenant, a subscription, a workspace with its keys, and a first client."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from vedette.core.errors import VedetteError
from vedette.core.ids import NewId
from vedette.core.whole_files import write_whole


@dataclass(frozen=True, slots=True)
class Estate:
    """The names and secrets of this server. Shared keys are base64 text; ids are GUIDs in lower case."""

    tenant_id: str
    subscription_id: str
    resource_group: str
    workspace_name: str
    workspace_id: str
    primary_shared_key: str = field(repr=False)
    secondary_shared_key: str = field(repr=False)
    client_id: str
    client_object_id: str
    client_secret: str = field(repr=False)

    @property
    def subscription_resource_id(self) -> str:
        """The subscription's ARM id."""
        return f"/subscriptions/{self.subscription_id}"

    @property
    def resource_group_id(self) -> str:
        """The resource group's ARM id."""
        return f"{self.subscription_resource_id}/resourceGroups/{self.resource_group}"

    @property
    def workspace_resource_id(self) -> str:
        """The workspace's ARM id."""
        return f"{self.resource_group_id}/providers/Microsoft.OperationalInsights/workspaces/{self.workspace_name}"


def ensure_estate(path: Path, new_id: NewId) -> Estate:
    """The estate kept in `path` (mode 0600), made on first start.

    Raises VedetteError (code EstateUnreadable) rather than replace a damaged file, whose keys others hold.
    """
    if path.exists():
        return _read(path)
    estate = _make(new_id)
    write_whole(path, json.dumps(asdict(estate), indent=2).encode())
    return estate


def _make(new_id: NewId) -> Estate:
    return Estate(
        tenant_id=new_id(),
        subscription_id=new_id(),
        resource_group="vedette",
        workspace_name="vedette",
        workspace_id=new_id(),
        primary_shared_key=_shared_key(),
        secondary_shared_key=_shared_key(),
        client_id=new_id(),
        client_object_id=new_id(),
        # A letter first, for a dash would make command lines take it for an option.
        client_secret=f"v{secrets.token_urlsafe(32)}",
    )


def _shared_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()


def _read(path: Path) -> Estate:
    names = {field.name for field in fields(Estate)}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise VedetteError("EstateUnreadable", f"'{path}' is not JSON: {error}. Restore it from a backup.") from error
    if not isinstance(kept, dict) or not all(isinstance(kept.get(name), str) for name in names):
        missing = sorted(names - set(kept)) if isinstance(kept, dict) else sorted(names)
        raise VedetteError(
            "EstateUnreadable", f"'{path}' lacks {', '.join(missing) or 'text values'}. Restore it from a backup."
        )
    return Estate(**{name: kept[name] for name in names})
