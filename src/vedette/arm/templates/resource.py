"""A resource of a template, ready to be deployed, and what remains to be evaluated when its turn comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vedette.arm.templates.context import Budget, Context, Place
from vedette.arm.templates.errors import DEEP, InvalidTemplate, NotYetKnown, at
from vedette.arm.templates.evaluation import maker
from vedette.arm.templates.facts import Json, Runtime, without
from vedette.arm.templates.ids import DEPLOYMENTS
from vedette.arm.templates.outer_templates import deployment_body
from vedette.expressions.errors import ExpressionError

_OF_TEMPLATE = frozenset({
    "apiversion", "comments", "condition", "copy", "dependson", "existing", "import", "name", "resources", "scope",
    "type", "$options", "asserts", "metadata",
})  # fmt: skip
_OF_DEPLOYMENT = frozenset({"resourcegroup", "subscriptionid", "managementgroup"})


@dataclass(frozen=True, slots=True)
class TemplateResource:
    """One resource; of a copy loop, one round's.

    `id` is the whole id and `scope` the id of what it is deployed to; `type` the full type as in the id, in the
    template's casing, and `name` as the template has it (`workspace/Microsoft.SecurityInsights/rule`). `depends_on`
    has ids of resources of the same template that are deployed, each before this one. One whose `condition` does not
    hold is not deployed; one that is `existing` is only referred to.
    """

    id: str
    type: str
    name: str
    api_version: str
    scope: str
    symbolic_name: str | None = None
    condition: bool = True
    existing: bool = False
    depends_on: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    context: Context | None = field(default=None, repr=False)
    line: int = 0
    column: int = 0

    @property
    def deployed(self) -> bool:
        """Whether there is something to do."""
        return self.condition and not self.existing

    @property
    def is_deployment(self) -> bool:
        """Whether it is a nested or linked deployment, whose `scope` is where that one deploys."""
        return self.type.lower() == DEPLOYMENTS.lower()

    def body(self, runtime: Runtime) -> Json:
        """What is sent to create it, every expression evaluated.

        Of a nested deployment, `properties.template` is what to deploy as it is: expressions that its own deployment
        evaluates are left, and everything that this template had to say is in. Raises InvalidTemplate, and what
        `runtime` raises.
        """
        try:
            return self._body(runtime, False, Budget())
        except (ExpressionError, RecursionError) as error:
            what = error.message if isinstance(error, ExpressionError) else DEEP
            raise InvalidTemplate(
                f"Unable to process template language expressions for resource '{self.id}'"
                f"{at(self.line, self.column)}. '{what}'",
                self.line,
                self.column,
            ) from error

    def preview(self, runtime: Runtime | None = None, budget: Budget | None = None) -> Json:
        """The same before anything is deployed: strings that ask what is not there yet stay as they are written, with
        a `runtime` those for which that raises NotYetKnown. Such strings are `evaluation.Unknown`.

        Raises ExpressionError.
        """
        return self._body(runtime, True, budget or Budget())

    def seen(self, runtime: Runtime | None = None, budget: Budget | None = None) -> tuple[Json, bool]:
        """What `preview` gives, and whether that is all of it, for a text may look like an expression and be none.

        Raises ExpressionError.
        """
        try:
            return self._body(runtime, False, budget or Budget()), True
        except NotYetKnown:
            return self.preview(runtime, budget), False

    def check(self) -> None:
        """Return if it can be previewed, at the expense of the whole template. Raises ExpressionError."""
        assert self.context is not None
        self._body(None, True, self.context.budget)

    def _body(self, runtime: Runtime | None, partly: bool, budget: Budget) -> Json:
        assert self.context is not None
        context = replace(self.context, runtime=runtime, place=Place.BODY, budget=budget)
        make = maker(partly)
        hidden = _OF_TEMPLATE | _OF_DEPLOYMENT if self.is_deployment else _OF_TEMPLATE
        raw = without(self.raw, *hidden)
        return deployment_body(raw, make, context, partly) if self.is_deployment else make(raw, context)
