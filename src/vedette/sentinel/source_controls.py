"""Source controls: the repositories that a workspace's content is to come from. They are documents; nothing here calls
a repository's host.

https://learn.microsoft.com/rest/api/securityinsights/source-controls
"""

from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete
from vedette.arm.resource import Body, Resource, not_served
from vedette.core.errors import InvalidInput
from vedette.sentinel.extension import PROVIDER, extension
from vedette.sentinel.kept_secrets import keep_secrets
from vedette.sentinel.workspaces import WORKSPACE
from vedette.state.documents import Document
from vedette.state.store import Transaction

_SOURCE_CONTROL = f"{PROVIDER}/sourcecontrols"
_ACCESS = "repositoryAccess"
_LEFT = "Nothing was changed at the repository's host: webhooks and workflows that were made there are still there."


def _validate(_context: Context, call: Call, body: Body) -> Body:
    repository = body["properties"].get("repository")
    if not isinstance(repository, dict) or "url" not in repository:
        raise InvalidInput("BadRequest", "'properties.repository.url' is missing.", target="properties.repository.url")
    return body


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    properties: dict[str, Any] = dict(body["properties"])
    access = properties.pop(_ACCESS, None)
    name = existing.name if existing else call.path.name
    document, _ = transaction.put(
        id=call.path.id,
        type=_SOURCE_CONTROL,
        scope=call.path.parent_id,
        name=name,
        body=body | {"properties": {"version": "V2"} | properties | {"id": name}},
    )
    if isinstance(access, dict):
        keep_secrets(transaction, document.id, {_ACCESS: access})
    return document


def _delete(context: Context, call: Call, _document: Document) -> Answer:
    """POST `delete`, which says that what was set up at the repository's host, if anything, stays there."""
    delete(context, SOURCE_CONTROLS, call)
    return Answer(200, {"warning": {"code": "RepositoryNotChanged", "message": _LEFT}})


SOURCE_CONTROLS: Resource = extension(
    "source control",
    "sourcecontrols",
    validate=_validate,
    write=_write,
    actions={"delete": _delete},
)
LIST_REPOSITORIES = not_served(
    f"{PROVIDER}/listRepositories",
    "nothing here calls GitHub or Azure DevOps, whose repositories it lists",
    parent=WORKSPACE,
)
