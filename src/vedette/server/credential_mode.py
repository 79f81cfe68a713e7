"""Whether credentials are checked: always, but on loopback where the server was told not to."""

import ipaddress

import structlog

from vedette.core.errors import InvalidInput
from vedette.core.settings import Settings

log = structlog.get_logger("vedette.server")


def check_credential_mode(settings: Settings) -> None:
    """Say loudly that no credential is checked. Raises InvalidInput where others than this machine could reach that."""
    if not settings.identity.accept_any_credential:
        return
    if not _is_loopback(settings.host):
        raise InvalidInput(
            "CredentialsNotChecked",
            f"With --accept-any-credential whoever reaches the server is its Owner, and others than this machine reach "
            f"'{settings.host}'. Listen on 127.0.0.1, or leave the option out.",
        )
    log.warning("NO CREDENTIAL IS CHECKED: any secret and any token is taken for the first client's, which is Owner")


def _is_loopback(host: str) -> bool:
    """Whether an address is of this machine alone; of names only `localhost` is sure to be."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
