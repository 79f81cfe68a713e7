"""The listener of syslog, if one is asked for."""

from functools import partial

from vedette.access.certificates import Certificates
from vedette.agents.sockets import syslog_workspace
from vedette.agents.syslog_listener import SyslogListener, SyslogSockets
from vedette.api.services import Services
from vedette.core.metrics import Described
from vedette.server.listeners import tls_context

_SYSLOG_MESSAGES = Described(
    "syslog_messages", "Messages that came by syslog, by what became of them.", "messages", ("outcome",)
)


async def listen_for_syslog(
    services: Services, sockets: SyslogSockets, certificates: Certificates
) -> SyslogListener | None:
    """The listener, started; None where no syslog is asked for."""
    settings = services.settings.syslog
    if not (settings.address or settings.tls_address):
        return None
    workspace = syslog_workspace(settings, services.workspaces, services.estate.workspace_id)
    listener = SyslogListener(
        partial(services.logs.append, workspace.id, way="syslog"), services.clock, settings.resource_id
    )
    await listener.start(sockets, tls_context(certificates, settings.client_ca))
    listener.add_periodic(services.periodic)
    services.metrics.gauge(_SYSLOG_MESSAGES, listener.outcomes, grows=True)
    return listener
