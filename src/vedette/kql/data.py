"""What the compiler may ask of the data: the columns of some plans depend on it."""

from collections.abc import Sequence
from typing import Any, Protocol

from vedette.kql import plan
from vedette.kql.external import External


class Data(Protocol):
    """Runs a plan while another is being made, within the limits of the query that it is for."""

    def rows(self, node: plan.Plan, externals: Sequence[External]) -> Sequence[tuple[Any, ...]]:
        """All rows of the plan, which may read of the `externals`, as Python values, a dynamic as JSON text. Raises
        what running a query raises."""
        ...
