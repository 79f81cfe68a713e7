"""What a caller may set of an incident, checked; what is wrong with it is said by its path."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from vedette.core.instants import arm_time
from vedette.detect.arm_fields import Instant, Part, absent_as, any_case, invalid
from vedette.detect.rule import Severities

MAX_DESCRIPTION = 5000


class Status(Enum):
    """Where the work on an incident stands."""

    New = "New"
    Active = "Active"
    Closed = "Closed"


class Classification(Enum):
    """What an incident turned out to be."""

    Undetermined = "Undetermined"
    TruePositive = "TruePositive"
    BenignPositive = "BenignPositive"
    FalsePositive = "FalsePositive"


class Reason(Enum):
    """Why it was classified so."""

    SuspiciousActivity = "SuspiciousActivity"
    SuspiciousButExpected = "SuspiciousButExpected"
    IncorrectAlertLogic = "IncorrectAlertLogic"
    InaccurateData = "InaccurateData"


REASONS = {
    Classification.Undetermined: (),
    Classification.TruePositive: (Reason.SuspiciousActivity,),
    Classification.BenignPositive: (Reason.SuspiciousButExpected,),
    Classification.FalsePositive: (Reason.IncorrectAlertLogic, Reason.InaccurateData),
}
"""The reasons that go with each classification."""


class OwnerType(Enum):
    """What an owner is."""

    Unknown = "Unknown"
    User = "User"
    Group = "Group"


class LabelType(Enum):
    """Who set a label."""

    User = "User"
    AutoAssigned = "AutoAssigned"


class Owner(Part):
    """Who works on an incident; nobody when all of it is null."""

    object_id: str | None = None
    email: str | None = None
    assigned_to: str | None = None
    user_principal_name: str | None = None
    owner_type: Annotated[OwnerType, any_case(OwnerType)] | None = None


class Label(Part):
    """A tag on an incident."""

    label_name: Annotated[str, Field(min_length=1)]
    label_type: Annotated[LabelType, any_case(LabelType), absent_as(LabelType.User)] = LabelType.User


class IncidentProperties(Part):
    """The properties that a caller may set.

    https://learn.microsoft.com/rest/api/securityinsights/incidents/create-or-update
    """

    title: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION)] | None = None
    severity: Severities
    status: Annotated[Status, any_case(Status)]
    classification: Annotated[Classification, any_case(Classification)] | None = None
    classification_reason: Annotated[Reason, any_case(Reason)] | None = None
    classification_comment: str | None = None
    owner: Annotated[Owner, absent_as(Owner())] = Owner()
    labels: Annotated[tuple[Label, ...], absent_as(())] = ()
    first_activity_time_utc: Instant | None = None
    last_activity_time_utc: Instant | None = None

    @model_validator(mode="after")
    def _reason_fits(self) -> "IncidentProperties":
        if self.classification_reason is None:
            return self
        fitting = () if self.classification is None else REASONS[self.classification]
        if self.classification_reason not in fitting:
            raise PydanticCustomError(
                "reason",
                "classificationReason '{reason}' does not go with classification '{classification}'; {fitting}",
                {
                    "reason": self.classification_reason.value,
                    "classification": self.classification.value if self.classification else "",
                    "fitting": _told(fitting),
                },
            )
        return self


def checked(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties to keep of those that were sent: known ones only, choices as Sentinel spells them.

    Raises InvalidInput (BadRequest) whose message names each wrong property by its path.
    """
    try:
        read = IncidentProperties.model_validate(properties)
    except ValidationError as error:
        raise invalid("incident", error) from error
    kept = read.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"owner"})
    kept["owner"] = read.owner.model_dump(mode="json", by_alias=True)
    for name, instant in (
        ("firstActivityTimeUtc", read.first_activity_time_utc),
        ("lastActivityTimeUtc", read.last_activity_time_utc),
    ):
        if instant is not None:
            kept[name] = arm_time(instant)
    return kept


def _told(fitting: tuple[Reason, ...]) -> str:
    return f"there is {' or '.join(reason.value for reason in fitting)}" if fitting else "it takes none"
