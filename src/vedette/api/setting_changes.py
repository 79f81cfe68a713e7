"""Operation rows for what is changed about a workspace through the management plane: tables, keys, saved searches …

What Microsoft Sentinel keeps below a workspace has a log of its own, SentinelAudit, and is none of this.
"""

from vedette.api.services import Services
from vedette.arm.call import Call

_WRITES = frozenset({"PUT", "PATCH", "DELETE"})
_CHANGING_ACTIONS = ("regeneratesharedkey", "purge", "migrate")
_SENTINEL = "/providers/microsoft.securityinsights"


def report_change(services: Services, call: Call, status: int) -> None:
    """Say in the workspace what a call changed about it, if it changed something and was not refused."""
    if status >= 400 or not _changes(call):
        return
    id = call.path.id.lower()
    for workspace in services.workspaces.all():
        own = workspace.resource_id.lower()
        if id == own or (id.startswith(f"{own}/") and not id.startswith(f"{own}{_SENTINEL}")):
            what = f"{call.method} {call.path.id[len(own) :].lstrip('/') or workspace.name}"
            services.operation_log.changed(workspace.id, what, call.principal.name, call.path.id)


def _changes(call: Call) -> bool:
    return call.method in _WRITES or (call.method == "POST" and call.path.id.lower().endswith(_CHANGING_ACTIONS))
