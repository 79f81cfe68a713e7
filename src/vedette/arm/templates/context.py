"""What an expression of a template can see from where it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from vedette.arm.templates.facts import Facts, Runtime
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import check_size

_MOST_STEPS = 1_000_000
_MOST_MADE = 40_000_000
MOST_VALUE = 4 * 1024 * 1024
"""Characters of one value: https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices"""
DEEPEST_CALLS = 20
"""User-defined functions inside one another."""


class Place(Enum):
    """Where in a template an expression stands, on which depends what it may ask."""

    DEFAULT = "the default of a parameter"
    VARIABLE = "a variable"
    FUNCTION = "a user-defined function"
    HEAD = "what tells which resource it is"
    BODY = "the body of a resource"
    OUTPUT = "an output"


@dataclass(frozen=True, slots=True)
class Target:
    """A resource of the template that `reference` can name."""

    id: str
    api_version: str
    name: str
    deployed: bool
    """Whether its condition holds, or it is there already."""


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function that the template defines: its parameters' names, the value it gives, in expressions of them."""

    name: str
    parameters: tuple[str, ...]
    output: Any
    check: Callable[[int, Any], None]
    """Given the place of a parameter and its value, raises ExpressionError for one of the wrong type."""


class Budget:
    """How much one template may still compute, so that no template keeps the server busy or fills its memory."""

    def __init__(self) -> None:
        self.steps = _MOST_STEPS
        self.characters = _MOST_MADE
        self.secret = False
        """Whether the expression that is evaluated has asked for what is secure."""

    def step(self) -> None:
        """Count one. Raises ExpressionError when there were too many."""
        self.steps -= 1
        if self.steps < 0:
            raise ExpressionError(f"The expressions of the template take more than {_MOST_STEPS} steps.")

    def made(self, value: Any) -> None:
        """Count what a value holds. Raises ExpressionError when it is too much, or all of them together are."""
        if isinstance(value, str):
            self.characters -= len(value)
        elif isinstance(value, list | dict):
            self.characters -= MOST_VALUE - check_size(value, MOST_VALUE, MOST_VALUE)
        if self.characters < 0:
            raise ExpressionError(f"The expressions of the template make texts of more than {_MOST_MADE} characters.")


@dataclass(frozen=True, slots=True)
class Context:
    """Names are folded in every mapping. `copies` has the index of each copy loop around; "" is the innermost."""

    facts: Facts
    place: Place
    budget: Budget
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    variable: Callable[[str], Any] | None = None
    """Gives the value of a variable; raises ExpressionError for one that is not there."""
    functions: Mapping[str, UserFunction] = field(default_factory=dict[str, UserFunction])
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict[str, tuple[Target, ...]])
    """The template's resources by symbolic name, by id, and by name; one that copies has several."""
    copies: Mapping[str, int] = field(default_factory=dict[str, int])
    bound: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The variables of lambda expressions."""
    runtime: Runtime | None = None
    calls: int = 0
    """How many user-defined functions this is inside of."""
    asked: Callable[[Target, bool], None] | None = None
    """Told of each resource of the template that is referred to, and whether only its id was given."""
    places: Mapping[tuple[str | int, ...], tuple[int, int]] = field(
        default_factory=dict[tuple[str | int, ...], tuple[int, int]]
    )
    """Line and column of what is at a path of the template, as far as its text is known."""
    secure: set[str] = field(default_factory=set[str])
    """The parameters that are secure or have their value from such; grows as values become known."""
    is_secret: Callable[[str], bool] | None = None
    """Whether the value of a variable comes from a secure parameter."""
    hidden: set[str] = field(default_factory=set[str])
    """Grows by the texts, and long numbers, in bodies of resources that come from secure parameters."""

    def place_of(self, *path: str | int) -> tuple[int, int]:
        """Line and column of what is at a path of the template, zeros where that is not known."""
        return self.places.get(path, (0, 0))

    def standing(self, place: Place) -> "Context":
        """The same, in another place."""
        return replace(self, place=place)

    def within(self, loop: str, index: int) -> "Context":
        """Inside one round of a copy loop."""
        return replace(self, copies={**self.copies, "": index, loop.lower(): index})

    def binding(self, names: Mapping[str, Any]) -> "Context":
        """Inside a lambda expression that is called."""
        return replace(self, bound={**self.bound, **names})
