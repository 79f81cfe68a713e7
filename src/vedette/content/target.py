"""The workspace that content is read for, as far as templates ask about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PIPELINES = ("azure_monitor", "sentinel_asim", "microsoft_xdr")
"""What maps a Sigma rule's fields to tables: those of Log Analytics, ASIM's parsers, Defender's advanced hunting."""


@dataclass(frozen=True, slots=True)
class Target:
    """Templates get `parameters` under their names; those that ask for them, `workspace` and `location`.

    `sigma_pipeline` is the one of PIPELINES that Sigma rules are turned to KQL by.
    `workspace_id` is its GUID, which names parameter files too. `group_location` is that of the resource group, where
    it is another than the workspace's.
    Without one, templates are read for a workspace of no real place, which is enough to see what is in them.
    """

    subscription: str = "00000000-0000-0000-0000-000000000000"
    resource_group: str = "resource-group"
    workspace: str = "workspace"
    location: str = "westeurope"
    group_location: str = ""
    workspace_id: str = ""
    tenant: str = "00000000-0000-0000-0000-000000000000"
    sigma_pipeline: str = PIPELINES[0]
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])


NOWHERE = Target()
"""No real place."""
