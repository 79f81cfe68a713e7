"""A template, the values of its parameters and the facts of a deployment in; what to deploy, in its order, out.

    evaluated = evaluate_template(template, {"workspace": {"value": "soc"}}, facts)
    for resource in evaluated.resources:            # each behind what it depends on
        if resource.deployed:
            put(resource.id, resource.api_version, resource.body(runtime))
    outputs = evaluated.outputs(runtime)

Everything that can be wrong before something is deployed is refused by the first call, as InvalidTemplate. What only
the resources can tell (`reference`, `listKeys`) is asked of the `Runtime` when a body or an output is evaluated.
https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from vedette.arm.templates.context import MOST_VALUE, Budget, Context, Place, Target
from vedette.arm.templates.dependencies import ordered, targets_of
from vedette.arm.templates.errors import DEEP, InvalidTemplate, LanguageError, at, refused
from vedette.arm.templates.facts import Facts, Json, Runtime, member
from vedette.arm.templates.outputs import Output, check_outputs, evaluated_outputs
from vedette.arm.templates.parameters import Parameter, resolved_parameters
from vedette.arm.templates.places import Places
from vedette.arm.templates.resource import TemplateResource
from vedette.arm.templates.resources import declared
from vedette.arm.templates.types import Definitions
from vedette.arm.templates.user_functions import user_functions
from vedette.arm.templates.variables import Variables
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import check_size

_LANGUAGES = ("1.0", "1.9-experimental", "1.10-experimental", "2.0", "2.1-experimental", "2.2-experimental")
_NOT_SERVED = ("imports", "extensions", "providers", "asserts")
MOST_PARAMETERS = 256
MOST_VARIABLES = 256
MOST_OUTPUTS = 64


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a template comes to.

    `resources` are in an order in which they can be deployed; those that are not (a condition that does not hold,
    existing ones) stand at the end.
    """

    parameters: tuple[Parameter, ...]
    resources: tuple[TemplateResource, ...]
    _outputs: Json = field(repr=False)
    _definitions: Definitions = field(repr=False)
    _context: Context = field(repr=False)

    @property
    def hidden(self) -> set[str]:
        """Texts, and numbers of four digits and more, that bodies evaluated so far have from secure parameters."""
        return self._context.hidden

    def shown_parameters(self) -> Json:
        """`{name: {type, value}}` as a GET of the deployment shows them; secure ones have no value."""
        return {
            each.name: {"type": each.type} if each.secure else {"type": each.type, "value": each.value}
            for each in self.parameters
        }

    def outputs(self, runtime: Runtime) -> dict[str, Output]:
        """The outputs when everything is deployed. Raises OutputsFailed, and what `runtime` raises."""
        return evaluated_outputs(
            self._outputs, replace(self._context, runtime=runtime, budget=Budget()), self._definitions
        )


def evaluate_template(
    template: Any,
    parameters: Any,
    facts: Facts,
    places: Places | None = None,
    secret: Collection[str] = (),
    budget: Budget | None = None,
) -> Evaluated:
    """Evaluate a template, which is JSON, with parameters of the form `{name: {"value": …}}`, or None.

    `places` are those of `places.places_within`, for messages that tell lines and columns; `secret` are names of
    parameters that are treated as secure ones are; `budget` is that of a whole deployment, of which the template is a
    part.

    Raises InvalidTemplate, or Unsupported for what is known by name and not served.
    """
    try:
        return _evaluated(template, parameters, facts, places or {}, secret, budget or Budget())
    except (ExpressionError, RecursionError) as error:
        what = error.message if isinstance(error, ExpressionError) else DEEP
        raise InvalidTemplate(
            f"Deployment template language expression evaluation failed: '{what}'. Please see "
            "https://aka.ms/arm-template-expressions for usage details."
        ) from error


def _evaluated(
    template: Any, parameters: Any, facts: Facts, places: Places, secret: Collection[str], budget: Budget
) -> Evaluated:
    if not isinstance(template, dict):
        raise refused("The template must be a JSON object. Please see https://aka.ms/arm-template for usage details.")
    whole = cast("Json", template)
    _check_size(whole)
    _check_language(whole)
    if parameters is not None and not isinstance(parameters, dict):
        raise refused("The template's parameters must be given as an object, '{name: {value: …}}'.")
    given = cast("Json", parameters or {})
    definitions = Definitions(_section(whole, "definitions"))
    functions = user_functions(member(whole, "functions"), definitions)
    base = Context(facts, Place.DEFAULT, budget, functions=functions, places=places)
    base.secure.update(name.lower() for name in secret)
    defined = _limited(_section(whole, "parameters"), "parameters", MOST_PARAMETERS)
    found = resolved_parameters(defined, given, definitions, lambda seen: replace(base, parameters=seen), places)
    context = replace(base, parameters={each.name.lower(): each.value for each in found})
    variables = Variables(_limited(_section(whole, "variables"), "variables", MOST_VARIABLES), context)
    variables.check()
    context = replace(context, variable=variables.value, is_secret=variables.is_secret)
    listed = declared(member(whole, "resources"), context)
    targets = targets_of(listed)
    listed = [replace(each, resource=_knowing(each.resource, targets)) for each in listed]
    budget.deploying(sum(each.resource.deployed for each in listed))
    resources = ordered(listed, targets, budget)
    for each in resources:
        _check_body(each)
    outputs = _limited(_section(whole, "outputs"), "outputs", MOST_OUTPUTS)
    context = replace(context, targets=targets, place=Place.OUTPUT)
    check_outputs(outputs, context, definitions)
    return Evaluated(found, tuple(resources), outputs, definitions, context)


def _check_size(template: Json) -> None:
    try:
        check_size(template, MOST_VALUE, MOST_VALUE)
    except ExpressionError as error:
        raise refused(
            f"The template exceeds the limit of '{MOST_VALUE}' characters, or is nested too deeply. Please see "
            "https://aka.ms/arm-template for usage details."
        ) from error


def _check_language(template: Json) -> None:
    version = member(template, "languageVersion")
    if version is not None and version not in _LANGUAGES:
        raise refused(
            f"The language version '{str(version)[:40]}' is not one of '{', '.join(_LANGUAGES)}'. Please see "
            "https://aka.ms/arm-template for usage details."
        )
    for name in _NOT_SERVED:
        if member(template, name):
            raise refused(f"The template's '{name}' are not served here: this server has no extensions of templates.")


def _knowing(resource: TemplateResource, targets: Mapping[str, tuple[Target, ...]]) -> TemplateResource:
    assert resource.context is not None
    return replace(resource, context=replace(resource.context, targets=targets))


def _check_body(resource: TemplateResource) -> None:
    """What can be evaluated before anything is deployed, can."""
    if not resource.deployed:
        return
    try:
        resource.check()
    except LanguageError:
        raise
    except ExpressionError as error:
        raise refused(
            f"The template resource '{resource.name}'{at(resource.line, resource.column)} is not valid: "
            f"{error.message}. Please see https://aka.ms/arm-template-expressions for usage details.",
            resource.line,
            resource.column,
        ) from error


def _section(template: Json, name: str) -> Json:
    found = member(template, name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise refused(f"The template's '{name}' must be an object. Please see https://aka.ms/arm-template for details.")
    return cast("Json", found)


def _limited(section: Json, name: str, most: int) -> Json:
    if len(section) > most:
        raise refused(
            f"The number of template {name} limit exceeded. Limit: '{most}' and actual: '{len(section)}'. Please see "
            f"https://aka.ms/arm-template/#{name} for usage details."
        )
    return section
