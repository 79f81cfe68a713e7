"""Every incident with what hangs on it, page by page into a journal, so that an interrupted export can go on.

The journal is a file of JSON lines beside the one that is written: what it is an export of, then each incident when it
is whole. An incident that is in it with the same etag is not fetched again; of one that changed since, the last counts.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from vedette.cli.writing import writing
from vedette.content.management_client import ManagementClient
from vedette.core.errors import InvalidInput

PARTS = ("comments", "alerts", "bookmarks", "entities", "tasks")
"""What hangs on an incident and can be exported with it."""

VERSION = "2024-03-01"
_AT_ONCE = 4
_FORMAT = 1

Incident = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents: those of a workspace, by its ARM id, that an OData filter lets through; with which parts."""

    endpoint: str
    workspace: str
    filter: str
    parts: tuple[str, ...]

    @property
    def path(self) -> str:
        """The collection of incidents."""
        return f"{self.workspace}/providers/Microsoft.SecurityInsights/incidents"

    def header(self) -> dict[str, Any]:
        """By what the journal of this export is known again."""
        return {
            "vedetteIncidentExport": _FORMAT,
            "endpoint": self.endpoint,
            "workspace": self.workspace.lower(),
            "filter": self.filter,
            "parts": sorted(self.parts),
        }


class Journal:
    """What was exported so far, on disk; a line that was cut off by a crash is not there."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        """Raises InvalidInput where the file is of another export, or is no journal, or cannot be written."""
        self.path = path
        self._places: dict[str, tuple[int, int, str]] = {}
        with writing(path), ExitStack() as opening:
            self._file: BinaryIO = opening.enter_context(path.open("a+b"))
            self._read(wanted)
            opening.pop_all()

    def __len__(self) -> int:
        return len(self._places)

    def holds(self, incident: Incident) -> bool:
        """Whether this state of an incident is in it."""
        known = self._places.get(incident["id"].lower())
        return known is not None and known[2] == str(incident.get("etag"))

    def add(self, incident: Incident) -> None:
        """Keep an incident; it survives the end of this process."""
        line = orjson.dumps(incident, option=orjson.OPT_APPEND_NEWLINE)
        place = self._file.seek(0, 2)
        with writing(self.path):
            self._file.write(line)
            self._file.flush()
        self._note(incident, place)

    def incidents(self) -> Iterator[Incident]:
        """The incidents, each once and as it was last, in the order of their numbers."""
        for place, _number, _etag in sorted(self._places.values(), key=lambda each: each[1]):
            self._file.seek(place)
            yield orjson.loads(self._file.readline())

    def close(self) -> None:
        """Leave the file as it is."""
        self._file.close()

    def discard(self) -> None:
        """Remove the file: the export is whole elsewhere."""
        self._file.close()
        self.path.unlink()

    def _read(self, wanted: Wanted) -> None:
        self._file.seek(0)
        whole = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break
            told = self._parsed(line)
            if number == 0 and told != wanted.header():
                raise InvalidInput(
                    "OtherExport",
                    f"'{self.path}' is left from an export of other incidents. Name another file, or remove it.",
                )
            if number:
                self._note(told, whole)
            whole += len(line)
        self._file.truncate(whole)
        if whole == 0:
            self._file.write(orjson.dumps(wanted.header(), option=orjson.OPT_APPEND_NEWLINE))
            self._file.flush()

    def _parsed(self, line: bytes) -> Incident:
        try:
            told = orjson.loads(line)
            return dict(told)
        except (orjson.JSONDecodeError, TypeError, ValueError) as error:
            raise InvalidInput("OtherExport", f"'{self.path}' is not left from an export: {error}.") from error

    def _note(self, incident: Incident, place: int) -> None:
        number = int(incident["properties"].get("incidentNumber") or 0)
        self._places[incident["id"].lower()] = (place, number, str(incident.get("etag")))


def export_incidents(
    client: ManagementClient, wanted: Wanted, journal: Journal, page: int, told: Callable[[int], None]
) -> None:
    """Bring the journal up to every incident that there is. `told` is called with how many are whole.

    Raises what the client raises; what was brought until then stays in the journal.
    """
    query = {"api-version": VERSION, "$orderby": "properties/createdTimeUtc asc", "$top": str(page)}
    if wanted.filter:
        query["$filter"] = wanted.filter
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="export") as workers:
        for incidents in client.pages(wanted.path, query):
            fetched = [each for each in incidents if not journal.holds(each)]
            told(len(journal))
            try:
                for incident in workers.map(lambda each: _with_parts(client, each, wanted.parts), fetched):
                    journal.add(incident)
                    told(len(journal))
            except BaseException:
                workers.shutdown(wait=False, cancel_futures=True)
                raise


def newest_number(client: ManagementClient, wanted: Wanted) -> int | None:
    """The number of the newest incident, which is how many there were; None where a filter says less."""
    if wanted.filter:
        return None
    query = {"api-version": VERSION, "$orderby": "properties/createdTimeUtc desc", "$top": "1"}
    newest = client.ask("GET", wanted.path, query).get("value") or []
    return int(newest[0]["properties"].get("incidentNumber") or 0) if newest else 0


def _with_parts(client: ManagementClient, incident: Incident, parts: tuple[str, ...]) -> Incident:
    additional: Mapping[str, Any] = incident["properties"].get("additionalData") or {}
    counts = {
        "comments": additional.get("commentsCount"),
        "alerts": additional.get("alertsCount"),
        "bookmarks": additional.get("bookmarksCount"),
        "entities": additional.get("alertsCount"),
    }
    return incident | {part: _part(client, incident["id"], part, counts.get(part)) for part in parts}


def _part(client: ManagementClient, id: str, part: str, count: int | None) -> list[Any]:
    """What hangs on an incident; nothing is asked for where the incident says that there is none."""
    if count == 0:
        return []
    if part in ("comments", "tasks"):
        return [each for page in client.pages(f"{id}/{part}", {"api-version": VERSION}) for each in page]
    told = client.ask("POST", f"{id}/{part}", {"api-version": VERSION})
    return list(told.get("entities" if part == "entities" else "value") or [])
