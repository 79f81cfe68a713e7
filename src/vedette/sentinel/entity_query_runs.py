"""Queries about an entity, run over a window of time with what the caller may read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette.access.principals import Principal
from vedette.access.query_permissions import QueryPermissions
from vedette.access.workspaces import Workspace
from vedette.arm.context import Context
from vedette.core.errors import Forbidden
from vedette.detect.results import text_of
from vedette.engine.limits import Limits
from vedette.kql.types import ScalarType
from vedette.logs.query_record import Caller
from vedette.logs.scope import QueryScope

_LIMITS = Limits(timeout=timedelta(seconds=30), rows=1000)


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of an answer with their types, and its rows."""

    columns: tuple[tuple[str, ScalarType], ...]
    rows: list[list[Any]]

    def texts(self) -> Iterator[dict[str, str]]:
        """The rows, each value as text by its column."""
        for row in self.rows:
            yield {name: text_of(value, type) for (name, type), value in zip(self.columns, row, strict=True)}


class EntityQueries:
    """Runs the queries of one request."""

    def __init__(self, context: Context, principal: Principal, workspace: Workspace) -> None:
        """Raises Forbidden for a caller who may not query the workspace."""
        permissions = QueryPermissions(context.roles, principal)
        if not permissions.may_query(workspace.resource_id):
            raise Forbidden(
                "AuthorizationFailed", f"'{principal.name}' may not query the workspace '{workspace.name}'."
            )
        self._context = context
        self._caller = Caller("api", principal.name, principal.object_id, principal.application_id or "")
        self._scope = QueryScope(
            (workspace.id,), may_read_table=lambda _id, table: permissions.may_read(workspace.resource_id, table)
        )

    def run(self, text: str, start: datetime, end: datetime) -> Found:
        """The rows of a query from `start` to `end`. Raises as `LogStore.query` does."""
        answer = self._context.logs.query(
            self._scope, text, timespan=(start, end), now=end, limits=_LIMITS, caller=self._caller
        )
        return Found(tuple((column.name, column.type) for column in answer.columns), answer.rows())
