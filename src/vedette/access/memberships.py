"""Which objects are in which groups, directly and through other groups; kept in memory until one changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from vedette.access.directory_objects import MEMBERSHIP
from vedette.state.store import StateStore

_Edges = Mapping[str, Sequence[str]]


class Memberships:
    """The graph of groups and members; ids in it are in lower case."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._read: tuple[int, _Edges, _Edges] = (-1, {}, {})

    def groups_of(self, object_id: str) -> frozenset[str]:
        """The groups that hold the object, or hold a group that does."""
        _, groups, _ = self._edges()
        return frozenset(_reached(groups, object_id.lower()))

    def direct_groups_of(self, object_id: str) -> list[str]:
        """The groups that name the object itself."""
        _, groups, _ = self._edges()
        return list(groups.get(object_id.lower(), ()))

    def members_of(self, group_id: str, *, transitive: bool) -> list[str]:
        """The members of a group, oldest membership first."""
        _, _, members = self._edges()
        if transitive:
            return _reached(members, group_id.lower())
        return list(members.get(group_id.lower(), ()))

    def _edges(self) -> tuple[int, _Edges, _Edges]:
        version = self._state.version(MEMBERSHIP)
        if self._read[0] == version:
            return self._read
        groups: defaultdict[str, list[str]] = defaultdict(list)
        members: defaultdict[str, list[str]] = defaultdict(list)
        for document in self._state.list(MEMBERSHIP):
            group, member = document.body["groupId"], document.body["memberId"]
            groups[member].append(group)
            members[group].append(member)
        self._read = (version, dict(groups), dict(members))
        return self._read


def _reached(edges: _Edges, start: str) -> list[str]:
    """All that can be reached from `start`, nearest first; circles are walked once."""
    found: dict[str, None] = {}
    waiting: list[str] = list(edges.get(start, ()))
    while waiting:
        following: list[str] = []
        for each in waiting:
            if each not in found and each != start:
                found[each] = None
                following += _next(edges, each)
        waiting = following
    return list(found)


def _next(edges: _Edges, each: str) -> Iterable[str]:
    return edges.get(each, ())
