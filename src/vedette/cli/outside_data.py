"""The options that say what of the outside a query may read: hosts for externaldata, a database of IP addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from vedette.core.settings import ExternalDataSettings


@dataclass(frozen=True, slots=True)
class Outside:
    """What a query over files may read besides them."""

    external_data: ExternalDataSettings
    ip_database: Path | None


OUTSIDE_DATA = ("ip_database", "external_data_host", "external_data_private")
"""The parameters that the options set."""


def outside_data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options."""
    for option in (_EXTERNAL_DATA_PRIVATE, _EXTERNAL_DATA_HOST, _IP_DATABASE):
        command = option(command)
    return command


_IP_DATABASE = click.option(
    "--ip-database",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True),
    help="A database in MaxMind's format, such as GeoLite2 City, for geo_info_from_ip_address().",
)
_EXTERNAL_DATA_HOST = click.option(
    "--external-data-host",
    metavar="HOST",
    multiple=True,
    envvar="VEDETTE_EXTERNAL_DATA_HOSTS",
    help="Let externaldata in queries read from this host: a name, *.name, either with :port. May be given more than "
    "once; in the variable, separated by spaces. Without it nothing is read.",
)
_EXTERNAL_DATA_PRIVATE = click.option(
    "--external-data-private",
    is_flag=True,
    help="Let those hosts be in this network or on this machine too.",
)
