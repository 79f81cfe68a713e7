"""The resource types of policies. What serves them, and the language with it, is loaded when it is used."""

from importlib import import_module
from typing import Any, Final

from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Resource, Source, not_served
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import NotFound
from vedette.sentinel.policies.types import (
    ASSIGNMENT,
    ATTESTATION,
    DEFINITION,
    EXEMPTION,
    REMEDIATION,
    SET_DEFINITION,
    SET_VERSION,
    VERSION,
    require_home,
)


def _part(name: str) -> Any:
    return import_module(f"vedette.sentinel.policies.{name}")


def _handler(module: str, name: str) -> Any:
    """A handler, or an action, of a module that is loaded when it is called for the first time."""

    def call(*given: Any) -> Any:
        return getattr(_part(module), name)(*given)

    return call


def _missing(code: str, noun: str) -> Any:
    def missing(path: ResourcePath) -> NotFound:
        return NotFound(code, f"The {noun} '{path.name}' could not be found.")

    return missing


_DEFINITION_FIELDS: Final = frozenset({"policyType", "versions"})

DEFINITIONS: Final = Resource(
    DEFINITION,
    key="policyDefinitionName",
    require=require_home,
    read_only=_DEFINITION_FIELDS,
    read_in_tenant=True,
    source=Source(find=_handler("definitions", "find"), list=_handler("definitions", "none")),
    missing=_missing("PolicyDefinitionNotFound", "policy definition"),
    validate=_handler("definitions", "validate"),
    fill=_handler("definitions", "fill"),
    after_put=_handler("versions", "keep"),
    handlers={
        "GET": _handler("definitions", "get"),
        "LIST": _handler("definitions", "listed"),
        "PUT": _handler("definitions", "put_definition"),
        "DELETE": _handler("definitions", "delete_definition"),
    },
)
SET_DEFINITIONS: Final = Resource(
    SET_DEFINITION,
    key="policySetDefinitionName",
    require=require_home,
    read_only=_DEFINITION_FIELDS,
    read_in_tenant=True,
    source=Source(find=_handler("definitions", "find"), list=_handler("definitions", "none")),
    missing=_missing("PolicySetDefinitionNotFound", "policy set definition"),
    validate=_handler("definitions", "validate_set"),
    fill=_handler("definitions", "fill"),
    after_put=_handler("versions", "keep"),
    handlers={
        "GET": _handler("definitions", "get"),
        "LIST": _handler("definitions", "listed"),
        "DELETE": _handler("definitions", "delete_definition"),
    },
)
ASSIGNMENTS: Final = Resource(
    ASSIGNMENT,
    key="policyAssignmentName",
    methods=PATCHED_METHODS,
    extends_any=True,
    read_only=frozenset({"scope", "instanceId", "effectiveDefinitionVersion", "latestDefinitionVersion"}),
    missing=_missing("PolicyAssignmentNotFound", "policy assignment"),
    validate=_handler("assignments", "validate"),
    fill=_handler("assignments", "fill"),
    handlers={
        "LIST": _handler("assignments", "listed"),
        "PUT": _handler("assignments", "put_assignment"),
        "DELETE": _handler("assignments", "delete_assignment"),
    },
)
EXEMPTIONS: Final = Resource(
    EXEMPTION,
    key="policyExemptionName",
    methods=PATCHED_METHODS,
    extends_any=True,
    missing=_missing("PolicyExemptionNotFound", "policy exemption"),
    validate=_handler("exemptions", "validate"),
    fill=_handler("exemptions", "fill"),
    handlers={"LIST": _handler("exemptions", "listed")},
)

REMEDIATIONS: Final = Resource(
    REMEDIATION,
    key="remediationName",
    extends_any=True,
    read_only=frozenset({"createdOn", "lastUpdatedOn", "deploymentStatus", "statusMessage", "correlationId"}),
    missing=_missing("RemediationNotFound", "remediation"),
    validate=_handler("remediations", "validate"),
    fill=_handler("remediations", "fill"),
    show=_handler("remediations", "show"),
    handlers={
        "LIST": _handler("remediations", "listed"),
        "PUT": _handler("remediations", "begin"),
        "DELETE": _handler("remediations", "remove"),
    },
    actions={
        "cancel": _handler("remediations", "cancel"),
        "listDeployments": _handler("remediations", "list_deployments"),
    },
    reading=frozenset({"listDeployments"}),
)
STATES: Final = Resource(
    "Microsoft.PolicyInsights/policyStates",
    key="policyStatesResource",
    methods=frozenset(),
    extends_any=True,
    early_actions={
        "queryResults": _handler("insights", "query_states"),
        "summarize": _handler("insights", "summarize"),
        "triggerEvaluation": _handler("insights", "trigger_evaluation"),
    },
    reading=frozenset({"queryResults", "summarize"}),
)
EVENTS: Final = Resource(
    "Microsoft.PolicyInsights/policyEvents",
    key="policyEventsResource",
    methods=frozenset(),
    extends_any=True,
    early_actions={"queryResults": _handler("insights", "query_events")},
    reading=frozenset({"queryResults"}),
)
EVALUATION_RESULTS: Final = Resource(
    "Microsoft.PolicyInsights/asyncOperationResults",
    key="operationId",
    methods=frozenset({"GET"}),
    extends_any=True,
    handlers={"GET": _handler("insights", "evaluation_result")},
)


def _versions(type: str, parent: str) -> Resource:
    return Resource(
        type,
        key="policyDefinitionVersion",
        parent=parent,
        require=require_home,
        read_in_tenant=True,
        read_only=frozenset({"policyType"}),
        source=Source(find=_handler("versions", "find"), list=_handler("versions", "none")),
        missing=_missing("PolicyDefinitionVersionNotFound", "policy definition version"),
        validate=_handler("versions", "validate"),
        fill=_handler("versions", "fill"),
        handlers={
            "GET": _handler("versions", "get"),
            "LIST": _handler("versions", "listed"),
            "PUT": _handler("versions", "put_version"),
        },
    )


VERSIONS: Final = _versions(VERSION, DEFINITION)
SET_VERSIONS: Final = _versions(SET_VERSION, SET_DEFINITION)


def _all_versions(noun: str) -> Resource:
    return Resource(
        f"Microsoft.Authorization/{noun}",
        methods=frozenset({"ASK"}),
        read_in_tenant=True,
        published_shape=False,
        handlers={"ASK": _handler("versions", "list_all")},
    )


METADATA: Final = Resource(
    "Microsoft.PolicyInsights/policyMetadata",
    key="resourceName",
    methods=READ_METHODS,
    read_by_all=True,
    source=Source(find=lambda _context, _path: None, list=lambda _context, _path: ()),
)
"""Of controls of compliance standards, of which none are here."""

POLICY_TYPES: Final = (
    VERSIONS,
    SET_VERSIONS,
    _all_versions("listPolicyDefinitionVersions"),
    _all_versions("listPolicySetDefinitionVersions"),
    METADATA,
    DEFINITIONS,
    SET_DEFINITIONS,
    ASSIGNMENTS,
    EXEMPTIONS,
    REMEDIATIONS,
    STATES,
    EVENTS,
    EVALUATION_RESULTS,
    not_served(ATTESTATION, "they attest what the effect 'manual' asks for, which is not served"),
    not_served("Microsoft.PolicyInsights/policyTrackedResources", "resources of other tenants are not tracked"),
)
