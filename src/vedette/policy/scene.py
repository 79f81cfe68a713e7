"""What a rule sees while it is evaluated on one resource, and the values of its expressions there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

from vedette.arm.templates.context import Budget
from vedette.arm.templates.functions.dates import formatted
from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.syntax import Calling, Expression, Literal, Selection
from vedette.expressions.values import property_of
from vedette.policy.errors import EvaluationFailed
from vedette.policy.functions import FUNCTIONS, INSTANT, LAZY_FUNCTIONS
from vedette.policy.target import Alias, Scopes, Target, read_field, select
from vedette.policy.values import Constant, Fields, Formula, Items, Json, Value

_NOTHING: Final[Json] = {}


@dataclass(frozen=True, slots=True)
class Counted:
    """The member that a count of values, or of an array of the resource, is at; `name` is folded."""

    name: str
    value: Any
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is around a resource, as functions of the same name give it. `policy` has the ids of the assignment and the
    definition, `request` the version that was asked in, `action` what the request does."""

    now: datetime
    subscription: Json = field(default_factory=dict[str, Any])
    resource_group: Json | None = None
    policy: Json = field(default_factory=dict[str, Any])
    request: Json = field(default_factory=dict[str, Any])
    action: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A resource, the values of parameters by folded name, and where counts around are."""

    target: Target
    facts: Facts
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    counted: tuple[Counted, ...] = ()
    scopes: Scopes = field(default_factory=dict[Any, Any])
    budget: Budget = field(default_factory=Budget)

    def at(self, member: Counted, scopes: Scopes | None = None) -> "Scene":
        """Inside a count, at one member."""
        return replace(self, counted=(*self.counted, member), scopes=self.scopes if scopes is None else scopes)

    def of(self, target: Target) -> "Scene":
        """The same, looking at another resource."""
        return replace(self, target=target, counted=(), scopes={})


def computed(value: Value, scene: Scene) -> Any:
    """What a value is here. Raises EvaluationFailed."""
    match value:
        case Constant(held):
            return held
        case Formula(text, expression):
            try:
                return value_of(expression, scene)
            except ExpressionError as error:
                raise EvaluationFailed(
                    f"The expression '{text[:300]}' cannot be evaluated on '{scene.target.id}': {error.message}"
                ) from error
        case Items(items):
            return [computed(each, scene) for each in items]
        case Fields(fields):
            return {str(computed(name, scene)): computed(each, scene) for name, each in fields}


def value_of(expression: Expression, scene: Scene) -> Any:
    """The value of a tree. Raises ExpressionError."""
    scene.budget.step()
    match expression:
        case Literal(value):
            return value
        case Selection(of, key):
            return _selected(value_of(of, scene), value_of(key, scene))
        case Calling(name, arguments):
            return _call(name.lower(), arguments, scene)


def _selected(of: Any, key: Any) -> Any:
    """A part of a value; what is not there is nothing, as policies have it."""
    if isinstance(of, dict) and isinstance(key, str):
        return property_of(cast("Json", of), key)[1]
    if isinstance(of, list) and isinstance(key, int) and not isinstance(key, bool):
        items = cast("list[Any]", of)
        if not 0 <= key < len(items):
            raise ExpressionError(f"The language expression property array index '{key}' is out of bounds.")
        return items[key]
    if of is None:
        return None
    raise ExpressionError(f"The language expression property '{str(key)[:80]}' can't be evaluated.")


def _call(name: str, arguments: tuple[Expression, ...], scene: Scene) -> Any:
    lazy = LAZY_FUNCTIONS.get(name)
    if lazy is not None:
        return cast("Any", lazy)(scene, arguments, value_of)
    given = [value_of(each, scene) for each in arguments]
    pure = FUNCTIONS.get(name)
    if pure is None:
        return _of_scene(name, given, scene)
    scene.budget.given(given)
    made = pure(given)
    scene.budget.made(made)
    return made


def _of_scene(name: str, given: list[Any], scene: Scene) -> Any:
    match name:
        case "parameters":
            return _parameter(_one("parameters", given), scene)
        case "field":
            return _field(_one("field", given), scene)
        case "current":
            return _current(given, scene)
        case "utcnow":
            return formatted(scene.facts.now, str(given[0]) if given and given[0] is not None else INSTANT)
        case "requestcontext":
            return scene.facts.request
        case "policy":
            return scene.facts.policy
        case "subscription":
            return scene.facts.subscription
        case "resourcegroup":
            if scene.facts.resource_group is None:
                raise about("resourceGroup", f"cannot be used on '{scene.target.type}', which is in no resource group.")
            return scene.facts.resource_group
        case _:
            raise ExpressionError(f"The template function '{name}' is not valid.")


def _one(name: str, given: list[Any]) -> str:
    if len(given) != 1 or not isinstance(given[0], str):
        raise about(name, "expects one parameter, which is a string.")
    return given[0]


def _parameter(name: str, scene: Scene) -> Any:
    if name.lower() not in scene.parameters:
        raise ExpressionError(f"The policy parameter '{name[:100]}' is not defined.")
    return scene.parameters[name.lower()]


def _field(name: str, scene: Scene) -> Any:
    named = read_field(name)
    if named is None:
        raise ExpressionError(f"The field '{name[:200]}' is none that a policy knows.")
    return select(scene.target, named, scene.scopes).value


def _current(given: list[Any], scene: Scene) -> Any:
    """The member that a count is at, or a field of it: `current()`, `current('name')`, `current('alias[*].part')`."""
    if not scene.counted:
        raise about("current", "can only be used inside 'count'.")
    if not given:
        return scene.counted[-1].value
    name = _one("current", given)
    by_name = next((each for each in reversed(scene.counted) if each.name and each.name == name.lower()), None)
    if by_name is not None:
        return by_name.value
    by_alias = next((each for each in reversed(scene.counted) if each.alias == name.lower()), None)
    if by_alias is not None:
        return by_alias.value
    named = read_field(name)
    if not isinstance(named, Alias) or not any(
        each.alias and named.folded.startswith(each.alias) for each in scene.counted
    ):
        raise about("current", f"does not know '{name[:200]}': it is no count around, or no part of what is counted.")
    found = select(scene.target, named, scene.scopes)
    return found.values[0] if len(found.values) == 1 else list(found.values)
