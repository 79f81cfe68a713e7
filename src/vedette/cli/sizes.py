"""Sizes as people write them: `512MB`, `2GB`."""

import re
from typing import Final

import click

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_UNITS: Final = " KMGT"


class Size(click.ParamType[int]):
    """A number of bytes, with a unit of a thousand (KB, MB, GB, TB) or of 1,024 (KiB, MiB, GiB, TiB), or with none."""

    name = "size"

    def __init__(self, least: int) -> None:
        self._least = least

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes. Fails for what is no size, and for less than the least."""
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(value.strip())
        if match is None:
            self.fail(f"'{value}' is not a size, such as 512MB or 2GB.", param, ctx)
        number, unit, binary = match.groups()
        size = int(float(number) * (1024 if binary else 1000) ** _UNITS.index(unit.upper() or " "))
        if size < self._least:
            self.fail(f"'{value}' is less than {self._least // 1_000_000}MB, which is the least.", param, ctx)
        return size
