"""The Wait action: for a while, or until an instant. https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#wait-action"""

from datetime import UTC, datetime, timedelta

from vedette.automation.expressions.dates import later
from vedette.automation.workflows.definition import part
from vedette.automation.workflows.records import Record
from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput
from vedette.expressions.date_formats import parse_datetime
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import is_number, text_of

_LONGEST = timedelta(days=90)


def wait_until(record: Record, now: datetime) -> datetime:
    """The instant that a Wait action, begun now, waits for. Raises ExpressionError."""
    inputs = part(record.inputs)
    interval, until = part(inputs.get("interval")), part(inputs.get("until"))
    if interval:
        count = interval.get("count")
        if not is_number(count) or count < 0:
            raise ExpressionError("The 'count' of a wait is a number that is not negative.")
        end = later(now, int(count), text_of(interval.get("unit")))
    elif until:
        end = parse_datetime(text_of(until.get("timestamp")))
        end = end if end.tzinfo else end.replace(tzinfo=UTC)
    else:
        raise ExpressionError("A wait has an 'interval' or an 'until'.")
    if end > now + _LONGEST:
        raise ExpressionError(f"A wait lasts at most {_LONGEST.days} days.")
    return end


def duration(text: object, otherwise: timedelta) -> timedelta:
    """An ISO 8601 duration of a definition. Raises ExpressionError."""
    if text is None:
        return otherwise
    try:
        return parse_duration(str(text))
    except InvalidInput as error:
        raise ExpressionError(error.message) from error
