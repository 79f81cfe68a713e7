"""The window of time in the body of a POST that asks for what was then: an expansion, a timeline, an insight."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From `start` to `end`, both included; None for no bound."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, instant: datetime | None) -> bool:
        """Whether an instant is in it; one that is not known is not, unless there are no bounds."""
        if instant is None:
            return self.start is None and self.end is None
        return (self.start is None or self.start <= instant) and (self.end is None or instant <= self.end)

    def meets(self, first: datetime, last: datetime) -> bool:
        """Whether a span of time has an instant in it."""
        return (self.end is None or first <= self.end) and (self.start is None or last >= self.start)


def requested_window(body: Any) -> TimeWindow:
    """The `startTime` and `endTime` of a body. Raises InvalidInput (BadRequest)."""
    start, end = _instant(body, "startTime"), _instant(body, "endTime")
    if start is not None and end is not None and start > end:
        raise InvalidInput("BadRequest", "'startTime' is after 'endTime'.")
    return TimeWindow(start, end)


def required_window(body: Any) -> tuple[datetime, datetime]:
    """Both bounds, which must be there. Raises InvalidInput (BadRequest)."""
    window = requested_window(body)
    if window.start is None or window.end is None:
        raise InvalidInput("BadRequest", f"'{'startTime' if window.start is None else 'endTime'}' is missing.")
    return window.start, window.end


def body_field(body: Any, name: str) -> Any:
    """A field of a POST's body, whose name may be in any letter case; None where there is none."""
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    return next((each for sent, each in fields.items() if sent.lower() == name.lower()), None)


def _instant(body: Any, name: str) -> datetime | None:
    value = body_field(body, name)
    try:
        return None if value is None else instant_of(str(value))
    except ValueError as error:
        raise InvalidInput("BadRequest", f"'{name}' is no instant: '{str(value)[:40]}'.") from error
