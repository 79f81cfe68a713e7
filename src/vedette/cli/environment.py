"""The environment variables that point programs at the server: beside Azure, or in Azure's place."""

from collections.abc import Mapping

from vedette.cli.ready import READY_FILE_VARIABLE, Server

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE")
_DIRECT_VARIABLES = ("NO_PROXY", "no_proxy")
_AUTHORITY = "AZURE_AUTHORITY_HOST"


def configured(server: Server) -> dict[str, str]:
    """For programs that can be told an address: Vedette is the authority and the endpoint they name.

    https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables
    """
    return _identity(server) | {_AUTHORITY: server.https} | _trust(server)


def in_azures_place(server: Server, inherited: Mapping[str, str]) -> dict[str, str]:
    """For programs with Azure's host names written in them: all they send goes to the server's own proxy.

    The whole environment of such a program. What would lead it past the proxy is taken out.
    """
    kept = {name: value for name, value in inherited.items() if name not in (*_DIRECT_VARIABLES, _AUTHORITY)}
    proxied = {
        "HTTPS_PROXY": server.proxy,
        "https_proxy": server.proxy,
        "NODE_USE_ENV_PROXY": "1",  # Node.js 24 and newer look at HTTPS_PROXY only when told to
    }
    return kept | _identity(server) | _trust(server) | proxied


def _identity(server: Server) -> dict[str, str]:
    return {
        "AZURE_TENANT_ID": server.tenant_id,
        "AZURE_CLIENT_ID": server.client_id,
        "AZURE_CLIENT_SECRET": server.client_secret,
        "IDENTITY_ENDPOINT": server.identity_endpoint,
        "IDENTITY_HEADER": server.identity_header,
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": server.http,
        "AZURE_SUBSCRIPTION_ID": server.subscription_id,
        "AZURE_RESOURCE_GROUP": server.resource_group,
        "VEDETTE_URL": server.https,
        "VEDETTE_WORKSPACE_NAME": server.workspace_name,
        "VEDETTE_WORKSPACE_ID": server.workspace_id,
        "VEDETTE_SHARED_KEY": server.primary_shared_key,
        READY_FILE_VARIABLE: str(server.ready_file),
    }


def _trust(server: Server) -> dict[str, str]:
    return dict.fromkeys(_CA_VARIABLES, server.ca)
