"""Rules that make incidents of the alerts of another Microsoft product, kind MicrosoftSecurityIncidentCreation.

https://learn.microsoft.com/azure/sentinel/create-incidents-from-alerts
"""

from vedette.arm.resource import Body
from vedette.arm.shapes import Check, any_text, as_object, list_of, one_of, text, truth
from vedette.core.errors import InvalidInput

_SEVERITIES = one_of("High", "Medium", "Low", "Informational")
_CHECKS: dict[str, Check] = {
    "productFilter": one_of(
        "Microsoft Cloud App Security",
        "Azure Security Center",
        "Azure Advanced Threat Protection",
        "Azure Active Directory Identity Protection",
        "Azure Security Center for IoT",
        "Office 365 Advanced Threat Protection",
        "Microsoft Defender Advanced Threat Protection",
    ),
    "displayName": text,
    "enabled": truth,
    "description": any_text,
    "severitiesFilter": list_of(_SEVERITIES),
    "displayNamesFilter": list_of(text),
    "displayNamesExcludeFilter": list_of(text),
}

_LISTS = frozenset({"severitiesFilter", "displayNamesFilter", "displayNamesExcludeFilter"})


def checked_product_rule(properties: Body) -> Body:
    """The properties to keep. Raises InvalidInput (BadRequest)."""
    given = as_object("properties", properties)
    for name in ("productFilter", "displayName", "enabled"):
        if given.get(name) is None:
            raise InvalidInput("BadRequest", f"Invalid properties for alert rule: 'properties.{name}' is missing.")
    given = {name: each for name, each in given.items() if not (name in _LISTS and each == "")}  # PowerShell's null
    known = {name: _CHECKS[name](f"properties.{name}", given[name]) for name in _CHECKS if given.get(name) is not None}
    return given | known
