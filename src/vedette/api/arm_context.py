"""What the resource machine may call of the services; the management plane itself is among it."""

from vedette.api.own_calls import OwnManagement
from vedette.api.services import Services
from vedette.arm.context import Context


def arm_context(services: Services) -> Context:
    """The parts of the services that the resource machine works with."""
    management = OwnManagement(services)
    context = Context(
        clock=services.clock,
        new_id=services.new_id,
        state=services.state,
        estate=services.estate,
        workspaces=services.workspaces,
        roles=services.roles,
        catalog=services.logs.catalog,
        logs=services.logs,
        operations=services.operations,
        strict_api_version=services.settings.strict_api_version,
        egress=services.settings.egress,
        management=management,
        policies=services.policies,
    )
    management.context = context
    return context
