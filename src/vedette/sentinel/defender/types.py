"""The names of Defender for Cloud's resource types, and what each of them is as a source of an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PROVIDER: Final = "Microsoft.Security"
AUTOMATION: Final = f"{PROVIDER}/automations"
ALERT: Final = f"{PROVIDER}/Locations/alerts"
SUPPRESSION_RULE: Final = f"{PROVIDER}/alertsSuppressionRules"
ASSESSMENT_METADATA: Final = f"{PROVIDER}/assessmentMetadata"
ASSESSMENT: Final = f"{PROVIDER}/assessments"
SUB_ASSESSMENT: Final = f"{ASSESSMENT}/subAssessments"
SECURE_SCORE: Final = f"{PROVIDER}/secureScores"
SECURE_SCORE_CONTROL: Final = f"{SECURE_SCORE}/secureScoreControls"
STANDARD: Final = f"{PROVIDER}/regulatoryComplianceStandards"
CONTROL: Final = f"{STANDARD}/regulatoryComplianceControls"
COMPLIANCE_ASSESSMENT: Final = f"{CONTROL}/regulatoryComplianceAssessments"


CALL: Final = "Vedette/exportCalls"
"""The type of the documents of playbooks' calls that wait."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What of an automation's sources a resource type is: `source` as it changes, and with `Snapshot` after it, unless
    there is none, all of it from time to time. `version` is the api-version that its events are told in, `trigger` the
    path of the connector's trigger that takes them."""

    source: str
    version: str
    trigger: str = ""
    has_snapshot: bool = True

    @property
    def snapshot(self) -> str:
        """The name of the source that is all of it from time to time."""
        return f"{self.source}Snapshot"


EXPORTED: Final[Mapping[str, Exported]] = {
    ALERT.lower(): Exported("Alerts", "2022-01-01", "/microsoft.security/alert/subscribe", has_snapshot=False),
    ASSESSMENT.lower(): Exported("Assessments", "2019-01-01", "/microsoft.security/assessment/subscribe"),
    SUB_ASSESSMENT.lower(): Exported("SubAssessments", "2019-01-01-preview"),
    SECURE_SCORE.lower(): Exported("SecureScores", "2020-01-01"),
    SECURE_SCORE_CONTROL.lower(): Exported("SecureScoreControls", "2020-01-01"),
    COMPLIANCE_ASSESSMENT.lower(): Exported(
        "RegulatoryComplianceAssessment",
        "2019-01-01-preview",
        "/microsoft.security/regulatorycomplianceassessment/subscribe",
    ),
}
"""What is exported, by the folded resource type:
https://learn.microsoft.com/azure/defender-for-cloud/benefits-of-continuous-export"""
