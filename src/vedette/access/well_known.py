"""Applications that every tenant knows: public clients that people sign in with, and Microsoft Graph's own entry.

Ids: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in; permissions:
https://learn.microsoft.com/graph/permissions-reference.
"""

from collections.abc import Mapping
from typing import Final

CONSOLE: Final = "5e6d1f0a-0b3c-4c59-9d57-6f1f6f1c7a10"
"""The client id of the server's own web console, which is served from the server's addresses."""

GRAPH: Final = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph."""

PUBLIC_CLIENTS: Final[Mapping[str, str]] = {
    CONSOLE: "Vedette console",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Microsoft Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Microsoft Azure PowerShell",
    "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
    "872cd9fa-d31f-45e0-9eab-6e460a02d1f1": "Visual Studio",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph Command Line Tools",
    "db662dc1-0cfe-4e1c-a843-19a68e65be58": "KustoClient",
}
"""Programs without a secret, by client id; they may be reached at any port of this machine, but for the console, which
is reached at the server's own addresses."""

GRAPH_PERMISSIONS: Final[Mapping[str, str]] = {
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "Directory.ReadWrite.All": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
    "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
    "Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "GroupMember.ReadWrite.All": "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    "Organization.Read.All": "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    "SecurityAlert.Read.All": "472e4a4d-bb4a-4026-98d1-0b0d74cb74a5",
    "SecurityAlert.ReadWrite.All": "ed4fca05-be46-441f-9803-1873825f8fdb",
    "SecurityEvents.Read.All": "bf394140-e372-4bf9-a898-299cfc7564e5",
    "SecurityEvents.ReadWrite.All": "d903a879-88e0-4c09-b0c9-82f6a1333f84",
    "SecurityIncident.Read.All": "45cc0394-e837-488b-a098-1918f48d186c",
    "SecurityIncident.ReadWrite.All": "34bf0e97-1971-4929-b999-9e2442d941d7",
    "ThreatIndicators.Read.All": "197ee4e9-b993-4066-898f-d6aecc55125b",
    "ThreatIndicators.ReadWrite.OwnedBy": "21792b6c-c986-4ffc-85de-df9da54b52fa",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "User.ReadWrite.All": "741f803b-c850-494e-b5df-cde7c675a1ca",
}
"""Microsoft Graph's application permissions that are told apart here, by name, each with the id of its app role."""
