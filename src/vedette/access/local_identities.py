"""The managed identities of this machine: of the machine itself, and of programs that were handed its secret."""

from vedette.access.directory import Directory
from vedette.access.estate import Estate
from vedette.access.managed_identities import MACHINE, PROGRAMS, managed_client_id, managed_object_id
from vedette.access.principals import Principal
from vedette.access.role_definitions import MONITORING_METRICS_PUBLISHER, OWNER
from vedette.access.roles import Roles


def machine_identity(directory: Directory, estate: Estate) -> Principal:
    """The identity that any program on this machine can have; it has no role until somebody gives it one."""
    return directory.managed_identity(_machine(estate))


def program_identity(directory: Directory, estate: Estate) -> Principal:
    """The identity of programs that know the identity header, which is as good as the first client's secret."""
    return directory.managed_identity(_program(estate))


def ensure_local_identities(directory: Directory, roles: Roles, estate: Estate) -> None:
    """Make both on first start, and give the second what the first client has."""
    machine_identity(directory, estate)
    resource_id = _program(estate)
    object_id = managed_object_id(resource_id)
    if directory.get(object_id) is None:
        identity = Principal(object_id, managed_client_id(resource_id), "vedette-local", estate.tenant_id)
        for role in (OWNER, MONITORING_METRICS_PUBLISHER):
            roles.assign(identity, role, estate.subscription_resource_id)
        program_identity(directory, estate)  # last, for it says that the roles were given


def _machine(estate: Estate) -> str:
    return f"{estate.resource_group_id}{MACHINE}"


def _program(estate: Estate) -> str:
    return f"{estate.resource_group_id}{PROGRAMS}"
