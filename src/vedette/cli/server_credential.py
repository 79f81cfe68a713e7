"""The application that a server made for its own commands, as a credential."""

from vedette.cli.ready import Server
from vedette.content.credentials import Application


def server_application(server: Server) -> Application:
    """The one that the ready file names."""
    token_url = f"{server.https}/{server.tenant_id}/oauth2/v2.0/token"
    return Application(token_url, server.client_id, server.client_secret)
