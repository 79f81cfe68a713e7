"""What templates ask about the workspace that they are read for: its tenant, and where it and its group are."""

from collections.abc import Mapping
from typing import Any

from vedette.content.backup import origin_of
from vedette.content.management_client import ManagementClient
from vedette.content.target import Target
from vedette.content.workspace import Workspace

_GROUPS = "2022-09-01"


def target_of(
    client: ManagementClient, workspace: Workspace, parameters: Mapping[str, Any], sigma_pipeline: str
) -> Target:
    """The workspace as templates see it. Raises Refused and Unavailable."""
    origin = origin_of(client, workspace)
    group = client.ask("GET", workspace.group_id, {"api-version": _GROUPS})
    return Target(
        subscription=workspace.subscription,
        resource_group=workspace.group,
        workspace=workspace.name,
        location=origin.location,
        group_location=str(group.get("location") or ""),
        workspace_id=origin.customer_id,
        tenant=origin.tenant,
        sigma_pipeline=sigma_pipeline,
        parameters=parameters,
    )
