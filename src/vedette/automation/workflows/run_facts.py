"""What is true of a run as it stands: its parameters, its trigger, its variables and its actions' records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from vedette.automation.workflows.definition import Json, all_actions, branches, part
from vedette.automation.workflows.records import Key, Path, Record
from vedette.core.clock import Clock
from vedette.expressions.errors import about

_SECURE = frozenset({"securestring", "secureobject"})


@dataclass(slots=True)
class Variable:
    """A variable's type, folded, and its value."""

    name: str
    type: str
    value: Any
    is_secret: bool = False


@dataclass(slots=True)
class RunFacts:
    """A run's facts. `given` are the values of parameters that the workflow has, secret ones too, by folded name."""

    definition: Json
    given: Mapping[str, Any]
    trigger: Json
    trigger_is_secret: bool
    workflow: Json
    client_tracking_id: str
    clock: Clock
    new_id: Callable[[], str]
    records: dict[Key, Record] = field(default_factory=dict[Key, Record])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    _names: dict[str, str] = field(default_factory=dict[str, str])
    _actions: dict[str, Json] = field(default_factory=dict[str, Json])
    _enclosing: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        for name, action in all_actions(part(self.definition.get("actions"))):
            self._names[name.lower()] = name
            self._actions[name] = action
            for inner in branches(action).values():
                self._enclosing |= dict.fromkeys(inner, name)

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def parameter(self, name: str) -> tuple[Any, bool]:
        """A parameter's value, and whether it is secret. Raises ExpressionError."""
        folded = name.lower()
        declared = {key.lower(): part(each) for key, each in part(self.definition.get("parameters")).items()}
        secret = str(declared.get(folded, {}).get("type", "")).lower() in _SECURE
        if folded in self.given:
            return self.given[folded], secret
        if folded in declared and "defaultValue" in declared[folded]:
            return declared[folded]["defaultValue"], secret
        raise about("parameters", f"finds no value of the workflow parameter '{name[:80]}'.")

    def is_action(self, name: str) -> bool:
        """Whether the definition has an action of this name."""
        return name.lower() in self._names

    def find(self, name: str, path: Path) -> Record | None:
        """The execution of an action that is seen from a place: in the same iterations, else the last one."""
        known = self._names.get(name.lower(), name)
        for depth in range(len(path), -1, -1):
            record = self.records.get((known, path[:depth]))
            if record is not None:
                return record
        inside = [each for each in self.records.values() if each.name == known and each.path[: len(path)] == path]
        return max(inside, key=lambda each: each.sequence, default=None)

    def inside(self, scope: str, path: Path) -> list[Record]:
        """The records of the actions right inside a scope or a loop, as they are seen from a place."""
        known = self._names.get(scope.lower())
        action = self._actions.get(known or "")
        if known is None or action is None:
            raise about("result", f"finds no scope '{scope[:80]}'.")
        names = {name for inner in branches(action).values() for name in inner}
        outer = self.find(known, path)
        place = path if outer is None else outer.path
        found = [
            each
            for each in self.records.values()
            if each.name in names and (each.path == place or (each.path[:-1] == place and each.path[-1][0] == known))
        ]
        return sorted(found, key=lambda each: each.sequence)

    def is_left_behind(self, record: Record) -> bool:
        """Whether a scope or a loop that an execution is in has ended without it."""
        name, path = record.name, record.path
        while (outer := self._enclosing.get(name)) is not None:
            path = path[:-1] if path and path[-1][0] == outer else path
            around = self.records.get((outer, path))
            if around is not None and around.is_final:
                return True
            name = outer
        return False

    def learn(self, record: Record) -> None:
        """Take over what a finished action of variables says: they are as the last of them left them."""
        for each in cast("list[Json]", record.state.get("variables") or []):
            self.variables[each["name"].lower()] = Variable(
                each["name"], each["type"], each["value"], bool(record.secret)
            )
