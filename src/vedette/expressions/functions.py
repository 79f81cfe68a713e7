"""What a function of the language is: its name, what it takes, and what it does. Arguments are checked by type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vedette.expressions.errors import about
from vedette.expressions.values import is_number, type_name

_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

_TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "any": ("any value", lambda _value: True),
    "string": ("a string", lambda value: isinstance(value, str)),
    "text": ("a string or null", lambda value: value is None or isinstance(value, str)),
    "integer": ("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "number": ("an integer or a decimal number", is_number),
    "boolean": ("a boolean", lambda value: isinstance(value, bool)),
    "array": ("an array", lambda value: isinstance(value, list)),
    "object": ("an object", lambda value: isinstance(value, dict)),
    "items": ("an array or a string", lambda value: isinstance(value, list | str)),
    "collection": ("a dictionary, an array or a string", lambda value: isinstance(value, list | str | dict)),
    "lambda": ("a lambda expression", callable),
    "lists": ("an array or an object", lambda value: isinstance(value, list | dict)),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's name and type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function: `least` to `most` arguments, None for any number, of which the last parameter takes the rest."""

    name: str
    parameters: tuple[Parameter, ...]
    least: int
    most: int | None
    call: Callable[..., Any]

    def __call__(self, arguments: list[Any]) -> Any:
        """Check the arguments and call it. Raises ExpressionError."""
        self.check_number(len(arguments))
        for at, value in enumerate(arguments):
            parameter = self.parameters[min(at, len(self.parameters) - 1)]
            told, fits = _TYPES[parameter.type]
            if value is None and at >= self.least and self.most is not None:
                continue
            if not fits(value):
                place = _PLACES[at] if at < len(_PLACES) else f"{at + 1}th"
                raise about(
                    self.name,
                    f"expects its {place} parameter '{parameter.name}' to be {told}. The provided value is of type "
                    f"'{type_name(value)}'.",
                )
        try:
            return self.call(*arguments)
        except (ArithmeticError, ValueError, RecursionError) as error:
            raise about(self.name, f"was invoked with a parameter that is not valid: {error}.") from error
        except (TypeError, AttributeError) as error:
            raise about(self.name, "was invoked with a parameter of the wrong type.") from error

    def check_number(self, given: int) -> None:
        """Raises ExpressionError for too few arguments or too many."""
        if given >= self.least and (self.most is None or given <= self.most):
            return
        names = ", ".join(f"'{each.name}'" for each in self.parameters)
        wanted = f"{self.least}" if self.most == self.least else f"at least {self.least}"
        if self.most is not None and self.most != self.least:
            wanted = f"{self.least} to {self.most}"
        raise about(
            self.name,
            f"expects {wanted} parameter(s){': ' + names if names else ''}. The function was invoked with '{given}' "
            "parameter(s).",
        )


def function(name: str, takes: str, call: Callable[..., Any]) -> Function:
    """A function of a signature such as `text: string, start: integer, length?: integer` or `values*: any`."""
    parameters: list[Parameter] = []
    least, most = 0, 0
    many = False
    for part in filter(None, (each.strip() for each in takes.split(","))):
        named, _, type = part.partition(":")
        many = many or named.endswith(("*", "+"))
        optional = named.endswith(("?", "*"))
        parameters.append(Parameter(named.rstrip("?*+"), type.strip()))
        least += not optional
        most += 1
    return Function(name, tuple(parameters), least, None if many else most, call)


def table(functions: Iterable[Function]) -> dict[str, Function]:
    """Functions by their folded names: the language does not tell letter cases apart."""
    return {each.name.lower(): each for each in functions}
