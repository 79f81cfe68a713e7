"""Queries that are right by construction: a pipe over constant rows, each expression of the type it must have."""

import tomllib
from pathlib import Path
from random import Random

COLUMNS = {
    "i": "long",
    "n": "int",
    "r": "real",
    "s": "string",
    "u": "string",
    "b": "bool",
    "t": "datetime",
    "p": "timespan",
    "d": "dynamic",
}

_DATA = tomllib.loads((Path(__file__).parent / "forms.toml").read_text(encoding="utf-8"))
_CONSTANTS: dict[str, list[str]] = _DATA["constants"]
_FORMS: dict[str, list[str]] = _DATA["expressions"]
_AGGREGATES: dict[str, list[str]] = _DATA["aggregates"]


class Generator:
    """Makes queries from a source of chance; the same source makes the same queries."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._columns: dict[str, str] = {}
        self._number = 0

    def query(self) -> str:
        """A pipe of up to six steps over a datatable."""
        self._columns = dict(COLUMNS)
        self._number = 0
        steps = [self._step() for _ in range(self._random.randint(1, 6))]
        return "\n| ".join([self._datatable(COLUMNS), *steps])

    def predicate(self) -> str:
        """A condition over the columns of COLUMNS."""
        self._columns = dict(COLUMNS)
        return self._expression("bool", 3)

    def table(self) -> str:
        """A datatable with the columns of COLUMNS."""
        return self._datatable(COLUMNS)

    def _datatable(self, columns: dict[str, str]) -> str:
        rows = [
            ", ".join(self._random.choice(_CONSTANTS[type]) for type in columns.values())
            for _ in range(self._random.randint(0, 6))
        ]
        declared = ", ".join(f"{name}:{type}" for name, type in columns.items())
        return f"datatable({declared})[{', '.join(rows)}]"

    def _expression(self, type: str, depth: int) -> str:
        named = [name for name, its_type in self._columns.items() if its_type == type]
        if depth == 0 or self._random.random() < 0.25:
            if named and self._random.random() < 0.8:
                return self._random.choice(named)
            return self._random.choice(_CONSTANTS[type])
        return self._filled(self._random.choice(_FORMS[type]), depth - 1)

    def _filled(self, form: str, depth: int) -> str:
        pieces: list[str] = []
        rest = form
        while "{" in rest:
            before, _, after = rest.partition("{")
            type, _, rest = after.partition("}")
            pieces += [before, self._expression(type, depth)]
        return "".join([*pieces, rest])

    def _new_name(self) -> str:
        self._number += 1
        return f"x{self._number}"

    def _step(self) -> str:
        steps = (
            *(self._where, self._where, self._extend, self._extend, self._project, self._summarize, self._sort),
            *(self._distinct, self._union, self._join, self._expand, self._let_through, self._top),
        )
        return self._random.choice(steps)()

    def _where(self) -> str:
        return f"where {self._expression('bool', 3)}"

    def _extend(self) -> str:
        type = self._random.choice(list(_FORMS))
        value = self._expression(type, 3)
        name = self._random.choice([self._new_name(), *self._columns])
        self._columns[name] = type
        return f"extend {name} = {value}"

    def _project(self) -> str:
        kept = self._random.sample(sorted(self._columns), self._random.randint(1, len(self._columns)))
        type = self._random.choice(list(_FORMS))
        value, name = self._expression(type, 2), self._new_name()
        self._columns = {**{each: self._columns[each] for each in kept}, name: type}
        return f"project {', '.join(kept)}, {name} = {value}"

    def _summarize(self) -> str:
        type = self._random.choice(list(_AGGREGATES))
        aggregate = self._filled(self._random.choice(_AGGREGATES[type]), 1)
        keys = [name for name, its_type in self._columns.items() if its_type not in ("dynamic", "real")]
        by = self._random.sample(keys, min(len(keys), self._random.randint(0, 2)))
        name = self._new_name()
        self._columns = {**{each: self._columns[each] for each in by}, name: type}
        return f"summarize {name} = {aggregate}" + (f" by {', '.join(by)}" if by else "")

    def _sort(self) -> str:
        return f"sort by {self._expression(self._random.choice(('long', 'string', 'datetime')), 1)} asc"

    def _top(self) -> str:
        """All columns are keys, so that equal rows are the only ones whose order is free."""
        keys = [name for name, type in self._columns.items() if type != "dynamic"] or ["1"]
        keys += [f"tostring({name})" for name, type in self._columns.items() if type == "dynamic"]
        return f"top {self._random.randint(0, 4)} by {', '.join(keys)}"

    def _distinct(self) -> str:
        kept = [name for name, type in self._columns.items() if type != "dynamic"]
        kept = self._random.sample(kept, self._random.randint(1, len(kept))) if kept else []
        if not kept:
            return self._where()
        self._columns = {each: self._columns[each] for each in kept}
        return f"distinct {', '.join(kept)}"

    def _union(self) -> str:
        return f"union ({self._datatable(self._columns)})"

    def _join(self) -> str:
        keys = [name for name, type in self._columns.items() if type in ("long", "string", "datetime")]
        if not keys:
            return self._where()
        key = self._random.choice(keys)
        kind = self._random.choice(("inner", "leftouter", "leftanti", "leftsemi", "fullouter", "rightouter"))
        other, name = self._datatable({key: self._columns[key], "y": "long"}), self._new_name()
        if kind in ("leftanti", "leftsemi"):
            return f"join kind={kind} ({other}) on {key}"
        kept = list(self._columns)
        self._columns[name] = "long"
        return f"join kind={kind} ({other}) on {key}\n| project {', '.join(kept)}, {name} = y"

    def _expand(self) -> str:
        arrays = [name for name, type in self._columns.items() if type == "dynamic"]
        return f"mv-expand {self._random.choice(arrays)}" if arrays else self._where()

    def _let_through(self) -> str:
        return self._random.choice(("as T0", "serialize", "extend z0 = 1 | project-away z0"))
