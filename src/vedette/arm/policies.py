"""What the resource machine asks policies before it changes a resource, and lets them look at after."""

from typing import TYPE_CHECKING, Protocol

from vedette.arm.call import Call

if TYPE_CHECKING:
    from vedette.arm.context import Context
    from vedette.arm.resource import Resource


class Policies(Protocol):
    """The assignments that stand over requests."""

    def requested(self, context: "Context", resource: "Resource", call: Call) -> Call:
        """The call of a PUT or PATCH as policies let it pass: with the body that they make of it.

        Raises Forbidden (RequestDisallowedByPolicy).
        """
        ...

    def is_changing(self, id: str) -> bool:
        """Whether policies still deploy what a change of the resource asked for."""
        ...
