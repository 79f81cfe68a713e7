"""The variables that point programs at the server, and those that would lead them past it."""

from vedette.cli.environment import configured, in_azures_place
from vedette.cli.ready import Server


def test_beside_azure_names_the_server_as_authority_and_no_proxy(server: Server) -> None:
    variables = configured(server)
    assert variables["AZURE_AUTHORITY_HOST"] == server.https
    assert variables["AZURE_CLIENT_SECRET"] == server.client_secret
    assert variables["VEDETTE_SHARED_KEY"] == server.primary_shared_key
    assert not any("proxy" in name.lower() for name in variables)


def test_in_azures_place_everything_goes_through_the_proxy(server: Server) -> None:
    inherited = {"PATH": "/bin", "NO_PROXY": "*", "no_proxy": "localhost", "AZURE_AUTHORITY_HOST": "https://elsewhere"}
    variables = in_azures_place(server, inherited)
    assert variables["PATH"] == "/bin"
    assert variables["HTTPS_PROXY"] == variables["https_proxy"] == server.proxy
    assert {"NO_PROXY", "no_proxy", "AZURE_AUTHORITY_HOST"}.isdisjoint(variables)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"):
        assert variables[name] == server.ca
