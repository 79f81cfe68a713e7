"""Whoever azure-identity finds in the environment; a module of its own, for the library is slow to load."""

import logging
import os
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

from vedette.content.credentials import Token
from vedette.core.errors import Unauthenticated

_KNOWN_AUTHORITIES = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.chinacloudapi.cn",
        "login.partner.microsoftonline.cn",
    }
)
"""Hosts whose discovery is at Microsoft's; any other is asked directly, or azure-identity would first ask Microsoft
about it: https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential"""

_HINT = "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or sign in with 'az login'. "

_ABSENT = ("unavailable", "not found", "not installed", "not be found", "not fully configured", "requires the")


class AzureCredential:
    """A credential of azure-identity's, of one tenant if one is named; without any its default chain: environment,
    workload and managed identity, az, and so on.

    AZURE_AUTHORITY_HOST names another authority than Microsoft's.
    https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains
    """

    def __init__(self, tenant: str = "", chain: Any = None) -> None:
        self._of_tenant = {"tenant_id": tenant} if tenant else {}
        self._chain = chain
        self._hint = _HINT if chain is None else ""

    def token(self, http: httpx.Client, scope: str) -> Token:
        """Raises Unauthenticated, with what each credential of the chain said."""
        del http  # azure-identity has connections of its own
        try:
            if self._chain is None:
                self._chain = _default_chain()
            given = self._chain.get_token(scope, **self._of_tenant)
        except (ClientAuthenticationError, ValueError) as error:
            raise Unauthenticated(
                "NoCredentials", f"Nobody can sign in for '{scope}': {self._hint}{_told(error)}"
            ) from error
        return Token(str(given.token), float(given.expires_on) - time.time())


def _default_chain() -> DefaultAzureCredential:
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)  # what it warns of is in the error
    return DefaultAzureCredential(
        disable_instance_discovery=not _is_microsofts(os.environ.get("AZURE_AUTHORITY_HOST", "")),
        additionally_allowed_tenants=["*"],
    )


def _is_microsofts(authority: str) -> bool:
    address = authority if "://" in authority else f"https://{authority}"
    return not authority or urlsplit(address).hostname in _KNOWN_AUTHORITIES


def _told(error: Exception) -> str:
    """What a credential said that was tried; not what every other one of the chain lacks."""
    lines = [line.strip() for line in str(error).splitlines()]
    if "Attempted credentials:" not in lines:
        return " ".join(" ".join(lines).split()) or type(error).__name__
    tried = lines[lines.index("Attempted credentials:") + 1 :]
    return " ".join(line for line in tried if "Credential: " in line and not any(each in line for each in _ABSENT))
