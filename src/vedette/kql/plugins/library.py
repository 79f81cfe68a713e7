"""All plugins by name, put together from the topics on first use."""

from collections.abc import Mapping
from functools import cache

from vedette.kql.plugins import (
    activity,
    clustering,
    geo_lookups,
    lookups,
    pivoting,
    requests,
    reshaping,
    sequences,
    unpacking,
)
from vedette.kql.plugins.entry import Plugin
from vedette.kql.plugins.refused import REFUSED

_TOPICS: tuple[tuple[Plugin, ...], ...] = (
    unpacking.PLUGINS,
    pivoting.PLUGINS,
    lookups.PLUGINS,
    geo_lookups.PLUGINS,
    activity.PLUGINS,
    clustering.PLUGINS,
    requests.PLUGINS,
    reshaping.PLUGINS,
    sequences.PLUGINS,
)


@cache
def plugins() -> Mapping[str, Plugin]:
    """Each plugin by its name."""
    return {entry.name: entry for topic in _TOPICS for entry in topic}


def refused_plugins() -> Mapping[str, str]:
    """The reason for each plugin that is known and not run."""
    return {name: reason for name, reason in REFUSED.items() if name not in plugins()}
