"""All assignments with what they use, read once and kept until a commit changes any of them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from vedette.access.scopes import covers, folded
from vedette.arm.context import Context
from vedette.core.errors import InvalidInput, VedetteError
from vedette.policy.assignment import Assignment, Exemption, read_assignment, read_exemption
from vedette.policy.definition import Definition, read_definition
from vedette.policy.errors import invalid_parameters
from vedette.policy.initiative import Initiative, read_initiative
from vedette.policy.scene import Facts
from vedette.policy.use import Use, member_values, uses_of
from vedette.sentinel.policies.built_ins import built_in
from vedette.sentinel.policies.types import ASSIGNMENT, DEFINITION, EXEMPTION, SET_DEFINITION
from vedette.state.documents import Document

Json = dict[str, Any]
_TYPES: Final = (ASSIGNMENT, DEFINITION, SET_DEFINITION, EXEMPTION)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is assigned. `uses` are in the order in which the assignments were made; those of which the rule names its
    types are in `by_type`, the others in `any_type`; `documents` are the assignments by folded id."""

    uses: tuple[Use, ...]
    by_type: dict[str, tuple[Use, ...]]
    any_type: tuple[Use, ...]
    exemptions: tuple[Exemption, ...]
    documents: dict[str, Document]

    def of_type(self, type: str) -> tuple[Use, ...]:
        """The uses that resources of a folded type can concern."""
        named = self.by_type.get(type)
        return (*named, *self.any_type) if named else self.any_type

    def below(self, scope: str) -> "Catalog":
        """Those of assignments at, above or below a scope."""
        below = scope or "/"
        uses = [
            each
            for each in self.uses
            if covers(each.assignment.scope or "/", below) or covers(below, each.assignment.scope or "/")
        ]
        return catalog_of(uses, self.exemptions, self.documents)


def catalog_of(uses: list[Use], exemptions: tuple[Exemption, ...], documents: dict[str, Document]) -> Catalog:
    """A catalog of uses."""
    by_type: dict[str, list[Use]] = {}
    for use in uses:
        for type in use.definition.types or ():
            by_type.setdefault(type, []).append(use)
    any_type = tuple(each for each in uses if each.definition.types is None)
    return Catalog(tuple(uses), {type: tuple(each) for type, each in by_type.items()}, any_type, exemptions, documents)


EMPTY: Final = Catalog((), {}, (), (), {})


@dataclass(slots=True)
class Catalogs:
    """The catalog as it stands now. Its methods may be called from any thread."""

    context: Context
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _versions: tuple[int, ...] = ()
    _kept: Catalog = EMPTY

    def now(self) -> Catalog:
        """All assignments, as of a moment that is not before the call."""
        state = self.context.state
        versions = tuple(state.version(each) for each in _TYPES)
        with self._lock:
            if versions == self._versions:
                return self._kept
        made = _read(self.context)
        with self._lock:
            self._versions, self._kept = versions, made
        return made


def _read(context: Context) -> Catalog:
    documents = context.state.list(ASSIGNMENT)
    definitions: dict[str, Definition | None] = {}
    uses: list[Use] = []
    for document in documents:
        try:
            uses += assignment_uses(context, document, definitions)
        except VedetteError as error:  # a definition was changed so that it no longer takes the assignment's values
            _log.warning("a policy assignment cannot be used", id=document.id, reason=error.message)
    exemptions: list[Exemption] = []
    for each in context.state.list(EXEMPTION):
        exemptions.append(read_exemption(each.id, _scope_of(each.id), each.body["properties"]))
    return catalog_of(uses, tuple(exemptions), {each.id.lower(): each for each in documents})


def _scope_of(id: str) -> str:
    return id.rpartition("/providers/")[0]


def assignment_uses(
    context: Context, document: Document, definitions: dict[str, Definition | None] | None = None
) -> list[Use]:
    """What an assignment uses. Raises InvalidInput (PolicyDefinitionNotFound, InvalidPolicyParameters …)."""
    return list(uses_now(context, document.id, document.name, document.body, definitions))


def uses_now(
    context: Context, id: str, name: str, body: Json, definitions: dict[str, Definition | None] | None = None
) -> Iterator[Use]:
    """What an assignment of a body would use, or uses."""
    known: dict[str, Definition | None] = {} if definitions is None else definitions

    def find(definition_id: str) -> Definition | None:
        key = folded(definition_id)
        if key not in known:
            known[key] = find_definition(context, definition_id)
        return known[key]

    assignment = read_assignment(id, name, _scope_of(id), body)
    definition, initiative = find(assignment.definition_id), None
    if definition is None:
        initiative = find_initiative(context, assignment.definition_id)
        if initiative is None:
            raise invalid_assignment(assignment)
    yield from uses_of(assignment, definition, initiative, find, _facts(context))


def invalid_assignment(assignment: Assignment) -> VedetteError:
    """What to say of an assignment of what is not there."""
    return InvalidInput(
        "PolicyDefinitionNotFound",
        f"The policy definition specified in policy assignment '{assignment.name}' is out of scope or does not exist: "
        f"'{assignment.definition_id}'. Policy definitions should be specified only at or above the policy assignment "
        "scope.",
    )


def _facts(context: Context) -> Facts:
    return Facts(context.clock.now(), subscription={"subscriptionId": context.estate.subscription_id})


def find_document(context: Context, id: str, type: str) -> Document | None:
    """The document of a definition, stored or built in; None for what is of another type."""
    found = context.state.get(id) or built_in(id)
    return found if found is not None and found.type.lower() == type.lower() else None


def find_definition(context: Context, id: str) -> Definition | None:
    """The definition of an id, stored or built in."""
    document = find_document(context, id, DEFINITION)
    return None if document is None else read_definition(document.id, document.name, document.body["properties"])


def find_initiative(context: Context, id: str) -> Initiative | None:
    """The initiative of an id."""
    document = find_document(context, id, SET_DEFINITION)
    return None if document is None else read_initiative(document.id, document.name, document.body["properties"])


def initiative_facts(context: Context, initiative: Initiative) -> None:
    """Return if every definition of an initiative is there, at or above it, and takes the values that it is given as
    far as they are known. Raises InvalidInput."""
    defaults = {name: each.default for name, each in initiative.parameters.items() if each.has_default}
    for member in initiative.members:
        found = find_definition(context, member.definition_id)
        if found is None:
            raise InvalidInput(
                "PolicyDefinitionNotFound",
                f"The policy set definition '{initiative.name}' has the policy definition '{member.definition_id}', "
                "which could not be found.",
            )
        unknown = member.values.keys() - found.parameters.keys()
        if unknown:
            raise invalid_parameters(
                f"The policy definition reference '{member.reference_id}' has a value for the parameter "
                f"'{min(unknown)}', which '{found.name}' does not define."
            )
        if len(defaults) == len(initiative.parameters):
            member_values(member, found, defaults, _facts(context))
