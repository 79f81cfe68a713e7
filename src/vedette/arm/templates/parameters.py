"""The parameters of a template: their definitions and the values given, in; one value each, out.

https://learn.microsoft.com/azure/azure-resource-manager/templates/parameters
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.errors import at, refused
from vedette.arm.templates.evaluation import evaluated, watched
from vedette.arm.templates.facts import Json, member
from vedette.arm.templates.functions.placed import Unresolved
from vedette.arm.templates.places import Places
from vedette.arm.templates.types import Definitions, TypeOf
from vedette.expressions.errors import ExpressionError

_FILE = "Please see https://aka.ms/arm-create-parameter-file for usage details."


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `type` is the name as the API shows it, such as `String` or `SecureString`."""

    name: str
    type: str
    secure: bool
    value: Any


def resolved_parameters(
    defined: Json,
    given: Mapping[str, Any],
    definitions: Definitions,
    context: Callable[[Mapping[str, Any]], Context],
    places: Places,
) -> tuple[Parameter, ...]:
    """The value of every parameter: the one that is given as `{"value": …}`, else its default, evaluated once.

    `context` makes what a default can see from the other parameters. Raises InvalidTemplate for a parameter that is
    missing, unknown, or not as its definition says.
    """
    values = _given(defined, given)
    seen: dict[str, Any] = {}
    work = _Work(defined, values, definitions, seen, context, places)
    context(seen).secure.update(name.lower() for name in defined if work.types[name].secure)
    for name in defined:
        seen[name.lower()] = Unresolved(lambda name=name: work.value(name))
    return tuple(Parameter(name, work.types[name].shown, work.types[name].secure, work.value(name)) for name in defined)


def _given(defined: Json, given: Mapping[str, Any]) -> dict[str, Any]:
    names = {name.lower(): name for name in defined}
    unknown = [name for name in given if name.lower() not in names]
    if unknown:
        raise refused(
            f"The template parameters '{', '.join(unknown)}' in the parameters file are not valid; they are not "
            "present in the original template and can therefore not be provided at deployment time. The only "
            f"supported parameters for this template are '{', '.join(defined)}'. Please see "
            "https://aka.ms/arm-pass-parameter-values for usage details."
        )
    return {names[name.lower()]: value for name, value in given.items()}


class _Work:
    """Values of parameters as they are asked for, by each other too."""

    def __init__(
        self,
        defined: Json,
        given: Json,
        definitions: Definitions,
        seen: dict[str, Any],
        context: Callable[[Mapping[str, Any]], Context],
        places: Places,
    ) -> None:
        self.defined, self.given, self.seen, self.context = defined, given, seen, context
        self.types: dict[str, TypeOf] = {name: definitions.type_of(each, name) for name, each in defined.items()}
        self.busy: list[str] = []
        self.places = places

    def value(self, name: str) -> Any:
        folded = name.lower()
        held = self.seen[folded]
        if not isinstance(held, Unresolved):
            return held
        if name in self.busy:
            chain = "' -> '".join((*self.busy[self.busy.index(name) :], name))
            raise refused(
                f"Circular dependency detected on template parameter '{name}': '{chain}'. Please see "
                "https://aka.ms/arm-template/#parameters for usage details."
            )
        self.busy.append(name)
        try:
            found = self._found(name)
        finally:
            self.busy.pop()
        self.seen[folded] = found
        return found

    def _found(self, name: str) -> Any:
        definition, type = cast("Json", self.defined[name]), self.types[name]
        if name in self.given:
            value = _value_given(name, self.given[name])
            if value is None and not type.nullable and "defaultvalue" not in {each.lower() for each in definition}:
                raise self._missing(name)
            if value is not None or type.nullable:
                type.check(name, value)
                return value
        if not any(each.lower() == "defaultvalue" for each in definition):
            if type.nullable:
                return None
            raise self._missing(name)
        value = self._default(name, member(definition, "defaultValue"))
        type.check(name, value)
        return value

    def _missing(self, name: str) -> Exception:
        line, column = self.places.get(("parameters", name), (0, 0))
        return refused(
            f"The value for the template parameter '{name}'{at(line, column)} is not provided. {_FILE}",
            line, column, f"parameters.{name}",
        )  # fmt: skip

    def _default(self, name: str, default: Any) -> Any:
        try:
            context = self.context(self.seen).standing(Place.DEFAULT)
            value, secret = watched(lambda: evaluated(default, context), context)
            if secret:
                context.secure.add(name.lower())
            return value
        except ExpressionError as error:
            raise refused(
                f"The template parameter '{name}' is not valid: {error.message}. Please see "
                "https://aka.ms/arm-template-expressions for usage details."
            ) from error


def _value_given(name: str, given: Any) -> Any:
    held = cast("Json", given) if isinstance(given, dict) else {}
    names = {each.lower() for each in held}
    if "reference" in names:
        raise refused(
            f"The template parameter '{name}' refers to a secret of a key vault, which this server does not read. "
            "Give its value."
        )
    if "value" not in names:
        raise refused(
            f"The value for the template parameter '{name}' must be an object with a property 'value'. {_FILE}"
        )
    return member(held, "value")
