"""Which resources a rule is about at all: only those have a state.

https://learn.microsoft.com/azure/governance/policy/concepts/policy-applicability
"""

from typing import Final

from vedette.policy.conditions import AllOf, AnyOf, Condition, FieldOf, Not, Test, tests_of
from vedette.policy.errors import EvaluationFailed
from vedette.policy.evaluation import holds
from vedette.policy.scene import Scene
from vedette.policy.target import Own, read_field
from vedette.policy.values import Constant

_TELLING: Final = frozenset({"type", "name", "kind"})


def telling_fields(condition: Condition) -> frozenset[str]:
    """The fields whose comparisons tell which resources a rule is about: of type, name and kind those that count."""
    names = {_named(each) for each in tests_of(condition)}
    return frozenset(names & ({"type"} if names <= _TELLING else _TELLING))


def may_apply(condition: Condition, scene: Scene, telling: frozenset[str]) -> bool:
    """Whether a resource is one that a rule is about, by what its `telling_fields` say; all others may be either."""
    return not telling or _may(condition, scene, telling) is not False


def _named(test: Test) -> str:
    """The folded name of the field of a comparison that can tell; `*` for all others."""
    if isinstance(test.left, FieldOf) and isinstance(test.left.name, Constant):
        field = read_field(str(test.left.name.value))
        if isinstance(field, Own) and field.name in _TELLING:
            return field.name
    return "*"


def _may(condition: Condition, scene: Scene, telling: frozenset[str]) -> bool | None:
    """None where it can be either."""
    match condition:
        case AllOf(conditions):
            found = [_may(each, scene, telling) for each in conditions]
            return False if False in found else None if None in found else True
        case AnyOf(conditions):
            found = [_may(each, scene, telling) for each in conditions]
            return True if True in found else None if None in found else False
        case Not(inside):
            found = _may(inside, scene, telling)
            return None if found is None else not found
        case Test():
            if _named(condition) not in telling:
                return None
            try:
                return holds(condition, scene)
            except EvaluationFailed:
                return None
