"""What becomes of a scope by what became of the actions in it, and how many iterations of a loop there are at once.

https://learn.microsoft.com/azure/logic-apps/logic-apps-exception-handling
"""

from collections.abc import Iterable, Mapping
from typing import Any

from vedette.automation.workflows.definition import Json, part

_AT_ONCE = 20
_MOST_AT_ONCE = 50
_WORST_FIRST = ("Failed", "TimedOut", "Cancelled")


def scope_status(actions: Mapping[str, Any], statuses: Mapping[str, str]) -> str:
    """The worst of what became of the last actions; one that was skipped says what those before it say."""
    before = {name: list(part(part(each).get("runAfter"))) for name, each in actions.items()}
    followed = {each for names in before.values() for each in names}
    seen: dict[str, str] = {}

    def status(name: str) -> str:
        if name not in seen:
            own = statuses[name]
            seen[name] = own if own != "Skipped" else worst(status(each) for each in before[name])
        return seen[name]

    return worst([status(name) for name in actions if name not in followed])


def worst(statuses: Iterable[str]) -> str:
    """The worst of some statuses; that of nothing is Succeeded."""
    found = set(statuses)
    return next((each for each in _WORST_FIRST if each in found), "Succeeded")


def at_once(loop: Json) -> int:
    """How many iterations of a Foreach may be under way at once."""
    if str(loop.get("operationOptions", "")).lower() == "sequential":
        return 1
    wanted = part(part(loop.get("runtimeConfiguration")).get("concurrency")).get("repetitions")
    return wanted if isinstance(wanted, int) and 1 <= wanted <= _MOST_AT_ONCE else _AT_ONCE
