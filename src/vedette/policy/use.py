"""A definition as an assignment uses it: with the values of its parameters, and the effect that follows from them.

An initiative's assignment is as many uses as the initiative has definitions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vedette.expressions.errors import ExpressionError
from vedette.policy.assignment import Assignment, selected
from vedette.policy.definition import Definition
from vedette.policy.effects import check_details, effect_named
from vedette.policy.errors import EvaluationFailed, invalid_parameters
from vedette.policy.initiative import Initiative, Member
from vedette.policy.parameters import as_typed, check, values_of
from vedette.policy.scene import Facts, Scene, computed
from vedette.policy.selectors import chosen
from vedette.policy.target import Target
from vedette.policy.values import Json


@dataclass(frozen=True, slots=True)
class Use:
    """A definition in an assignment; `values` are those of its parameters by folded name. `reference_id` is its own in
    the initiative, "" without one."""

    assignment: Assignment
    definition: Definition
    initiative: Initiative | None
    reference_id: str
    groups: tuple[str, ...]
    values: Json
    effect: str

    def effect_on(self, target: Target) -> str:
        """The effect on a resource: another one where the assignment overrides it there."""
        for override in self.assignment.overrides:
            if chosen(override.selectors, target, self.reference_id):
                return override.effect
        return self.effect

    def is_about(self, target: Target) -> bool:
        """Whether its assignment is about a resource, and its rule can be."""
        types = self.definition.types
        return (
            (types is None or target.folded_type in types)
            and self.assignment.is_about(target.id)
            and selected(self.assignment.resource_selectors, target)
        )

    @property
    def ids(self) -> Json:
        """What the function `policy()` gives."""
        return {
            "assignmentId": self.assignment.id,
            "definitionId": self.definition.id,
            "setDefinitionId": self.initiative.id if self.initiative else "",
            "definitionReferenceId": self.reference_id,
        }


Find = Callable[[str], Definition | None]
"""The definition of an id."""


def uses_of(
    assignment: Assignment, definition: Definition | None, initiative: Initiative | None, find: Find, facts: Facts
) -> Iterator[Use]:
    """What an assignment of a definition, or of an initiative, uses.

    Raises InvalidInput (InvalidPolicyParameters, MissingPolicyParameter, PolicyDefinitionNotFound …)."""
    whose = f"The policy assignment '{assignment.name}'"
    if definition is not None:
        of = f"the policy definition '{definition.name}'"
        values = values_of(definition.parameters, assignment.given, whose, of=of)
        yield _use(assignment, definition, None, "", (), values, facts)
        return
    assert initiative is not None
    of = f"the policy set definition '{initiative.name}'"
    outer = values_of(initiative.parameters, assignment.given, whose, of=of)
    for member in initiative.members:
        found = find(member.definition_id)
        if found is None:
            raise invalid_parameters(
                f"The policy set definition '{initiative.name}' has the policy definition '{member.definition_id}', "
                "which could not be found."
            )
        values = member_values(member, found, outer, facts)
        yield _use(assignment, found, initiative, member.reference_id, member.groups, values, facts)


def member_values(member: Member, definition: Definition, outer: Json, facts: Facts) -> Json:
    """The values of a definition's parameters in an initiative. Raises InvalidInput (InvalidPolicyParameters)."""
    scene = _scene(outer, facts)
    values: Json = {}
    for name, parameter in definition.parameters.items():
        if name in member.values:
            value = _computed(member.values[name], scene)
            check(parameter, value, "the value in the initiative")
        elif parameter.has_default:
            value = parameter.default
        else:
            raise invalid_parameters(
                f"The policy definition reference '{member.reference_id}' has no value for the parameter "
                f"'{parameter.name}' of '{definition.name}'."
            )
        values[name] = as_typed(parameter, value)
    return values


def _use(
    assignment: Assignment,
    definition: Definition,
    initiative: Initiative | None,
    reference_id: str,
    groups: tuple[str, ...],
    values: Json,
    facts: Facts,
) -> Use:
    effect = effect_named(_computed(definition.effect, _scene(values, facts)))
    check_details(effect, definition.details)
    return Use(assignment, definition, initiative, reference_id, groups, values, effect)


def _scene(values: Json, facts: Facts) -> Scene:
    return Scene(Target("", "", "", "", {}), facts, values)


def _computed(value: Any, scene: Scene) -> Any:
    try:
        return computed(value, scene)
    except (EvaluationFailed, ExpressionError) as error:
        raise invalid_parameters(error.message) from error
