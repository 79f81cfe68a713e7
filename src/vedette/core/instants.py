"""Instants as the texts of ARM documents."""

from datetime import UTC, datetime


def arm_time(instant: datetime, timespec: str = "auto") -> str:
    """`2024-01-01T00:00:00Z`, with a fraction where there is one, or always with `timespec="microseconds"`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def instant_of(text: str) -> datetime:
    """The instant of such a text; without an offset it is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
