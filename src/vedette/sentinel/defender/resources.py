"""The resource types of Defender for Cloud. What serves them is loaded when it is used."""

from importlib import import_module
from typing import Any, Final

from vedette.access.workspaces import LOCATION
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete
from vedette.arm.resource import PATCHED_METHODS, SUBSCRIPTION, Resource, Source, made_document
from vedette.arm.resource_ids import ResourcePath
from vedette.sentinel.defender.types import (
    ALERT,
    ASSESSMENT,
    ASSESSMENT_METADATA,
    AUTOMATION,
    COMPLIANCE_ASSESSMENT,
    CONTROL,
    PROVIDER,
    SECURE_SCORE,
    SECURE_SCORE_CONTROL,
    STANDARD,
    SUB_ASSESSMENT,
    SUPPRESSION_RULE,
)
from vedette.state.documents import Document


def _part(module: str, name: str) -> Any:
    """A function of a module that is loaded when it is called for the first time."""

    def call(*given: Any) -> Any:
        return getattr(import_module(f"vedette.sentinel.defender.{module}"), name)(*given)

    return call


def _change(action: str) -> Any:
    def call(*given: Any) -> Any:
        return import_module("vedette.sentinel.defender.alerts").changed_to(action)(*given)

    return call


def _list(name: str, type: str) -> Any:
    """LIST of the documents of a type, found by a function of `lists`."""

    def call(context: Context, call: Call) -> Answer:
        resource = next(each for each in DEFENDER_TYPES if each.type == type)
        return getattr(import_module("vedette.sentinel.defender.lists"), name)(resource, context, call)

    return call


def _gone(type: str) -> Any:
    """DELETE, answered by 204 whether or not something was there."""

    def call(context: Context, call: Call) -> Answer:
        resource = next(each for each in DEFENDER_TYPES if each.type == type)
        delete(context, resource, call)
        return Answer(204)

    return call


def _only_list(type: str, name: str, of: str, **more: Any) -> Resource:
    return Resource(type, methods=frozenset({"LIST"}), handlers={"LIST": _list(name, of)}, **more)


def _location(context: Context, path: ResourcePath) -> Document:
    """Any region: alerts are kept by the one that they are fed in. The list has the server's own."""
    return made_document(context, path, path.type, {"properties": {"homeRegionName": path.name}})


AUTOMATIONS: Final = Resource(
    AUTOMATION,
    key="automationName",
    methods=PATCHED_METHODS,
    tracked=True,
    validate=_part("automations", "validate"),
    fill=_part("automations", "fill"),
    show=_part("automations", "show"),
    handlers={"DELETE": _gone(AUTOMATION)},
    early_actions={"validate": _part("automations", "try_out")},
)
LOCATIONS: Final = Resource(
    f"{PROVIDER}/locations",
    key="ascLocation",
    methods=frozenset({"GET", "LIST"}),
    read_by_all=True,
    source=Source(find=_location, list=lambda context, path: [_location(context, path.item(LOCATION))]),
)
ALERTS: Final = Resource(
    ALERT,
    key="alertName",
    parent=LOCATIONS.type,
    created_status=201,
    validate=_part("alerts", "validate"),
    fill=_part("alerts", "fill"),
    handlers={"LIST": _list("alerts", ALERT)},
    actions={name: _change(name) for name in ("dismiss", "resolve", "activate", "inProgress")},
    early_actions={"simulate": _part("simulating", "simulate")},
)
SUPPRESSION_RULES: Final = Resource(
    SUPPRESSION_RULE,
    key="alertsSuppressionRuleName",
    parent=SUBSCRIPTION,
    created_status=200,
    read_only=frozenset({"lastModifiedUtc"}),
    validate=_part("suppression", "validate"),
    fill=_part("suppression", "fill"),
    handlers={"LIST": _list("suppression_rules", SUPPRESSION_RULE), "DELETE": _gone(SUPPRESSION_RULE)},
)
METADATA: Final = Resource(
    ASSESSMENT_METADATA,
    key="assessmentMetadataName",
    created_status=200,
    read_in_tenant=True,
    validate=_part("assessments", "validate_metadata"),
)
ASSESSMENTS: Final = Resource(
    ASSESSMENT,
    key="assessmentName",
    extends_any=True,
    validate=_part("assessments", "validate_assessment"),
    fill=_part("assessments", "fill_assessment"),
    show=_part("assessments", "show_assessment"),
    read_only=frozenset({"links"}),
    handlers={"LIST": _list("below", ASSESSMENT)},
)
SUB_ASSESSMENTS: Final = Resource(
    SUB_ASSESSMENT,
    key="subAssessmentName",
    parent=ASSESSMENT,
    extends_any=True,
    validate=_part("assessments", "validate_sub_assessment"),
    fill=_part("assessments", "fill_sub_assessment"),
)
SECURE_SCORES: Final = Resource(
    SECURE_SCORE,
    key="secureScoreName",
    parent=SUBSCRIPTION,
    validate=_part("scores", "validate_score"),
    fill=_part("scores", "fill_score"),
)
SECURE_SCORE_CONTROLS: Final = Resource(
    SECURE_SCORE_CONTROL,
    key="secureScoreControlName",
    parent=SECURE_SCORE,
    validate=_part("scores", "validate_score"),
    fill=_part("scores", "fill_score"),
    show=_part("scores", "show_control"),
)


def _compliance(type: str, key: str, parent: str) -> Resource:
    return Resource(
        type,
        key=key,
        parent=parent,
        validate=_part("scores", "validate_compliance"),
        fill=_part("scores", "fill_compliance"),
        handlers={"LIST": _list("filtered", type)},
    )


DEFENDER_TYPES: Final = (
    AUTOMATIONS,
    LOCATIONS,
    ALERTS,
    _only_list(f"{PROVIDER}/alerts", "alerts", ALERT),
    SUPPRESSION_RULES,
    METADATA,
    ASSESSMENTS,
    SUB_ASSESSMENTS,
    _only_list(f"{PROVIDER}/subAssessments", "below", SUB_ASSESSMENT, extends_any=True),
    SECURE_SCORES,
    SECURE_SCORE_CONTROLS,
    _only_list(f"{PROVIDER}/secureScoreControls", "below", SECURE_SCORE_CONTROL, parent=SUBSCRIPTION),
    _only_list(
        f"{PROVIDER}/secureScoreControlDefinitions", "control_definitions", SECURE_SCORE_CONTROL, read_in_tenant=True
    ),
    _compliance(STANDARD, "regulatoryComplianceStandardName", SUBSCRIPTION),
    _compliance(CONTROL, "regulatoryComplianceControlName", STANDARD),
    _compliance(COMPLIANCE_ASSESSMENT, "regulatoryComplianceAssessmentName", CONTROL),
)
