"""Heartbeat: the server itself says once a minute that it is alive, in its first workspace.

https://learn.microsoft.com/azure/azure-monitor/reference/tables/heartbeat
"""

import platform
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from vedette import __version__
from vedette.access.workspaces import Workspaces
from vedette.log_management.queued_rows import QueuedRows

TABLE: Final = "Heartbeat"
EVERY: Final = timedelta(minutes=1)


class Heartbeats:
    """`address` is the one that the server listens on."""

    def __init__(self, rows: QueuedRows, workspaces: Workspaces, address: str) -> None:
        self._rows = rows
        self._workspaces = workspaces
        self._address = address

    def beat(self, at: datetime) -> None:
        """Queue the row of this minute, unless there is no workspace that it could go to."""
        workspaces = self._workspaces.all()
        if workspaces:
            row = {"TimeGenerated": at, "ComputerIP": self._address, **_computer()}
            self._rows.add(workspaces[0].id, TABLE, row)


@cache
def _computer() -> Mapping[str, Any]:
    """What does not change while the server runs."""
    release = _os_release()
    major, _, minor = release.get("VERSION_ID", platform.release()).partition(".")
    return {
        "Computer": socket.gethostname(),
        "Category": "Direct Agent",
        "OSType": platform.system(),
        "OSName": release.get("PRETTY_NAME", platform.system()),
        "OSMajorVersion": major,
        "OSMinorVersion": minor,
        "Version": __version__,
        "ComputerEnvironment": "Non-Azure",
        "SCAgentChannel": "Direct",
        "Solutions": "security",
        "IsGatewayInstalled": False,
        "SourceSystem": platform.system(),
    }


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:  # not every system has the file
        return {}
