"""The small SELECT tree: what one SELECT can hold before the next has to be wrapped around it."""

import re
from dataclasses import dataclass

from vedette.sql.fragment import Fragment

_PLAIN = re.compile(r'(?!TRUE$|FALSE$)(?:[a-z]\w*\.)?(?:\w+|"(?:[^"]|"")*")')


def column_name(id: int) -> str:
    """The engine's name for a field."""
    return f"c{id}"


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT. `columns` maps field ids to expressions over `source`. A `closed` one (grouped, limited, unfolded,
    windowed, distinct) takes no more conditions; any can still be projected as long as only plain columns are read."""

    columns: dict[int, Fragment]
    source: str
    where: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    limit: str | None = None
    prefix: str = ""
    is_closed: bool = False

    def is_plain(self, id: int) -> bool:
        """Whether the field is a mere column of the source, free to be written twice."""
        fragment = self.columns.get(id)
        return fragment is not None and _PLAIN.fullmatch(fragment.text) is not None

    def sql(self) -> str:
        """The text."""
        items = [
            value.text if value.text == column_name(id) else f"{value.text} AS {column_name(id)}"
            for id, value in self.columns.items()
        ]
        parts = [f"SELECT {self.prefix}{', '.join(items) or '1 AS c0'}"]
        if self.source:
            parts.append(f"FROM {self.source}")
        if self.where:
            parts.append("WHERE " + " AND ".join(self.where))
        if self.group_by:
            parts.append("GROUP BY " + ", ".join(self.group_by))
        if self.order_by:
            parts.append("ORDER BY " + ", ".join(self.order_by))
        if self.limit is not None:
            parts.append(f"LIMIT {self.limit}")
        return "\n".join(parts)
