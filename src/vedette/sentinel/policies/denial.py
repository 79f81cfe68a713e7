"""What a request is told that policies do not let pass.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy
"""

from dataclasses import dataclass
from typing import Any

import orjson

from vedette.core.errors import Forbidden
from vedette.policy.evaluation import Told, expressions_of
from vedette.policy.target import Target
from vedette.policy.use import Use

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Denial:
    """A use that denies, how its conditions stand, and a reason where that is not the conditions."""

    use: Use
    effect: str
    told: Told
    reason: str = ""


def disallowed(target: Target, denials: list[Denial]) -> Forbidden:
    """The error of a resource that is denied (RequestDisallowedByPolicy)."""
    identifiers = orjson.dumps([_identifier(each.use) for each in denials]).decode()
    reasons = [text for each in denials if (text := each.use.assignment.message(each.use.reference_id))]
    said = f"Policy identifiers: '{identifiers}'."
    if reasons:
        said = f"Reasons: '{', '.join(dict.fromkeys(reasons))}'. See error details for policy resource IDs."
    return Forbidden(
        "RequestDisallowedByPolicy",
        f"Resource '{target.name}' was disallowed by policy. {said}",
        target=target.name,
        additionalInfo=[{"type": "PolicyViolation", "info": _info(each)} for each in denials],
    )


def _identifier(use: Use) -> Json:
    identifier: Json = {
        "policyAssignment": {"name": use.assignment.display_name or use.assignment.name, "id": use.assignment.id},
        "policyDefinition": {
            "name": use.definition.display_name or use.definition.name,
            "id": use.definition.id,
            "version": use.definition.version or "1.0.0",
        },
    }
    if use.initiative is not None:
        identifier["policySetDefinition"] = {
            "name": use.initiative.display_name or use.initiative.name,
            "id": use.initiative.id,
            "version": use.initiative.version or "1.0.0",
        }
    return identifier


def _info(denial: Denial) -> Json:
    use = denial.use
    details: Json = {"evaluatedExpressions": expressions_of(denial.told)}
    if denial.reason:
        details["reason"] = denial.reason
    info: Json = {
        "evaluationDetails": details,
        "policyDefinitionId": use.definition.id,
        "policyDefinitionName": use.definition.name,
        "policyDefinitionDisplayName": use.definition.display_name,
        "policyDefinitionVersion": use.definition.version or "1.0.0",
        "policyDefinitionEffect": denial.effect,
        "policyAssignmentId": use.assignment.id,
        "policyAssignmentName": use.assignment.name,
        "policyAssignmentDisplayName": use.assignment.display_name,
        "policyAssignmentScope": use.assignment.scope or "/",
        "policyAssignmentParameters": use.assignment.given or {},
        "policyExemptionIds": [],
        "policyEnrollmentIds": [],
    }
    if use.initiative is not None:
        info |= {
            "policySetDefinitionId": use.initiative.id,
            "policySetDefinitionName": use.initiative.name,
            "policySetDefinitionDisplayName": use.initiative.display_name,
            "policySetDefinitionVersion": use.initiative.version or "1.0.0",
            "policyDefinitionReferenceId": use.reference_id,
        }
    return info
