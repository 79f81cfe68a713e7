"""What may be chosen about policies for diagnostic settings, and which types of resources they are made for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.content.diagnostics.sinks import LOG_ANALYTICS, Sink
from vedette.core.errors import InvalidInput
from vedette.log_management.resource_log_types import ALL_LOGS, AUDIT, ResourceLogs

EACH: Final = "each"
CATEGORIES: Final = (EACH, ALL_LOGS, AUDIT)
"""How logs are asked for: category by category, or by a group."""


@dataclass(frozen=True, slots=True)
class Choices:
    """`dedicated` asks for resource-specific tables, `all_regions` for no list of regions where the sink needs none."""

    sink: Sink = LOG_ANALYTICS
    categories: str = EACH
    dedicated: bool = False
    logs_only: bool = False
    all_regions: bool = False

    def takes(self, type: ResourceLogs) -> bool:
        """Whether there is anything of a type to ask for."""
        if type.logs and (self.categories == EACH or type.has_group(self.categories)):
            return True
        return bool(type.metrics) and not self.logs_only and not type.logs

    def has_regions(self, type: ResourceLogs) -> bool:
        """Whether the policy of a type takes the regions that it is for."""
        return type.located and (self.sink.regional or not self.all_regions)


def chosen_types(types: Iterable[ResourceLogs], names: Sequence[str], choices: Choices) -> list[ResourceLogs]:
    """The types of these names, of all kinds, or all types if there are none, without those that have nothing to ask
    for. Raises InvalidInput (UnknownResourceType) for a name that is none, or that has nothing."""
    every = sorted(types, key=lambda each: each.key)
    if not names:
        return [each for each in every if choices.takes(each)]
    wanted = {name.lower(): name for name in names}
    found = [each for each in every if each.type.lower() in wanted]
    missing = sorted(wanted.keys() - {each.type.lower() for each in found})
    if missing:
        raise InvalidInput(
            "UnknownResourceType",
            f"No logs of '{wanted[missing[0]]}' are known. --refresh takes the types of a tenant, --types reads them.",
        )
    empty = next((each for each in found if not choices.takes(each)), None)
    if empty is not None:
        raise InvalidInput("UnknownResourceType", f"There is nothing of '{empty.type}' that is asked for.")
    return found
