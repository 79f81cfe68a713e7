"""What the compiler may ask of the data: the columns of some plans depend on it."""

from collections.abc import Sequence
from typing import Any, Protocol

from vedette.kql import plan


class Data(Protocol):
    """Runs a plan while another is being made, within the limits of the query that it is for."""

    def rows(self, node: plan.Plan) -> Sequence[tuple[Any, ...]]:
        """All rows of the plan as Python values, a dynamic as JSON text. Raises what running a query raises."""
        ...
