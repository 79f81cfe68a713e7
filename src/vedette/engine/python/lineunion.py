"""Lines put together: cut where they meet, pieces that several share kept once, and joined to lines again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import spherely

from vedette.engine.python.geojson import Line, lines_in
from vedette.engine.python.sphere import Position
from vedette.engine.python.wellknown import parts_in

_Piece = tuple[Position, Position]


def union(texts: Sequence[str]) -> list[Line]:
    """The union of all lines in some valid texts, two by two so that each is cut where it meets another."""
    groups = [spherely.create_linestring(list(line)) for text in texts for line in lines_in(text) or ()]
    while len(groups) > 1:
        pairs = zip(groups[0::2], groups[1::2], strict=False)
        groups = [spherely.union(one, other) for one, other in pairs] + groups[len(groups) // 2 * 2 :]
    return joined(parts_in(spherely.to_wkb(groups[0])).lines)


def joined(lines: Iterable[Line]) -> list[Line]:
    """Lines of the pieces of some lines, each piece once; a line ends where it does not go on in just one way."""
    pieces: dict[_Piece, int] = {}
    for line in lines:
        for start, end in pairwise(line):
            if start != end and (end, start) not in pieces:
                pieces.setdefault((start, end), len(pieces))
    leaving, coming = Counter(start for start, _ in pieces), Counter(end for _, end in pieces)
    onward = {start: end for start, end in pieces if leaving[start] == 1 and coming[start] == 1}
    found: list[tuple[int, Line]] = []
    left = dict(pieces)
    for piece in (*(piece for piece in pieces if piece[0] not in onward), *pieces):
        if piece in left:
            line, order = _followed(piece, onward, left)
            found.append((order, line))
    return [line for _, line in sorted(found)]


def _followed(piece: _Piece, onward: dict[Position, Position], left: dict[_Piece, int]) -> tuple[Line, int]:
    """The line that begins with a piece, and the place of its first given piece; what it takes is no longer left."""
    line, order = list(piece), left.pop(piece)
    while (end := line[-1]) in onward and (end, onward[end]) in left:
        order = min(order, left.pop((end, onward[end])))
        line.append(onward[end])
    return tuple(line), order
