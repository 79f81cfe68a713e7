"""What an expression of a template can see from where it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from time import thread_time
from typing import Any

from vedette.arm.templates.facts import Facts, Runtime
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import check_size

_MOST_STEPS = 1_000_000
_MOST_MADE = 40_000_000
_LONGEST = 10.0  # seconds of a thread's own time
_LOOK = 500  # work between looks at the time
_OF_ITEM = 8  # what a place in an array or object counts, as characters
MOST_TOGETHER = 3000
"""Resources of a deployment, with those of the deployments inside it."""
MOST_VALUE = 4 * 1024 * 1024
"""Characters of one value: https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices"""
DEEPEST_CALLS = 20
"""User-defined functions inside one another."""
MOST_ARGUMENTS = 2 * MOST_VALUE + 2_000_000
"""Characters of all that a function is given."""


class Place(Enum):
    """Where in a template an expression stands, on which depends what it may ask."""

    DEFAULT = "the default of a parameter"
    VARIABLE = "a variable"
    FUNCTION = "a user-defined function"
    HEAD = "what tells which resource it is"
    BODY = "the body of a resource"
    SHAPE = "what the properties of a body are called, and how often a loop in it goes around"
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
    """How much one template may still compute, so that no template keeps the server busy or fills its memory.

    With those inside it a deployment has one, which is that of `templates`. It is for the thread that makes it.
    """

    def __init__(self, templates: int = 1) -> None:
        self.most_steps = self.steps = _MOST_STEPS * templates
        self.most_characters = self.characters = _MOST_MADE * templates
        self.secret = False
        """Whether the expression that is evaluated has asked for what is secure."""

        self.resources = MOST_TOGETHER
        self._until = thread_time() + _LONGEST
        self._unseen = 0

    def step(self, number: int = 1) -> None:
        """Count one, or some. Raises ExpressionError when there were too many."""
        self.steps -= number
        if self.steps < 0:
            raise ExpressionError(f"The expressions of the template take more than {self.most_steps} steps.")
        self.work(number)

    def work(self, amount: int) -> None:
        """Count what takes time. Raises ExpressionError when it took too long."""
        self._unseen += amount
        if self._unseen > _LOOK:
            self._unseen = 0
            if thread_time() > self._until:
                raise ExpressionError(f"The expressions of the template take longer than {_LONGEST:.0f} seconds.")

    def holding(self, items: int) -> None:
        """Count an array or object that is made as the template writes it. Raises ExpressionError."""
        self.spend((items + 4) * _OF_ITEM)
        self.work(items + 1)

    def deploying(self, resources: int) -> None:
        """Count resources that are to be deployed. Raises ExpressionError."""
        self.resources -= resources
        if self.resources < 0:
            raise ExpressionError(
                f"The deployment and those inside it have more than {MOST_TOGETHER} resources together."
            )

    def given(self, values: list[Any]) -> None:
        """Count what a function is given to go through. Raises ExpressionError when it is too much at once."""
        left = MOST_ARGUMENTS
        for value in values:
            if isinstance(value, str):
                left -= len(value)
            elif isinstance(value, list | dict):
                left = check_size(value, left, MOST_ARGUMENTS)
            if left < 0:
                raise ExpressionError(f"What a function is given has more than {MOST_ARGUMENTS} characters.")
        self.work((MOST_ARGUMENTS - left) // 100)

    def made(self, value: Any, depth: int = 0) -> None:
        """Count what a value holds that stands so deep in others. Raises ExpressionError when it is too much, or all
        of them together are."""
        if isinstance(value, str):
            self.spend(len(value))
        elif isinstance(value, list | dict):
            self.spend(MOST_VALUE - check_size(value, MOST_VALUE, MOST_VALUE, depth))

    def spend(self, characters: int) -> None:
        """Count what is as much work as texts of so many characters. Raises ExpressionError."""
        self.characters -= characters
        if self.characters < 0:
            raise ExpressionError(
                f"The expressions of the template make texts of more than {self.most_characters} characters."
            )


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

    def shaping(self) -> "Context":
        """The same, for what decides on the shape of the value: a body's is known before anything is deployed."""
        return self.standing(Place.SHAPE) if self.place is Place.BODY else self

    def within(self, loop: str, index: int, innermost: int | None = None) -> "Context":
        """Inside one round of a copy loop; `innermost` is what `copyIndex()` without a name is there, if not its."""
        shown = index if innermost is None else innermost
        return replace(self, copies={**self.copies, loop.lower(): index, "": shown})

    def binding(self, names: Mapping[str, Any]) -> "Context":
        """Inside a lambda expression that is called."""
        return replace(self, bound={**self.bound, **names})
