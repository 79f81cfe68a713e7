"""Patterns of actions, such as `Microsoft.SecurityInsights/*/read`: a star stands for any run of characters, or none.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format

A whole segment of it may be missing too: `Microsoft.X/things/*/read` covers `Microsoft.X/things/read`. So Azure's own
roles mean it, such as Virtual Machine User Login, which is to "view virtual machines in the portal" and has nothing but
`Microsoft.Compute/virtualMachines/*/read` for that, and Sentinel's, who see the workspace that they work in.
"""

from collections.abc import Iterable
from functools import lru_cache


def matches_any(patterns: Iterable[str], action: str) -> bool:
    """Whether a pattern covers `action`, in any letter case. The time grows with the texts' lengths and no faster."""
    folded = action.lower().replace("/", "//")
    return any(_matches(_parts(pattern), folded) for pattern in patterns)


@lru_cache(maxsize=4096)
def _parts(pattern: str) -> tuple[str, ...]:
    # With each slash twice, what is between the two slashes of `/*/` may be nothing.
    return tuple(pattern.lower().replace("/", "//").replace("//*//", "/*/").split("*"))


def _matches(parts: tuple[str, ...], action: str) -> bool:
    if len(parts) == 1:
        return action == parts[0]
    first, *middle, last = parts
    if len(action) < len(first) + len(last) or not action.startswith(first) or not action.endswith(last):
        return False
    at, end = len(first), len(action) - len(last)
    for part in middle:
        found = action.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
