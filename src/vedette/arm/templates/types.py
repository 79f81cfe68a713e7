"""The types of parameters and outputs: what a value must be, with its bounds.

https://learn.microsoft.com/azure/azure-resource-manager/templates/data-types
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from vedette.arm.templates.errors import refused
from vedette.arm.templates.facts import Json, member
from vedette.expressions.values import same, text_of, type_name

_SHOWN = {
    "string": "String",
    "securestring": "SecureString",
    "int": "Int",
    "bool": "Bool",
    "array": "Array",
    "object": "Object",
    "secureobject": "SecureObject",
}
_FITS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "String": ("String, Uri", lambda value: isinstance(value, str)),
    "SecureString": ("String, Uri", lambda value: isinstance(value, str)),
    "Int": ("Integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "Bool": ("Boolean", lambda value: isinstance(value, bool)),
    "Array": ("Array", lambda value: isinstance(value, list)),
    "Object": ("Object", lambda value: isinstance(value, dict)),
    "SecureObject": ("Object", lambda value: isinstance(value, dict)),
}


@dataclass(frozen=True, slots=True)
class TypeOf:
    """The type of one parameter or output, with its bounds."""

    shown: str
    definition: Json
    nullable: bool = False

    @property
    def secure(self) -> bool:
        """Whether its value is shown to nobody."""
        return self.shown.startswith("Secure")

    def check(self, name: str, value: Any) -> None:
        """Raises InvalidTemplate for a value that a parameter of this name cannot have."""
        if value is None and self.nullable:
            return
        expected, fits = _FITS[self.shown]
        if not fits(value):
            raise refused(
                f"The provided value for the template parameter '{name}' is not valid. Expected a value of type "
                f"'{expected}', but received a value of type '{type_name(value)}'. Please see "
                "https://aka.ms/arm-create-parameter-file for usage details."
            )
        self._check_allowed(name, value)
        self._check_bounds(name, value)

    def _check_allowed(self, name: str, value: Any) -> None:
        allowed = member(self.definition, "allowedValues")
        if not isinstance(allowed, list):
            return
        allowed = cast("list[Any]", allowed)
        of_array = isinstance(value, list) and not any(isinstance(each, list) for each in allowed)
        values: list[Any] = cast("list[Any]", value) if of_array else [value]
        for each in values:
            if not any(same(each, one) for one in allowed):
                shown = "" if self.secure else f" '{text_of(each)[:200]}'"
                raise refused(
                    f"The provided value{shown} for the template parameter '{name}' is not valid. The value is not "
                    f"part of the allowed value(s): '{','.join(map(text_of, allowed))[:1000]}'."
                )

    def _check_bounds(self, name: str, value: Any) -> None:
        number = value if isinstance(value, int) and not isinstance(value, bool) else None
        length = len(cast("str | list[Any]", value)) if isinstance(value, str | list) else None
        what = "Length of the value" if isinstance(value, str) else "The number of items"
        for measure, measured, most, least in (
            (number, "The value", "maxValue", "minValue"),
            (length, what, "maxLength", "minLength"),
        ):
            if measure is None:
                continue
            highest, lowest = member(self.definition, most), member(self.definition, least)
            if isinstance(highest, int) and measure > highest:
                raise _out_of_bounds(name, measured, "less", highest)
            if isinstance(lowest, int) and measure < lowest:
                raise _out_of_bounds(name, measured, "greater", lowest)


def _out_of_bounds(name: str, measured: str, how: str, bound: int) -> Exception:
    return refused(
        f"The provided value for the template parameter '{name}' is not valid. {measured} should be {how} than or "
        f"equal to '{bound}'. Please see https://aka.ms/arm-create-parameter-file for usage details."
    )


@dataclass(frozen=True, slots=True)
class Definitions:
    """The types that a template of languageVersion 2.0 defines for itself."""

    types: Json

    def type_of(self, definition: Any, name: str) -> TypeOf:
        """The type that a parameter or output has by its definition. Raises InvalidTemplate."""
        if not isinstance(definition, dict):
            raise refused(f"The definition of the template parameter '{name}' must be an object.")
        held = cast("Json", definition)
        type = member(held, "type")
        shown = _SHOWN.get(type.lower()) if isinstance(type, str) else None
        if shown is None:
            raise refused(
                f"Template parameter JToken type is not valid: '{name}' has the type '{type}'. Expected 'string, "
                "securestring, int, bool, array, object, secureobject'. Please see "
                "https://aka.ms/arm-template/#parameters for usage details."
            )
        return TypeOf(shown, held, member(held, "nullable") is True)
