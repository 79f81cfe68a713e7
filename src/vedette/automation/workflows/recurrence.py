"""When a Recurrence trigger fires: a pure function of its definition and the instant at which it last did.

https://learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, cast

from vedette.automation.expressions.dates import MONTHS, UNITS
from vedette.automation.expressions.time_zones import time_zone
from vedette.automation.workflows.definition import Json, part
from vedette.expressions.date_formats import parse_datetime
from vedette.expressions.errors import ExpressionError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOOKED_AT = 800  # days in which a time of a schedule is sought
_OUT_OF_CALENDAR = "A recurrence's times are from the year 1 to 9999."


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often a trigger fires: each `interval` of `frequency`, at the times of a schedule where there is one."""

    frequency: str
    interval: int
    zone: tzinfo
    start: datetime | None
    end: datetime | None
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    week_days: frozenset[int]
    month_days: frozenset[int]

    def first(self, made: datetime) -> datetime:
        """When a trigger fires first that was made at an instant: at once, or when its start or schedule says.

        Raises ExpressionError for a time that no calendar has.
        """
        try:
            return self._first(made)
        except (OverflowError, ValueError) as error:
            raise ExpressionError(_OUT_OF_CALENDAR) from error

    def after(self, fired: datetime, now: datetime) -> datetime:
        """When it fires next after it did at `fired`, and after `now`: what was missed is not made up for.

        Raises ExpressionError for a time that no calendar has.
        """
        try:
            return self._after(fired, now)
        except (OverflowError, ValueError) as error:
            raise ExpressionError(_OUT_OF_CALENDAR) from error

    def is_over(self, at: datetime) -> bool:
        """Whether an instant is behind the trigger's end."""
        return self.end is not None and at > self.end

    def _first(self, made: datetime) -> datetime:
        if self._has_schedule:
            return self._scheduled(max(made, self.start or made), inclusive=True)
        if self.start is None or self.start >= made:
            return self.start or made
        return self._after(self.start, made - timedelta(microseconds=1))

    def _after(self, fired: datetime, now: datetime) -> datetime:
        if self._has_schedule:
            return self._scheduled(max(fired, now), inclusive=False)
        span = UNITS.get(self.frequency)
        if span is not None:
            step = span * self.interval
            return fired + step * max((now - fired) // step + 1, 1)
        number = 1
        while (due := self._months_later(fired, number * self.interval * MONTHS[self.frequency])) <= now:
            number += 1
        return due

    @property
    def _has_schedule(self) -> bool:
        return bool(self.hours or self.minutes or self.week_days or self.month_days)

    def _months_later(self, instant: datetime, months: int) -> datetime:
        local = instant.astimezone(self.zone)
        number = local.year * 12 + local.month - 1 + months
        year, month = divmod(number, 12)
        day = min(local.day, monthrange(year, month + 1)[1])
        return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)

    def _scheduled(self, after: datetime, *, inclusive: bool) -> datetime:
        """The first time of the schedule from an instant on, on the days and in the weeks that the interval names."""
        base = (self.start or after).astimezone(self.zone)
        local = after.astimezone(self.zone)
        hours = self.hours or (tuple(range(24)) if self.frequency == "hour" else (base.hour,))
        minutes = self.minutes or (base.minute,)
        for day in self._days(local, base):
            for hour in hours:
                for minute in minutes:
                    found = day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)
                    if found > after or (inclusive and found == after):
                        return found
        return after + timedelta(days=_LOOKED_AT)

    def _days(self, local: datetime, base: datetime) -> Iterator[datetime]:
        for offset in range(_LOOKED_AT):
            day = local + timedelta(days=offset)
            if self.week_days and day.weekday() not in self.week_days:
                continue
            if self.month_days and day.day not in self.month_days:
                continue
            if self.start is not None and not self._is_turn(day, base):
                continue
            yield day

    def _is_turn(self, day: datetime, base: datetime) -> bool:
        days = (day.date() - base.date()).days
        if self.frequency == "day":
            return days % self.interval == 0
        if self.frequency == "week":
            return ((days + base.weekday()) // 7) % self.interval == 0
        if self.frequency == "month":
            return ((day.year - base.year) * 12 + day.month - base.month) % self.interval == 0
        return True


def read_recurrence(trigger: Json) -> Recurrence:
    """The recurrence of a trigger. Raises ExpressionError."""
    given = part(trigger.get("recurrence"))
    frequency = str(given.get("frequency", "")).lower()
    interval = given.get("interval", 1)
    if frequency not in UNITS and frequency not in MONTHS:
        raise ExpressionError("A recurrence's 'frequency' is Second, Minute, Hour, Day, Week, Month or Year.")
    if not isinstance(interval, int) or not 1 <= interval <= 1000:
        raise ExpressionError("A recurrence's 'interval' is an integer from 1 to 1000.")
    zone = time_zone(str(given["timeZone"])) if given.get("timeZone") else UTC
    schedule = part(given.get("schedule"))
    found = Recurrence(
        frequency,
        interval,
        zone,
        _instant(given.get("startTime"), zone),
        _instant(given.get("endTime"), zone),
        _numbers(schedule.get("hours"), 23),
        _numbers(schedule.get("minutes"), 59),
        frozenset(_DAYS.index(each) for each in _week_days(schedule)),
        frozenset(_numbers(schedule.get("monthDays"), 31)),
    )
    if found.start is not None:
        found.first(found.start)
    return found


def _week_days(schedule: Json) -> list[str]:
    named = [str(each).lower() for each in _list(schedule.get("weekDays"))]
    if any(each not in _DAYS for each in named):
        raise ExpressionError("A schedule's 'weekDays' are names of days, such as Monday.")
    return named


def _instant(text: Any, zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    parsed = parse_datetime(str(text))
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:
        raise ExpressionError(_OUT_OF_CALENDAR) from error


def _numbers(given: Any, most: int) -> tuple[int, ...]:
    found = [int(each) for each in _list(given) if str(each).isdecimal()]
    if any(each > most for each in found):
        raise ExpressionError(f"A schedule's numbers here are at most {most}.")
    return tuple(sorted(set(found)))


def _list(given: Any) -> list[Any]:
    return cast("list[Any]", given) if isinstance(given, list) else []
