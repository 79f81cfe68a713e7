"""The ids by which Graph knows incidents, of which a tenant may have several workspaces full.

An incident of the server's first workspace is its number, as people say it. In every other workspace numbers begin at 1
too: there the workspace's GUID stands behind it.
"""

import re
from typing import Final

from vedette.access.workspaces import Workspace
from vedette.state.documents import Document

_ID: Final = re.compile(r"([0-9]{1,15})(?:_([0-9a-fA-F-]{36}))?")
_PORTAL: Final = "https://security.microsoft.com/incidents"


def shown_incident_id(incident: Document, workspace: Workspace, own_workspace: str) -> str:
    """The id of an incident; `own_workspace` is the GUID of the server's first workspace."""
    number = incident.body["properties"]["incidentNumber"]
    return str(number) if workspace.id.lower() == own_workspace.lower() else f"{number}_{workspace.id}"


def read_incident_id(id: str, own_workspace: str) -> tuple[int, str] | None:
    """The number, and the GUID of the workspace; None for what is no such id."""
    matched = _ID.fullmatch(id)
    return None if matched is None else (int(matched[1]), matched[2] or own_workspace)


def incident_web_url(id: str, tenant_id: str) -> str:
    """Where the service's own portal would show it."""
    return f"{_PORTAL}/{id}?tid={tenant_id}"
