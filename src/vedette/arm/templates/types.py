"""The types of parameters and outputs: what a value must be, with its bounds, and the types that a template defines.

https://learn.microsoft.com/azure/azure-resource-manager/templates/definitions
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from vedette.arm.templates.errors import refused
from vedette.arm.templates.facts import Json, member
from vedette.expressions.values import property_of, same, text_of, type_name

SHOWN = {
    "string": "String",
    "securestring": "SecureString",
    "int": "Int",
    "bool": "Bool",
    "array": "Array",
    "object": "Object",
    "secureobject": "SecureObject",
}
"""The names of types as the API shows them, by folded name."""
_FITS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "String": ("String, Uri", lambda value: isinstance(value, str)),
    "SecureString": ("String, Uri", lambda value: isinstance(value, str)),
    "Int": ("Integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "Bool": ("Boolean", lambda value: isinstance(value, bool)),
    "Array": ("Array", lambda value: isinstance(value, list)),
    "Object": ("Object", lambda value: isinstance(value, dict)),
    "SecureObject": ("Object", lambda value: isinstance(value, dict)),
}
_FILE = "Please see https://aka.ms/arm-create-parameter-file for usage details."
_DEEPEST = 60
_PREFIX = "#/definitions/"


@dataclass(frozen=True, slots=True)
class TypeOf:
    """The type of one parameter or output, with its bounds and the types that it is made of."""

    shown: str
    definition: Json
    definitions: "Definitions" = field(repr=False)
    nullable: bool = False

    @property
    def secure(self) -> bool:
        """Whether its value is shown to nobody."""
        return self.shown.startswith("Secure")

    def expected(self, value: Any) -> str | None:
        """What a value must be, where it is not that."""
        expected, fits = _FITS[self.shown]
        return None if fits(value) else expected

    def check(self, name: str, value: Any) -> None:
        """Raises InvalidTemplate for a value that a parameter of this name cannot have."""
        self._check(name, value, 0)

    def _check(self, name: str, value: Any, depth: int) -> None:
        if value is None and self.nullable:
            return
        if depth > _DEEPEST:
            raise refused(f"The value for the template parameter '{name}' is nested too deeply. {_FILE}")
        expected = self.expected(value)
        if expected is not None:
            raise refused(
                f"The provided value for the template parameter '{name}' is not valid. Expected a value of type "
                f"'{expected}', but received a value of type '{type_name(value)}'. {_FILE}"
            )
        self._check_allowed(name, value)
        self._check_bounds(name, value)
        if isinstance(value, dict):
            self._check_object(name, cast("Json", value), depth)
        elif isinstance(value, list):
            self._check_items(name, cast("list[Any]", value), depth)

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

    def _check_object(self, name: str, value: Json, depth: int) -> None:
        """Names of properties are taken in any letter case."""
        chosen = self._discriminated(name, value)
        properties = member(chosen, "properties")
        known = cast("Json", properties) if isinstance(properties, dict) else {}
        missing: list[str] = []
        for each, defined in known.items():
            there, held = property_of(value, each)
            type = self.definitions.part(defined, f"{name}.{each}")
            if there and type is not None:
                type._check(f"{name}.{each}", held, depth + 1)
            elif not there and not (type is not None and type.nullable):
                missing.append(each)
        if missing:
            raise refused(
                f"The provided value for the template parameter '{name}' is not valid. It is missing the following "
                f"required property(ies): '{', '.join(missing)}'. {_FILE}"
            )
        self._check_others(name, value, {each.lower() for each in known}, chosen, depth)

    def _check_others(self, name: str, value: Json, known: set[str], chosen: Json, depth: int) -> None:
        others = [each for each in value if each.lower() not in known]
        allowed = member(chosen, "additionalProperties")
        if isinstance(allowed, dict):
            type = self.definitions.part(allowed, f"{name}.*")
            if type is None:
                return
            for each in others:
                type._check(f"{name}.{each}", value[each], depth + 1)
        elif others and (allowed is False or member(chosen, "sealed") is True):
            raise refused(
                f"The provided value for the template parameter '{name}' is not valid. The following property(ies) "
                f"are not permitted: '{', '.join(others)[:400]}'. {_FILE}"
            )

    def _discriminated(self, name: str, value: Json) -> Json:
        """The definition that a property of the value chooses, where the type has such."""
        rule = member(self.definition, "discriminator")
        if not isinstance(rule, dict):
            return self.definition
        by, mapping = member(cast("Json", rule), "propertyName"), member(cast("Json", rule), "mapping")
        choices = cast("Json", mapping) if isinstance(mapping, dict) else {}
        held = property_of(value, str(by))[1]
        if not isinstance(held, str) or held not in choices:
            raise refused(
                f"The provided value for the template parameter '{name}' is not valid. The value of the property "
                f"'{by}' must be one of '{', '.join(choices)}'. {_FILE}"
            )
        return self.definitions.type_of(choices[held], name).definition

    def _check_items(self, name: str, value: list[Any], depth: int) -> None:
        first = member(self.definition, "prefixItems")
        leading = cast("list[Any]", first) if isinstance(first, list) else []
        rest = member(self.definition, "items")
        if rest is False and len(value) > len(leading):
            raise _out_of_bounds(name, "The number of items", "less", len(leading))
        for at, each in enumerate(value):
            defined = leading[at] if at < len(leading) else rest
            type = self.definitions.part(defined, f"{name}[{at}]") if isinstance(defined, dict) else None
            if type is not None:
                type._check(f"{name}[{at}]", each, depth + 1)


def _out_of_bounds(name: str, measured: str, how: str, bound: int) -> Exception:
    return refused(
        f"The provided value for the template parameter '{name}' is not valid. {measured} should be {how} than or "
        f"equal to '{bound}'. {_FILE}"
    )


@dataclass(frozen=True, slots=True)
class Definitions:
    """The types that a template of languageVersion 2.0 defines for itself."""

    types: Json

    def type_of(self, definition: Any, name: str) -> TypeOf:
        """The type that a parameter or output has by its definition. Raises InvalidTemplate."""
        held = self._followed(definition, name)
        type = member(held, "type")
        shown = SHOWN.get(type.lower()) if isinstance(type, str) else None
        if shown is None:
            raise refused(
                f"Template parameter JToken type is not valid: '{name}' has the type '{type}'. Expected 'string, "
                "securestring, int, bool, array, object, secureobject'. Please see "
                "https://aka.ms/arm-template/#parameters for usage details."
            )
        return TypeOf(shown, held, self, member(held, "nullable") is True)

    def part(self, definition: Any, name: str) -> TypeOf | None:
        """The type of a part of a value, None for any. Raises InvalidTemplate."""
        if isinstance(definition, dict):
            held = cast("Json", definition)
            if member(held, "type") is None and member(held, "$ref") is None:
                return None
        return self.type_of(definition, name)

    def _followed(self, definition: Any, name: str) -> Json:
        """The definition with that which it refers to beneath it."""
        found: Json = {}
        seen: set[str] = set()
        while True:
            if not isinstance(definition, dict):
                raise refused(f"The definition of '{name}' must be an object.")
            held = cast("Json", definition)
            names = {each.lower() for each in found}
            found |= {each: value for each, value in held.items() if each.lower() not in names and each != "$ref"}
            reference = member(held, "$ref")
            if reference is None:
                return found
            target = str(reference).removeprefix(_PREFIX)
            there, definition = property_of(self.types, target)
            if not str(reference).startswith(_PREFIX) or not there or target.lower() in seen:
                raise refused(
                    f"The definition of '{name}' refers to '{reference}', which is no type of the template's "
                    "definitions, or one that refers to itself."
                )
            seen.add(target.lower())
