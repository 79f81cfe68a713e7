"""What the service refuses of a rule that is a query, beyond the form of single properties."""

from datetime import timedelta

from vedette.core.durations import format_duration
from vedette.detect.rule import ScheduledRule

# https://learn.microsoft.com/azure/sentinel/sentinel-service-limits and …/create-analytics-rules
_SHORTEST = timedelta(minutes=5)
_LONG_PERIOD = timedelta(days=2)
_FREQUENCY_OF_LONG_PERIOD = timedelta(hours=1)
_LONGEST_LOOKBACK = timedelta(days=7)
_LONGEST_QUERY = 10_000
_MOST_FIELDS = 3


def rule_problems(rule: ScheduledRule, kind: str) -> list[str]:
    """Each as the end of a sentence; none for a rule of kind Scheduled or NRT that the service takes."""
    return [*(_schedule_problems(rule) if kind == "Scheduled" else ()), *_problems(rule)]


def _schedule_problems(rule: ScheduledRule) -> list[str]:
    """What the service refuses of a schedule beyond the form of single properties."""
    checks = (
        (
            rule.query_frequency >= _SHORTEST,
            f"'properties.queryFrequency' ({format_duration(rule.query_frequency)}) must be at least PT5M",
        ),
        (
            rule.query_period >= _SHORTEST,
            f"'properties.queryPeriod' ({format_duration(rule.query_period)}) must be at least PT5M",
        ),
        (
            rule.query_period < _LONG_PERIOD or rule.query_frequency >= _FREQUENCY_OF_LONG_PERIOD,
            "'properties.queryFrequency' must be at least PT1H when 'properties.queryPeriod' is P2D or longer",
        ),
    )
    return [problem for holds, problem in checks if not holds]


def _problems(rule: ScheduledRule) -> list[str]:
    """What the service refuses of any query rule beyond the form of single properties."""
    grouping = rule.incident_configuration.grouping_configuration
    checks = (
        (
            not rule.suppression_enabled or rule.suppression_duration >= _SHORTEST,
            "'properties.suppressionDuration' must be at least PT5M",
        ),
        (
            len(rule.query) <= _LONGEST_QUERY,
            f"'properties.query' has {len(rule.query)} characters; {_LONGEST_QUERY} are allowed",
        ),
        (
            grouping is None or _SHORTEST <= grouping.lookback_duration <= _LONGEST_LOOKBACK,
            "'properties.incidentConfiguration.groupingConfiguration.lookbackDuration' must be from PT5M to P7D",
        ),
    )
    crowded = [
        f"'properties.entityMappings.{index}.fieldMappings' has {len(mapping.field_mappings)} entries; "
        f"{_MOST_FIELDS} are allowed"
        for index, mapping in enumerate(rule.entity_mappings)
        if len(mapping.field_mappings) > _MOST_FIELDS
    ]
    return [problem for holds, problem in checks if not holds] + crowded
