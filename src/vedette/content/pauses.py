"""How long is waited before a request is sent again."""

from collections.abc import Mapping

_LONGEST_OF_OWN = 30.0


def pause(turn: int, headers: Mapping[str, str], *, start: float = 0.5, longest: float) -> float:
    """Seconds before the try after the `turn`th: what the endpoint says, or from `start` twice as long each time.

    `headers` are of the last answer, none where there was none; of what they say at most `longest`.
    """
    said = headers.get("retry-after", "")
    return min(float(said), longest) if said.isdecimal() else min(start * 2 ** (turn - 1), _LONGEST_OF_OWN)
