"""Whether what clients saw of one resource can have happened one after the other: Wing and Gong's search, with memory.

An operation takes effect at one instant between its call and its return. The history is linearizable if there is an
order of those instants in which each answer is the right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Absent = None
State = str | None
"""What the resource is: `etag value`, or absent."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request and its answer. `kind` is put, get or delete; `condition` what If-Match says, `none` for
    If-None-Match: *, empty for no condition. `etag` and `value` are what the answer, or the request of a put, has."""

    kind: str
    called: float
    returned: float
    status: int
    value: str = ""
    etag: str = ""
    condition: str = ""

    def after(self, state: State) -> tuple[bool, State]:
        """Whether this answer is right in a state, and the state after it."""
        if not self._allowed(state):
            return self.status == 412, state
        if self.status == 412:
            return False, state
        match self.kind:
            case "put":
                return self.status == (201 if state is None else 200), f"{self.etag} {self.value}"
            case "delete":
                return self.status == (204 if state is None else 200), Absent
            case _:
                seen = None if self.status == 404 else f"{self.etag} {self.value}"
                return self.status in (200, 404) and seen == state, state

    def _allowed(self, state: State) -> bool:
        if self.condition == "none":
            return state is None
        return not self.condition or (state is not None and state.split(" ")[0] == self.condition)


def first_impossible(history: Sequence[Operation]) -> Operation | None:
    """None for a linearizable history; else an operation that no order explains, the furthest that was come to."""
    operations = sorted(history, key=lambda each: each.called)
    everything = (1 << len(operations)) - 1
    seen: set[tuple[int, State]] = set()
    waiting: list[tuple[int, State]] = [(0, Absent)]
    furthest, blocked = -1, None
    while waiting:
        done, state = waiting.pop()
        if done == everything:
            return None
        if (done, state) in seen:
            continue
        seen.add((done, state))
        open_ = [(at, each) for at, each in enumerate(operations) if not done >> at & 1]
        until = min(each.returned for _, each in open_)
        if done.bit_count() > furthest:
            furthest, blocked = done.bit_count(), min((each for _, each in open_), key=lambda each: each.returned)
        for at, each in open_:
            if each.called > until:
                break  # it began after another had ended that is not done yet
            right, following = each.after(state)
            if right:
                waiting.append((done | 1 << at, following))
    return blocked
