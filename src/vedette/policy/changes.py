"""What `append` and `modify` make of the body of a request, or of a resource.

https://learn.microsoft.com/azure/governance/policy/concepts/effect-append and …/effect-modify
"""

import copy
from dataclasses import dataclass
from typing import Any, cast

from vedette.policy.aliases import EACH, alias_steps
from vedette.policy.effects import APPEND, Operation
from vedette.policy.errors import EvaluationFailed
from vedette.policy.evaluation import field_named
from vedette.policy.operators import equal
from vedette.policy.scene import Scene, computed
from vedette.policy.target import Alias, Field, Own, Tag, Target, select
from vedette.policy.use import Use
from vedette.policy.values import Json

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a body: `operation` is add, addOrReplace or remove; `field` is its name as a rule has it."""

    operation: str
    field: str
    steps: Steps
    value: Any


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A change that cannot be made, for a value is there that is another."""

    field: str
    reason: str


def changes_of(use: Use, effect: str, scene: Scene) -> tuple[list[Change], list[Conflicting]]:
    """What an effect changes on a resource of which the rule holds. Raises EvaluationFailed."""
    if effect == APPEND:
        return _appended(use, scene)
    found: list[Change] = []
    for operation in use.definition.details.operations:
        if operation.condition is not None and computed(operation.condition, scene) is not True:
            continue
        change = _modified(operation, scene)
        if change is not None:
            found.append(change)
    return found, []


def _appended(use: Use, scene: Scene) -> tuple[list[Change], list[Conflicting]]:
    found: list[Change] = []
    conflicts: list[Conflicting] = []
    for addition in use.definition.details.additions:
        name = computed(addition.field, scene)
        field, value = field_named(name), computed(addition.value, scene)
        steps = steps_to(field, scene.target)
        held = select(scene.target, field)
        there: Any = held.value
        if steps[-1] == EACH:
            members = cast("list[Any]", value) if isinstance(value, list) else [value]
            found += [
                Change("add", str(name), steps, each)
                for each in members
                if not any(equal(each, one) for one in held.values)
            ]
        elif there is None or (isinstance(there, dict) and isinstance(value, dict)):
            found.append(Change("addOrReplace", str(name), steps, _united(cast("Any", there), cast("Any", value))))
        elif not equal(there, value):
            conflicts.append(Conflicting(str(name), f"'{name}' is there with another value than the policy appends"))
    return found, conflicts


def _united(held: Any, value: Any) -> Any:
    return {**cast("Json", held), **cast("Json", value)} if isinstance(held, dict) else value


def _modified(operation: Operation, scene: Scene) -> Change | None:
    name = computed(operation.field, scene)
    field = field_named(name)
    steps = steps_to(field, scene.target)
    value = computed(operation.value, scene)
    held = select(scene.target, field)
    if operation.operation == "remove":
        return Change("remove", str(name), steps, None) if held.value is not None else None
    if steps[-1] == EACH:
        is_there = any(equal(value, each) for each in held.values)
        return (
            None if is_there and operation.operation == "add" else Change(operation.operation, str(name), steps, value)
        )
    if operation.operation == "add" and held.value is not None:
        return None
    return (
        None if equal(held.value, value) and held.value is not None else Change("addOrReplace", str(name), steps, value)
    )


def steps_to(field: Field, target: Target) -> Steps:
    """The steps from a body to a field. Raises EvaluationFailed for one that is of another type or cannot be set."""
    match field:
        case Tag(name):
            return ("tags", name)
        case Own(name) if name in ("tags", "location", "kind"):
            return (name,)
        case Own("identity.type"):
            return ("identity", "type")
        case Alias(name, folded):
            steps = alias_steps(folded, target.folded_type)
            if steps is None:
                raise EvaluationFailed(f"The alias '{name}' is none of the type '{target.type}'.")
            return _as_written(name, steps)
        case _:
            raise EvaluationFailed(f"The field '{field.name}' cannot be changed by a policy.")


def _as_written(alias: str, steps: Steps) -> Steps:
    """The steps in the letter case of the alias: a property that is added is written as the rule writes it."""
    folded = alias.lower()
    found: list[str] = []
    for step in steps:
        at = folded.rfind(step) if step not in (EACH, "properties") else -1
        found.append(alias[at : at + len(step)] if at >= 0 else step)
    return tuple(found)


def changed(body: Json, changes: list[Change]) -> Json:
    """A body with changes made; what was sent stays as it was."""
    made = copy.deepcopy(body)
    for each in changes:
        _change(made, each.steps, each)
    return made


def _change(inside: Any, steps: Steps, change: Change) -> None:
    """Go down the steps, making objects that are not there; members of arrays are each gone into."""
    step, rest = steps[0], steps[1:]
    if step == EACH:
        for member in cast("list[Any]", inside) if isinstance(inside, list) else ():
            _change(member, rest, change)
        return
    if not isinstance(inside, dict):
        return
    held = cast("Json", inside)
    name = next((each for each in held if each.lower() == step.lower()), step)
    if rest == (EACH,):
        _change_array(held, name, change)
        return
    if rest:
        if held.get(name) is None:
            if change.operation == "remove":
                return
            held[name] = [] if rest[0] == EACH else {}
        _change(held[name], rest, change)
        return
    if change.operation == "remove":
        held.pop(name, None)
    else:
        held[name] = copy.deepcopy(change.value)


def _change_array(held: Json, name: str, change: Change) -> None:
    there = held.get(name)
    members = list(cast("list[Any]", there)) if isinstance(there, list) else []
    held[name] = [*members, copy.deepcopy(change.value)] if change.operation == "add" else [copy.deepcopy(change.value)]
