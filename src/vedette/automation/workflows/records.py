"""What is kept of each action of a run, so that another process goes on where this one stopped."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from vedette.core.instants import arm_time, instant_of
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

WORKFLOW: Final = "Microsoft.Logic/workflows"
RUN: Final = f"{WORKFLOW}/runs"
ACTION: Final = f"{RUN}/actions"
REPETITION: Final = f"{ACTION}/repetitions"
SCOPE_REPETITION: Final = f"{ACTION}/scopeRepetitions"
REQUEST_HISTORY: Final = f"{ACTION}/requestHistories"
HISTORY: Final = f"{WORKFLOW}/triggers/histories"

Json = dict[str, Any]
Path = tuple[tuple[str, int], ...]
"""The loops that an action is in, the outermost first, each with the number of its iteration."""
Key = tuple[str, Path]

_CREDENTIALS: Final = frozenset({"password", "secret", "value", "pfx"})
CREDENTIAL_HEADERS: Final = frozenset({"authorization", "cookie", "x-api-key", "ocp-apim-subscription-key"})
"""Headers that show who asks, in lower case."""
FINAL: Final = frozenset({"Succeeded", "Failed", "Skipped", "TimedOut", "Cancelled"})


@dataclass(slots=True)
class Record:
    """One execution of an action.

    `is_begun` says that its effect may have happened, `attempts` how often it was tried, `wake` when to look at it
    again, `state` what its kind of action remembers. `secret` names which of `inputs` and `outputs` are not shown.
    """

    name: str
    path: Path
    sequence: int
    kind: str
    started: datetime
    tracking_id: str
    status: str = "Running"
    ended: datetime | None = None
    code: str | None = None
    error: Json | None = None
    inputs: Any = None
    outputs: Any = None
    is_begun: bool = False
    attempts: int = 0
    wake: datetime | None = None
    state: Json = field(default_factory=dict[str, Any])
    secret: frozenset[str] = frozenset()
    retries: list[Json] = field(default_factory=list[Json])
    tracked: Any = None

    @property
    def key(self) -> Key:
        """What tells it from the other executions of the run."""
        return self.name, self.path

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to do."""
        return self.status in FINAL


def without_credentials(inputs: Any) -> Any:
    """An action's inputs as anybody may see them: without passwords and what else shows who sends a request."""
    if not isinstance(inputs, dict):
        return inputs
    shown = dict(cast("Json", inputs))
    for part, secret in (("authentication", _CREDENTIALS), ("headers", CREDENTIAL_HEADERS)):
        held = shown.get(part)
        if isinstance(held, dict):
            shown[part] = {
                name: "*sanitized*" if name.lower() in secret else value for name, value in cast("Json", held).items()
            }
    return shown


def record_id(run_id: str, key: Key) -> str:
    """The ARM id of an execution: of an action, or in a loop of a repetition of one."""
    name, path = key
    repetition = f"/repetitions/{repetition_name(path)}" if path else ""
    return f"{run_id}/actions/{name}{repetition}"


def repetition_name(path: Path) -> str:
    """Such as `000001-000000`, for the second iteration of the outer loop and the first of the inner one."""
    return "-".join(f"{index:06d}" for _, index in path)


def indexes(path: Path) -> list[Json]:
    """The iterations as the API names them."""
    return [{"scopeName": name, "itemIndex": index} for name, index in path]


def put_record(transaction: Transaction, run: Document, record: Record, client_tracking_id: str) -> None:
    """Keep an execution as it is now."""
    id = record_id(run.id, record.key)
    repetition = bool(record.path)
    transaction.put(
        id=id,
        type=REPETITION if repetition else ACTION,
        scope=f"{run.id}/actions/{record.name}" if repetition else run.id,
        name=repetition_name(record.path) if repetition else record.name,
        body={"properties": _shown(record, client_tracking_id), "kept": _kept(record)},
    )


def _shown(record: Record, client_tracking_id: str) -> Json:
    shown: Json = {
        "startTime": arm_time(record.started, "microseconds"),
        "correlation": {"actionTrackingId": record.tracking_id, "clientTrackingId": client_tracking_id},
        "status": record.status,
    }
    for name, value in (
        ("endTime", arm_time(record.ended, "microseconds") if record.ended else None),
        ("code", record.code),
        ("error", record.error),
        ("retryHistory", record.retries or None),
        ("trackedProperties", record.tracked),
        ("repetitionIndexes", indexes(record.path) or None),
        ("iterationCount", record.state.get("iterations")),
    ):
        if value is not None:
            shown[name] = value
    if record.path:
        shown["trackingId"] = record.tracking_id
    return shown


def _kept(record: Record) -> Json:
    return {
        "name": record.name,
        "path": [list(each) for each in record.path],
        "sequence": record.sequence,
        "kind": record.kind,
        "inputs": record.inputs,
        "outputs": record.outputs,
        "isBegun": record.is_begun,
        "attempts": record.attempts,
        "wake": record.wake.isoformat() if record.wake else None,
        "state": record.state,
        "secret": sorted(record.secret),
    }


def read_records(state: StateStore, run_id: str) -> list[Record]:
    """Every execution of a run in the order in which they began."""
    documents: Iterable[Document] = (*state.list(ACTION, run_id), *state.list(REPETITION, run_id, below=True))
    records = [_record(each) for each in documents if "name" in each.body["kept"]]
    return sorted(records, key=lambda each: each.sequence)


def _record(document: Document) -> Record:
    shown, kept = document.body["properties"], document.body["kept"]
    return Record(
        kept["name"],
        tuple((name, index) for name, index in kept["path"]),
        kept["sequence"],
        kept["kind"],
        instant_of(shown["startTime"]),
        shown["correlation"]["actionTrackingId"],
        shown["status"],
        instant_of(shown["endTime"]) if "endTime" in shown else None,
        shown.get("code"),
        shown.get("error"),
        kept["inputs"],
        kept["outputs"],
        kept["isBegun"],
        kept["attempts"],
        datetime.fromisoformat(kept["wake"]) if kept["wake"] else None,
        kept["state"],
        frozenset(kept["secret"]),
        shown.get("retryHistory", []),
        shown.get("trackedProperties"),
    )
