"""Looks of NRT rules between their minutes, so that what arrived is found within seconds."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from vedette.detect.ledger import RunRecord
from vedette.detect.schedule import Window, is_suppressed
from vedette.detect.stored_rule import StoredRule

LEAST: Final = timedelta(seconds=3)
"""How long a window is at least, so that a rule whose rows keep coming raises no more than some alerts a minute."""

_ASK_AGAIN: Final = timedelta(minutes=1)
"""After how long a rule that had no table to watch is asked again: a function or a table may be there by then."""

Watched = Callable[[StoredRule], frozenset[str]]
"""The tables whose rows a rule need not wait for, by their lower-cased names; none where its minutes matter."""

LastArrival = Callable[[StoredRule, frozenset[str]], datetime | None]
"""When rows last arrived in some tables of a rule's workspace."""


class EarlyLooks:
    """What was looked at early; for one thread at a time. A look that finds nothing leaves no trace, and what it looked
    at is in the next window again; one that finds something is a window like any other, and the next begins there."""

    def __init__(self, watched: Watched, last_arrival: LastArrival) -> None:
        self._watched = watched
        self._last_arrival = last_arrival
        self._tables: dict[str, tuple[StoredRule, frozenset[str], datetime]] = {}
        self._looked: dict[str, datetime] = {}

    def windows(self, rules: Iterable[tuple[StoredRule, RunRecord | None]], settled: datetime) -> Iterator[Window]:
        """A window of each rule by arrival for which rows have arrived that it has not looked at, the one that was not
        looked at for longest first."""
        never = datetime.min.replace(tzinfo=UTC)
        for rule, record in sorted(rules, key=lambda each: self._looked.get(each[0].id, never)):
            if record is None or record.created != rule.created or record.paused or record.retry_at is not None:
                continue
            begin = record.last_end
            if begin is None or not rule.properties.enabled or is_suppressed(rule, record, settled):
                continue
            if begin + LEAST <= settled < begin + rule.properties.query_frequency and self._is_new(
                rule, begin, settled
            ):
                yield Window(rule, settled, since=record.since or begin, early=True)

    def begun(self, window: Window) -> None:
        """Note that a look is taken."""
        self._looked[window.rule.id] = window.end

    def _is_new(self, rule: StoredRule, begin: datetime, settled: datetime) -> bool:
        """Whether rows have arrived since the last look, or since the last window began."""
        looked = self._looked.get(rule.id, begin)
        if settled < looked + LEAST:
            return False
        tables = self._tables_of(rule, settled)
        last = self._last_arrival(rule, tables) if tables else None
        return last is not None and last >= max(begin, looked)

    def _tables_of(self, rule: StoredRule, now: datetime) -> frozenset[str]:
        known = self._tables.get(rule.id)
        if known is None or known[0] is not rule or (not known[1] and now >= known[2] + _ASK_AGAIN):
            known = self._tables[rule.id] = (rule, self._watched(rule), now)
        return known[1]
