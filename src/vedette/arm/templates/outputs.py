"""The outputs of a template, when everything is deployed.

https://learn.microsoft.com/azure/azure-resource-manager/templates/outputs
"""

from dataclasses import dataclass
from typing import Any, cast

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.copies import rounds_of
from vedette.arm.templates.errors import DEEP, OutputsFailed, at, refused
from vedette.arm.templates.evaluation import check_form, evaluated
from vedette.arm.templates.facts import Json, member
from vedette.arm.templates.types import Definitions, TypeOf
from vedette.core.errors import VedetteError
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import type_name

_USAGE = "Please see https://aka.ms/arm-template/#outputs for usage details."


@dataclass(frozen=True, slots=True)
class Output:
    """One output. `type` is the name as the API shows it; a secure one's value is shown to nobody."""

    type: str
    value: Any
    secure: bool

    def shown(self) -> Json:
        """As a GET of the deployment shows it."""
        return {"type": self.type} if self.secure else {"type": self.type, "value": self.value}


def evaluated_outputs(section: Json, context: Context, definitions: Definitions) -> dict[str, Output]:
    """The outputs whose condition holds. Raises OutputsFailed, which names each that cannot be evaluated."""
    found: dict[str, Output] = {}
    wrong: dict[str, str] = {}
    for name, each in section.items():
        defined = cast("Json", each) if isinstance(each, dict) else {}
        try:
            if evaluated(member(defined, "condition"), context.standing(Place.HEAD)) is not False:
                type = definitions.type_of(defined, name)
                value = _value(name, defined, context)
                if value is None and type.nullable:
                    continue
                _check(type, value)
                found[name] = Output(type.shown, value, type.secure)
        except (ExpressionError, VedetteError, RecursionError) as error:
            where = at(*context.place_of("outputs", name))
            what = DEEP if isinstance(error, RecursionError) else error.message.removesuffix(".")
            wrong[name] = f"The template output '{name}'{where} is not valid: {what}."
    if wrong:
        raise OutputsFailed(wrong)
    return found


def check_outputs(section: Json, context: Context, definitions: Definitions) -> None:
    """Return if every output can be read; what it comes to only the end of the deployment tells, as Azure has it.

    Raises InvalidTemplate.
    """
    for name, each in section.items():
        line, column = context.place_of("outputs", name)
        if not isinstance(each, dict):
            raise refused(f"The template output '{name}'{at(line, column)} must be an object. {_USAGE}", line, column)
        defined = cast("Json", each)
        definitions.type_of(defined, name)
        try:
            check_form([member(defined, "condition"), member(defined, "value"), member(defined, "copy")], context)
        except ExpressionError as error:
            raise refused(
                f"The template output '{name}'{at(line, column)} is not valid: {error.message.removesuffix('.')}.",
                line,
                column,
            ) from error


def _value(name: str, defined: Json, context: Context) -> Any:
    copy = member(defined, "copy")
    if not isinstance(copy, dict):
        return evaluated(member(defined, "value"), context)
    loop = cast("Json", copy)
    count = rounds_of(evaluated(member(loop, "count"), context), name)
    shape = member(loop, "input")
    return [evaluated(shape, context.within(name, index)) for index in range(count)]


def _check(type: TypeOf, value: Any) -> None:
    expected = type.expected(value)
    if expected is not None:
        raise ExpressionError(
            f"Template output JToken type is not valid. Expected '{expected}'. Actual '{type_name(value)}'. {_USAGE}"
        )
