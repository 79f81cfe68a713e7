"""Whose turn it is: which of the windows that are due are run now, so that no workspace waits for another one's."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vedette.detect.schedule import Window


def next_turns(
    waiting: Iterable[Window], running: Mapping[str, int], workers: int, *, workspaces: int = 1
) -> list[Window]:
    """The windows to start, at most one of a rule, while `running` of each workspace are at work.

    The workspace with the fewest at work comes first, and of its windows the oldest. Where there are several
    `workspaces`, one alone leaves a worker to the others.
    """
    taken = Counter(running)
    most = workers - 1 if workspaces > 1 and workers > 1 else workers
    left = sorted(waiting, key=lambda window: (window.end, window.rule.created, window.rule.id.lower()))
    turns: list[Window] = []
    while left and taken.total() < workers:
        chosen = min(left, key=lambda window: taken[window.rule.workspace_id])
        if taken[chosen.rule.workspace_id] >= most:
            break
        left.remove(chosen)
        taken[chosen.rule.workspace_id] += 1
        turns.append(chosen)
    return turns
