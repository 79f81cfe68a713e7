"""The first client is made once: what an administrator takes from it stays taken."""

from pathlib import Path

import pytest

from vedette.access.addresses import make_addresses
from vedette.access.app_roles import graph_object_id
from vedette.access.directory_changes import DirectoryChanges
from vedette.access.directory_objects import document_id
from vedette.access.roles import ROLE_ASSIGNMENT
from vedette.api.services import Services
from vedette.core.errors import InvalidInput
from vedette.core.settings import Settings
from vedette.server.composition import compose

ADDRESSES = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)


def changes(services: Services) -> DirectoryChanges:
    return DirectoryChanges(
        services.state, services.directory, services.sign_ins.sessions, services.estate, services.new_id
    )


def test_what_is_taken_away_does_not_come_back(tmp_path: Path) -> None:
    with compose(Settings(tmp_path), ADDRESSES) as services:
        client_id, object_id = services.estate.client_id, services.estate.client_object_id
        before = services.state.list(ROLE_ASSIGNMENT)
        given = [each for each in before if each.body["properties"]["principalId"] == object_id.lower()]
        assert given
        graph = services.directory.get(graph_object_id(services.estate.tenant_id))
        assert graph is not None
        with pytest.raises(InvalidInput, match="cannot be deleted"):
            changes(services).delete(graph)
        application = services.directory.application(client_id)
        assert application is not None
        with services.state.transaction() as transaction:
            for each in given:
                transaction.delete(each.id)
            for id in (application.id, object_id):  # as an earlier release let it be removed
                transaction.delete(document_id(services.estate.tenant_id, id))
    with compose(Settings(tmp_path), ADDRESSES) as services:
        assert services.directory.application(client_id) is None
        assert services.directory.get(object_id) is None
        assert not services.roles.access_of([object_id]).has_role(services.estate.subscription_resource_id)
