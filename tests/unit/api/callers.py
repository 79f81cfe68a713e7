"""Callers for tests, beside the first one."""

from vedette.access.principals import Principal
from vedette.api.services import Services


def service_principal(services: Services, name: str) -> Principal:
    """A service principal of the directory without a role, with the object id `<name>-object`."""
    return services.directory.ensure_service_principal(
        application_id=f"{name}-app", object_id=f"{name}-object", name=name
    )
