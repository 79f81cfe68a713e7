"""The outputs of a template, when everything is deployed.

https://learn.microsoft.com/azure/azure-resource-manager/templates/outputs
"""

from dataclasses import dataclass
from typing import Any, cast

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.copies import rounds_of
from vedette.arm.templates.errors import InvalidTemplate
from vedette.arm.templates.evaluation import evaluated
from vedette.arm.templates.facts import Json, member
from vedette.expressions.errors import ExpressionError


@dataclass(frozen=True, slots=True)
class Output:
    """One output. `type` is the name as the API shows it; a secure one's value is shown to nobody."""

    type: str
    value: Any
    secure: bool

    def shown(self) -> Json:
        """As a GET of the deployment shows it."""
        return {"type": self.type} if self.secure else {"type": self.type, "value": self.value}


def evaluated_outputs(section: Json, context: Context) -> dict[str, Output]:
    """The outputs whose condition holds. Raises InvalidTemplate (DeploymentOutputEvaluationFailed)."""
    found: dict[str, Output] = {}
    for name, each in section.items():
        defined = cast("Json", each) if isinstance(each, dict) else {}
        try:
            if evaluated(member(defined, "condition"), context.standing(Place.HEAD)) is False:
                continue
            found[name] = _output(name, defined, context)
        except ExpressionError as error:
            raise InvalidTemplate(f"The template output '{name}' is not valid: {error.message}.") from error
    return found


def _output(name: str, defined: Json, context: Context) -> Output:
    type = str(member(defined, "type") or "")
    shown = _SHOWN.get(type.lower(), type)
    copy = member(defined, "copy")
    if isinstance(copy, dict):
        loop = cast("Json", copy)
        count = rounds_of(evaluated(member(loop, "count"), context), name)
        shape = member(loop, "input")
        value: Any = [evaluated(shape, context.within(name, index)) for index in range(count)]
    else:
        value = evaluated(member(defined, "value"), context)
    return Output(shown, value, shown.startswith("Secure"))


_SHOWN = {
    "string": "String",
    "securestring": "SecureString",
    "int": "Int",
    "bool": "Bool",
    "array": "Array",
    "object": "Object",
    "secureobject": "SecureObject",
}
