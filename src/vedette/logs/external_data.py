"""The files that one query reads, fetched once, as tables by their names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pyarrow as pa

from vedette.core.outside_hosts import shown
from vedette.core.settings import ExternalDataSettings
from vedette.kql.external import RESPONSE, External

NOTHING_ALLOWED = ExternalDataSettings()


@dataclass(slots=True)
class ExternalFiles:
    """Fetches for one query. What fetching needs is loaded by the first query that fetches."""

    settings: ExternalDataSettings
    stopped: Callable[[], bool]
    _tables: dict[str, pa.Table] = field(default_factory=dict[str, pa.Table])
    _bytes: int = 0

    def tables(self, externals: Sequence[External], deadline: float) -> dict[str, pa.Table]:
        """A table for each. Raises what `external_fetch.fetch` and `external_records.table_of` raise."""
        for external in externals:
            if external.name not in self._tables:
                self._tables[external.name] = self._table(external, deadline)
        return {external.name: self._tables[external.name] for external in externals}

    def _table(self, external: External, deadline: float) -> pa.Table:
        fetching: Any = import_module("vedette.logs.external_fetch")
        records: Any = import_module("vedette.logs.external_records")
        files: list[tuple[str, bytes]] = []
        for uri in external.uris:
            asked = fetching.Asked(external.method, external.headers, external.body)
            fetched = fetching.fetch(uri, self.settings, deadline, self.stopped, asked)
            if external.format == RESPONSE:
                return records.response_table(external, fetched.headers, fetched.content)
            try:
                for content in records.unpacked(external, fetched.content, self.settings.bytes - self._bytes):
                    self._bytes += len(content)
                    files.append((fetched.uri if external.format is None else uri, content))
            except records.TooMuch as error:
                raise fetching.too_large(shown(uri), self.settings) from error
        return records.table_of(external, files)
