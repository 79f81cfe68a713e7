"""Looks of NRT rules between their minutes, so that what arrived is found within seconds."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from vedette.detect.ledger import RunRecord
from vedette.detect.schedule import Window, is_suppressed
from vedette.detect.stored_rule import StoredRule

LEAST: Final = timedelta(seconds=3)
"""How long a window is at least, so that a rule whose rows keep coming raises no more than some alerts a minute."""

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
        self._tables: dict[str, tuple[StoredRule, frozenset[str]]] = {}
        self._looked: dict[str, datetime] = {}

    def windows(self, rules: Iterable[tuple[StoredRule, RunRecord | None]], settled: datetime) -> Iterator[Window]:
        """A window of each rule by arrival for which rows have arrived that it has not looked at."""
        for rule, record in rules:
            if record is None or record.created != rule.created or record.paused or record.retry_at is not None:
                continue
            begin = record.last_end
            if begin is None or not rule.properties.enabled or is_suppressed(rule, record, settled):
                continue
            if begin + LEAST <= settled < begin + rule.properties.query_frequency and self._is_new(rule, begin):
                yield Window(rule, settled, since=begin, early=True)

    def begun(self, window: Window) -> None:
        """Note that a look is taken."""
        self._looked[window.rule.id] = window.end

    def _is_new(self, rule: StoredRule, begin: datetime) -> bool:
        """Whether rows have arrived since the last look, or since the last window began."""
        tables = self._tables_of(rule)
        last = self._last_arrival(rule, tables) if tables else None
        return last is not None and last >= max(begin, self._looked.get(rule.id, begin))

    def _tables_of(self, rule: StoredRule) -> frozenset[str]:
        known = self._tables.get(rule.id)
        if known is None or known[0] is not rule:
            known = self._tables[rule.id] = (rule, self._watched(rule))
        return known[1]
