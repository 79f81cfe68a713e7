"""The ready files: where the server is and how to log in, for exactly as long as it answers."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vedette.access.certificates import Certificates
from vedette.access.oauth_clients import CONSOLE_PATH
from vedette.api.managed_identity_tokens import PROGRAM_PATH
from vedette.api.services import Services
from vedette.core.errors import InvalidInput
from vedette.core.settings import Settings
from vedette.core.whole_files import write_whole

READY_NAME = "ready.json"  # in the data directory, for the command line's own use

Ready = dict[str, str]


@contextmanager
def ready_files(services: Services, ready: Ready, on_ready: Callable[[Ready], None] | None) -> Iterator[None]:
    """The ready files, there for exactly as long as the server answers."""
    try:
        for path in _ready_paths(services.settings):
            write_whole(path, json.dumps(ready, indent=2).encode())
        if on_ready is not None:
            on_ready(ready)
        yield
    finally:
        remove_ready_files(services.settings)


def _ready_paths(settings: Settings) -> list[Path]:
    named = [] if settings.ready_file is None else [settings.ready_file]
    return [settings.data / READY_NAME, *named]


def remove_ready_files(settings: Settings) -> None:
    """Take them away, those of a server that was killed too."""
    for path in _ready_paths(settings):
        path.unlink(missing_ok=True)


def ready_of(services: Services, certificates: Certificates, metrics: socket.socket | None) -> Ready:
    """What the files hold: addresses, the estate, its first keys and client."""
    estate = services.estate
    first = services.workspaces.by_resource_id(estate.workspace_resource_id)
    return {
        "https": services.addresses.https,
        "http": services.addresses.http,
        "proxy": services.addresses.proxy,
        "console": f"{services.addresses.https}{CONSOLE_PATH}",
        "ca": str(certificates.ca.absolute()),
        "tenant_id": estate.tenant_id,
        "subscription_id": estate.subscription_id,
        "resource_group": estate.resource_group,
        "workspace_name": estate.workspace_name,
        "workspace_id": estate.workspace_id,
        "primary_shared_key": first.primary_key if first else "",
        "secondary_shared_key": first.secondary_key if first else "",
        "client_id": estate.client_id,
        "client_secret": estate.client_secret,
        "identity_endpoint": f"{services.addresses.http}{PROGRAM_PATH}",
        "identity_header": services.identity_header,
        **({} if metrics is None else {"metrics": _metrics_url(metrics)}),
    }


def _metrics_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"


def check_ready_file(path: Path | None) -> None:
    """Raises InvalidInput where the ready file could not be written, before anything is started."""
    if path is not None and not os.access(path.parent, os.W_OK | os.X_OK):
        raise InvalidInput(
            "ReadyFileUnwritable",
            f"The ready file '{path}' cannot be written: '{path.parent}' is no writable directory.",
        )
