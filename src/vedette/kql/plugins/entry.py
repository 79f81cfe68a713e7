"""The form of a plugin's entry: everything the compiler, the reference and the tests know of it, in one place."""

from collections.abc import Callable
from dataclasses import dataclass

from vedette.kql import plan
from vedette.kql.plugins.call import PluginCall


@dataclass(frozen=True, slots=True)
class Plugin:
    """`syntax` in Kusto's notation; `example` is a whole query that runs, or empty where there is none to show.

    `bind` gives the plan of a call. `takes_schema`: it reads the output schema itself; for others it is compared with
    what the plugin gives. One that `is_source` reads no rows and may begin a query.
    """

    name: str
    syntax: str
    doc: str
    example: str
    bind: Callable[[PluginCall], plan.Plan]
    takes_schema: bool = False
    is_source: bool = False
