"""Which running server a command speaks to: found by the ready file that a server writes while it answers."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import click
import orjson

from vedette.core.errors import Unavailable

READY_FILE_VARIABLE = "VEDETTE_READY_FILE"
DEFAULT_DATA = Path(".vedette")
_READY_NAME = "ready.json"


@dataclass(frozen=True, slots=True)
class Server:
    """What the ready file says: addresses, the CA's file, ids and credentials; and where the file is."""

    ready_file: Path
    https: str
    http: str
    proxy: str
    ca: str
    tenant_id: str
    subscription_id: str
    resource_group: str
    workspace_name: str
    workspace_id: str
    primary_shared_key: str = field(repr=False)
    secondary_shared_key: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    identity_endpoint: str
    identity_header: str


def server_option(*more_names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option by which a command is told which server, under `--server-data` and these names."""
    return click.option(
        "--server-data",
        *more_names,
        "server_data",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Data directory of the running server, as given to 'vedette up --data'. "
        f"Without it: the ready file that ${READY_FILE_VARIABLE} names, else ./{DEFAULT_DATA}.",
    )


def find_server(server_data: Path | None) -> Server:
    """The server that the option, else the environment, else the default directory names. Raises Unavailable."""
    named = os.environ.get(READY_FILE_VARIABLE)
    if server_data is None and named:
        return read_ready_file(Path(named))
    return read_ready_file((server_data or DEFAULT_DATA) / _READY_NAME)


def read_ready_file(path: Path) -> Server:
    """The server of that ready file. Raises Unavailable when there is none or it is not one."""
    try:
        told = orjson.loads(path.read_bytes())
        names = [field.name for field in fields(Server) if field.name != "ready_file"]
        return Server(ready_file=path.absolute(), **{name: str(told[name]) for name in names})
    except FileNotFoundError as error:
        raise Unavailable("NoServer", _nobody(path)) from error
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Unavailable("NoServer", f"'{path}' cannot be read as a server's ready file: {error}.") from error


def _nobody(path: Path) -> str:
    if path.name != _READY_NAME:
        return f"No server is running: there is no ready file '{path}'."
    data = "" if path.parent == DEFAULT_DATA else f" --data {path.parent}"
    return f"No server is running on the data directory '{path.parent}'. Start one with: vedette up{data}"
